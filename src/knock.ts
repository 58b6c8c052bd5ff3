// The composition root of the library: a config becomes a running system inside the caller's process.
import type { JsonObject } from "./base/canonical-json.ts";
import type { Clock } from "./base/clock.ts";
import { systemClock } from "./base/clock.ts";
import { jsonLogger, type Logger } from "./base/logger.ts";
import { resolveChannels } from "./channels/channel.ts";
import type { Channel } from "./channels/channel.ts";
import type { HttpClient } from "./channels/network.ts";
import { resolveEnv, type Environment } from "./channels/env.ts";
import type { WorkflowHandle, WorkflowTypes } from "./definition/workflow.ts";
import type { Following } from "./deploy/follow.ts";
import { requirePublicKeys } from "./deploy/artifacts/signature.ts";
import { deployedWorkflows, ownWorkflows, type WorkflowSource } from "./deploy/workflow-source.ts";
import { createEngine, type RunningEngine } from "./engine/create-engine.ts";
import { directoryVerbs, type DirectoryVerbs } from "./engine/directory/verbs.ts";
import type { Outcome } from "./engine/directory/directory.ts";
import type { Cancelled } from "./engine/engine.ts";
import type { Listeners } from "./engine/events.ts";
import { pgBossJobs } from "./engine/jobs/pg-boss.ts";
import type { Jobs } from "./engine/jobs/port.ts";
import { outageLogger } from "./engine/outage.ts";
import { linkVerbs, type LinkVerbs } from "./engine/links/verbs.ts";
import type { NotifyCall, NotifyOutcome, UserInput } from "./engine/notify-call.ts";
import type { ScheduleInput } from "./engine/schedules/create.ts";
import { settingsOf } from "./engine/settings.ts";
import { scheduleVerbs, type ScheduleVerbs } from "./engine/schedules/verbs.ts";
import type { SimulateOptions, Simulation } from "./engine/simulate/contract.ts";
import { registryOf } from "./registry/compile.ts";
import type { Config } from "./registry/config.ts";
import type { Registry } from "./registry/registry.ts";
import { adoptDatabase, type OpenClient } from "./store/adopt-database.ts";
import { openDatabase, type Database, type DatabaseTarget } from "./store/database.ts";
import { migrate, requireMigrated } from "./store/migrate.ts";
import type { Executor } from "./store/executor.ts";
import { wrapTransaction, type QueryTransaction, type UnsafeTransaction } from "./store/transaction.ts";

/** How to create a `Knock`. */
export interface KnockOptions {
  config: Config;
  /**
   * A PostgreSQL URL, which database to open, or one that is open already: PGlite, postgres.js, or drizzle on
   * either. Default: the config's, else the embedded one in `.knock`.
   */
  db?: string | DatabaseTarget | OpenClient | Database;
  /** Where `env()` references are resolved. Default: `process.env`. */
  environment?: Environment;
  /** Default: the machine's clock. */
  clock?: Clock;
  /** Default: JSON lines on standard error. */
  logger?: Logger;
  /**
   * Whether the workflows are those that were deployed, which are followed as long as this runs, or those of the
   * config. Default: the config's `content`, else `local`.
   */
  content?: "deployed" | "local";
  /** Replaces the config's channels, for development and tests. */
  channels?: ReadonlyMap<string, Channel>;
  /** Default: pg-boss in the same database. */
  jobs?: (database: Database) => Jobs;
  /** Applies missing migrations at start; otherwise a database that is behind is refused. Default: `false`. */
  migrate?: boolean;
  listeners?: Listeners;
  /** Answers the calls of fetch steps instead of the network, for tests. */
  fetchClient?: HttpClient;
}

/** A caller's own transaction: of drizzle, of postgres.js, or anything with `query(text, parameters)`. */
export type CallerTransaction = Executor | QueryTransaction | UnsafeTransaction;

/** What a typed call brings beside the workflow. */
export interface NotifyOptions<Types extends WorkflowTypes> extends Omit<NotifyCall, "workflow" | "data"> {
  data: Types["input"];
  /**
   * The caller's own transaction: a drizzle transaction, a postgres.js one, or anything with
   * `query(text, parameters)`. The notification commits or vanishes with it.
   */
  tx?: CallerTransaction;
}

