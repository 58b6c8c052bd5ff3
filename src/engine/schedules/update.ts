import { distinct } from "../../base/arrays.ts";
import { type Issue, KnockError } from "../../base/errors.ts";
import { isId } from "../../base/ids.ts";
import type { Executor } from "../../store/executor.ts";
import {
  changeSchedules,
  deleteSchedules as erase,
  holdSchedules,
  type StoredSchedule,
} from "../../store/schedules.ts";
import { inOneTransaction, type InTransaction, invalid, type Outcome } from "../directory/directory.ts";
import { acceptanceOf, refusal } from "../notify/accept.ts";
import { prepare, type Prepared } from "../notify/prepare.ts";
import type { Refused } from "../notify-call.ts";
import { asStored, dataRefusal, MAX_SCHEDULES_PER_CALL, noMoment, type Scheduling } from "./create.ts";
import { callOf } from "./run-due.ts";
import { firstMoment, standing, type Timing, type TimingInput, timingOf } from "./timing.ts";
import { zoneOfSchedule, zonesFor } from "./zones.ts";

/** What is to change: absent members stay as they are, `null` empties. Workflow and recipients stay. */
export interface SchedulePatch extends TimingInput {
  /** Replaces the data. */
  data?: unknown;
  actor?: string | null | undefined;
  tenant?: string | null | undefined;
  /** Paused schedules have no moments; those that pass meanwhile are not made up for. */
  status?: "active" | "paused" | undefined;
}

type Updated = Outcome<{ schedules: StoredSchedule[] }>;

const notFound = (id: string): Refused => ({
  ok: false,
  error: new KnockError("NOT_FOUND", { what: "schedule", id }),
});

/** The timing that a schedule has after a patch, as a caller would say it. */
function patchedTiming(schedule: StoredSchedule, patch: SchedulePatch): TimingInput {
  const { timezone = schedule.timezone, onMissed = schedule.onMissed } = patch;
  const once =
    patch.recurrence === undefined ? patch.at != null || schedule.recurrence === null : patch.recurrence === null;
  if (once) {
    const at = patch.at ?? (schedule.recurrence === null ? schedule.startsAt : null);
    const { recurrence, startsAt, endsAt } = patch;
    return { at, recurrence, startsAt, endsAt, timezone, onMissed };
  }
  const { recurrence = schedule.recurrence, startsAt = schedule.startsAt, endsAt = schedule.endsAt } = patch;
  return { at: patch.at, recurrence, startsAt, endsAt, timezone, onMissed };
}

const retimed = ({ at, recurrence, startsAt, endsAt, timezone }: SchedulePatch) =>
  [at, recurrence, startsAt, endsAt, timezone].some((member) => member !== undefined);

function patchIssues({ status }: SchedulePatch, ids: readonly string[]): Issue[] {
  const issues: Issue[] = [];
  if (ids.length > MAX_SCHEDULES_PER_CALL) {
    const message = `There are ${ids.length} ids; one call carries at most ${MAX_SCHEDULES_PER_CALL}.`;
    issues.push({ path: ["ids"], message, code: "too_big" });
  }
  if (status !== undefined && status !== "active" && status !== "paused") {
    issues.push({ path: ["status"], message: "status is active or paused.", code: "invalid_value" });
  }
  return issues;
}

interface Patching {
  patch: SchedulePatch;
  now: Date;
  zone: string;
}

/** Status and next moment after a patch, or the refusal of a new timing that never comes. */
function stand(schedule: StoredSchedule, timing: Timing, { patch, now, zone }: Patching) {
  const status = patch.status ?? (schedule.status === "paused" ? "paused" : "active");
  if (status === "paused") return { status, nextAt: null } as const;
  if (!retimed(patch) && schedule.status !== "paused") return null;
  const named = (patch.at ?? patch.startsAt ?? null) !== null;
  const after = standing(firstMoment(timing, { zone, now, named, lastAt: schedule.lastAt }));
  return after.nextAt === null && retimed(patch) ? noMoment() : after;
}

function patched(schedule: StoredSchedule, patching: Patching): { ok: true; schedule: StoredSchedule } | Refused {
  const { patch, now } = patching;
  const { recurrence, startsAt, endsAt, timezone, onMissed } = schedule;
  let timing: Timing = { recurrence, startsAt, endsAt, timezone, onMissed };
  if (retimed(patch) || patch.onMissed !== undefined) {
    const timed = timingOf(patchedTiming(schedule, patch), now);
    if ("issues" in timed) return invalid("The schedule", timed.issues);
    timing = timed.timing;
  }
  const stands = stand(schedule, timing, patching);
  if (stands && "ok" in stands) return stands;
  return { ok: true, schedule: { ...schedule, ...timing, ...stands, updatedAt: now } };
}

