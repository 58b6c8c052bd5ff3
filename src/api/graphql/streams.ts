// Subscriptions that are open: each ends when its caller goes away, when the token that opened it ends, or when the
// server closes. Why it ends is told as the last result of the stream: an error that is thrown would break the
// connection, and clients could not tell it from a lost one.
import type { Clock } from "../../base/clock.ts";
import { KnockError } from "../../base/errors.ts";
import { requestError } from "./request-errors.ts";

/** The last thing of a stream that ends for a reason. The field that it belongs to throws it. */
export class EndOfStream {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

/** Opens streams that end with the server. */
export interface Streams {
  /** `expiresAt` is when the caller's token ends, `null` for never. `events` ends when its `return` is called. */
  open<Event>(events: AsyncIterableIterator<Event>, expiresAt: Date | null): AsyncIterableIterator<Event | EndOfStream>;
}

/** Timers go no further; then another one is set. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const expired = () =>
  requestError(new KnockError("UNAUTHENTICATED", { problem: "The user token has expired.", userToken: true }));

/** Calls back at a moment, however far away; call the result to cancel. */
function atMoment(clock: Clock, moment: Date, callback: () => void): () => void {
  const left = moment.getTime() - clock.now().getTime();
  let cancel = clock.after(Math.min(Math.max(0, left), LONGEST_TIMER_MS), () => {
    if (left <= LONGEST_TIMER_MS) callback();
    else cancel = atMoment(clock, moment, callback);
  });
  return () => cancel();
}

/** Makes the way to open streams. All of them end, without an error, when `closing` is aborted. */
export function createStreams({ clock, closing }: { clock: Clock; closing: AbortSignal | null }): Streams {
  // One listener for all, and not one for each.
  const open = new Set<() => void>();
  closing?.addEventListener("abort", () => open.forEach((end) => end()), { once: true });
  return {
    open<Event>(events: AsyncIterableIterator<Event>, expiresAt: Date | null) {
      let last: EndOfStream | null = null;
      let over = false;
      const end = () => void events.return?.();
      const cancel = expiresAt
        ? atMoment(clock, expiresAt, () => {
            last = new EndOfStream(expired());
            end();
          })
        : () => {};
      const release = () => {
        over = true;
        cancel();
        open.delete(end);
      };
      open.add(end);
      if (closing?.aborted) end();
      const done = { done: true as const, value: undefined };
      return {
        async next() {
          if (over) return done;
          const result = await events.next().catch((error: unknown) => {
            last = new EndOfStream(error);
            return done;
          });
          if (!result.done) return result;
          release();
          return last ? { done: false as const, value: last } : done;
        },
        async return() {
          release();
          await events.return?.();
          return done;
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  };
}
