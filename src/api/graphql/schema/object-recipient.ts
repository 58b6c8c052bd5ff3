import type { JsonObject } from "../../../base/canonical-json.ts";
import { objectOf, type ObjectReference, objectRecipientId } from "../../../base/object-id.ts";
import { deleteObject, findObject, listObjects, upsertObject } from "../../../engine/directory/objects.ts";
import { listSubscribers, listSubscriptions, subscribe, unsubscribe } from "../../../engine/directory/subscriptions.ts";
import type { ObjectInput, StoredObject } from "../../../store/objects.ts";
import { connection } from "../connection.ts";
import { present } from "../present.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";
import { addRecipientFields } from "./recipient-fields.ts";

function addTypes(kit: Kit): void {
  const { builder } = kit;
  builder.objectType("ObjectRecipient", {
    description: "A thing of the project's own product that is a recipient, and that people subscribe to.",
    fields: (t) => ({
      collection: t.exposeString("collection", { description: "What kind of thing: `projects`." }),
      id: t.exposeID("id", { description: "The project's own id of it, unique within the collection." }),
      recipientId: t.id({
        description: "Its id among recipients: `#projects/7`. Notify calls take it, and messages have it.",
        resolve: objectRecipientId,
      }),
      name: t.exposeString("name", { nullable: true, description: "What people call it." }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When the object became known." }),
      updatedAt: t.expose("updatedAt", { type: "DateTime", description: "When the object last changed." }),
    }),
  });
  addRecipientFields(kit, "ObjectRecipient");
  builder.objectType("ObjectSubscription", {
    description: "That somebody gets what is sent to an object.",
    fields: (t) => ({
      collection: t.string({
        description: "Collection of the object.",
        resolve: ({ object }) => objectOf(object)?.collection ?? "",
      }),
      objectId: t.id({ description: "Id of the object.", resolve: ({ object }) => objectOf(object)?.id ?? "" }),
      recipientId: t.exposeID("recipient", {
        description: "Who subscribes: the id of a user, or of an object as a recipient. It need not exist yet.",
      }),
      user: t.field({
        type: "User",
        nullable: true,
        description: "The subscriber, when it is known.",
        resolve: ({ recipient }, _args, { load }) => load.user(recipient),
      }),
      properties: t.expose("properties", {
        type: "JSON",
        description: "Properties of the subscription: `recipient.membership`.",
      }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When it began." }),
    }),
  });
}

function addQueries({ builder, page, connections }: Kit): void {
  const collection = "What kind of thing.";
  builder.queryFields((t) => ({
    object: t.field({
      type: "ObjectRecipient",
      nullable: true,
      description: "An object.",
      authScopes: { read: true },
      args: {
        collection: t.arg.string({ required: true, description: collection }),
        id: t.arg.id({ required: true, description: "Id of the object." }),
      },
      resolve: (_root, object, { engine }) => findObject(engine.context, object),
    }),
    objects: t.field({
      type: connections.objects,
      description: "The objects of a collection, by id.",
      authScopes: { read: true },
      args: { ...page, collection: t.arg.string({ required: true, description: collection }) },
      resolve: async (_root, { collection: of, ...args }, { engine }) =>
        connection(await listObjects(engine.context, of, args), objectRecipientId),
    }),
    objectSubscribers: t.field({
      type: connections.subscriptions,
      description: "Who subscribes to an object, by id.",
      authScopes: { read: true },
      args: {
        ...page,
        collection: t.arg.string({ required: true, description: collection }),
        id: t.arg.id({ required: true, description: "Id of the object." }),
      },
      resolve: async (_root, { collection: of, id, ...args }, { engine }) =>
        connection(await listSubscribers(engine.context, { collection: of, id }, args), ({ recipient }) => recipient),
    }),
    objectSubscriptions: t.field({
      type: connections.subscriptions,
      description: "What a recipient is subscribed to, by object.",
      authScopes: { read: true },
      args: {
        ...page,
        recipientId: t.arg.id({ required: true, description: "Id of a user, or of an object as a recipient." }),
      },
      resolve: async (_root, { recipientId, ...args }, { engine }) =>
        connection(await listSubscriptions(engine.context, recipientId, args), ({ object }) => object),
    }),
  }));
}

function addObjectMutations({ builder }: Kit): void {
  const input = builder.inputType("ObjectRecipientInput", {
    description: "An object to create or to change. What is left out stays as it is; `null` empties.",
    fields: (t) => ({
      collection: t.string({ required: true, description: "What kind of thing: `projects`." }),
      id: t.id({ required: true, description: "The project's own id of it." }),
      name: t.string({ description: "What people call it." }),
      email: t.string({ description: "E-mail address." }),
      phoneNumber: t.string({ description: "Phone number, for text messages." }),
      locale: t.string({ description: "BCP 47, such as `de-CH`." }),
      timezone: t.string({ description: "IANA time zone, such as `Europe/Zurich`." }),
      properties: t.field({ type: "JSON", description: "The project's own properties, merged deeply." }),
      channelData: t.field({
        type: "JSON",
        description: "Addresses on further channels, by channel key; merged deeply.",
      }),
    }),
  });
  const stored = builder.objectRef<{ ok: true; object: StoredObject }>("UpsertObjectSuccess").implement({
    description: "The object is stored.",
    fields: (t) => ({ object: t.expose("object", { type: "ObjectRecipient", description: "As it is now." }) }),
  });
  const gone = builder.objectRef<{ ok: true; object: ObjectReference }>("DeleteObjectSuccess").implement({
    description: "The object is gone, with its subscribers, preferences and messages.",
    fields: (t) => ({
      collection: t.string({ description: "Collection of the object.", resolve: ({ object }) => object.collection }),
      id: t.id({ description: "Id of the object.", resolve: ({ object }) => object.id }),
    }),
  });
  builder.mutationFields((t) => ({
    upsertObject: t.field({
      type: resultOf(builder, stored, ["INVALID_INPUT"]),
      nullable: true,
      description: "Creates an object or changes the one with this collection and id.",
      authScopes: { write: true },
      args: { input: t.arg({ type: input, required: true, description: "The object." }) },
      resolve: (_root, args, { engine }) =>
        upsertObject(engine.context, present(args.input, ["properties", "channelData"]) as unknown as ObjectInput),
    }),
    deleteObject: t.field({
      type: resultOf(builder, gone, ["NOT_FOUND"]),
      nullable: true,
      description: "Deletes an object with its subscribers, preferences and messages.",
      authScopes: { write: true },
      args: {
        collection: t.arg.string({ required: true, description: "What kind of thing." }),
        id: t.arg.id({ required: true, description: "Id of the object." }),
      },
      resolve: (_root, object, { engine }) => deleteObject(engine.context, object),
    }),
  }));
}

function addSubscriptionMutations({ builder }: Kit): void {
  const added = builder.objectRef<{ ok: true; added: number; updated: number }>("SubscribeSuccess").implement({
    description: "The recipients are subscribed.",
    fields: (t) => ({
      added: t.exposeInt("added", { description: "How many were not before." }),
      updated: t.exposeInt("updated", { description: "Of how many subscriptions the properties changed." }),
    }),
  });
  const removed = builder.objectRef<{ ok: true; removed: number }>("UnsubscribeSuccess").implement({
    description: "The recipients are not subscribed.",
    fields: (t) => ({ removed: t.exposeInt("removed", { description: "How many were before." }) }),
  });
  builder.mutationFields((t) => {
    const object = {
      collection: t.arg.string({ required: true, description: "What kind of thing." }),
      id: t.arg.id({ required: true, description: "Id of the object." }),
      recipients: t.arg.idList({ required: true, description: "Ids of users, or of objects as recipients." }),
    };
    return {
      subscribe: t.field({
        type: resultOf(builder, added, ["INVALID_INPUT"]),
        nullable: true,
        description: "Subscribes up to 10,000 recipients to an object, which becomes known when it is not.",
        authScopes: { write: true },
        args: { ...object, properties: t.arg({ type: "JSON", description: "Of each subscription, merged deeply." }) },
        resolve: (_root, { collection, id, recipients, properties }, { engine }) =>
          subscribe(engine.context, {
            object: { collection, id },
            recipients,
            properties: (properties ?? {}) as JsonObject,
          }),
      }),
      unsubscribe: t.field({
        type: resultOf(builder, removed, ["INVALID_INPUT"]),
        nullable: true,
        description: "Ends the subscriptions of up to 10,000 recipients to an object.",
        authScopes: { write: true },
        args: object,
        resolve: (_root, { collection, id, recipients }, { engine }) =>
          unsubscribe(engine.context, { object: { collection, id }, recipients }),
      }),
    };
  });
}

/** Objects, and who subscribes to them. */
export function addObjects(kit: Kit): void {
  addTypes(kit);
  addQueries(kit);
  addObjectMutations(kit);
  addSubscriptionMutations(kit);
}