/** The schedules with what of the call changes, or the refusal that notify would give. */
async function recalled(
  context: Scheduling,
  db: Executor,
  { schedules, patch }: { schedules: readonly StoredSchedule[]; patch: SchedulePatch },
): Promise<Updated> {
  const { data, actor, tenant } = patch;
  if (data === undefined && actor === undefined && tenant === undefined) return { ok: true, schedules: [...schedules] };
  const changed = schedules.map((schedule) => ({
    ...schedule,
    ...(data === undefined ? {} : { data: data as StoredSchedule["data"] }),
    ...(actor === undefined ? {} : { actorId: actor }),
    ...(tenant === undefined ? {} : { tenantId: tenant }),
  }));
  const calls: Prepared[] = [];
  for (const schedule of changed) {
    const call = await prepare(callOf(schedule), context);
    const refused = call.ok ? dataRefusal(schedule.workflow, schedule.data) : call;
    if (refused) return refused;
    if (call.ok) calls.push(call);
  }
  const found = await acceptanceOf(db, calls);
  const error = calls.map((call) => refusal(call, found)).find((each) => each !== null);
  if (error) return { ok: false, error };
  return { ok: true, schedules: changed.map((schedule) => ({ ...schedule, data: asStored(schedule.data) })) };
}

async function change(
  context: Scheduling,
  db: Executor,
  { ids, patch }: { ids: readonly string[]; patch: SchedulePatch },
): Promise<Updated> {
  const held = new Map((await holdSchedules(db, ids)).map((schedule) => [schedule.id, schedule]));
  const missing = ids.find((id) => !held.has(id));
  if (missing !== undefined) return notFound(missing);
  const called = await recalled(context, db, { schedules: ids.map((id) => held.get(id)!), patch });
  if (!called.ok) return called;
  const zoned = called.schedules.map((schedule) => ({
    ...schedule,
    timezone: patch.timezone === undefined ? schedule.timezone : patch.timezone,
  }));
  const known = await zonesFor(db, zoned);
  const changed: StoredSchedule[] = [];
  for (const [index, schedule] of called.schedules.entries()) {
    const zone = zoneOfSchedule(zoned[index]!, known, context.timezone);
    const result = patched(schedule, { patch, now: context.clock.now(), zone });
    if (!result.ok) return result;
    changed.push(result.schedule);
  }
  await changeSchedules(db, changed);
  return { ok: true, schedules: changed };
}

/**
 * Changes schedules, at most 1,000: all or none. A new timing begins now; other changes leave the next moment as it is.
 * Errors: `NOT_FOUND` for an id without a schedule, and those of `createSchedules`.
 *
 * @example await updateSchedules(context, [id], { recurrence: "0 8 * * MON", data: { project: "apollo" } })
 */
export async function updateSchedules(
  context: Scheduling,
  ids: readonly string[],
  patch: SchedulePatch,
  options: InTransaction = {},
): Promise<Updated> {
  const issues = patchIssues(patch, ids);
  if (issues.length > 0) return invalid("The call", issues);
  const malformed = ids.find((id) => !isId(id));
  if (malformed !== undefined) return notFound(malformed);
  const asked = { ids: distinct(ids.map((id) => id.toLowerCase())), patch };
  return inOneTransaction(context, options, (db) => change(context, db, asked));
}

/** Keeps schedules from having moments. Errors: `NOT_FOUND`. */
export const pauseSchedules = (
  context: Scheduling,
  ids: readonly string[],
  options?: InTransaction,
): Promise<Updated> => updateSchedules(context, ids, { status: "paused" }, options);

/** Lets paused schedules go on with the next moment ahead; one that has none is ended. Errors: `NOT_FOUND`. */
export const resumeSchedules = (
  context: Scheduling,
  ids: readonly string[],
  options?: InTransaction,
): Promise<Updated> => updateSchedules(context, ids, { status: "active" }, options);

/** Deletes schedules, at most 1,000; what they have sent stays. Answers the ids of those that there were. */
export async function deleteSchedules(
  context: Scheduling,
  ids: readonly string[],
  options: InTransaction = {},
): Promise<Outcome<{ deleted: string[] }>> {
  const issues = patchIssues({}, ids);
  if (issues.length > 0) return invalid("The call", issues);
  const known = distinct(ids).filter(isId);
  return { ok: true, deleted: await inOneTransaction(context, options, (db) => erase(db, known)) };
}
