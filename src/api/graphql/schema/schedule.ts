import { createSchedules, type ScheduleInput } from "../../../engine/schedules/create.ts";
import { deleteSchedules, type SchedulePatch, updateSchedules } from "../../../engine/schedules/update.ts";
import { pageSchedules } from "../../../store/reads/schedules.ts";
import { isId } from "../../../base/ids.ts";
import type { StoredSchedule } from "../../../store/schedules.ts";
import type { Warning } from "../../../store/schema/notifications.ts";
import { connection } from "../connection.ts";
import { present } from "../present.ts";
import type { WorkflowInput } from "../zod-input/workflow-inputs.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";
import { chosenWorkflow, type WorkflowChoice } from "./workflow-choice.ts";

type FieldBuilder = Parameters<Parameters<Kit["builder"]["inputType"]>[1]["fields"]>[0];

const timing = {
  at: "The only moment. Either this or `recurrence`.",
  recurrence: 'Five cron fields, `"0 9 * * MON-FRI"`, or `RRULE:…` of RFC 5545 without `DTSTART`.',
  startsAt:
    "No moment of a recurrence is earlier; rules take from it what they do not say, such as the time of day. Default: now.",
  endsAt: "No moment of a recurrence is later. Default: no end but the rule's own.",
  timezone:
    "IANA zone of the recurrence. Default: the recipient's, at each moment anew, else the tenant's or the configured one.",
  onMissed: "What becomes of moments that passed while no process ran. Default: LAST.",
} as const;

const timingFields = ({ enums }: Kit, t: FieldBuilder) => ({
  at: t.field({ type: "DateTime", description: timing.at }),
  recurrence: t.string({ description: timing.recurrence }),
  startsAt: t.field({ type: "DateTime", description: timing.startsAt }),
  endsAt: t.field({ type: "DateTime", description: timing.endsAt }),
  timezone: t.string({ description: timing.timezone }),
  onMissed: t.field({ type: enums.missedPolicy, description: timing.onMissed }),
});

/** What every call may bring beside the workflow and its data. */
const callFields = (kit: Kit, t: FieldBuilder) => ({
  recipients: t.idList({ description: "Ids of users. Each has a schedule of its own." }),
  lists: t.stringList({ description: "Names of lists, which together have one schedule." }),
  actor: t.id({ description: "Id of the user who did the thing." }),
  tenant: t.id({ description: "Id of the tenant that the notifications belong to." }),
  ...timingFields(kit, t),
});

