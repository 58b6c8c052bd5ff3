// Ends every unfinished run of a cancellation key, and takes its activities out of batches that nobody has collected:
// those that are open, and those that were closed a moment ago, for their carrier to collect.
//
// Deterministic: taking the notifications first waits for the chunks at work, whose runs are then seen, and makes
// later chunks see the mark. Runs that wait are taken before batches, as passages do. Runs that have joined a batch
// are written after it: until it is collected, only who holds the batch may change them.
import { findUnstorable } from "../base/text.ts";
import {
  endJoined,
  endWaiting,
  holdBatchesOf,
  markCancelled,
  passOn,
  removeActivities,
  takeByKey,
  type Cancelling,
  type TouchedRun,
  type Whose,
} from "../store/cancellation.ts";
import { Again } from "../store/conflict.ts";
import { inTransaction, type Internals, type Work } from "./context.ts";
import type { Cancelled } from "./engine.ts";

/** Takes activities out of open batches. Answers the runs that had joined these, and now are cancelled. */
async function leaveBatches(
  { tx }: Work,
  waiting: readonly TouchedRun[],
  cancelling: Cancelling,
): Promise<TouchedRun[]> {
  const batches = await holdBatchesOf(tx, cancelling);
  if (batches.length === 0) return [];
  const removed = await removeActivities(tx, batches, cancelling);
  // Another cancel made it the carrier after this one had taken the waiting runs.
  if (removed.some(({ status }) => status === "waiting")) throw new Again();
  const ended = new Set(waiting.map(({ id }) => id));
  const joined = removed.map(({ id }) => id).filter((id) => !ended.has(id));
  const left = joined.length > 0 ? await endJoined(tx, joined, cancelling) : [];
  await passOn(tx, batches, cancelling);
  return left;
}

/** Which runs to end. */
export interface CancelQuestion {
  key: string;
  /** For all or some recipients. */
  whose: Whose;
  /** Of this workflow alone; `null` for all. */
  workflow: string | null;
}

/** Ends the unfinished runs of a key and says how many. */
export async function cancelByKey(internals: Internals, { key, whose, workflow }: CancelQuestion): Promise<Cancelled> {
  // No notification can have a key that cannot be stored, and the database would refuse to look for it.
  if (findUnstorable([key, whose ?? [], workflow]) || whose?.length === 0) return { notifications: [], runs: 0 };
  const ended = await inTransaction(internals, async (work) => {
    const cancelled: Cancelled = { notifications: [], runs: 0 };
    const seen = new Set<string>();
    // A run that goes on while the cancel waits for it may notify others with its key: until nothing new is found.
    for (;;) {
      const notifications = (await takeByKey(work.tx, key, workflow)).filter((id) => !seen.has(id));
      if (notifications.length === 0) return cancelled;
      const { notifications: marked, runs } = await cancelThese(work, {
        notifications,
        whose,
        now: internals.clock.now(),
      });
      cancelled.notifications.push(...marked);
      cancelled.runs += runs;
      for (const id of notifications) seen.add(id);
    }
  });
  const { runs, notifications } = ended;
  const event = { at: internals.clock.now(), key, runs, notifications: notifications.length };
  if (runs > 0 || notifications.length > 0) internals.listeners.onCancelled?.(event);
  return ended;
}

async function cancelThese(work: Work, cancelling: Cancelling): Promise<Cancelled> {
  const waiting = await endWaiting(work.tx, cancelling);
  const ended = [...waiting, ...(await leaveBatches(work, waiting, cancelling))];
  const from = [...new Set(ended.map(({ notificationId }) => notificationId))];
  return { notifications: await markCancelled(work.tx, from, cancelling), runs: ended.length };
}
