import { slicesOf } from "../../base/arrays.ts";
import { KnockError } from "../../base/errors.ts";
import type { JsonObject } from "../../base/canonical-json.ts";
import { newId } from "../../base/ids.ts";
import type { Executor } from "../../store/executor.ts";
import { insertSchedules, type KnownZones, type StoredSchedule } from "../../store/schedules.ts";
import type { Warning } from "../../store/schema/notifications.ts";
import { MAX_USERS_PER_CALL, upsertUsers } from "../../store/users.ts";
import { inOneTransaction, type InTransaction, invalid, type Outcome } from "../directory/directory.ts";
import type { EngineContext } from "../engine.ts";
import { acceptanceOf, refusal, warningsOf } from "../notify/accept.ts";
import { prepare, type Prepared } from "../notify/prepare.ts";
import type { NotifyCall, ObjectInput, Refused, UserInput } from "../notify-call.ts";
import { firstMoment, type Timing, type TimingInput, timingOf } from "./timing.ts";
import { zoneOfSchedule, zonesFor } from "./zones.ts";

/** Schedules of one call at most. */
export const MAX_SCHEDULES_PER_CALL = 1_000;

/** Characters of JSON that each of them keeps at most: a pass and a call hold up to a thousand schedules. */
const DATA_LENGTH = 20_000;

/** What to send to whom, and when: a notify call for each moment. */
export interface ScheduleInput extends TimingInput {
  /** Key of the workflow. */
  workflow: string;
  /** Ids, or users to create or merge first. Each has a schedule of its own. */
  recipients?: readonly (string | UserInput | ObjectInput)[] | undefined;
  /** All lists together have one schedule. */
  lists?: readonly string[] | undefined;
  actor?: string | UserInput | ObjectInput | null | undefined;
  tenant?: string | null | undefined;
  /** Checked by the workflow's schema now, and again at each moment. */
  data?: unknown;
}

/** What of the engine the verbs work with. */
export type Scheduling = Pick<EngineContext, "database" | "clock" | "registry" | "onInvalidData" | "timezone">;

/** Why data is refused that the schema itself would take. */
export function dataRefusal(workflow: string, data: unknown): Refused | null {
  if (JSON.stringify(data ?? {}).length <= DATA_LENGTH) return null;
  const message = `The data of a schedule has at most ${DATA_LENGTH} characters of JSON.`;
  const issues = [{ path: ["data"], message, code: "too_big" }];
  return { ok: false, error: new KnockError("INVALID_DATA", { workflow, issues }) };
}

const callOf = ({ workflow, recipients, lists, actor, tenant, data }: ScheduleInput): NotifyCall => ({
  workflow,
  data,
  actor: actor ?? null,
  tenant: tenant ?? null,
  recipients: recipients ?? [],
  lists: lists ?? [],
});

/** Data as the database gives it back. */
export const asStored = (data: unknown): JsonObject => JSON.parse(JSON.stringify(data ?? {})) as JsonObject;

type Target = Pick<StoredSchedule, "recipientId" | "lists">;

const targetsOf = ({ recipients, lists }: Prepared): Target[] => [
  ...recipients.map((recipientId) => ({ recipientId, lists: [] })),
  ...(lists.length > 0 ? [{ recipientId: null, lists }] : []),
];

/** The zones that are stored, and those that the calls themselves are about to store. */
async function knownZones(db: Executor, news: readonly NewSchedules[]): Promise<KnownZones> {
  const asked = news.flatMap(({ call, timing: { timezone } }) =>
    targetsOf(call).map(({ recipientId }) => ({ recipientId, tenantId: call.tenantId, timezone })),
  );
  const { users, tenants } = await zonesFor(db, asked);
  const inline = news.flatMap(({ call }) =>
    call.users.flatMap(({ id, timezone }) => (timezone == null ? [] : [[id, timezone] as const])),
  );
  return { users: new Map([...users, ...inline]), tenants };
}

/** The refusal of a timing that never comes. */
export const noMoment = (): Refused =>
  invalid("The schedule", [
    { path: ["recurrence"], message: "The recurrence has no moment ahead, before its end.", code: "invalid_value" },
  ]);

interface NewSchedules {
  call: Prepared;
  data: JsonObject;
  timing: Timing;
  /** The caller named the moment or the start. */
  named: boolean;
}

type Created = Outcome<{ schedules: StoredSchedule[]; warnings: Warning[] }>;

