// Which moments of a schedule count when it is looked at: usually the one that is due, after a downtime several.
import type { MissedPolicy } from "../../store/schema/schedules.ts";
import { lastMoment, type Moments } from "../time/recurrence.ts";

/** A moment so old is still on time: it was not missed, a process was only slow. Milliseconds. */
export const ON_TIME = 5 * 60_000;

/** A schedule that is due. */
export interface Due {
  moments: Moments;
  /** The moment that is due. */
  dueAt: Date;
  now: Date;
  onMissed: MissedPolicy;
  /** Moments at most; the rest stays due. */
  most: number;
}

/** The moments that become notifications, in order, and the next one; `null` at the end. */
export interface Passed {
  passed: Date[];
  next: Date | null;
}

function each(first: Date | null, { moments, now, most }: Due): Passed {
  const passed: Date[] = [];
  let next = first;
  while (next && next <= now && passed.length < most) {
    passed.push(next);
    next = moments.next(next);
  }
  return { passed, next };
}

/**
 * The moments that count. `all`: each, in order. `last`: of several the last one. `skip`: those that are at most five
 * minutes old.
 */
export function passedMoments(due: Due): Passed {
  const { moments, dueAt, now, onMissed } = due;
  if (onMissed === "all") return each(dueAt, due);
  if (onMissed === "skip") {
    const oldest = new Date(now.getTime() - ON_TIME);
    return each(dueAt >= oldest ? dueAt : moments.next(new Date(oldest.getTime() - 1)), due);
  }
  const last = lastMoment(moments, { from: new Date(dueAt.getTime() + 1), until: now }) ?? dueAt;
  return { passed: [last], next: moments.next(last) };
}
