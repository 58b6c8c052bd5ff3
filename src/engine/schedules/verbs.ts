// Schedules as the library offers them.
import { type PageArguments } from "../../store/paging.ts";
import { pageSchedules, readSchedules, type ScheduleFilter } from "../../store/reads/schedules.ts";
import { isId } from "../../base/ids.ts";
import type { StoredSchedule } from "../../store/schedules.ts";
import { createSchedules, type Scheduling } from "./create.ts";
import { deleteSchedules, pauseSchedules, resumeSchedules, updateSchedules } from "./update.ts";

/** A schedule by its id; `null` when there is none. */
export const findSchedule = async ({ database }: Scheduling, id: string): Promise<StoredSchedule | null> =>
  isId(id) ? ((await readSchedules(database.db, [id])).get(id.toLowerCase()) ?? null) : null;

/** One page of the schedules, newest first, of one recipient, workflow or status when given. */
export const listSchedules = ({ database }: Scheduling, filter: ScheduleFilter = {}, args: PageArguments = {}) =>
  pageSchedules(database.db, filter, args);

/**
 * The verbs about schedules, on one system. Those that change something answer `{ ok: true, … }` or
 * `{ ok: false, error }`, and take `{ tx }` last to be part of a transaction.
 */
export function scheduleVerbs(context: Scheduling) {
  const on =
    <Rest extends unknown[], Answer>(verb: (context: Scheduling, ...rest: Rest) => Answer) =>
    (...rest: Rest): Answer =>
      verb(context, ...rest);
  return {
    create: on(createSchedules),
    update: on(updateSchedules),
    pause: on(pauseSchedules),
    resume: on(resumeSchedules),
    delete: on(deleteSchedules),
    find: on(findSchedule),
    list: on(listSchedules),
  };
}

/** See `scheduleVerbs`. */
export type ScheduleVerbs = ReturnType<typeof scheduleVerbs>;
