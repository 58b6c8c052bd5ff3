// Messages to providers. Outcomes of all chunks at work are written together while others are still
// being sent: what a killed worker may send twice is what it had not written yet.
import { pause } from "../base/clock.ts";
import { durationMs } from "../base/duration.ts";
import { attemptSend } from "../channels/send.ts";
import type { Channel } from "../channels/channel.ts";
import { createLimiter } from "../channels/limiter.ts";
import type { Address } from "../channels/messages.ts";
import {
  findUntried,
  leaseDueRetries,
  prolongLeases,
  stillUntried,
  type AttemptRow,
  type Sendable,
} from "../store/messages.ts";
import { attemptRow, withoutChannel } from "./attempt-row.ts";
import { inTransaction, type Gate, type Internals } from "./context.ts";
import { takeOver } from "./handover.ts";
import { withUnsubscribe } from "./links/headers.ts";
import { parentsOfMessages, tracedSend } from "./tracing.ts";

/** Messages of one channel that may be sent and not yet written, in one process. */
const UNWRITTEN = 256;

/** Retries that are taken at once. */
const RETRIES_PER_SWEEP = 100;

/**
 * How long a taken retry stays with a process that has died, how often one that lives prolongs that, and for how long
 * it begins to send what it took; in milliseconds.
 */
const LEASE = durationMs("15s");
const PROLONG_EVERY = durationMs("4s");
const LONGEST_RETRIES = durationMs("2m");

/** A job sends for at most so long, well before the job engine takes it for lost and gives it to another worker. */
const LONGEST_WORK = durationMs("5m");

function gateOf({ gates, clock }: Internals, channel: Channel): Gate {
  const known = gates.get(channel.key);
  if (known) return known;
  const gate: Gate = {
    unwritten: createLimiter({ concurrency: UNWRITTEN, rate: null }, clock),
    provider: createLimiter(channel.provider, clock),
  };
  gates.set(channel.key, gate);
  return gate;
}

async function send(internals: Internals, channel: Channel, message: Sendable): Promise<AttemptRow> {
  const { provider } = channel;
  const attempt = await attemptSend(provider, withUnsubscribe(internals, channel, message), {
    to: message.address as unknown as Address,
    idempotencyKey: message.id,
    attempt: message.attempts + 1,
    metadata: { workflow: message.workflow, recipientId: message.recipientId, tenant: message.tenantId },
    clock: internals.clock,
  });
  return attemptRow(message, provider.key, attempt);
}

function report({ listeners }: Internals, { workflow, recipientId, channel }: Sendable, row: AttemptRow): void {
  const { messageId, reason, provider, startedAt, finishedAt } = row;
  const outcome = row.nextAttemptAt ? row.outcome : row.status;
  const milliseconds = finishedAt.getTime() - startedAt.getTime();
  const told = { messageId, workflow, recipientId, channel, provider };
  listeners.onDelivery?.({ at: finishedAt, ...told, outcome, reason, milliseconds });
}

/** Sends one message and writes what came of it; `sent` is called in between. */
async function sendOne(
  internals: Internals,
  { message, parent }: { message: Sendable; parent: string | undefined },
  sent: () => void,
): Promise<void> {
  const channel = internals.channels.get(message.channel);
  if (!channel) return internals.outcomes.add(withoutChannel(message, internals.clock.now()));
  const { unwritten, provider } = gateOf(internals, channel);
  await unwritten.run(async () => {
    const row = await provider.run(() => tracedSend(message, parent, () => send(internals, channel, message)));
    sent();
    await internals.outcomes.add(row);
    report(internals, message, row);
  });
}

/**
 * Messages of one chunk that may wait for their turn at a provider. Few, as what waits there can no
 * longer be left to another process: enough to keep the provider busy, and at most what it takes in a second.
 */
