// Runs join batches. Exact under any concurrency, by the row of the batch:
//
// * Who opens a batch inserts its row into a unique index; a second one waits there and then finds it.
// * Who joins or closes a batch holds its row. So nothing joins between closing and collecting, and an activity
//   is in the batch before its run counts as joined, in the same transaction.
// * Rows of batches are taken in the order of their identity, by joining, closing and cancelling alike, and after
//   the rows of runs. Two things go the other way round: waking a carrier (`wakeRuns`) skips a run that is held,
//   because its holder will wait for our batch and see the new end; and a cancel writes runs that have joined,
//   which nobody else takes without having the batch. What remains (a passage whose runs stand at several batch
//   steps) PostgreSQL finds out, and the passage is done again.
// * A cancel that holds the carrier, and whose process is killed before its commit, can leave the carrier asleep
//   until the end that it knows: late, never lost.
import {
  insertActivities,
  insertBatches,
  openBatches,
  openBatchesOf,
  updateBatches,
  type BatchIdentity,
  type BatchRow,
} from "../../store/batches.ts";
import type { Internals, Work } from "../context.ts";
import { decide, type Arrival, type BatchState, type Decision, type Joined } from "./decide.ts";

/** The arrivals of one identity. */
export interface Group {
  identity: BatchIdentity;
  arrivals: Arrival[];
}

/** An identity as one text. */
export const identityText = ({ workflow, step, recipientId, key }: BatchIdentity) =>
  JSON.stringify([recipientId, workflow, step, key]);

/** By identity; within one in the order of time, in which notifications have their ids. */
export function grouped(requests: readonly Arrival[]): Group[] {
  const inTime = requests.toSorted((one, other) => (one.notificationId < other.notificationId ? -1 : 1));
  return [...Map.groupBy(inTime, ({ shared }) => identityText(shared)).values()].map((arrivals) => ({
    identity: arrivals[0]!.shared,
    arrivals,
  }));
}

/** A batch with whose it is. */
export const rowOf = ({ workflow, step, recipientId, key }: BatchIdentity, state: BatchState): BatchRow => ({
  workflow,
  step,
  recipientId,
  key,
  ...state,
});

/** What is to be written for one identity. */
interface Settled {
  group: Group;
  decision: Decision;
  /** Id of the batch of these that is stored already. */
  stored: string;
  /** It was stored as decided, but for its closing. */
  fresh: boolean;
}

/**
 * Decides as if each identity had no open batch, and opens one; where there was one, it is now held, and the
 * decision is made again with what it says.
 */
async function settled({ tx }: Work, groups: readonly Group[], now: Date): Promise<Settled[]> {
  const all = groups.map((group): Settled => {
    const decision = decide(null, group.arrivals, now);
    return { group, decision, stored: decision.batches[0]!.id, fresh: true };
  });
  const first = all.map(({ group, decision }) => rowOf(group.identity, { ...decision.batches[0]!, closedAt: null }));
  const opened = await openBatches(tx, first);
  const met = all.filter(({ stored }) => !opened.has(stored)).map(({ group }) => group.identity);
  const open = met.length === 0 ? [] : await openBatchesOf(tx, met);
  const held = new Map(open.map((row) => [identityText(row), row]));
  return all.map((one) => {
    const batch = held.get(identityText(one.group.identity));
    if (!batch) return one;
    return { group: one.group, decision: decide(batch, one.group.arrivals, now), stored: batch.id, fresh: false };
  });
}

/** Writes what was decided. First what ends, as an identity has at most one open batch. */
async function write({ tx }: Work, all: readonly Settled[]): Promise<void> {
  const changed: BatchRow[] = [];
  const following: BatchRow[] = [];
  for (const { group, decision, stored, fresh } of all) {
    for (const batch of decision.batches) {
      if (batch.id !== stored) following.push(rowOf(group.identity, batch));
      else if (!fresh || batch.closedAt) changed.push(rowOf(group.identity, batch));
    }
  }
  if (changed.length > 0) await updateBatches(tx, changed);
  if (following.length > 0) await insertBatches(tx, following);
  const activities = all.flatMap(({ decision }) => decision.activities);
  if (activities.length > 0) await insertActivities(tx, activities);
}

/** Puts runs into the open batches of their identities, or into new ones. */
export async function joinBatches(internals: Internals, work: Work, requests: readonly Arrival[]): Promise<Joined[]> {
  const all = await settled(work, grouped(requests), internals.clock.now());
  await write(work, all);
  const answers = new Map(
    all.flatMap(({ group, decision }) =>
      group.arrivals.map((arrival, index) => [arrival, decision.answers[index]!] as const),
    ),
  );
  return requests.map((request) => answers.get(request)!);
}
