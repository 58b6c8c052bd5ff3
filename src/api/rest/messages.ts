import { z } from "zod";
import { objectRecipientId } from "../../base/object-id.ts";
import { isId } from "../../base/ids.ts";
import { findUnstorable } from "../../base/text.ts";
import type { EngineContext } from "../../engine/engine.ts";
import type { MessageSelection } from "../../store/reads/message-filter.ts";
import { type MessageRead, pageSelectedMessages, readAttempts, readMessages } from "../../store/reads/messages.ts";
import { readNotifications } from "../../store/reads/notifications.ts";
import { activitiesOf, batchOfRun, inFull } from "./activities.ts";
import { channelKeyOf } from "./channel-id.ts";
import { missing } from "./errors.ts";
import { insertedAt, triggerData } from "./feed-options.ts";
import { pageArguments, pageInfoOf, type PageQuery, pageQuery } from "./paging.ts";
import { route } from "./route.ts";
import { messageContentsShape, presentContents } from "./shapes/content.ts";
import {
  activityShape,
  categoriesOf,
  deliveryLogShape,
  deliveryStatuses,
  messageEventShape,
  messageShape,
  presentMessage,
} from "./shapes/message.ts";
import { presentDeliveryLogs, presentEvents } from "./shapes/message-history.ts";
import { itemsOf } from "./shapes/shape.ts";

/** What people did with messages, or did not. */
export const engagementFilter = z.enum([
  "seen",
  "unseen",
  "read",
  "unread",
  "archived",
  "unarchived",
  "link_clicked",
  "interacted",
]);

const listQuery = z.object({
  ...pageQuery,
  status: z.array(z.enum(deliveryStatuses)).optional(),
  engagement_status: z.array(engagementFilter).optional(),
  channel_id: z.string().optional(),
  source: z.string().optional(),
  tenant: z.string().optional(),
  has_tenant: z.boolean().optional(),
  workflow_categories: z.array(z.string()).optional(),
  trigger_data: triggerData.optional(),
  message_ids: z.array(z.string()).max(1_000).optional(),
  inserted_at: insertedAt.optional(),
  workflow_run_id: z.string().optional(),
  workflow_recipient_run_id: z.string().optional(),
});

type ListQuery = z.output<typeof listQuery>;

/** The workflows that are asked for, by key and category as it is now; `null` when any are. */
function workflowsOf(context: EngineContext, { source, workflow_categories: categories }: ListQuery): string[] | null {
  const named = source ? [source] : null;
  if (!categories || categories.length === 0) return named;
  const fits = (key: string) => categoriesOf(context, key).some((category) => categories.includes(category));
  return (named ?? [...context.registry().keys()]).filter(fits);
}

/** What is asked for; `null` when nothing can be meant, as by an id that is none. */
function selectionOf(context: EngineContext, query: ListQuery): MessageSelection | null {
  const { channel_id: channelId, workflow_run_id: notificationId, workflow_recipient_run_id: runId } = query;
  const channel = channelId ? channelKeyOf(context, channelId) : null;
  if (channelId && channel === null) return null;
  if ([notificationId, runId].some((id) => id && !isId(id)) || findUnstorable(query) !== null) return null;
  return {
    ids: query.message_ids?.filter(isId),
    notificationId,
    runId,
    channel,
    workflows: workflowsOf(context, query),
    tenantIds: query.tenant ? [query.tenant] : null,
    hasTenant: query.has_tenant,
    statuses: query.status,
    engagement: query.engagement_status,
    data: query.trigger_data,
    createdAt: query.inserted_at,
  };
}

/** Messages as clients know them, with one statement however many they are. */
export async function presentMessages(context: EngineContext, messages: readonly MessageRead[]) {
  const ids = new Set(messages.map(({ notificationId }) => notificationId));
  const notifications = await readNotifications(context.database.db, [...ids]);
  return messages.map((message) => presentMessage(context, message, notifications.get(message.notificationId)));
}

/** Messages by what clients call their ids, in that order and each once; what is no message is left out. */
export async function findMessages(context: EngineContext, given: readonly string[]): Promise<MessageRead[]> {
  const ids = [...new Set(given.filter(isId).map((id) => id.toLowerCase()))];
  const found = await readMessages(context.database.db, ids);
  return ids.flatMap((id) => found.get(id) ?? []);
}

async function requireMessage(context: EngineContext, id: string): Promise<MessageRead> {
  const [message] = await findMessages(context, [id]);
  if (!message) throw missing("message");
  return message;
}

const listAnswer = { 200: itemsOf(messageShape) };

async function list(context: EngineContext, query: ListQuery, recipientId: string | null) {
  const selection = selectionOf(context, query);
  const page = await pageSelectedMessages(
    context.database.db,
    { ...(selection ?? { ids: [] }), ...(recipientId !== null && { recipientIds: [recipientId] }) },
    pageArguments(query),
  );
  return {
    status: 200,
    body: { items: await presentMessages(context, page.nodes), page_info: pageInfoOf(page, query) },
  };
}

