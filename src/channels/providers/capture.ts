import { z } from "zod";
import type { ChannelType, RenderedMessage } from "../messages.ts";
import { delivered } from "../outcome.ts";
import type { Outcome } from "../outcome.ts";
import { defineProvider } from "../provider.ts";
import type { Provider, SendContext } from "../provider.ts";

/** A message that a capture provider was handed, and with what. */
export interface CapturedMessage<Type extends ChannelType = ChannelType> extends Pick<
  SendContext<Type>,
  "to" | "idempotencyKey" | "attempt" | "metadata"
> {
  message: RenderedMessage<Type>;
  at: Date;
}

/** A provider that keeps what it is handed. */
export interface Capture<Type extends ChannelType = ChannelType> extends Provider<Type> {
  /** Every send, oldest first; refused ones too. */
  readonly messages: CapturedMessage<Type>[];
}

/** How a capture provider answers. */
export interface CaptureSettings<Type extends ChannelType> {
  /** What to answer to a send. Default: `delivered()`. */
  answer?: (sent: CapturedMessage<Type>, signal: AbortSignal) => Outcome | Promise<Outcome>;
}

/**
 * A provider for tests: keeps every message in memory, in order, and answers what it is told to.
 *
 * @example
 * const mail = capture("email", { answer: ({ attempt }) => (attempt === 1 ? retry("try later") : sent()) });
 * mail.messages[0]?.to.email;
 */
export function capture<Type extends ChannelType>(
  type: Type,
  { answer = () => delivered() }: CaptureSettings<Type> = {},
): Capture<Type> {
  const messages: CapturedMessage<Type>[] = [];
  const define = defineProvider({
    key: "capture",
    channel: type,
    options: z.strictObject({}),
    send(message, { to, idempotencyKey, attempt, metadata, now, signal }) {
      const captured = { message, to, idempotencyKey, attempt, metadata, at: now };
      messages.push(captured);
      return answer(captured, signal);
    },
  });
  return Object.assign(define(), { messages });
}
