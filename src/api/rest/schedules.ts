// Schedules: a workflow for one recipient at one moment, or again and again.
import { z } from "zod";
import type { Issue } from "../../base/errors.ts";
import { isId } from "../../base/ids.ts";
import { inBulk } from "../../engine/directory/bulk.ts";
import { inOneTransaction, type Outcome } from "../../engine/directory/directory.ts";
import { createEachSchedule } from "../../engine/schedules/create.ts";
import { deleteSchedules, updateSchedules } from "../../engine/schedules/update.ts";
import type { Executor } from "../../store/executor.ts";
import { pageSchedules, readSchedules, type ScheduleFilter } from "../../store/reads/schedules.ts";
import type { StoredSchedule } from "../../store/schedules.ts";
import { fieldErrors, succeeded } from "./errors.ts";
import { storePreferences } from "./identify.ts";
import { type Owner, owners } from "./owners.ts";
import { pageArguments, pageInfoOf, type PageQuery, pageQuery } from "./paging.ts";
import { recipientIdOf, recipientRequest } from "./recipient-input.ts";
import { type RestContext, route } from "./route.ts";
import { givenSchedule, type GivenSchedule, patchOf, scheduleFields, withMoment } from "./schedule-input.ts";
import { bulkOperationShape, presentBulkOperation } from "./shapes/bulk-operation.ts";
import { entriesOf } from "./shapes/shape.ts";
import { presentSchedules, scheduleShape } from "./shapes/schedule.ts";
import { recipientReference } from "./shapes/user.ts";
import { storeTenants } from "./tenants.ts";

const MOST_SCHEDULES = 1_000;

/** Stores schedules after what they bring along. */
async function createEach(context: RestContext, given: readonly GivenSchedule[], tx: Executor) {
  await storeTenants(
    context,
    given.flatMap(({ tenants }) => tenants),
    tx,
  );
  const created = await createEachSchedule(
    context.engine.context,
    given.map(({ input }) => input),
    { tx },
  );
  const made = given.filter((_one, index) => created[index]!.ok);
  await storePreferences(
    context,
    made.flatMap(({ recipients }) => recipients.flatMap(({ preferences }) => preferences)),
    { tx },
  );
  return created;
}

const create = route({
  method: "POST",
  path: "/v1/schedules",
  operation: "schedules.create",
  summary: "Makes one schedule per recipient: by one repeat rule, or for the moment `scheduled_at`.",
  scope: "notify",
  body: z.object({
    ...scheduleFields,
    workflow: z.string(),
    recipients: z.array(recipientRequest).min(1).max(MOST_SCHEDULES),
  }),
  example: {
    workflow: "weekly-digest",
    recipients: ["user_1"],
    repeats: [{ frequency: "weekly", days: ["mon"], hours: 9 }],
  },
  responses: { 200: z.array(scheduleShape) },
  async handle({ body }, context) {
    const given = givenSchedule(context, body, []);
    // Refused within: what came along with the call is not kept either.
    const { schedules } = await inOneTransaction(context.engine.context, {}, async (tx) =>
      succeeded((await createEach(context, [given], tx))[0]!),
    );
    return { status: 200, body: await presentSchedules(context.engine, schedules) };
  },
});

const ids = z.array(z.string()).min(1).max(MOST_SCHEDULES);

const stored = async ({ engine }: RestContext, wanted: readonly string[]): Promise<StoredSchedule[]> => {
  const known = await readSchedules(
    engine.context.database.db,
    wanted.filter(isId).map((id) => id.toLowerCase()),
  );
  return wanted.flatMap((id) => known.get(id.toLowerCase()) ?? []);
};

const update = route({
  method: "PUT",
  path: "/v1/schedules",
  operation: "schedules.update",
  summary: "Changes schedules: all or none. What is left out stays.",
  scope: "notify",
  body: z.object({ ...scheduleFields, schedule_ids: ids }),
  responses: { 200: z.array(scheduleShape) },
  async handle({ body }, context) {
    const { engine } = context;
    const { patch, tenants } = patchOf(body, context);
    const asked = withMoment(patch, await stored(context, body.schedule_ids));
    const schedules = await inOneTransaction(engine.context, {}, async (tx) => {
      await storeTenants(context, tenants, tx);
      return succeeded(await updateSchedules(engine.context, body.schedule_ids, asked, { tx })).schedules;
    });
    return { status: 200, body: await presentSchedules(engine, schedules.filter(ofRecipient)) };
  },
});

