import type { Clock } from "../base/clock.ts";
import { withinTime } from "../base/deadline.ts";
import { messageOf } from "../base/message-of.ts";
import type { ChannelType, RenderedMessage } from "./messages.ts";
import { outcomeKinds, rejected, retry } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import type { Provider, SendContext } from "./provider.ts";

/** What the caller of `attemptSend` knows; the rest of the context is made for each attempt. */
export interface AttemptContext<Type extends ChannelType = ChannelType> extends Pick<
  SendContext<Type>,
  "to" | "idempotencyKey" | "attempt" | "metadata"
> {
  clock: Clock;
  /** Default: the platform's `fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** One attempt: what came of it, and when. */
export interface AttemptResult {
  outcome: Outcome;
  startedAt: Date;
  finishedAt: Date;
}

const LONGEST_REASON = 500;

/** The messages of an error and its causes: `fetch failed` alone would tell nobody why. */
export function told(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  const own = messageOf(error) || error.name;
  const causes = error instanceof AggregateError && !error.message ? error.errors : error.cause ? [error.cause] : [];
  return [own, ...causes.slice(0, 1).map(told)].join(": ");
}

/** The outcome with a reason that holds no secret, no control characters and not a whole web page. */
function fitForStorage(outcome: Outcome, provider: Pick<Provider, "scrub">): Outcome {
  if (!("reason" in outcome)) return outcome;
  // Scrubbed before it is cut, or the cut could leave the first half of a secret.
  const plain = provider
    .scrub(String(outcome.reason))
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim();
  return { ...outcome, reason: plain.length > LONGEST_REASON ? `${plain.slice(0, LONGEST_REASON)}…` : plain };
}

const isOutcome = (value: unknown): value is Outcome =>
  typeof value === "object" &&
  value !== null &&
  "kind" in value &&
  (outcomeKinds as readonly unknown[]).includes(value.kind);

async function answerOf<Type extends ChannelType>(
  provider: Provider<Type>,
  message: RenderedMessage<Type>,
  context: SendContext<Type>,
): Promise<Outcome> {
  try {
    const answer: unknown = await provider.send(message, context);
    // Most likely sent: trying again would send it eight times.
    return isOutcome(answer) ? answer : rejected(`provider "${provider.key}" returned no outcome`);
  } catch (error) {
    return retry(told(error));
  }
}

/**
 * Hands a message to a provider once. Never throws and never waits longer than the provider's
 * timeout on `context.clock`: a hang becomes a retry and its signal is aborted, a throw becomes a
 * retry with its message. Reasons contain none of the provider's secrets.
 *
 * @example const { outcome } = await attemptSend(channel.provider, message, { to, idempotencyKey: message.id, attempt: 1, metadata, clock });
 */
export async function attemptSend<Type extends ChannelType>(
  provider: Provider<Type>,
  message: RenderedMessage<Type>,
  { clock, fetch = globalThis.fetch, ...context }: AttemptContext<Type>,
): Promise<AttemptResult> {
  const startedAt = clock.now();
  const outcome = await withinTime({ clock, milliseconds: provider.timeoutMs, late: retry }, (signal) =>
    answerOf(provider, message, { ...context, fetch, signal, now: startedAt }),
  );
  return { outcome: fitForStorage(outcome, provider), startedAt, finishedAt: clock.now() };
}
