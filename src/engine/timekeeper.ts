// Looks at the clock: what is due goes on. Each kind has a loop of its own, as a provider that hangs must
// not keep runs waiting. A loop sleeps until the next thing of its kind is due, or this process makes something due
// at once (the bell), at most one second, as another process may have done so.
import { pause } from "../base/clock.ts";
import { earliestDue, nextDueMessage, nextDueRun, nextDueSchedule } from "../store/due.ts";
import type { Executor } from "../store/executor.ts";
import type { Internals } from "./context.ts";
import { retryDue } from "./deliver.ts";
import { resumeDue } from "./resume.ts";
import { runDueSchedules } from "./schedules/run-due.ts";

const LONGEST_PAUSE = 1_000;
// What is due may be held by another process for a moment: without a pause this one would ask without end.
const SHORTEST_PAUSE = 50;
const PAUSE_AFTER_ERROR = 1_000;

/** When so much was due at once there is more: passages then share processor and database between them. */
const MUCH = 250;
const SIDE_BY_SIDE = 3;

/** One kind of thing that becomes due. */
interface Due {
  /** Does what is due now, at most one passage of it. Answers how much there was. */
  work(internals: Internals): Promise<number>;
  /** When the next is due, but for those of workflows that are left to others. */
  next(db: Executor, left: readonly string[]): Promise<Date | null>;
}

const kinds: readonly Due[] = [
  { work: runDueSchedules, next: nextDueSchedule },
  { work: resumeDue, next: nextDueRun },
  { work: retryDue, next: nextDueMessage },
];

/** Does what is due now, one passage of each kind. Answers how much there was. */
export async function sweep(internals: Internals): Promise<number> {
  let done = 0;
  for (const { work } of kinds) done += await work(internals);
  return done;
}

/** When the next thing of any kind is due that this process does; `null` when nothing waits. */
export const nextDue = ({ database, standing }: Pick<Internals, "database" | "standing">): Promise<Date | null> =>
  earliestDue(database.db, [...standing.left]);

async function untilNext({ database, clock, standing }: Internals, { next }: Due): Promise<number> {
  const at = await next(database.db, [...standing.left]);
  const milliseconds = at === null ? LONGEST_PAUSE : at.getTime() - clock.now().getTime();
  return Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, milliseconds));
}

/** Works while there is much to do. */
async function workOff(internals: Internals, signal: AbortSignal, { work }: Due): Promise<void> {
  while (!signal.aborted && (await work(internals)) >= MUCH);
}

async function keep(internals: Internals, signal: AbortSignal, due: Due): Promise<void> {
  while (!signal.aborted) {
    let milliseconds = 0;
    // What rings while this looks has to be looked at once more.
    const rung = internals.bell.next();
    try {
      const done = await due.work(internals);
      if (done === 0) milliseconds = await untilNext(internals, due);
      if (done >= MUCH) await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => workOff(internals, signal, due)));
    } catch (error) {
      internals.logger.error("the timekeeper could not sweep and tries again", { error });
      milliseconds = PAUSE_AFTER_ERROR;
    }
    if (milliseconds > 0) await pause(internals.clock, milliseconds, AbortSignal.any([signal, rung]));
  }
}

/** Sweeps until aborted. Errors are logged and tried again: a database may go away and come back. */
export async function keepTime(internals: Internals, signal: AbortSignal): Promise<void> {
  await Promise.all(kinds.map((due) => keep(internals, signal, due)));
}