/** Schedules of lists have no recipient to be shown. */
const ofRecipient = ({ recipientId }: StoredSchedule): boolean => recipientId !== null;

async function pageOf({ engine }: RestContext, filter: ScheduleFilter, query: PageQuery) {
  const page = await pageSchedules(engine.context.database.db, { ...filter, ofRecipients: true }, pageArguments(query));
  return { entries: await presentSchedules(engine, page.nodes), page_info: pageInfoOf(page, query) };
}

const list = route({
  method: "GET",
  path: "/v1/schedules",
  operation: "schedules.list",
  summary: "Schedules of recipients, newest first.",
  scope: "read",
  query: z.object({
    ...pageQuery,
    workflow: z.string().optional(),
    recipients: z.array(recipientReference).optional(),
    tenant: z.string().optional(),
  }),
  responses: { 200: entriesOf(scheduleShape) },
  async handle({ query }, context) {
    const { workflow, tenant } = query;
    const filter = { workflow, tenant, recipients: query.recipients?.map(recipientIdOf) };
    return { status: 200, body: await pageOf(context, filter, query) };
  },
});

const ofOwner = ({ group, path, params, recipientIdOf: ownerOf }: Owner) =>
  route({
    method: "GET",
    path: `${path}/schedules`,
    operation: `${group}.listSchedules`,
    summary: "The schedules of one recipient, newest first.",
    scope: "read",
    params,
    query: z.object({ ...pageQuery, workflow: z.string().optional(), tenant: z.string().optional() }),
    responses: { 200: entriesOf(scheduleShape) },
    async handle({ params: given, query }, context) {
      const { workflow, tenant } = query;
      const filter = { workflow, tenant, recipient: ownerOf(given as Record<string, string>) };
      return { status: 200, body: await pageOf(context, filter, query) };
    },
  });

const remove = route({
  method: "DELETE",
  path: "/v1/schedules",
  operation: "schedules.delete",
  summary: "Deletes schedules. Answers those that there were.",
  scope: "notify",
  body: z.object({ schedule_ids: ids }),
  responses: { 200: z.array(scheduleShape) },
  async handle({ body }, context) {
    const found = await stored(context, body.schedule_ids);
    const { deleted } = succeeded(
      await deleteSchedules(
        context.engine.context,
        body.schedule_ids.map((id) => id.toLowerCase()),
      ),
    );
    const gone = new Set(deleted);
    const schedules = found.filter((schedule) => gone.has(schedule.id) && ofRecipient(schedule));
    return { status: 200, body: await presentSchedules(context.engine, schedules) };
  },
});

const bulkCreate = route({
  method: "POST",
  path: "/v1/schedules/bulk/create",
  operation: "schedules.bulk.create",
  summary: "Makes up to 1,000 schedules, each for itself: those that cannot be made are told in the operation.",
  scope: "notify",
  body: z.object({
    schedules: z
      .array(z.object({ ...scheduleFields, workflow: z.string(), recipient: recipientRequest }))
      .min(1)
      .max(MOST_SCHEDULES),
  }),
  responses: { 200: bulkOperationShape },
  async handle({ body: { schedules } }, context) {
    const given = schedules.map(({ recipient, ...rest }, index) =>
      givenSchedule(context, { ...rest, recipients: [recipient] }, ["schedules", index]),
    );
    const { context: engine } = context.engine;
    const operation = await inBulk(engine, { name: "schedules.create", total: given.length }, async (tx) => {
      const created = await createEach(context, given, tx);
      const errors = created.flatMap((one, index) => (one.ok ? [] : [{ id: String(index), message: messageOf(one) }]));
      return { succeeded: given.length - errors.length, errors };
    });
    return { status: 200, body: presentBulkOperation(operation) };
  },
});

function messageOf({ error }: Extract<Outcome, { ok: false }>): string {
  const issues = "issues" in error.details ? fieldErrors(error.details.issues as Issue[]) : [];
  return [error.message, ...issues.map(({ field, message }) => `${field}: ${message}`)].join(" ");
}

/** Schedules. */
export const scheduleRoutes = [create, update, list, ...owners.map(ofOwner), remove, bulkCreate];
