// Batches are closed and collected: how nothing joins between the two is said in `join.ts`.
import { endBatches, holdBatches } from "../../store/batches.ts";
import type { Internals, Work } from "../context.ts";
import type { Answer, BatchSnapshot, Request } from "../run.ts";
import { batchSnapshots } from "./snapshot.ts";

type Closing = Extract<Request, { kind: "closeBatch" }>;

/** What a run sees whose batch holds nothing any more. */
export const EMPTY: BatchSnapshot = { count: 0, actorCount: 0, activities: [], actors: [], firstActor: null };

/**
 * Closes the batches of runs that woke, and collects what is in them. A batch whose end was moved meanwhile
 * stays open. Two statements: one alone would wait for a run that is joining, and then not see its activity.
 */
export async function closeBatches(
  internals: Internals,
  { tx }: Work,
  requests: readonly Closing[],
): Promise<Extract<Answer, { kind: "closeBatch" }>[]> {
  const now = internals.clock.now();
  const held = await holdBatches(
    tx,
    requests.map(({ batchId }) => batchId),
  );
  const open = new Map(
    held.filter(({ closedAt, closesAt }) => !closedAt && closesAt > now).map((row) => [row.id, row]),
  );
  const over = requests.filter(({ batchId }) => !open.has(batchId));
  const closing = held.filter(({ id, closedAt }) => !closedAt && !open.has(id)).map(({ id }) => id);
  if (closing.length > 0) await endBatches(tx, closing, now);
  const batches = await batchSnapshots(tx, over);
  return requests.map(({ batchId }) => {
    const row = open.get(batchId);
    if (row) return { kind: "closeBatch", openUntil: row.closesAt };
    return { kind: "closeBatch", batch: batches.get(batchId) ?? EMPTY };
  });
}
