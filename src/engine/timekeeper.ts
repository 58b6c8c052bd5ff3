// Looks at the clock: what is due goes on. Sleeps until the next thing is due, at most one second, as
// another process may have made something due earlier.
import { pause } from "../base/clock.ts";
import { nextDue } from "../store/runs.ts";
import type { Internals } from "./context.ts";
import { retryDue } from "./deliver.ts";
import { resumeDue } from "./resume.ts";

const LONGEST_PAUSE = 1_000;
const PAUSE_AFTER_ERROR = 1_000;

/** Does everything that is due now. Answers how much there was. */
export async function sweep(internals: Internals): Promise<number> {
  return (await resumeDue(internals)) + (await retryDue(internals));
}

async function untilNext({ database, clock }: Internals): Promise<number> {
  const next = await nextDue(database.db);
  return next === null ? LONGEST_PAUSE : Math.min(LONGEST_PAUSE, Math.max(10, next.getTime() - clock.now().getTime()));
}

/** Sweeps until aborted. Errors are logged and tried again: a database may go away and come back. */
export async function keepTime(internals: Internals, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let milliseconds = 0;
    try {
      if ((await sweep(internals)) === 0) milliseconds = await untilNext(internals);
    } catch (error) {
      internals.logger.error("the timekeeper could not sweep and tries again", { error });
      milliseconds = PAUSE_AFTER_ERROR;
    }
    if (milliseconds > 0) await pause(internals.clock, milliseconds, signal);
  }
}
