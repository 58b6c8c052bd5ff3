// pg-boss behind the port. It carries work that is due now; when something becomes due is a column of
// ours, so that a test can rule the clock.
import { PgBoss } from "pg-boss";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { Database } from "../../store/database.ts";
import { notifyOnCommit } from "../../store/notify-on-commit.ts";
import { jobExecutor } from "../../store/job-executor.ts";
import { releaseActiveJobs } from "../../store/job-release.ts";
import { jobKinds, type Job, type JobData, type JobHandlers, type JobKind, type Jobs } from "./port.ts";

const SCHEMA = "knock_jobs";
const DEAD = "dead";
const WAKE = "knock_wake";

/** Jobs of one kind that one process executes at the same time. */
const CONCURRENCY: Record<JobKind, number> = { express: 2, deliverExpress: 2, fanOut: 1, chunk: 1, deliver: 1 };

const QUEUE = {
  retryLimit: 8,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  // A killed worker's job is at work again after this and one pass of the monitor.
  heartbeatSeconds: 10,
  expireInSeconds: 900,
  deleteAfterSeconds: 3_600,
  deadLetter: DEAD,
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
    const ids: string[] = [];
    for (let index = 0; index < CONCURRENCY[kind]; index++) {
      ids.push(await started().work<JobData[K], object, typeof WORKER>(kind, WORKER, execute));
    }
    workers.set(kind, ids);
  }

  return {
    async start() {
      boss = new PgBoss({
        db: await database.jobDatabase(),
        backend: database.driver,
        schema: SCHEMA,
        schedule: false,
        registerInstance: false,
        superviseIntervalSeconds: 5,
        monitorIntervalSeconds: 5,
        monitorVacuum: false,
      });
      boss.on("error", (error) => logger.error("the job engine reports an error", { error }));
      await boss.start();
      await boss.createQueue(DEAD);
      for (const kind of jobKinds) await boss.createQueue(kind, QUEUE);
      // No other process can own them: the directory is locked.
      if (database.driver === "pglite") await releaseActiveJobs(database.db, SCHEMA);
    },
    async enqueue(tx, jobs) {
      for (const [kind, same] of Map.groupBy(jobs, (job) => job.kind)) {
        await started().insert(
          kind,
          same.map(({ data }) => ({ data })),
          { db: jobExecutor(tx) },
        );
      }
    },
    committed: (jobs: readonly Job[]) => wake(new Set(jobs.map((job) => job.kind))),
    announce: (tx, jobs) => notifyOnCommit(tx, WAKE, [...new Set(jobs.map((job) => job.kind))]),
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
