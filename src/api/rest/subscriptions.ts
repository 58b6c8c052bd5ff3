// Who gets what is sent to an object.
import { z } from "zod";
import type { JsonObject } from "../../base/canonical-json.ts";
import { type ObjectReference, objectRecipientId } from "../../base/object-id.ts";
import { inBulk } from "../../engine/directory/bulk.ts";
import { inOneTransaction } from "../../engine/directory/directory.ts";
import {
  listSubscribers,
  listSubscriptions,
  subscribeEach,
  type Subscribing,
  subscriptionsOf,
  unsubscribeEach,
} from "../../engine/directory/subscriptions.ts";
import { succeeded } from "./errors.ts";
import { identify } from "./identify.ts";
import { pageArguments, pageInfoOf, pageQuery } from "./paging.ts";
import { givenRecipient, type GivenRecipient, recipientIdOf, recipientRequest } from "./recipient-input.ts";
import { type RestContext, route } from "./route.ts";
import { bulkOperationShape, presentBulkOperation } from "./shapes/bulk-operation.ts";
import { entriesOf } from "./shapes/shape.ts";
import { presentSubscriptions, subscriptionShape } from "./shapes/subscription.ts";
import { recipientReference } from "./shapes/user.ts";

const MOST_RECIPIENTS = 1_000;
const MOST_OBJECTS = 1_000;

const objectParams = z.object({ collection: z.string(), object_id: z.string() });

const properties = z.record(z.string(), z.unknown()).nullish();

const recipients = z.array(recipientRequest).min(1).max(MOST_RECIPIENTS);

const references = z.array(recipientReference).max(MOST_RECIPIENTS);

const reference = z.object({ id: z.string(), collection: z.string() });

const listQuery = {
  ...pageQuery,
  include: z.array(z.string()).optional(),
  objects: z.array(reference).optional(),
};

const objectIn = ({ collection, object_id: id }: z.output<typeof objectParams>): ObjectReference => ({
  collection,
  id,
});

const recipientOf = ({ recipient }: GivenRecipient): string => {
  if (typeof recipient === "string") return recipient;
  return "collection" in recipient ? objectRecipientId(recipient) : recipient.id;
};

interface Asked {
  objects?: readonly ObjectReference[] | undefined;
  after?: string | undefined;
  before?: string | undefined;
  page_size?: number | undefined;
}

/** What a recipient is subscribed to. */
async function subscriptionsFor({ engine }: RestContext, recipient: string, query: Asked) {
  const page = await listSubscriptions(engine.context, recipient, {
    ...pageArguments(query),
    among: query.objects ?? null,
  });
  return { entries: await presentSubscriptions(engine, page.nodes), page_info: pageInfoOf(page, query) };
}

const list = route({
  method: "GET",
  path: "/v1/objects/:collection/:object_id/subscriptions",
  operation: "objects.listSubscriptions",
  summary: "Who subscribes to an object; with `mode=recipient` what the object itself subscribes to.",
  scope: "read",
  params: objectParams,
  query: z.object({
    ...listQuery,
    mode: z.enum(["recipient", "object"]).optional(),
    recipients: references.optional(),
  }),
  responses: { 200: entriesOf(subscriptionShape) },
  async handle({ params, query }, context) {
    const { engine } = context;
    const object = objectIn(params);
    if (query.mode === "recipient") {
      return { status: 200, body: await subscriptionsFor(context, objectRecipientId(object), query) };
    }
    const among = query.recipients?.map(recipientIdOf) ?? null;
    const page = await listSubscribers(engine.context, object, { ...pageArguments(query), among });
    const entries = await presentSubscriptions(engine, page.nodes);
    return { status: 200, body: { entries, page_info: pageInfoOf(page, query) } };
  },
});

const ofUser = route({
  method: "GET",
  path: "/v1/users/:user_id/subscriptions",
  operation: "users.listSubscriptions",
  summary: "What a person is subscribed to.",
  scope: "read",
  params: z.object({ user_id: z.string() }),
  query: z.object(listQuery),
  responses: { 200: entriesOf(subscriptionShape) },
  handle: async ({ params, query }, context) => ({
    status: 200,
    body: await subscriptionsFor(context, params.user_id, query),
  }),
});