function addType({ builder, enums }: Kit): void {
  builder.objectType("Schedule", {
    description: "A notify call at one or many moments: for one recipient, or for lists.",
    fields: (t) => ({
      id: t.exposeID("id", { description: "Ids sort by time." }),
      workflow: t.exposeString("workflow", { description: "Key of the workflow." }),
      status: t.expose("status", { type: enums.scheduleStatus, description: "Where it stands." }),
      recipientId: t.exposeID("recipientId", {
        nullable: true,
        description: "Id of the recipient; null for a schedule of lists.",
      }),
      lists: t.exposeStringList("lists", { description: "Names of the lists." }),
      nextAt: t.expose("nextAt", { type: "DateTime", nullable: true, description: "The next moment." }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was created." }),
    }),
  });
  const read = { authScopes: { read: true } };
  const optional = { ...read, nullable: true } as const;
  builder.objectFields("Schedule", (t) => ({
    recipient: t.field({
      ...optional,
      type: "User",
      description: "The recipient, when it is a known user.",
      resolve: ({ recipientId }, _args, { load }) => (recipientId === null ? null : load.user(recipientId)),
    }),
    actorId: t.exposeID("actorId", { ...optional, description: "Id of the actor." }),
    tenantId: t.exposeID("tenantId", { ...optional, description: "Id of the tenant." }),
    data: t.expose("data", { ...read, type: "JSON", description: "As the call gave it." }),
    recurrence: t.exposeString("recurrence", { ...optional, description: "The rule; null for one moment only." }),
    timezone: t.exposeString("timezone", {
      ...optional,
      description: "Zone of the rule; null takes the recipient's, at each moment anew.",
    }),
    startsAt: t.expose("startsAt", {
      ...read,
      type: "DateTime",
      description: "The first moment at the earliest; the moment itself when there is no rule.",
    }),
    endsAt: t.expose("endsAt", { ...optional, type: "DateTime", description: "The last moment at the latest." }),
    onMissed: t.expose("onMissed", {
      ...read,
      type: enums.missedPolicy,
      description: "What becomes of moments that passed while no process ran.",
    }),
    lastAt: t.expose("lastAt", { ...optional, type: "DateTime", description: "The last moment that it has had." }),
    count: t.exposeInt("count", { ...read, description: "How many notifications it has made." }),
    problem: t.exposeString("problem", {
      ...optional,
      description: "Why the last moment made no notification; null when it did.",
    }),
    updatedAt: t.expose("updatedAt", { ...read, type: "DateTime", description: "When it last changed." }),
  }));
}

function addQueries({ builder, enums, page, connections }: Kit): void {
  builder.queryFields((t) => ({
    schedule: t.field({
      type: "Schedule",
      nullable: true,
      description: "A schedule by id.",
      authScopes: { read: true },
      args: { id: t.arg.id({ required: true, description: "Id of the schedule." }) },
      resolve: async (_root, { id }, { load }) => (isId(id) ? load.schedule(id.toLowerCase()) : null),
    }),
    schedules: t.field({
      type: connections.schedules,
      description: "Schedules, newest first. Filters are combined.",
      authScopes: { read: true },
      args: {
        ...page,
        recipient: t.arg.id({ description: "Id of the recipient." }),
        workflow: t.arg.string({ description: "Key of the workflow." }),
        status: t.arg({ type: enums.scheduleStatus, description: "Where they stand." }),
      },
      resolve: async (_root, { recipient, workflow, status, ...args }, { engine }) =>
        connection(
          await pageSchedules(engine.context.database.db, { recipient, workflow, status }, args),
          ({ id }) => id,
        ),
    }),
  }));
}

interface Typed {
  inputs: readonly WorkflowInput[];
  choice: WorkflowChoice | null;
}

/** A call as the engine takes it. Nulls mean "not given". */
const toInput = (given: object): ScheduleInput => present(given, Object.keys(given)) as unknown as ScheduleInput;

function addCreation(kit: Kit, { inputs, choice }: Typed): void {
  const { builder } = kit;
  type Created = { ok: true; schedules: StoredSchedule[]; warnings: Warning[] };
  const created = builder.objectRef<Created>("CreateSchedulesSuccess").implement({
    description: "The schedules are stored.",
    fields: (t) => ({
      schedules: t.expose("schedules", {
        type: ["Schedule"],
        description: "One for each recipient, in order, then the one of the lists.",
      }),
      warnings: t.expose("warnings", {
        type: ["Warning"],
        description: "What the caller should know although the call succeeded.",
      }),
    }),
  });
  const result = resultOf(builder, created, [
    "RECIPIENTS_REQUIRED",
    "INVALID_DATA",
    "INVALID_INPUT",
    "WORKFLOW_INACTIVE",
    "UNKNOWN_WORKFLOW",
    "UNKNOWN_ACTOR",
  ]);
  const description = "Notifies at one moment, or again and again. At most 1,000 schedules; all or none are stored.";
  const authScopes = { notify: true };
  const dynamic = builder.inputType("CreateSchedulesDynamicInput", {
    description: "What to send to whom, and when; the workflow is chosen at run time.",
    fields: (t) => ({
      workflow: t.string({ required: true, description: "Key of the workflow." }),
      data: t.field({
        type: "JSON",
        description: "Data of the workflow, checked by its schema now and at each moment.",
      }),
      ...callFields(kit, t),
    }),
  });
  builder.mutationField("createSchedulesDynamic", (t) =>
    t.field({
      type: result,
      nullable: true,
      description: "As createSchedules, for callers that know the workflow only at run time.",
      authScopes,
      args: { input: t.arg({ type: dynamic, required: true, description: "The call." }) },
      resolve: (_root, args, { engine }) => createSchedules(engine.context, toInput(args.input)),
    }),
  );
  if (!choice) return;
  const chosen = chosenWorkflow(inputs);
  const typed = builder.inputType("CreateSchedulesInput", {
    description: "What to send to whom, and when.",
    fields: (t) => ({
      workflow: t.field({
        type: choice,
        required: true,
        description: "Which workflow, with its data, checked by its schema now and at each moment.",
      }),
      ...callFields(kit, t),
    }),
  });
  builder.mutationField("createSchedules", (t) =>
    t.field({
      type: result,
      nullable: true,
      description,
      authScopes,
      args: { input: t.arg({ type: typed, required: true, description: "The call." }) },
      resolve: (_root, args, { engine }) =>
        createSchedules(engine.context, { ...toInput(args.input), ...chosen(args.input.workflow) }),
    }),
  );
}

function addChanges(kit: Kit): void {
  const { builder, enums } = kit;
  const patch = builder.inputType("UpdateSchedulesInput", {
    description:
      "What is to change. What is left out stays as it is; `null` empties. Workflow and recipients cannot change.",
    fields: (t) => ({
      data: t.field({ type: "JSON", description: "Replaces the data; checked by the workflow's schema." }),
      actor: t.id({ description: "Id of the actor." }),
      tenant: t.id({ description: "Id of the tenant." }),
      status: t.field({ type: enums.scheduleStatus, description: "ACTIVE or PAUSED." }),
      ...timingFields(kit, t),
    }),
  });
  const updated = builder.objectRef<{ ok: true; schedules: StoredSchedule[] }>("UpdateSchedulesSuccess").implement({
    description: "The schedules are changed.",
    fields: (t) => ({ schedules: t.expose("schedules", { type: ["Schedule"], description: "As they are now." }) }),
  });
  const deleted = builder.objectRef<{ ok: true; deleted: string[] }>("DeleteSchedulesSuccess").implement({
    description: "The schedules are gone; what they have sent stays.",
    fields: (t) => ({ ids: t.exposeIDList("deleted", { description: "Ids of those that there were." }) }),
  });
  const ids = "Ids of schedules.";
  builder.mutationFields((t) => ({
    updateSchedules: t.field({
      type: resultOf(builder, updated, [
        "NOT_FOUND",
        "INVALID_DATA",
        "INVALID_INPUT",
        "WORKFLOW_INACTIVE",
        "UNKNOWN_WORKFLOW",
        "UNKNOWN_ACTOR",
      ]),
      nullable: true,
      description: "Changes up to 1,000 schedules: all of them or none. A new timing begins now.",
      authScopes: { notify: true },
      args: {
        ids: t.arg.idList({ required: true, description: ids }),
        input: t.arg({ type: patch, required: true, description: "What is to change." }),
      },
      resolve: (_root, { ids: given, input }, { engine }) =>
        updateSchedules(engine.context, given, present(input, ["data", "status", "onMissed"]) as SchedulePatch),
    }),
    deleteSchedules: t.field({
      type: resultOf(builder, deleted, ["INVALID_INPUT"]),
      nullable: true,
      description: "Deletes up to 1,000 schedules.",
      authScopes: { notify: true },
      args: { ids: t.arg.idList({ required: true, description: ids }) },
      resolve: (_root, { ids: given }, { engine }) => deleteSchedules(engine.context, given),
    }),
  }));
}

/** Schedules. Without workflows there is no typed `createSchedules`. */
export function addSchedules(kit: Kit, typed: Typed): void {
  addType(kit);
  addQueries(kit);
  addCreation(kit, typed);
  addChanges(kit);
}
