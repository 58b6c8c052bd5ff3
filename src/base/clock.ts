// The only file that may read the machine's time or set a timer. Everything else is given a clock,
// so tests travel through days in milliseconds.

/** A source of time and timers. */
export interface Clock {
  /** The present instant. */
  now(): Date;
  /** Runs `callback` once after `milliseconds`; call the result to cancel. Never keeps the process alive. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    // In a browser a timer is a number, and keeps nothing alive.
    if (typeof timer === "object") timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `milliseconds` on the given clock, or at once when `signal` is aborted. */
export function pause(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.after(milliseconds, finish);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/** Milliseconds of monotonic time, for measuring how long something took. */
export const stopwatch = (): (() => number) => {
  const started = performance.now();
  return () => performance.now() - started;
};

/** Milliseconds since this process began, for telling how long a start took. */
export const processAge = (): number => performance.now();

/** Resolves in the next turn of the event loop, after the requests and timers that are waiting. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
