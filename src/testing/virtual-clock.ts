import { setImmediate } from "node:timers/promises";
import type { Clock } from "../base/clock.ts";

/** A clock that moves only when told. */
export interface VirtualClock extends Clock {
  /**
   * Moves on by so many milliseconds. Timers on the way fire in order, each at its own instant, and
   * what they cause comes to rest before the next one. Timers that are set on the way count as well.
   */
  advance(milliseconds: number): Promise<void>;
  /** How many timers are set. */
  pending(): number;
}

interface Timer {
  at: number;
  callback: () => void;
}

/**
 * A clock for tests.
 *
 * @example
 * const clock = virtualClock("2026-01-05T09:00:00Z");
 * await clock.advance(60_000);
 */
export function virtualClock(start: Date | string = "2026-01-05T09:00:00.000Z"): VirtualClock {
  let now = new Date(start).getTime();
  const timers = new Set<Timer>();

  const nextUntil = (end: number) =>
    [...timers]
      .filter(({ at }) => at <= end)
      .reduce<Timer | null>((first, timer) => (first && first.at <= timer.at ? first : timer), null);

  return {
    now: () => new Date(now),
    after(milliseconds, callback) {
      const timer = { at: now + Math.max(0, milliseconds), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      await setImmediate();
      for (let timer = nextUntil(end); timer; timer = nextUntil(end)) {
        timers.delete(timer);
        now = timer.at;
        timer.callback();
        await setImmediate();
      }
      now = end;
    },
    pending: () => timers.size,
  };
}
