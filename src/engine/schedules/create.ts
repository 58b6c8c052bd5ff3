import { KnockError } from "../../base/errors.ts";
import type { JsonObject } from "../../base/canonical-json.ts";
import { newId } from "../../base/ids.ts";
import type { Executor } from "../../store/executor.ts";
import { insertSchedules, type KnownZones, type StoredSchedule } from "../../store/schedules.ts";
import type { Warning } from "../../store/schema/notifications.ts";
import { upsertUsers } from "../../store/users.ts";
import { inOneTransaction, type InTransaction, invalid, type Outcome } from "../directory/directory.ts";
import type { EngineContext } from "../engine.ts";
import { acceptanceOf, refusal, warningsOf } from "../notify/accept.ts";
import { prepare, type Prepared } from "../notify/prepare.ts";
import type { NotifyCall, Refused, UserInput } from "../notify-call.ts";
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
  recipients?: readonly (string | UserInput)[] | undefined;
  /** All lists together have one schedule. */
  lists?: readonly string[] | undefined;
  actor?: string | UserInput | null | undefined;
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

/** The zones that are stored, and those that the call itself is about to store. */
async function knownZones(db: Executor, targets: readonly Target[], call: Prepared & Pick<Timing, "timezone">) {
  const asked = targets.map(({ recipientId }) => ({ recipientId, tenantId: call.tenantId, timezone: call.timezone }));
  const { users, tenants } = await zonesFor(db, asked);
  const inline = call.users.flatMap(({ id, timezone }) => (timezone == null ? [] : [[id, timezone] as const]));
  return { users: new Map([...users, ...inline]), tenants } satisfies KnownZones;
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

async function store(context: Scheduling, db: Executor, { call, data, timing, named }: NewSchedules): Promise<Created> {
  const found = await acceptanceOf(db, [call]);
  const error = refusal(call, found);
  if (error) return { ok: false, error };
  const now = context.clock.now();
  const targets = targetsOf(call);
  const known = await knownZones(db, targets, { ...call, timezone: timing.timezone });
  const schedules = targets.map((target): StoredSchedule => {
    const zoned = { ...target, tenantId: call.tenantId, timezone: timing.timezone };
    const zone = zoneOfSchedule(zoned, known, context.timezone);
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
  if (schedules.some(({ nextAt }) => nextAt === null)) return noMoment();
  if (call.users.length > 0) await upsertUsers(db, call.users, now);
  await insertSchedules(db, schedules);
  return { ok: true, schedules, warnings: warningsOf(call, found) };
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
  const now = context.clock.now();
  const timed = timingOf(input, now);
  if ("issues" in timed) return invalid("The schedule", timed.issues);
  const call = await prepare(callOf(input), context);
  if (!call.ok) return call;
  const count = targetsOf(call).length;
  if (count > MAX_SCHEDULES_PER_CALL) {
    const message = `There are ${count} schedules to make; one call makes at most ${MAX_SCHEDULES_PER_CALL}.`;
    return invalid("The call", [{ path: ["recipients"], message, code: "too_big" }]);
  }
  const refused = dataRefusal(call.workflow, input.data);
  if (refused) return refused;
  const named = (input.at ?? input.startsAt ?? null) !== null;
  const asked = { call, data: asStored(input.data), timing: timed.timing, named };
  return inOneTransaction(context, options, (db) => store(context, db, asked));
}