/** The schedules of a call, or the refusal of a timing that has no moment ahead. */
function schedulesOf(
  { call, data, timing, named }: NewSchedules,
  { known, timezone, now }: { known: KnownZones; timezone: string; now: Date },
): StoredSchedule[] | Refused {
  const schedules = targetsOf(call).map((target): StoredSchedule => {
    const zone = zoneOfSchedule({ ...target, tenantId: call.tenantId, timezone: timing.timezone }, known, timezone);
    return {
      ...target,
      ...timing,
      id: newId(now),
      workflow: call.workflow,
      status: "active",
      actorId: call.actorId,
      tenantId: call.tenantId,
      data,
      nextAt: firstMoment(timing, { zone, now, named, lastAt: null }),
      lastAt: null,
      count: 0,
      problem: null,
      createdAt: now,
      updatedAt: now,
    };
  });
  return schedules.some(({ nextAt }) => nextAt === null) ? noMoment() : schedules;
}

/** Stores what can be stored, with a few statements for all of it. One answer each, in order. */
async function store(context: Scheduling, db: Executor, news: readonly NewSchedules[]): Promise<Created[]> {
  const found = await acceptanceOf(
    db,
    news.map(({ call }) => call),
  );
  const now = context.clock.now();
  const known = await knownZones(db, news);
  const made = news.map((one): StoredSchedule[] | Refused => {
    const error = refusal(one.call, found);
    return error ? { ok: false, error } : schedulesOf(one, { known, timezone: context.timezone, now });
  });
  const users = news.flatMap(({ call }, index) => (Array.isArray(made[index]) ? call.users : []));
  for (const slice of slicesOf(users, MAX_USERS_PER_CALL)) await upsertUsers(db, slice, now);
  const schedules = made.flatMap((one) => (Array.isArray(one) ? one : []));
  if (schedules.length > 0) await insertSchedules(db, schedules);
  return made.map((one, index): Created => {
    if (!Array.isArray(one)) return one;
    return { ok: true, schedules: one, warnings: warningsOf(news[index]!.call, found) };
  });
}

const tooMany = (count: number): Refused =>
  invalid("The call", [
    {
      path: ["recipients"],
      message: `There are ${count} schedules to make; one call makes at most ${MAX_SCHEDULES_PER_CALL}.`,
      code: "too_big",
    },
  ]);

/** What is to be stored, or what can be said against it without the database. */
async function checked(context: Scheduling, input: ScheduleInput): Promise<NewSchedules | Refused> {
  const timed = timingOf(input, context.clock.now());
  if ("issues" in timed) return invalid("The schedule", timed.issues);
  const call = await prepare(callOf(input), context);
  if (!call.ok) return call;
  const count = targetsOf(call).length;
  if (count > MAX_SCHEDULES_PER_CALL) return tooMany(count);
  const refused = dataRefusal(call.workflow, input.data);
  if (refused) return refused;
  const named = (input.at ?? input.startsAt ?? null) !== null;
  return { call, data: asStored(input.data), timing: timed.timing, named };
}

/**
 * Creates one schedule per recipient, and one for all lists together; at most 1,000. All or none are stored. The call
 * is checked as a notify call would be. Errors: `INVALID_INPUT`, `INVALID_DATA`, `RECIPIENTS_REQUIRED`,
 * `UNKNOWN_WORKFLOW`, `WORKFLOW_INACTIVE`, `UNKNOWN_ACTOR`.
 *
 * @example await createSchedules(context, { workflow: "digest", recipients: ["ada"], recurrence: "0 9 * * MON" })
 */
export async function createSchedules(
  context: Scheduling,
  input: ScheduleInput,
  options: InTransaction = {},
): Promise<Created> {
  const asked = await checked(context, input);
  if ("ok" in asked) return asked;
  return inOneTransaction(context, options, async (db) => (await store(context, db, [asked]))[0]!);
}

/** Creates the schedules of several calls, each for itself: one answer each, in order. At most 1,000 in all. */
export async function createEachSchedule(
  context: Scheduling,
  inputs: readonly ScheduleInput[],
  options: InTransaction = {},
): Promise<Created[]> {
  const asked = await Promise.all(inputs.map((input) => checked(context, input)));
  const fit = asked.filter((one): one is NewSchedules => !("ok" in one));
  const count = fit.reduce((sum, { call }) => sum + targetsOf(call).length, 0);
  if (count > MAX_SCHEDULES_PER_CALL) return inputs.map(() => tooMany(count));
  const created = await inOneTransaction(context, options, (db) => store(context, db, fit));
  const byCall = new Map(fit.map((one, index) => [one, created[index]!]));
  return asked.map((one) => ("ok" in one ? one : byCall.get(one)!));
}
