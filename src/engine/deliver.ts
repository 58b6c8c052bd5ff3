// Messages to providers. Outcomes of all chunks at work are written together while others are still
// being sent: what a killed worker may send twice is what it had not written yet.
import { attemptSend } from "../channels/send.ts";
import type { Channel } from "../channels/channel.ts";
import { createLimiter } from "../channels/limiter.ts";
import type { Address, RenderedMessage } from "../channels/messages.ts";
import { findUntried, leaseDueRetries, type AttemptRow, type Sendable } from "../store/messages.ts";
import { attemptRow, withoutChannel } from "./attempt-row.ts";
import type { Gate, Internals } from "./context.ts";

/** Messages of one channel that may be sent and not yet written, in one process. */
const UNWRITTEN = 256;

/** Retries that are taken at once. */
const RETRIES_PER_SWEEP = 100;

/** How long a taken retry stays with the process that took it, in milliseconds: longer than any send may last. */
const LEASE = 120_000;

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

async function send({ clock }: Internals, { provider }: Channel, message: Sendable): Promise<AttemptRow> {
  const attempt = await attemptSend(provider, message.content as unknown as RenderedMessage, {
    to: message.address as unknown as Address,
    idempotencyKey: message.id,
    attempt: message.attempts + 1,
    metadata: { workflow: message.workflow, recipientId: message.recipientId, tenant: message.tenantId },
    clock,
  });
  return attemptRow(message, provider.key, attempt);
}

function report({ listeners }: Internals, { workflow, recipientId, channel }: Sendable, row: AttemptRow): void {
  const { messageId, reason, startedAt, finishedAt } = row;
  const outcome = row.nextAttemptAt ? row.outcome : row.status;
  const milliseconds = finishedAt.getTime() - startedAt.getTime();
  listeners.onDelivery?.({ at: finishedAt, messageId, workflow, recipientId, channel, outcome, reason, milliseconds });
}

/** Sends one message and writes what came of it. */
async function sendOne(internals: Internals, message: Sendable): Promise<void> {
  const channel = internals.channels.get(message.channel);
  if (!channel) return internals.outcomes.add(withoutChannel(message, internals.clock.now()));
  const { unwritten, provider } = gateOf(internals, channel);
  await unwritten.run(async () => {
    const row = await provider.run(() => send(internals, channel, message));
    await internals.outcomes.add(row);
    report(internals, message, row);
  });
}

async function sendAll(internals: Internals, messages: readonly Sendable[]): Promise<void> {
  const results = await Promise.allSettled(messages.map((message) => sendOne(internals, message)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

/** Hands new messages to their providers. */
export async function deliver(internals: Internals, { messages }: { messages: string[] }): Promise<void> {
  await sendAll(internals, await findUntried(internals.database.db, messages));
}

/** Tries again what is due. Answers how many messages there were. */
export async function retryDue(internals: Internals): Promise<number> {
  const now = internals.clock.now();
  const leaseUntil = new Date(now.getTime() + LEASE);
  const due = await leaseDueRetries(internals.database.db, { now, leaseUntil, limit: RETRIES_PER_SWEEP });
  await sendAll(internals, due);
  return due.length;
}