function widthOf(channel: Channel | undefined): number {
  if (!channel) return 1;
  const { concurrency, rate } = channel.provider;
  if (!rate) return concurrency;
  return Math.min(concurrency, Math.max(1, Math.ceil((rate.count * 1_000) / durationMs(rate.per))));
}

/** Sends messages until a time, or until the process ends, and answers those that were not begun by then. */
async function sendAll(internals: Internals, messages: readonly Sendable[], until: number): Promise<Sendable[]> {
  const written: Promise<unknown>[] = [];
  const failures: unknown[] = [];
  const left: Sendable[] = [];
  const parents = await parentsOfMessages(internals, messages);
  async function sendFrom(queue: Sendable[]): Promise<void> {
    while (queue.length > 0 && !internals.isStopping() && internals.clock.now().getTime() < until) {
      const message = queue.shift()!;
      const sent = Promise.withResolvers<void>();
      // Not awaited before the next one is sent: outcomes are written together.
      written.push(
        sendOne(internals, { message, parent: parents.get(message.id) }, sent.resolve)
          .catch((error: unknown) => failures.push(error))
          .finally(sent.resolve),
      );
      await sent.promise;
    }
  }
  for (const [key, queue] of Map.groupBy(messages, ({ channel }) => channel)) {
    const width = Math.min(queue.length, widthOf(internals.channels.get(key)));
    written.push(Promise.all(Array.from({ length: width }, () => sendFrom(queue))).then(() => left.push(...queue)));
  }
  for (const promise of written) await promise;
  if (failures.length > 0) throw failures[0];
  return left;
}

/** Messages that have not been tried: those that this process made itself as it made them, others from the database. */
async function untried(internals: Internals, ids: readonly string[]): Promise<Sendable[]> {
  const { db } = internals.database;
  const own = takeOver(internals, ids);
  const others =
    own.size < ids.length
      ? await findUntried(
          db,
          ids.filter((id) => !own.has(id)),
        )
      : [];
  if (own.size === 0) return others;
  return [...(await stillUntried(db, [...own.keys()])).map((id) => own.get(id)!), ...others];
}

/** Hands new messages to their providers. What a slow provider leaves, or a process that ends, goes to another job. */
export async function deliver(internals: Internals, { messages }: { messages: string[] }): Promise<void> {
  const until = internals.clock.now().getTime() + LONGEST_WORK;
  const left = await sendAll(internals, await untried(internals, messages), until);
  if (left.length === 0) return;
  await inTransaction(internals, async ({ enqueue }) =>
    enqueue({ kind: "deliver", data: { messages: left.map(({ id }) => id) } }),
  );
}

/** Prolongs the leases of messages until aborted. */
async function keepLeases(
  { database, clock }: Internals,
  { ids, leaseUntil }: { ids: readonly string[]; leaseUntil: Date },
  over: AbortSignal,
): Promise<void> {
  const ends = [leaseUntil];
  for (;;) {
    await pause(clock, PROLONG_EVERY, over);
    if (over.aborted) return;
    const next = new Date(clock.now().getTime() + LEASE);
    // Kept even if nobody knows whether it was written: a database that is away ends the lease in time.
    ends.push(next);
    await prolongLeases(database.db, { ids, ends, leaseUntil: next }).catch(() => {});
  }
}

/** Tries again what is due. Answers how many messages there were; those left are due again when their lease ends. */
export async function retryDue(internals: Internals): Promise<number> {
  const now = internals.clock.now();
  const leaseUntil = new Date(now.getTime() + LEASE);
  const due = await leaseDueRetries(internals.database.db, { now, leaseUntil, limit: RETRIES_PER_SWEEP });
  if (due.length === 0) return 0;
  const over = new AbortController();
  const keeping = keepLeases(internals, { ids: due.map(({ id }) => id), leaseUntil }, over.signal);
  try {
    await sendAll(internals, due, now.getTime() + LONGEST_RETRIES);
  } finally {
    over.abort();
    await keeping;
  }
  return due.length;
}
