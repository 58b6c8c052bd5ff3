// Schedules as clients write them.
import { z } from "zod";
import type { Issue } from "../../base/errors.ts";
import type { ScheduleInput } from "../../engine/schedules/create.ts";
import type { TimingInput } from "../../engine/schedules/timing.ts";
import type { SchedulePatch } from "../../engine/schedules/update.ts";
import type { StoredSchedule } from "../../store/schedules.ts";
import { invalidParam } from "./errors.ts";
import { givenRecipient, type GivenRecipient, recipientIdOf, recipientRequest } from "./recipient-input.ts";
import { recurrenceOf, repeatRequest } from "./repeats.ts";
import type { RestContext } from "./route.ts";
import { tenantRequest } from "./shapes/tenant.ts";
import { givenTenant, type GivenTenant } from "./tenants.ts";

type Path = Issue["path"];

const timestamp = z.iso.datetime({ offset: true, local: true });

const timing = {
  repeats: z.array(repeatRequest).nullish(),
  scheduled_at: timestamp.nullish(),
  ending_at: timestamp.nullish(),
};

/** The parts of a schedule in a request. */
export const scheduleFields = {
  ...timing,
  actor: recipientRequest.nullish(),
  data: z.record(z.string(), z.unknown()).nullish(),
  tenant: tenantRequest.nullish(),
};

type Timing = z.output<z.ZodObject<typeof timing>>;
type Call = z.output<z.ZodObject<typeof scheduleFields>>;

/** A timestamp without a zone is one of UTC. */
const instantOf = (text: string | null | undefined): string | undefined => {
  if (text == null) return undefined;
  return /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`;
};

/** One rule: several of them are several schedules. */
function ruleIn({ repeats }: Timing, path: Path): string | null {
  if ((repeats?.length ?? 0) > 1) {
    throw invalidParam([...path, "repeats"], "A schedule has one repeat rule: make a schedule for each.", "too_big");
  }
  return repeats?.[0] ? recurrenceOf(repeats[0]) : null;
}

function timingIn(given: Timing, path: Path): TimingInput {
  const recurrence = ruleIn(given, path);
  const [start, end] = [instantOf(given.scheduled_at), instantOf(given.ending_at)];
  if (recurrence === null) {
    if (start === undefined) throw invalidParam([...path, "repeats"], "Give `repeats` or `scheduled_at`.", "required");
    return { at: start };
  }
  return { recurrence, ...(start && { startsAt: start }), ...(end && { endsAt: end }) };
}

/** A schedule of a request, with what has to be stored before. */
export interface GivenSchedule {
  input: ScheduleInput;
  recipients: GivenRecipient[];
  tenants: GivenTenant[];
}

function tenantIn(context: RestContext, tenant: Call["tenant"], path: Path) {
  if (tenant == null) return { id: null, tenants: [] };
  if (typeof tenant === "string") return { id: tenant, tenants: [] };
  return { id: tenant.id, tenants: [givenTenant(context, tenant.id, { body: tenant, path: [...path, "tenant"] })] };
}

type Wanted = Call & { workflow: string; recipients: readonly z.output<typeof recipientRequest>[] };

/** A schedule of a request. Refuses with 422. */
export function givenSchedule(context: RestContext, wanted: Wanted, path: Path): GivenSchedule {
  const { workflow, actor, data } = wanted;
  const recipients = wanted.recipients.map((one, index) =>
    givenRecipient(context, one, [...path, "recipients", index]),
  );
  const actors = actor == null ? [] : [givenRecipient(context, actor, [...path, "actor"])];
  const { id: tenant, tenants } = tenantIn(context, wanted.tenant, path);
  const input: ScheduleInput = {
    ...timingIn(wanted, path),
    workflow,
    recipients: recipients.map(({ recipient }) => recipient),
    actor: actors[0]?.recipient ?? null,
    tenant,
    data: data ?? {},
  };
  return { input, recipients: [...recipients, ...actors], tenants };
}

/** What a request changes of schedules. Refuses with 422. */
export function patchOf(given: Call, context: RestContext): { patch: SchedulePatch; tenants: GivenTenant[] } {
  const { actor, data, repeats, scheduled_at: start, ending_at: end } = given;
  const { id: tenant, tenants } = tenantIn(context, given.tenant, []);
  const recurrence = ruleIn(given, []);
  const at = instantOf(start);
  const endsAt = end === undefined ? {} : { endsAt: instantOf(end) ?? null };
  const timed =
    recurrence !== null
      ? { recurrence, ...(at && { startsAt: at }), ...endsAt }
      : repeats == null
        ? { ...endsAt, ...(at && { startsAt: at }) }
        : { recurrence: null, ...(at && { at }) };
  const patch: SchedulePatch = {
    ...timed,
    ...(data === undefined ? {} : { data: data ?? {} }),
    ...(actor === undefined ? {} : { actor: actor === null ? null : recipientIdOf(actor) }),
    ...(given.tenant === undefined ? {} : { tenant }),
  };
  return { patch, tenants };
}

/** A new moment of schedules that have but one is no start of a recurrence. */
export function withMoment(patch: SchedulePatch, schedules: readonly StoredSchedule[]): SchedulePatch {
  const { startsAt, ...others } = patch;
  const once = patch.recurrence === undefined && schedules.every(({ recurrence }) => recurrence === null);
  return startsAt !== undefined && once ? { ...others, at: startsAt } : patch;
}