const LISTS = [
  route({
    method: "GET",
    path: "/v1/messages",
    operation: "messages.list",
    summary: "Messages, those of the newest notification first. Filters are combined.",
    scope: "read",
    query: listQuery,
    responses: listAnswer,
    handle: ({ query }, { engine: { context } }) => list(context, query, null),
  }),
  route({
    method: "GET",
    path: "/v1/users/:user_id/messages",
    operation: "users.listMessages",
    summary: "Messages to a person.",
    scope: "read",
    params: z.object({ user_id: z.string() }),
    query: listQuery,
    responses: listAnswer,
    handle: ({ params, query }, { engine: { context } }) => list(context, query, params.user_id),
  }),
  route({
    method: "GET",
    path: "/v1/objects/:collection/:id/messages",
    operation: "objects.listMessages",
    summary: "Messages to an object.",
    scope: "read",
    params: z.object({ collection: z.string(), id: z.string() }),
    query: listQuery,
    responses: listAnswer,
    handle: ({ params, query }, { engine: { context } }) => list(context, query, objectRecipientId(params)),
  }),
];

const params = z.object({ id: z.string() });

/** A list that is short and told at once. */
const whole = <Item>(items: Item[], query: PageQuery) => ({
  items,
  page_info: pageInfoOf({ hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null }, query),
});

const attemptsOf = async ({ database }: EngineContext, { id }: MessageRead) =>
  (await readAttempts(database.db, [id])).get(id) ?? [];

const PARTS = [
  route({
    method: "GET",
    path: "/v1/messages/:id/content",
    operation: "messages.getContent",
    summary: "What a message says.",
    scope: "read",
    params,
    responses: { 200: messageContentsShape },
    async handle({ params: { id } }, { engine: { context } }) {
      return { status: 200, body: presentContents(await requireMessage(context, id)) };
    },
  }),
  route({
    method: "GET",
    path: "/v1/messages/:id/events",
    operation: "messages.listEvents",
    summary: "What happened to a message, newest first.",
    scope: "read",
    params,
    query: z.object(pageQuery),
    responses: { 200: itemsOf(messageEventShape) },
    async handle({ params: { id }, query }, { engine: { context } }) {
      const message = await requireMessage(context, id);
      return { status: 200, body: whole(presentEvents(message, await attemptsOf(context, message)), query) };
    },
  }),
  route({
    method: "GET",
    path: "/v1/messages/:id/delivery_logs",
    operation: "messages.listDeliveryLogs",
    summary: "The tries of handing a message to a provider, newest first.",
    scope: "read",
    params,
    query: z.object(pageQuery),
    responses: { 200: itemsOf(deliveryLogShape) },
    async handle({ params: { id }, query }, { engine: { context } }) {
      const message = await requireMessage(context, id);
      return { status: 200, body: whole(presentDeliveryLogs(message, await attemptsOf(context, message)), query) };
    },
  }),
  route({
    method: "GET",
    path: "/v1/messages/:id/activities",
    operation: "messages.listActivities",
    summary: "The notifications that a message tells of: one, or those of its batch.",
    scope: "read",
    params,
    query: z.object({ ...pageQuery, trigger_data: triggerData.optional() }),
    responses: { 200: itemsOf(activityShape) },
    async handle({ params: { id }, query }, { engine: { context } }) {
      const { db } = context.database;
      const message = await requireMessage(context, id);
      const told = { ...message, batchId: await batchOfRun(db, message.runId) };
      const [page] = await activitiesOf(db, [told], { ...pageArguments(query), show: inFull });
      const wanted = Object.entries(query.trigger_data ?? {});
      const items = page!.nodes.filter(({ data }) => wanted.every(([name, value]) => data[name] === value));
      return { status: 200, body: { items, page_info: pageInfoOf(page!, query) } };
    },
  }),
];

/** Messages, and what became of them. */
export const messageRoutes = [
  ...LISTS,
  route({
    method: "GET",
    path: "/v1/messages/batch/content",
    operation: "messages.batch.getContent",
    summary: "What several messages say. Ids that are no message are left out.",
    scope: "read",
    query: z.object({ message_ids: z.array(z.string()).max(1_000) }),
    responses: { 200: z.array(messageContentsShape) },
    async handle({ query }, { engine: { context } }) {
      return { status: 200, body: (await findMessages(context, query.message_ids)).map(presentContents) };
    },
  }),
  route({
    method: "GET",
    path: "/v1/messages/:id",
    operation: "messages.get",
    summary: "A message.",
    scope: "read",
    params,
    responses: { 200: messageShape },
    async handle({ params: { id } }, { engine: { context } }) {
      const [message] = await presentMessages(context, [await requireMessage(context, id)]);
      return { status: 200, body: message };
    },
  }),
  ...PARTS,
];
