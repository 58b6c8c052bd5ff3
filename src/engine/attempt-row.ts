// What came of one attempt, as it is stored. A provider is other people's code: whatever it answers, the
// outcome is written, or the message would be sent again and again for want of a record.
import type { Outcome } from "../channels/outcome.ts";
import { nextAttempt } from "../channels/retry-policy.ts";
import type { AttemptResult } from "../channels/send.ts";
import type { AttemptRow, Sendable } from "../store/messages.ts";
import type { MessageStatus } from "../store/schema/messages.ts";

const LARGEST_CODE = 32_767;
const LONGEST_ID = 500;

const finalStatus: Record<Outcome["kind"], MessageStatus> = {
  sent: "sent",
  delivered: "delivered",
  bounced: "bounced",
  rejected: "undelivered",
  retry: "undelivered",
  rateLimited: "undelivered",
};

const codeOf = (code: unknown): number | null =>
  Number.isInteger(code) && Math.abs(code as number) <= LARGEST_CODE ? (code as number) : null;

const idOf = (id: unknown): string | null =>
  typeof id === "string" || typeof id === "number" ? String(id).slice(0, LONGEST_ID) : null;

/** The outcome with a wait that can be added to a time; an endless one stays endless. */
function withWait(outcome: Outcome): Outcome {
  if (outcome.kind !== "retry" && outcome.kind !== "rateLimited") return outcome;
  if (typeof outcome.afterMs === "number" && !Number.isNaN(outcome.afterMs)) return outcome;
  return outcome.kind === "retry" ? { ...outcome, afterMs: null } : { ...outcome, afterMs: 0 };
}

/** The record of an attempt, with when the next one is due. */
export function attemptRow(
  message: Sendable,
  provider: string,
  { outcome: given, startedAt, finishedAt }: AttemptResult,
): AttemptRow {
  const outcome = withWait(given);
  const attempt = message.attempts + 1;
  const firstAttemptAt = new Date(message.madeAt);
  const next = nextAttempt({ attempt, outcome, firstAttemptAt, now: finishedAt, random: Math.random() });
  return {
    messageId: message.id,
    first: message.first,
    attempts: next && !next.countsAsAttempt ? message.attempts : attempt,
    status: next ? "queued" : finalStatus[outcome.kind],
    reason: "reason" in outcome ? outcome.reason : null,
    providerMessageId: "providerMessageId" in outcome ? idOf(outcome.providerMessageId) : null,
    nextAttemptAt: next?.at ?? null,
    provider,
    outcome: outcome.kind,
    statusCode: codeOf(outcome.statusCode),
    startedAt,
    finishedAt,
  };
}

/** The record of a message that cannot be sent any more. */
export function withoutChannel({ id, first, attempts, channel }: Sendable, now: Date): AttemptRow {
  const reason = `channel "${channel}" is no longer configured`;
  const none = { statusCode: null, providerMessageId: null, nextAttemptAt: null };
  const fate = { status: "undelivered", outcome: "rejected", provider: "none" } as const;
  return { messageId: id, first, attempts, reason, ...none, ...fate, startedAt: now, finishedAt: now };
}