const add = route({
  method: "POST",
  path: "/v1/objects/:collection/:object_id/subscriptions",
  operation: "objects.addSubscriptions",
  summary: "Subscribes recipients to an object. For those who are subscribed the properties are merged.",
  scope: "write",
  params: objectParams,
  body: z.object({ recipients, properties }),
  example: { recipients: ["user_1", { collection: "teams", id: "4" }], properties: { role: "member" } },
  responses: { 200: z.array(subscriptionShape) },
  async handle({ params, body }, context) {
    const { engine } = context;
    const given = body.recipients.map((each, index) => givenRecipient(context, each, ["recipients", index]));
    const subscribing = subscribingOf(objectIn(params), given, body.properties);
    const stored = await inOneTransaction(engine.context, {}, async (tx) => {
      await identify(context, given, { tx });
      succeeded(await subscribeEach(engine.context, [subscribing], { tx }));
      return subscriptionsOf(engine.context, [subscribing], { tx });
    });
    return { status: 200, body: await presentSubscriptions(engine, stored) };
  },
});

const subscribingOf = (
  object: ObjectReference,
  given: readonly GivenRecipient[],
  of: z.output<typeof properties>,
): Subscribing => ({ object, recipients: given.map(recipientOf), properties: (of ?? {}) as JsonObject });

const remove = route({
  method: "DELETE",
  path: "/v1/objects/:collection/:object_id/subscriptions",
  operation: "objects.deleteSubscriptions",
  summary: "Ends subscriptions to an object. Answers those that there were.",
  scope: "write",
  params: objectParams,
  body: z.object({ recipients: references.min(1) }),
  responses: { 200: z.array(subscriptionShape) },
  async handle({ params, body }, { engine }) {
    const ending = { object: objectIn(params), recipients: body.recipients.map(recipientIdOf) };
    const ended = await inOneTransaction(engine.context, {}, async (tx) => {
      const found = await subscriptionsOf(engine.context, [ending], { tx });
      succeeded(await unsubscribeEach(engine.context, [ending], { tx }));
      return found;
    });
    return { status: 200, body: await presentSubscriptions(engine, ended) };
  },
});

const bulkParams = z.object({ collection: z.string() });

const bulkAdd = route({
  method: "POST",
  path: "/v1/objects/:collection/bulk/subscriptions/add",
  operation: "objects.bulk.addSubscriptions",
  summary: "Subscribes recipients to many objects of a collection: all or none.",
  scope: "write",
  params: bulkParams,
  body: z.object({
    subscriptions: z.array(z.object({ id: z.string(), recipients, properties })).max(MOST_OBJECTS),
  }),
  responses: { 200: bulkOperationShape },
  async handle({ params: { collection }, body: { subscriptions } }, context) {
    const { engine } = context;
    const given = subscriptions.map((each, at) =>
      each.recipients.map((one, index) => givenRecipient(context, one, ["subscriptions", at, "recipients", index])),
    );
    const all = subscriptions.map(({ id, properties: of }, index) =>
      subscribingOf({ collection, id }, given[index]!, of),
    );
    const total = given.flat().length;
    const operation = await inBulk(engine.context, { name: "objects.subscriptions.add", total }, async (tx) => {
      await identify(context, given.flat(), { tx });
      succeeded(await subscribeEach(engine.context, all, { tx }));
      return { succeeded: total };
    });
    return { status: 200, body: presentBulkOperation(operation) };
  },
});

const bulkDelete = route({
  method: "POST",
  path: "/v1/objects/:collection/bulk/subscriptions/delete",
  operation: "objects.bulk.deleteSubscriptions",
  summary: "Ends subscriptions to many objects of a collection. Those that are not there are counted as done.",
  scope: "write",
  params: bulkParams,
  body: z.object({
    subscriptions: z.array(z.object({ id: z.string(), recipients: references.min(1) })).max(MOST_OBJECTS),
  }),
  responses: { 200: bulkOperationShape },
  async handle({ params: { collection }, body: { subscriptions } }, { engine }) {
    const all = subscriptions.map(({ id, recipients: who }) => ({
      object: { collection, id },
      recipients: who.map(recipientIdOf),
    }));
    const total = all.reduce((sum, { recipients: who }) => sum + who.length, 0);
    const operation = await inBulk(engine.context, { name: "objects.subscriptions.delete", total }, async (tx) => {
      succeeded(await unsubscribeEach(engine.context, all, { tx }));
      return { succeeded: total };
    });
    return { status: 200, body: presentBulkOperation(operation) };
  },
});

/** Subscriptions to objects. */
export const subscriptionRoutes = [list, ofUser, add, remove, bulkAdd, bulkDelete];
