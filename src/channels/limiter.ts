import type { Clock } from "../base/clock.ts";
import { durationMs } from "../base/duration.ts";
import type { Provider } from "./provider.ts";

/** Lets a provider's sends through, as many as it bears. */
export interface Limiter {
  /** Runs the task when it is its turn, first come first served; settles as the task does. */
  run<T>(task: () => Promise<T>): Promise<T>;
}

/**
 * A limiter for one provider: at most `concurrency` tasks at the same time, and at most `rate.count`
 * begun within any period of `rate.per`. Tokens come back `per` after they were taken, one by one, so
 * that no burst at the border of two periods doubles the rate.
 */
export function createLimiter({ concurrency, rate }: Pick<Provider, "concurrency" | "rate">, clock: Clock): Limiter {
  const periodMs = rate ? durationMs(rate.per) : 0;
  const waiting: (() => void)[] = [];
  /** When each token that was taken comes back, oldest first. */
  const returns: number[] = [];
  let running = 0;
  let waking = false;

  /** Milliseconds until a token is free. Zero when one is, or none is needed. */
  function untilToken(now: number): number {
    while (returns[0] !== undefined && returns[0] <= now) returns.shift();
    return rate && returns.length >= rate.count ? returns[0]! - now : 0;
  }

  function wakeAfter(milliseconds: number): void {
    if (waking) return;
    waking = true;
    clock.after(milliseconds, () => {
      waking = false;
      letThrough();
    });
  }

  function letThrough(): void {
    while (waiting.length > 0 && running < concurrency) {
      const now = clock.now().getTime();
      const wait = untilToken(now);
      if (wait > 0) return wakeAfter(wait);
      if (rate) returns.push(now + periodMs);
      running += 1;
      waiting.shift()!();
    }
  }

  return {
    async run(task) {
      const turn = Promise.withResolvers<void>();
      waiting.push(turn.resolve);
      letThrough();
      await turn.promise;
      try {
        return await task();
      } finally {
        running -= 1;
        letThrough();
      }
    },
  };
}
