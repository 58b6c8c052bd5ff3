// Puts work back that got lost: jobs that failed for good, and rows that no job points at any more because
// somebody emptied the queues or restored the tables without them. Rows and their jobs are written in one
// transaction, so a row that is still to be done, and was so after it had no job, has really lost it.
import { slicesOf } from "../base/arrays.ts";
import { pause } from "../base/clock.ts";
import { durationMs } from "../base/duration.ts";
import { lowestId } from "../base/id-range.ts";
import { queuesMadeAt } from "../store/jobs.ts";
import {
  type Found,
  openChunks,
  tryAlone,
  unplannedIn,
  unplannedOf,
  untriedIn,
  untriedOf,
  type Unplanned,
} from "../store/recovery.ts";
import { inTransaction, type Internals, type Work } from "./context.ts";
import type { Job } from "./jobs/port.ts";

/** Younger notifications may still be in a transaction, or come from a process whose clock is behind. */
const SETTLED = durationMs("10m");

/** How far back a process looks when it begins. */
const LOOKBACK = durationMs("24h");

/** Rows that one statement looks at, and how many such statements one pass makes. */
const SLICE = 20_000;
const SLICES_PER_PASS = 25;

/** Unplanned notifications that are watched at once; while there are more, no further ones are looked for. */
const MOST_WATCHED = 5_000;

const MOST_CHUNKS = 5_000;
const MESSAGES_PER_JOB = 500;

/** While another process looks for lost work, in milliseconds. */
const PAUSE = 500;

/** What was put back to work. */
export interface Recovered {
  /** Jobs that had failed for good. */
  dead: number;
  /** Of rows without a job. */
  chunks: number;
  notifications: number;
  messages: number;
}

/** Looks for lost work. */
export interface Recovery {
  /** One pass; `null` when another process is at it. */
  pass(): Promise<Recovered | null>;
  /**
   * Looks at everything that was made in between, the messages too. Puts back all jobs that failed for good, unless
   * those whose time has come are enough.
   */
  all(options: { since: Date; until?: Date; onlyDue?: boolean }): Promise<Recovered>;
}

/** Planning goes on after the last chunk that there is. */
function planningJob({ id, lists, number, list, upTo }: Unplanned): Job {
  if (number === null) return { kind: "fanOut", data: { notification: id, number: 0, list: -1, after: null } };
  const position = list === null ? -1 : lists.indexOf(list);
  return { kind: "fanOut", data: { notification: id, number: number + 1, list: position, after: upTo } };
}

async function returnDead({ jobs, logger }: Internals, { tx, enqueue }: Work, all: boolean): Promise<number> {
  const dead = await jobs.takeDead(tx, { all });
  for (const job of dead) {
    logger.warn("a job that had failed for good is tried again", { kind: job.kind, returned: job.returned });
    enqueue(job);
  }
  return dead.length;
}

async function recoverChunks({ jobs }: Internals, { tx, enqueue }: Work, before: string): Promise<number> {
  const keyOf = ({ notification, number }: { notification: string; number: number }) => `${notification}/${number}`;
  const open = await openChunks(tx, before, MOST_CHUNKS);
  const without = new Set(await jobs.withoutJob(tx, "chunk", open.map(keyOf)));
  if (without.size === 0) return 0;
  const lost = (await openChunks(tx, before, MOST_CHUNKS)).filter((chunk) => without.has(keyOf(chunk)));
  for (const chunk of lost) enqueue({ kind: "chunk", data: chunk, turn: chunk.number });
  return lost.length;
}

/** Enqueues the planning of those of the notifications that have lost their job. */
async function recoverPlanning(
  { jobs }: Internals,
  { tx, enqueue }: Work,
  watched: readonly string[],
): Promise<number> {
  const lost = await unplannedOf(tx, await jobs.withoutJob(tx, "notification", watched));
  for (const notification of lost) enqueue(planningJob(notification));
  return lost.length;
}

/** Sends what no job and no retry would ever send. */
async function recoverMessages(internals: Internals, from: string, before: string): Promise<number> {
  let recovered = 0;
  for (let after: string | null = from; after !== null;) {
    const found: Found = await untriedIn(internals.database.db, { after, before, limit: SLICE });
    after = found.after;
    recovered += await inTransaction(internals, async ({ tx, enqueue }) => {
      const without = await internals.jobs.withoutJob(tx, "message", found.ids);
      const lost = without.length > 0 ? await untriedOf(tx, without) : [];
      for (const messages of slicesOf(lost, MESSAGES_PER_JOB)) enqueue({ kind: "deliver", data: { messages } });
      return lost.length;
    });
  }
  return recovered;
}

/** Creates what looks for lost work. It remembers how far it has looked, so that each row is looked at once. */
export function createRecovery(internals: Internals): Recovery {
  const { clock, database } = internals;
  let looked = lowestId(new Date(clock.now().getTime() - LOOKBACK));
  let watched: string[] = [];

  const settledBefore = () => lowestId(new Date(clock.now().getTime() - SETTLED));

  /** Takes further unplanned notifications under watch. */
  async function watchMore(tx: Work["tx"], before: string): Promise<void> {
    for (let slice = 0; slice < SLICES_PER_PASS && watched.length < MOST_WATCHED && looked < before; slice++) {
      const { ids, after } = await unplannedIn(tx, { after: looked, before, limit: SLICE });
      watched.push(...ids);
      looked = after ?? before;
    }
  }

  const work = (all: boolean) =>
    inTransaction(internals, async (unit): Promise<Recovered | null> => {
      if (!(await tryAlone(unit.tx, "recovery"))) return null;
      const before = settledBefore();
      watched = (await unplannedOf(unit.tx, watched)).map(({ id }) => id);
      await watchMore(unit.tx, before);
      return {
        dead: await returnDead(internals, unit, all),
        chunks: await recoverChunks(internals, unit, before),
        notifications: await recoverPlanning(internals, unit, watched),
        messages: 0,
      };
    });

  const all: Recovery["all"] = async ({ since, until = clock.now(), onlyDue = false }) => {
    const from = lowestId(since);
    if (from < looked) looked = from;
    const total: Recovered = { dead: 0, chunks: 0, notifications: 0, messages: 0 };
    for (let over = false; !over;) {
      const found = await work(!onlyDue);
      if (!found) await pause(clock, PAUSE);
      total.dead += found?.dead ?? 0;
      total.chunks += found?.chunks ?? 0;
      total.notifications += found?.notifications ?? 0;
      // Of each kind only so many are looked at in one pass.
      over = found !== null && found.dead + found.chunks + found.notifications === 0;
    }
    const settled = settledBefore();
    const end = lowestId(new Date(until.getTime() + SETTLED));
    total.messages = await recoverMessages(internals, from, end < settled ? end : settled);
    return total;
  };

  let begun = false;
  return {
    all,
    async pass() {
      if (begun) return work(false);
      begun = true;
      const madeAt = await queuesMadeAt(database.db);
      const isNew = madeAt !== null && clock.now().getTime() - madeAt.getTime() < LOOKBACK;
      // What is older than new queues came from a backup that was restored without them.
      return isNew ? all({ since: new Date(0), until: madeAt, onlyDue: true }) : work(false);
    },
  };
}
