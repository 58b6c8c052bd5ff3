// The composition root of the library: a config becomes a running system inside the caller's process.
import type { Clock } from "./base/clock.ts";
import { systemClock } from "./base/clock.ts";
import { durationMs } from "./base/duration.ts";
import { KnockError } from "./base/errors.ts";
import { jsonLogger, type Logger } from "./base/logger.ts";
import { resolveChannels } from "./channels/channel.ts";
import type { Channel } from "./channels/channel.ts";
import { resolveEnv, type Environment } from "./channels/env.ts";
import type { WorkflowHandle, WorkflowTypes } from "./definition/workflow.ts";
import { preferenceSetSchema } from "./definition/preference-set.ts";
import { createEngine, type RunningEngine } from "./engine/create-engine.ts";
import { directoryVerbs, type DirectoryVerbs } from "./engine/directory/verbs.ts";
import type { Cancelled } from "./engine/engine.ts";
import type { Listeners } from "./engine/events.ts";
import { pgBossJobs } from "./engine/jobs/pg-boss.ts";
import type { Jobs } from "./engine/jobs/port.ts";
import type { NotifyCall, NotifyOutcome, UserInput } from "./engine/notify-call.ts";
import { registryOf } from "./registry/compile.ts";
import type { Config } from "./registry/config.ts";
import type { Registry } from "./registry/registry.ts";
import { adoptDatabase, type OpenClient } from "./store/adopt-database.ts";
import { openDatabase, type Database, type DatabaseTarget } from "./store/database.ts";
import { migrate, requireMigrated } from "./store/migrate.ts";
import type { Executor } from "./store/executor.ts";
import { wrapTransaction, type QueryTransaction, type UnsafeTransaction } from "./store/transaction.ts";

const SHORTEST_RETENTION = durationMs("7d");

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
  /** Replaces the config's channels, for development and tests. */
  channels?: ReadonlyMap<string, Channel>;
  /** Default: pg-boss in the same database. */
  jobs?: (database: Database) => Jobs;
  /** Applies missing migrations at start; otherwise a database that is behind is refused. Default: `false`. */
  migrate?: boolean;
  listeners?: Listeners;
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

/** A running system, with the verbs about users, lists and preferences. */
export interface Knock extends DirectoryVerbs {
  readonly engine: RunningEngine;
  readonly database: Database;
  /**
   * Notifies people. Answers as soon as the notification is durably stored.
   *
   * @example await knock.notify(newComment, { recipients: ["user_1"], data: { … } });
   */
  notify<Types extends WorkflowTypes>(
    workflow: WorkflowHandle<Types>,
    options: NotifyOptions<Types>,
  ): Promise<NotifyOutcome>;
  /** Ends the unfinished runs of a cancellation key, for all or some recipients, and says how many. */
  cancel(cancellationKey: string, recipients?: readonly string[]): Promise<Cancelled>;
  /** Takes over a changed config: new workflows, same database and channels. */
  reload(config: Config): Promise<void>;
  /** Begins to accept calls; with `work` (default) also to execute runs. */
  start(options?: { work?: boolean }): Promise<void>;
  /** Finishes what is under way. Closes the database if this created it. */
  stop(): Promise<void>;
}

function retentionOf(config: Config): number {
  const milliseconds = durationMs(config.idempotency?.retention ?? "7d");
  if (milliseconds >= SHORTEST_RETENTION) return milliseconds;
  throw new KnockError("INVALID_CONFIG", {
    problem: "idempotency.retention is shorter than 7 days",
    fix: 'Set it to "7d" or longer.',
  });
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

function preferencesOf({ preferences }: Config) {
  if (preferences === undefined) return null;
  const parsed = preferenceSetSchema.safeParse(preferences);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new KnockError("INVALID_CONFIG", { problem: `preferences.${issue?.path.join(".")}: ${issue?.message}` });
}

/**
 * Creates a system from a config. Nothing runs before `start`.
 *
 * Errors: `INVALID_CONFIG`, `INVALID_WORKFLOW`, `DATABASE_UNREACHABLE`, `DATABASE_LOCKED`, `DIRECTORY_UNUSABLE`, and from `start`
 * `MIGRATION_REQUIRED`.
 *
 * @example
 * const knock = await createKnock({ config, db: process.env.DATABASE_URL });
 * await knock.start();
 */
export async function createKnock(options: KnockOptions): Promise<Knock> {
  const environment = options.environment ?? process.env;
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? jsonLogger((line) => process.stderr.write(line), clock.now);
  const channels =
    options.channels ?? new Map(Object.entries(resolveChannels(options.config.channels, { environment })));
  let registry = registryFor(options.config, channels);
  const idempotencyRetention = retentionOf(options.config);
  const preferences = preferencesOf(options.config);
  const { database, own } = await databaseOf(options, environment);
  const engine = createEngine(
    {
      database,
      clock,
      logger,
      registry: () => registry,
      channels,
      preferences,
      onInvalidData: options.config.onInvalidData ?? "reject",
      idempotencyRetention,
      listeners: options.listeners ?? {},
    },
    options.jobs?.(database) ?? pgBossJobs({ database, clock, logger }),
  );
  return {
    engine,
    database,
    notify: async (workflow, { tx, data, ...call }) =>
      engine.notify({ ...call, data, workflow: workflow.key }, tx ? { tx: wrapTransaction(tx) } : {}),
    ...directoryVerbs(engine.context),
    cancel: engine.cancel,
    async reload(config) {
      const next = registryFor(config, channels);
      await engine.deploy(next);
      registry = next;
    },
    async start({ work = true } = {}) {
      if (options.migrate) await migrate(database);
      else await requireMigrated(database);
      await engine.start({ work });
    },
    async stop() {
      await engine.stop();
      for (const { provider } of channels.values()) await provider.close();
      if (own) await database.close();
    },
  };
}

export type { UserInput };
