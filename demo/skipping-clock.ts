import { type Clock, systemClock } from "../src/base/clock.ts";

/** The machine's clock, which can also be told that time has passed. */
export interface SkippingClock extends Clock {
  /** Moves on by so many milliseconds: what was due meanwhile is due now. */
  skip(milliseconds: number): void;
}

/** A clock for showing in a second what happens in ten minutes. */
export function skippingClock(): SkippingClock {
  let skipped = 0;
  const timers = new Set<{ at: number; fire: () => void }>();
  const now = () => new Date(systemClock.now().getTime() + skipped);

  return {
    now,
    after(milliseconds, callback) {
      const stop = () => {
        timers.delete(timer);
        cancel();
      };
      const fire = () => {
        stop();
        callback();
      };
      const timer = { at: now().getTime() + milliseconds, fire };
      timers.add(timer);
      const cancel = systemClock.after(milliseconds, fire);
      return stop;
    },
    skip(milliseconds) {
      skipped += milliseconds;
      const due = [...timers].filter(({ at }) => at <= now().getTime());
      for (const { fire } of due.toSorted((a, b) => a.at - b.at)) fire();
    },
  };
}
