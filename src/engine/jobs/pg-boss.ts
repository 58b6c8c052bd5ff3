// pg-boss behind the port. It carries work that is due now; when something becomes due is a column of
// ours, so that a test can rule the clock.
import { PgBoss } from "pg-boss";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { Database } from "../../store/database.ts";
import { notifyOnCommit } from "../../store/notify-on-commit.ts";
import { jobExecutor } from "../../store/job-executor.ts";
import { DEAD_QUEUE, holdDeadJobs, JOB_SCHEMA, keysWithoutJob } from "../../store/jobs.ts";
import { releaseActiveJobs } from "../../store/job-release.ts";
import { jobKinds, type Job, type JobData, type JobHandlers, type JobKind, type Jobs } from "./port.ts";

const WAKE = "knock_wake";

/** Jobs of one kind that one process executes at the same time. */
const CONCURRENCY: Record<JobKind, number> = {
  express: 2,
  deliverExpress: 2,
  fanOut: 1,
  fetch: 2,
  chunk: 1,
  deliver: 1,
};

/** Nobody but a worker takes a job away: for the engine, one that waits is never too old. */
const KEPT = { retentionSeconds: 10 * 365 * 86_400 };

/** Jobs that failed for good and are put back at once. */
const RETURNED_AT_ONCE = 1_000;

const QUEUE = {
  ...KEPT,
  retryLimit: 8,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  // A killed worker's job is at work again after this and one pass of the monitor.
  heartbeatSeconds: 10,
  expireInSeconds: 900,
  deleteAfterSeconds: 3_600,
  deadLetter: DEAD_QUEUE,
};

/** What the job engine needs from its process. */
export interface PgBossOptions {
  database: Database;
  clock: Clock;
  logger: Logger;
}

/** Wakes the workers of this process at once and those of others with one notice per moment. */
function waker({ database, clock, logger }: PgBossOptions, wakeLocal: (kind: string) => void) {
  const announced = new Map<JobKind, () => void>();
  const announce = (kind: JobKind) =>
    database.notify(WAKE, kind).catch((error: unknown) => logger.warn("could not wake other processes", { error }));
  return {
    wake(kinds: ReadonlySet<JobKind>) {
      for (const kind of kinds) {
        wakeLocal(kind);
        if (database.driver === "pglite" || announced.has(kind)) continue;
        // A notice per commit would serialise the commits; polling is the safety net for a lost one.
        const send = () => {
          announced.delete(kind);
          void announce(kind);
        };
        announced.set(kind, clock.after(5, send));
      }
    },
    /** Sends what waits to be sent. A timer that fired later would open a connection that nobody closes. */
    async flush() {
      const kinds = [...announced.keys()];
      for (const cancel of announced.values()) cancel();
      announced.clear();
      await Promise.all(kinds.map(announce));
    },
  };
}

const WORKER = { batchSize: 2, burstWhenBatchFull: true, perJobResults: true, pollingIntervalSeconds: 0.5 } as const;

type Worker = Omit<typeof WORKER, "batchSize"> & { batchSize: number };

/** Jobs that one worker takes at once, where it is another number: those that mostly wait for others. */
const BATCH: Partial<Record<JobKind, number>> = { fetch: 20 };

/** Executes a batch; each job stands alone, a failed one is tried again. */
const executor =
  <K extends JobKind>(kind: K, handler: (data: JobData[K]) => Promise<void>, logger: Logger) =>
  (batch: { id: string; data: JobData[K] }[]) =>
    Promise.all(
      batch.map(async ({ id, data }) => {
        try {
          await handler(data);
          return { id, status: "completed" as const };
        } catch (error) {
          logger.error("a job failed and will be tried again", { kind, job: id, error });
          return { id, status: "failed" as const, output: { message: String(error) } };
        }
      }),
    );