/** What a typed schedule brings beside the workflow. */
export interface ScheduleOptions<Types extends WorkflowTypes> extends Omit<ScheduleInput, "workflow" | "data"> {
  data: Types["input"];
}

/** The verbs about schedules, with the workflow itself where one is created. */
export interface Schedules extends Omit<ScheduleVerbs, "create"> {
  /**
   * Creates one schedule per recipient, and one for all lists together; at most 1,000. All or none are stored.
   *
   * @example await knock.schedules.create(digest, { recipients: ["ada"], data: {}, recurrence: "0 9 * * MON" })
   */
  create<Types extends WorkflowTypes>(
    workflow: WorkflowHandle<Types>,
    options: ScheduleOptions<Types>,
    within?: Parameters<ScheduleVerbs["create"]>[1],
  ): ReturnType<ScheduleVerbs["create"]>;
}

/** A running system, with the verbs about users, lists and preferences. */
export interface Knock extends DirectoryVerbs {
  readonly engine: RunningEngine;
  readonly database: Database;
  /** What of what is deployed this runs; `null` where the workflows are the config's. */
  readonly following: Following | null;
  /**
   * Notifies people. Answers as soon as the notification is durably stored.
   *
   * @example await knock.notify(newComment, { recipients: ["user_1"], data: { … } });
   */
  notify<Types extends WorkflowTypes>(
    workflow: WorkflowHandle<Types>,
    options: NotifyOptions<Types>,
  ): Promise<NotifyOutcome>;
  /**
   * What a notify call would lead to, over the whole course of its runs, on the live state. Nothing is stored, sent or
   * called. Errors: those of notify, and `INVALID_INPUT` for `at`, `first` and `assume`.
   *
   * @example const outcome = await knock.simulate(newComment, { recipients: ["user_1"], data: { … }, at: new Date("2026-03-01T08:00:00Z") });
   */
  simulate<Types extends WorkflowTypes>(
    workflow: WorkflowHandle<Types>,
    options: Omit<NotifyOptions<Types>, "tx"> & SimulateOptions,
  ): Promise<Outcome<{ simulation: Simulation }>>;
  /** Notify calls at one moment, or again and again: create, update, pause, resume, delete, find, list. */
  readonly schedules: Schedules;
  /** Links that need no login. */
  readonly links: LinkVerbs;
  /** Ends the unfinished runs of a cancellation key, for all or some recipients, and says how many. */
  cancel(cancellationKey: string, recipients?: readonly string[]): Promise<Cancelled>;
  /**
   * Lets the runs go on that wait for exactly this event, and says how many. Only waits that had begun count: an
   * event is not kept for later ones. Errors: `INVALID_INPUT`.
   *
   * @example await knock.signalEvent("order.paid", { order: "A-7" }, { amount: 20 });
   */
  signalEvent(name: string, match?: JsonObject, data?: JsonObject): Promise<Outcome<{ runs: number }>>;
  /**
   * Lets failed runs go on at the step that failed. One answer per id, in order. Errors: `NOT_FOUND`,
   * `RUN_NOT_FAILED`.
   */
  rerun(runIds: readonly string[]): Promise<Outcome<{ id: string }>[]>;
  /**
   * Takes over a changed config: new workflows, same database and channels. Errors: `INVALID_WORKFLOW`, and
   * `INVALID_CONFIG` where the workflows are those that were deployed.
   */
  reload(config: Config): Promise<void>;
  /** Begins to accept calls; with `work` (default) also to execute runs. */
  start(options?: { work?: boolean }): Promise<void>;
  /** Finishes what is under way. Closes the database if this created it. */
  stop(): Promise<void>;
}

function registryFor(config: Config, channels: ReadonlyMap<string, Channel>): Registry {
  return registryOf(config.workflows, { users: config.users ?? null, channels: [...channels.values()] });
}

