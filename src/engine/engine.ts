// The verbs of the running system. Everything above (GraphQL, command line, library, tests) goes
// through these.
import type { Clock } from "../base/clock.ts";
import type { KnockError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { Channel } from "../channels/channel.ts";
import type { HttpClient } from "../channels/network.ts";
import type { PreferenceSet } from "../definition/preference-set.ts";
import type { CompiledWorkflow, Registry } from "../registry/registry.ts";
import type { Database } from "../store/database.ts";
import type { Executor } from "../store/executor.ts";
import type { Outcome } from "./directory/directory.ts";
import type { Listeners } from "./events.ts";
import type { FeedHub } from "./feed/contract.ts";
import type { NotifyCall, NotifyOutcome } from "./notify-call.ts";
import type { SignalledEvent } from "./signal.ts";
import type { SimulateOptions, Simulation } from "./simulate/contract.ts";

/** Workflows that take no calls any more, for the runs that they still have. */
export interface ArchivedWorkflows {
  /** The workflow as it was deployed last; `null` when there is none, `undefined` while it is being loaded. */
  find(key: string): CompiledWorkflow | null | undefined;
  /** Those that were asked for and are not there yet. */
  loading(): ReadonlySet<string>;
}

/** Where links in messages lead, and what signs them. */
export interface LinkSettings {
  /** Where people reach the server, without a slash at the end. */
  url: string;
  /** The first one signs; links that any of them signed are taken. */
  secrets: readonly string[];
}

/** What the engine works with, chosen by the composition root. */
export interface EngineContext {
  database: Database;
  clock: Clock;
  logger: Logger;
  /** The workflows as deployed now; changes on reload, and when a deploy is taken over. */
  registry: () => Registry;
  /** Workflows that were archived and have runs that finish. */
  archived: ArchivedWorkflows;
  /** Whether this process runs what is deployed, or its own checkout. */
  content: "deployed" | "local";
  /** Told when a version is met that this process has not met before. */
  onNewVersion: () => void;
  /** The configured ways out, by channel key. */
  channels: ReadonlyMap<string, Channel>;
  /** The environment's default preferences. */
  preferences: PreferenceSet | null;
  /** Default of `onInvalidData`. */
  onInvalidData: "reject" | "warn";
  /** How long idempotency keys are kept, in milliseconds; at least 7 days. */
  idempotencyRetention: number;
  /** The age at which notifications with their runs, and messages, are deleted, in milliseconds; `null`: never. */
  retention: { runs: number | null; messages: number | null };
  /** The zone of people and tenants that have none. */
  timezone: string;
  /** Whether fetch steps may reach addresses that are not of the public internet. */
  allowPrivateAddresses: boolean;
  /** Answers the calls of fetch steps instead of the network; `null`: nothing does. */
  fetchClient: HttpClient | null;
  /** Public halves of the keys that sign user tokens. */
  userTokenKeys: readonly string[];
  /** Origins of the pages that may call from a browser; `*`: all. */
  origins: readonly string[] | "*";
  /** How links that need no login are signed; `null` when there are none. */
  links: LinkSettings | null;
  /** Channel ids of the hosted product, with the key of the channel here. */
  channelIds: Readonly<Record<string, string>>;
  /** Who looks at what happens. */
  listeners: Listeners;
}

/** What a cancellation ended. */
export interface Cancelled {
  notifications: string[];
  /** Runs that were ended. */
  runs: number;
}

/** The engine: started processes work on runs, others only accept calls. */
export interface Engine {
  readonly context: EngineContext;
  /** Feeds that people look at in this process; ends when the engine stops. */
  readonly feeds: FeedHub;
  /** Stores a notification, or says why not. Concurrent calls share a transaction unless one is given. */
  notify(call: NotifyCall, options?: { tx?: Executor }): Promise<NotifyOutcome>;
  /**
   * What a notify call would lead to, over the whole course of its runs. Nothing is written, sent or called. Errors: those
   * of notify, and `INVALID_INPUT` for the options.
   */
  simulate(call: NotifyCall, options?: SimulateOptions): Promise<Outcome<{ simulation: Simulation }>>;
  /** One outcome per call, in order; each stands alone. */
  notifyMany(calls: readonly NotifyCall[]): Promise<NotifyOutcome[]>;
  /** Ends every unfinished run of the key, for all or some recipients, of all workflows or one. */
  cancel(cancellationKey: string, recipients?: readonly string[], workflow?: string): Promise<Cancelled>;
  /**
   * Lets the runs go on that wait for exactly this event; says how many. Only waits that had begun count. Errors:
   * `INVALID_INPUT`.
   */
  signalEvent(event: SignalledEvent): Promise<Outcome<{ runs: number }>>;
  /** Lets failed runs go on at the step that failed. One answer per id, in order. Errors: `NOT_FOUND`, `RUN_NOT_FAILED`. */
  rerun(runIds: readonly string[]): Promise<Outcome<{ id: string }>[]>;
  /** Switches a workflow on or off; off refuses new calls. Answers `UNKNOWN_WORKFLOW` for a key that does not exist. */
  setWorkflowStatus(key: string, status: "active" | "inactive"): Promise<KnockError | null>;
  /** Stores the versions of an own checkout that are new. To be done before calls are checked against it. */
  deploy(registry: Registry): Promise<void>;
  /** Takes the ids of deployed versions over, by hash of the structure. To be done as their registry is. */
  adopt(versions: ReadonlyMap<string, string>): void;
  /** Begins to accept calls and, with `work`, to execute runs. */
  start(options: { work: boolean }): Promise<void>;
  /** Finishes the chunks at hand and hands back the rest. */
  stop(): Promise<void>;
}
