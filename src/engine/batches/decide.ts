// What becomes of runs that reach a batch step: one pure function, for the activities of one identity
// (workflow, step, recipient, key) that come together.
import { derivedId } from "../../base/ids.ts";
import type { BatchActivityRow, BatchIdentity, BatchRow } from "../../store/batches.ts";
import type { Answer, Request } from "../run.ts";

/** A batch, whoever's it is. */
export type BatchState = Omit<BatchRow, keyof BatchIdentity>;

/** A run that reaches the step. */
export type Arrival = Extract<Request, { kind: "joinBatch" }>;

/** What it is told. */
export type Joined = Extract<Answer, { kind: "joinBatch" }>;

/** What is to be written, and answered. */
export interface Decision {
  /** Batches that are new or have changed, in the order in which they were opened; only the last may be open. */
  batches: BatchState[];
  activities: BatchActivityRow[];
  /** One per arrival, in order. */
  answers: Joined[];
}

/** Where the end of an open batch is after an arrival. Only its limit brings it nearer. */
function endAfter({ closesAt, limitAt }: BatchState, { sliding }: Arrival, now: Date): Date {
  if (limitAt === null || sliding === null) return closesAt;
  const moved = Math.max(closesAt.getTime(), now.getTime() + sliding.window);
  return new Date(Math.min(moved, limitAt.getTime()));
}

/** The window that an arrival finds, or the one that begins with it. */
function windowFor(open: BatchState | null, arrival: Arrival, now: Date): { batch: BatchState; leads: boolean } {
  if (open && now < open.closesAt) return { batch: { ...open, closesAt: endAfter(open, arrival, now) }, leads: false };
  const { runId, shared, closesAt, sliding } = arrival;
  // A window in which nothing came begins anew. Otherwise run and step name the batch: a run opens at most one.
  const id = open?.runId === null ? open.id : derivedId(runId, shared.step);
  const limitAt = sliding?.limitAt ?? null;
  return { batch: { id, runId: null, openedAt: now, closesAt, limitAt, count: 0, closedAt: null }, leads: true };
}

/** The batch with one more activity; closed when it is full or its end is not ahead. */
function withOne(batch: BatchState, { runId, maxItems }: Arrival, now: Date): BatchState {
  const count = batch.count + 1;
  const over = batch.closesAt <= now || (maxItems !== null && count >= maxItems);
  return {
    ...batch,
    runId: batch.runId ?? runId,
    count,
    closesAt: over && now < batch.closesAt ? now : batch.closesAt,
    closedAt: over ? now : null,
  };
}

/** The carrier is to wake earlier than its row says: it came before these arrivals. */
const wakeOf = (open: BatchState | null, left: BatchState | undefined): Joined["wake"] =>
  open?.runId && left && left.closesAt < open.closesAt ? { runId: open.runId, at: left.closesAt } : undefined;

/**
 * Puts arrivals into the open batch, or into new ones. One that comes at or after the end of a batch that is
 * still open closes it, for its carrier to collect, and opens another.
 */
export function decide(open: BatchState | null, arrivals: readonly Arrival[], now: Date): Decision {
  const batches = new Map<string, BatchState>();
  const activities: BatchActivityRow[] = [];
  const placed: { role: Joined["role"]; batchId: string }[] = [];
  let current = open;
  for (const arrival of arrivals) {
    const { batch, leads } = windowFor(current, arrival, now);
    if (current && current.id !== batch.id) batches.set(current.id, { ...current, closedAt: now });
    const flushed = leads && arrival.flushLeading;
    const next = flushed ? batch : withOne(batch, arrival, now);
    const { notificationId, runId } = arrival;
    if (!flushed) activities.push({ batchId: next.id, notificationId, runId });
    placed.push({ role: flushed ? "flushed" : next.runId === runId ? "opened" : "joined", batchId: next.id });
    batches.set(next.id, next);
    current = next.closedAt ? null : next;
  }
  const wake = wakeOf(open, open ? batches.get(open.id) : undefined);
  const waking = placed.findIndex(({ role, batchId }) => role === "joined" && batchId === open?.id);
  const answers = placed.map(({ role, batchId }, index): Joined => {
    const { closesAt } = batches.get(batchId)!;
    return { kind: "joinBatch", role, batchId, closesAt, ...(wake && index === waking && { wake }) };
  });
  return { batches: [...batches.values()], activities, answers };
}