/** Makes the queues that are missing, and tells those of an earlier version how long jobs are kept. */
async function makeQueues(boss: PgBoss): Promise<void> {
  await boss.createQueue(DEAD_QUEUE, KEPT);
  for (const kind of jobKinds) await boss.createQueue(kind, QUEUE);
  for (const { name, retentionSeconds } of await boss.getQueues()) {
    if (retentionSeconds !== KEPT.retentionSeconds) await boss.updateQueue(name, KEPT);
  }
}

/** What a worker of the engine reports is a copy of the error that is none itself. */
const errorOf = (reported: Error): Error =>
  reported instanceof Error ? reported : Object.assign(new Error("unknown"), reported as object);

const isKind = (kind: string): kind is JobKind => (jobKinds as readonly string[]).includes(kind);

/** Creates the job engine of a process. */
export function pgBossJobs(options: PgBossOptions): Jobs {
  const { database, logger } = options;
  const workers = new Map<string, string[]>();
  let boss: PgBoss | null = null;
  let unlisten: (() => Promise<void>) | null = null;

  const started = () => {
    if (!boss) throw new Error("the job engine is not started");
    return boss;
  };
  const wakeLocal = (kind: string) => {
    for (const worker of workers.get(kind) ?? []) boss?.notifyWorker(worker);
  };
  const { wake, flush } = waker(options, wakeLocal);

  async function workOn<K extends JobKind>(kind: K, handler: (data: JobData[K]) => Promise<void>): Promise<void> {
    const execute = executor(kind, handler, logger);
    const settings = { ...WORKER, batchSize: BATCH[kind] ?? WORKER.batchSize };
    const ids: string[] = [];
    for (let index = 0; index < CONCURRENCY[kind]; index++) {
      ids.push(await started().work<JobData[K], object, Worker>(kind, settings, execute));
    }
    workers.set(kind, ids);
  }

  return {
    async start() {
      boss = new PgBoss({
        db: await database.jobDatabase(),
        backend: database.driver,
        schema: JOB_SCHEMA,
        schedule: false,
        registerInstance: false,
        superviseIntervalSeconds: 5,
        monitorIntervalSeconds: 5,
        monitorVacuum: false,
      });
      boss.on("error", (error) => logger.error("the job engine reports an error", { error: errorOf(error) }));
      await boss.start();
      await makeQueues(boss);
      // No other process can own them: the directory is locked.
      if (database.driver === "pglite") await releaseActiveJobs(database.db, JOB_SCHEMA);
    },
    async enqueue(tx, jobs) {
      for (const [kind, same] of Map.groupBy(jobs, (job) => job.kind)) {
        await started().insert(
          kind,
          same.map(({ data, turn = 0, returned, after }) => ({
            data: { ...data, ...(returned && { returned }) },
            priority: -turn,
            // By the database's clock, as everything that the engine compares it with.
            ...(after && { startAfter: after / 1_000 }),
          })),
          { db: jobExecutor(tx) },
        );
      }
    },
    committed: (jobs: readonly Job[]) => wake(new Set(jobs.map((job) => job.kind))),
    announce: (tx, jobs) => notifyOnCommit(tx, WAKE, [...new Set(jobs.map((job) => job.kind))]),
    async takeDead(tx, { all }) {
      const dead = await holdDeadJobs(tx, { all, limit: RETURNED_AT_ONCE });
      const known = dead.filter(({ kind }) => isKind(kind));
      const ids = known.map(({ id }) => id);
      if (ids.length > 0) await started().deleteJob(DEAD_QUEUE, ids, { db: jobExecutor(tx) });
      return known.map(({ kind, data, returned }) => ({ kind, data, returned: returned + 1 }) as unknown as Job);
    },
    withoutJob: (tx, what, keys) => keysWithoutJob(tx, what, keys),
    async work(handlers: JobHandlers) {
      unlisten = await database.listen(WAKE, wakeLocal, () => jobKinds.forEach(wakeLocal));
      for (const kind of jobKinds) await workOn(kind, handlers[kind] as (data: JobData[typeof kind]) => Promise<void>);
    },
    async stop() {
      await flush();
      await unlisten?.();
      await boss?.stop({ graceful: true, timeout: 20_000, close: false });
      boss = null;
    },
  };
}
