// The port to the job engine. Jobs are pointers to rows; all truth is in our tables, so a job may be
// delivered twice or late, and a queue could be emptied and rebuilt.
import type { Executor } from "../../store/executor.ts";
import type { Pointed } from "../../store/jobs.ts";

/** What each kind of job points at. */
export interface JobData {
  /** Make the runs of notifications to a few people. */
  express: { notifications: string[] };
  /** Cut the recipients of a notification into chunks, from a position on. */
  fanOut: { notification: string; number: number; list: number; after: string | null };
  /** Make the runs of one chunk. */
  chunk: { notification: string; number: number };
  /** Hand messages to their providers; express ones never wait behind a broadcast. */
  deliver: { messages: string[] };
  deliverExpress: { messages: string[] };
  /** Make the HTTP calls that runs wait for. */
  fetch: { runs: string[] };
}

/** A kind of job; each has a queue of its own, so that no kind waits behind another. */
export type JobKind = keyof JobData;

/**
 * A job. Of one kind, those with a lower turn come first (default 0): the n-th chunk of every broadcast comes
 * before the one after it of any, so that broadcasts share the workers.
 * `returned` tells how often it was put back after it had failed for good; `after` is how long nobody takes it, in
 * milliseconds.
 */
export type Job = {
  [K in JobKind]: { kind: K; data: JobData[K]; turn?: number; returned?: number; after?: number };
}[JobKind];

/** What executes the jobs of each kind. */
export type JobHandlers = { [K in JobKind]: (data: JobData[K]) => Promise<void> };

/** The kinds of job, express work first. */
export const jobKinds = [
  "express",
  "deliverExpress",
  "fanOut",
  "fetch",
  "chunk",
  "deliver",
] as const satisfies JobKind[];

/** A job engine. */
export interface Jobs {
  /** Stores jobs in the caller's transaction: rolled back, they never were. */
  enqueue(tx: Executor, jobs: readonly Job[]): Promise<void>;
  /** Tells workers, after the commit, that there is work. */
  committed(jobs: readonly Job[]): void;
  /** Tells workers as part of a transaction whose commit is not ours to see. */
  announce(tx: Executor, jobs: readonly Job[]): Promise<void>;
  /**
   * Takes jobs that failed for good, to be enqueued again in the same transaction: those whose time has come, or
   * all of them.
   */
  takeDead(tx: Executor, options: { all: boolean }): Promise<Job[]>;
  /** Those of the rows that no job points at; a chunk is written as `<notification>/<number>`. */
  withoutJob(tx: Executor, what: Pointed, keys: readonly string[]): Promise<string[]>;
  /** Begins to execute jobs in this process. */
  work(handlers: JobHandlers): Promise<void>;
  /** Connects; jobs can be enqueued afterwards. */
  start(): Promise<void>;
  /** Finishes what is being executed and hands back the rest. */
  stop(): Promise<void>;
}