function targetOf(config: Config, environment: Environment): DatabaseTarget {
  const url = config.database === undefined ? environment.DATABASE_URL : resolveEnv(config.database, environment);
  return url ? { url } : { directory: environment.KNOCK_DATA_DIR ?? ".knock" };
}

const isDatabase = (db: object): db is Database => "driver" in db;

const isTarget = (db: object): db is DatabaseTarget => "url" in db || "directory" in db || "memory" in db;

async function databaseOf(
  { db, config, clock }: KnockOptions,
  environment: Environment,
): Promise<{ database: Database; own: boolean }> {
  if (typeof db === "object" && isDatabase(db)) return { database: db, own: false };
  const target = typeof db === "string" ? { url: db } : (db ?? targetOf(config, environment));
  if (!isTarget(target)) return { database: await adoptDatabase(target, clock), own: true };
  return { database: await openDatabase(target, clock ? { clock } : {}), own: true };
}

function schedulesOf(context: RunningEngine["context"]): Schedules {
  const verbs = scheduleVerbs(context);
  return { ...verbs, create: (workflow, call, within) => verbs.create({ ...call, workflow: workflow.key }, within) };
}

/**
 * Creates a system from a config. Nothing runs before `start`.
 *
 * Errors: `INVALID_CONFIG`, `INVALID_WORKFLOW`, `DATABASE_UNREACHABLE`, `DATABASE_LOCKED`, `DIRECTORY_UNUSABLE`, and from `start`
 * `MIGRATION_REQUIRED`, and `ARTIFACT_REFUSED` where the workflows are those that were deployed.
 *
 * @example
 * const knock = await createKnock({ config, db: process.env.DATABASE_URL });
 * await knock.start();
 */
export async function createKnock(options: KnockOptions): Promise<Knock> {
  const { config, listeners = {} } = options;
  const environment = options.environment ?? process.env;
  const clock = options.clock ?? systemClock;
  const given = options.logger ?? jsonLogger((line) => process.stderr.write(line), clock.now);
  const channels = options.channels ?? new Map(Object.entries(resolveChannels(config.channels, { environment })));
  const deployed = (options.content ?? config.content) === "deployed";
  const settings = settingsOf(config, environment);
  const registry = deployed ? null : registryFor(config, channels);
  const publicKeys = deployed ? requirePublicKeys(config.deploy?.publicKeys ?? []) : [];
  const { database, own } = await databaseOf(options, environment);
  const logger = outageLogger({ database, clock, logger: given });
  const source: WorkflowSource = registry
    ? ownWorkflows(registry)
    : deployedWorkflows({ database, clock, logger, channels: [...channels.values()], publicKeys, listeners });
  const engine = createEngine(
    {
      ...settings,
      ...source.context,
      database,
      clock,
      logger,
      channels,
      fetchClient: options.fetchClient ?? null,
      listeners,
    },
    options.jobs?.(database) ?? pgBossJobs({ database, clock, logger }),
  );
  return {
    engine,
    database,
    following: source.following,
    notify: async (workflow, { tx, data, ...call }) =>
      engine.notify({ ...call, data, workflow: workflow.key }, tx ? { tx: wrapTransaction(tx) } : {}),
    simulate: (workflow, { at, first, assume, ...call }) =>
      engine.simulate(
        { ...call, workflow: workflow.key },
        { ...(at && { at }), ...(first !== undefined && { first }), ...(assume && { assume }) },
      ),
    ...directoryVerbs(engine.context),
    schedules: schedulesOf(engine.context),
    links: linkVerbs(engine.context),
    cancel: engine.cancel,
    signalEvent: (name, match = {}, data = {}) => engine.signalEvent({ name, match, data }),
    rerun: engine.rerun,
    reload: (changed) => source.reload(engine, () => registryFor(changed, channels)),
    async start({ work = true } = {}) {
      if (options.migrate) await migrate(database);
      else await requireMigrated(database);
      await source.start(engine);
      await engine.start({ work });
    },
    async stop() {
      logger.stop();
      await source.stop();
      await engine.stop();
      for (const { provider } of channels.values()) await provider.close();
      if (own) await database.close();
    },
  };
}

export type { UserInput };
