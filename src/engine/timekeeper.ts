// Looks at the clock: what is due goes on. Sleeps until the next thing is due, at most one second, as
// another process may have made something due earlier.
import { pause } from "../base/clock.ts";
import { nextDue } from "../store/runs.ts";
import type { Internals } from "./context.ts";
import { retryDue } from "./deliver.ts";
import { resumeDue } from "./resume.ts";

const LONGEST_PAUSE = 1_000;
// What is due of the other kind is none of this loop's business: without a pause it would ask without end.
const SHORTEST_PAUSE = 50;
const PAUSE_AFTER_ERROR = 1_000;

/** Does everything that is due now. Answers how much there was. */
export async function sweep(internals: Internals): Promise<number> {
  return (await resumeDue(internals)) + (await retryDue(internals));
}

async function untilNext({ database, clock }: Internals): Promise<number> {
  const next = await nextDue(database.db);
  const milliseconds = next === null ? LONGEST_PAUSE : next.getTime() - clock.now().getTime();
  return Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, milliseconds));
}

async function keep(internals: Internals, signal: AbortSignal, work: typeof resumeDue): Promise<void> {
  while (!signal.aborted) {
    let milliseconds = 0;
    try {
      if ((await work(internals)) === 0) milliseconds = await untilNext(internals);
    } catch (error) {
      internals.logger.error("the timekeeper could not sweep and tries again", { error });
      milliseconds = PAUSE_AFTER_ERROR;
    }
    if (milliseconds > 0) await pause(internals.clock, milliseconds, signal);
  }
}

/**
 * Sweeps until aborted. Errors are logged and tried again: a database may go away and come back. Runs
 * and retries each at their own pace, as a provider that hangs must not keep runs waiting.
 */
export async function keepTime(internals: Internals, signal: AbortSignal): Promise<void> {
  await Promise.all([keep(internals, signal, resumeDue), keep(internals, signal, retryDue)]);
}
