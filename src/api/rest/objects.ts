// Objects of the project's own product.
import { z } from "zod";
import { objectProblem, objectRecipientId } from "../../base/object-id.ts";
import { inBulk } from "../../engine/directory/bulk.ts";
import { inOneTransaction } from "../../engine/directory/directory.ts";
import { deleteObject, deleteObjects, upsertObject } from "../../engine/directory/objects.ts";
import { pageObjects } from "../../store/objects.ts";
import { findUsers } from "../../store/users.ts";
import { missing, succeeded } from "./errors.ts";
import { identify, storePreferences } from "./identify.ts";
import { pageArguments, pageInfoOf, pageQuery } from "./paging.ts";
import { givenRecipient, membersOf, preferencesIn, recipientFields } from "./recipient-input.ts";
import { route, type RestContext } from "./route.ts";
import { bulkOperationShape, presentBulkOperation } from "./shapes/bulk-operation.ts";
import { entriesOf } from "./shapes/shape.ts";
import { objectShape, presentObject } from "./shapes/user.ts";

const MOST_IN_BULK = 1_000;

/** The parts of a path that name an object. */
export const objectParams = z.object({ collection: z.string(), id: z.string() });

type Reference = z.output<typeof objectParams>;

async function objectNamed({ engine }: RestContext, reference: Reference) {
  if (objectProblem(reference)) throw missing("object");
  const id = objectRecipientId(reference);
  const found = (await findUsers(engine.context.database.db, [id])).get(id);
  if (!found) throw missing("object");
  return presentObject(found);
}

const list = route({
  method: "GET",
  path: "/v1/objects/:collection",
  operation: "objects.list",
  summary: "The objects of a collection, by id.",
  scope: "read",
  params: z.object({ collection: z.string() }),
  query: z.object({ ...pageQuery, include: z.array(z.string()).optional() }),
  responses: { 200: entriesOf(objectShape) },
  async handle({ params, query }, { engine }) {
    const page = await pageObjects(engine.context.database.db, params.collection, pageArguments(query));
    return { status: 200, body: { entries: page.nodes.map(presentObject), page_info: pageInfoOf(page, query) } };
  },
});

const get = route({
  method: "GET",
  path: "/v1/objects/:collection/:id",
  operation: "objects.get",
  summary: "An object.",
  scope: "read",
  params: objectParams,
  responses: { 200: objectShape },
  handle: async ({ params }, context) => ({ status: 200, body: await objectNamed(context, params) }),
});

const set = route({
  method: "PUT",
  path: "/v1/objects/:collection/:id",
  operation: "objects.set",
  summary: "Creates an object, or merges properties deeply into the one that there is.",
  scope: "write",
  params: objectParams,
  body: z.looseObject(recipientFields),
  responses: { 200: objectShape },
  async handle({ params: { collection, id }, body }, context) {
    const members = membersOf(context, body, []);
    const sets = preferencesIn(context, objectRecipientId({ collection, id }), { given: body, path: [] });
    await inOneTransaction(context.engine.context, {}, async (tx) => {
      succeeded(await upsertObject(context.engine.context, { ...members, collection, id }, { tx }));
      await storePreferences(context, sets, { tx });
    });
    return { status: 200, body: await objectNamed(context, { collection, id }) };
  },
});

const remove = route({
  method: "DELETE",
  path: "/v1/objects/:collection/:id",
  operation: "objects.delete",
  summary: "Deletes an object with its subscriptions, preferences and messages.",
  scope: "write",
  params: objectParams,
  responses: { 204: null },
  async handle({ params }, { engine }) {
    succeeded(await deleteObject(engine.context, params));
    return { status: 204 };
  },
});

const bulkSet = route({
  method: "POST",
  path: "/v1/objects/:collection/bulk/set",
  operation: "objects.bulk.set",
  summary: "Creates or merges up to 1,000 objects of a collection: all or none.",
  scope: "write",
  params: z.object({ collection: z.string() }),
  body: z.object({ objects: z.array(z.looseObject({ id: z.string(), ...recipientFields })).max(MOST_IN_BULK) }),
  responses: { 200: bulkOperationShape },
  async handle({ params: { collection }, body: { objects } }, context) {
    const given = objects.map((object, index) =>
      // Something said of an object: a reference alone would not create it.
      givenRecipient(context, { ...object, collection }, ["objects", index]),
    );
    const named = objects.map(({ id }) => ({ collection, id }));
    const recipients = given.map(({ recipient, preferences }, index) => ({
      recipient: typeof recipient === "string" ? named[index]! : recipient,
      preferences,
    }));
    const { context: engine } = context.engine;
    const operation = await inBulk(engine, { name: "objects.set", total: objects.length }, async (tx) => {
      await identify(context, recipients, { tx });
      return { succeeded: objects.length };
    });
    return { status: 200, body: presentBulkOperation(operation) };
  },
});

const bulkDelete = route({
  method: "POST",
  path: "/v1/objects/:collection/bulk/delete",
  operation: "objects.bulk.delete",
  summary: "Deletes up to 1,000 objects of a collection. Those that are not there are counted as done.",
  scope: "write",
  params: z.object({ collection: z.string() }),
  body: z.object({ object_ids: z.array(z.string()).max(MOST_IN_BULK) }),
  responses: { 200: bulkOperationShape },
  async handle({ params: { collection }, body: { object_ids: ids } }, { engine }) {
    const objects = ids.map((id) => ({ collection, id }));
    const operation = await inBulk(engine.context, { name: "objects.delete", total: ids.length }, async (tx) => {
      succeeded(await deleteObjects(engine.context, objects, { tx }));
      return { succeeded: ids.length };
    });
    return { status: 200, body: presentBulkOperation(operation) };
  },
});

/** Objects. */
export const objectRoutes = [list, get, set, remove, bulkSet, bulkDelete];
