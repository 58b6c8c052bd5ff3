import type { Clock } from "./clock.ts";
import { formatDuration } from "./duration.ts";

/** The time that work has, and what it comes to when that is over. */
export interface Deadline<Result> {
  clock: Clock;
  milliseconds: number;
  late(reason: string): Result;
}

/**
 * Does work that must answer in time. When it does not, the answer is `late`, and the work's signal is aborted. What
 * the work throws in time is thrown.
 *
 * @example await withinTime({ clock, milliseconds: 15_000, late: retry }, (signal) => send(message, signal))
 */
export async function withinTime<Result>(
  { clock, milliseconds, late }: Deadline<Result>,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const over = Promise.withResolvers<Result>();
  const stopWaiting = clock.after(milliseconds, () => {
    // First the verdict, then the abort: the error that the abort causes must not win.
    over.resolve(late(`no answer within ${formatDuration(milliseconds)}`));
    controller.abort();
  });
  try {
    return await Promise.race([over.promise, work(controller.signal)]);
  } finally {
    stopWaiting();
  }
}
