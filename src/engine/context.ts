// What the parts of the engine share inside one process.
import type { Limiter } from "../channels/limiter.ts";
import { planOf, type Plan } from "../registry/plan.ts";
import { untilAlone } from "../store/conflict.ts";
import { findStructures } from "../store/workflow-versions.ts";
import type { Executor } from "../store/executor.ts";
import type { AttemptRow } from "../store/messages.ts";
import type { Bell } from "./bell.ts";
import type { EngineContext } from "./engine.ts";
import type { Fetching } from "./fetch.ts";
import type { Handover } from "./handover.ts";
import type { Grouper } from "./group-commit.ts";
import type { Job, Jobs } from "./jobs/port.ts";
import type { Standing } from "./lacking.ts";

/** What a send waits for: room for one more unwritten outcome, then its turn at the provider. */
export interface Gate {
  unwritten: Limiter;
  provider: Limiter;
}

/** The engine's insides. */
export interface Internals extends EngineContext {
  jobs: Jobs;
  /**
   * Version ids by hash of the structure: a call runs the version whose schema parsed it, also during a reload. Where
   * several versions have a structure, the current one.
   */
  deployed: Map<string, string>;
  /** What this process knows of the current versions. */
  standing: Standing;
  /** Plans by version id. Structures never change, so neither do these. */
  plans: Map<string, Plan>;
  /** One per channel: all sends of this process pass it. */
  gates: Map<string, Gate>;
  /** Writes what came of sends, those of the same moment together. */
  outcomes: Grouper<AttemptRow, void>;
  /** Whether this process is ending: what is not begun goes to another one. */
  isStopping(): boolean;
  /** Messages that this process has just made, for the job that delivers them. */
  handover: Handover;
  /** Rung when something has become due at once. */
  bell: Bell;
  /** All calls of fetch steps of this process pass it. */
  fetching: Fetching;
}

/** A transaction with the jobs that become real when it commits. */
export interface Work {
  tx: Executor;
  /** At the end of the transaction, all together. */
  enqueue(job: Job): void;
  /** At once, while another statement is under way. */
  send(jobs: readonly Job[]): Promise<void>;
  /** Tells those who look what happened, once it has. */
  afterCommit(tell: () => void): void;
}

async function once<Result>(internals: Internals, work: (unit: Work) => Promise<Result>): Promise<Result> {
  const jobs: Job[] = [];
  const sent: Job[] = [];
  const news: (() => void)[] = [];
  const result = await internals.database.transaction(async (tx) => {
    // A transaction that is tried again begins with nothing.
    [jobs.length, sent.length, news.length] = [0, 0, 0];
    const done = await work({
      tx,
      enqueue: (job) => void jobs.push(job),
      async send(given) {
        sent.push(...given);
        await internals.jobs.enqueue(tx, given);
      },
      afterCommit: (tell) => void news.push(tell),
    });
    if (jobs.length > 0) await internals.jobs.enqueue(tx, jobs);
    return done;
  });
  const all = [...sent, ...jobs];
  if (all.length > 0) internals.jobs.committed(all);
  for (const tell of news) tell();
  return result;
}

/**
 * Does work in one transaction, its jobs included, and wakes workers after the commit. Work that met another one
 * (`untilAlone`) is done again.
 */
export const inTransaction = <Result>(internals: Internals, work: (unit: Work) => Promise<Result>): Promise<Result> =>
  untilAlone(() => once(internals, work));

/** The plans of versions, read once per process. */
export async function plansOf(
  internals: Pick<Internals, "plans">,
  tx: Executor,
  versionIds: Iterable<string>,
): Promise<Map<string, Plan>> {
  const missing = [...new Set(versionIds)].filter((id) => !internals.plans.has(id));
  if (missing.length > 0) {
    for (const [id, structure] of await findStructures(tx, missing)) internals.plans.set(id, planOf(structure));
  }
  return internals.plans;
}
