import type { JsonObject } from "../../../base/canonical-json.ts";
import { addListMembers, deleteList, removeListMembers, upsertList } from "../../../engine/directory/lists.ts";
import { findList, pageLists, pageMembers, type StoredList } from "../../../store/lists.ts";
import { connection } from "../connection.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";

function addTypes({ builder }: Kit): void {
  builder.objectType("List", {
    description: "A named set of users.",
    fields: (t) => ({
      name: t.exposeString("name", { description: "Such as `project.7.followers`." }),
      properties: t.expose("properties", { type: "JSON", description: "The project's own properties." }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When the list was made." }),
      updatedAt: t.expose("updatedAt", { type: "DateTime", description: "When the list itself last changed." }),
      memberCount: t.int({
        description: "How many members. Counted each time it is asked for.",
        resolve: async ({ name }, _args, { load }) => (await load.memberCount(name)) ?? 0,
      }),
    }),
  });
  builder.objectType("ListMember", {
    description: "A user in a list.",
    fields: (t) => ({
      userId: t.exposeID("userId", { description: "Id of the user, who need not exist yet." }),
      user: t.field({
        type: "User",
        nullable: true,
        description: "The user, when there is one.",
        resolve: ({ userId }, _args, { load }) => load.user(userId),
      }),
      properties: t.expose("properties", {
        type: "JSON",
        description: "Properties of the membership: `recipient.membership`.",
      }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When the user was added." }),
    }),
  });
}

function addQueries({ builder, page, connections }: Kit): void {
  builder.queryFields((t) => ({
    list: t.field({
      type: "List",
      nullable: true,
      description: "A list by name.",
      authScopes: { read: true },
      args: { name: t.arg.string({ required: true, description: "Name of the list." }) },
      resolve: (_root, { name }, { engine }) => findList(engine.context.database.db, name),
    }),
    lists: t.field({
      type: connections.lists,
      description: "All lists, by name.",
      authScopes: { read: true },
      args: page,
      resolve: async (_root, args, { engine }) =>
        connection(await pageLists(engine.context.database.db, args), ({ name }) => name),
    }),
    listMembers: t.field({
      type: connections.members,
      description: "The members of a list, by user id. Empty when there is no such list.",
      authScopes: { read: true },
      args: { ...page, list: t.arg.string({ required: true, description: "Name of the list." }) },
      resolve: async (_root, { list, ...args }, { engine }) =>
        connection(await pageMembers(engine.context.database.db, list, args), ({ userId }) => userId),
    }),
  }));
}

function addMemberMutations({ builder }: Kit): void {
  const member = builder.inputType("ListMemberInput", {
    description: "A user to add to a list.",
    fields: (t) => ({
      userId: t.id({ required: true, description: "Id of the user, who need not exist yet." }),
      properties: t.field({ type: "JSON", description: "Properties of the membership, merged deeply." }),
    }),
  });
  const added = builder.objectRef<{ ok: true; added: number; updated: number }>("AddListMembersSuccess").implement({
    description: "The users are members.",
    fields: (t) => ({
      added: t.exposeInt("added", { description: "How many were not members before." }),
      updated: t.exposeInt("updated", { description: "Of how many members the properties changed." }),
    }),
  });
  const removed = builder.objectRef<{ ok: true; removed: number }>("RemoveListMembersSuccess").implement({
    description: "The users are no members.",
    fields: (t) => ({ removed: t.exposeInt("removed", { description: "How many were members before." }) }),
  });
  builder.mutationFields((t) => ({
    addListMembers: t.field({
      type: resultOf(builder, added, ["INVALID_INPUT"]),
      nullable: true,
      description: "Adds up to 10,000 users to a list, which is made when there is none.",
      authScopes: { write: true },
      args: {
        list: t.arg.string({ required: true, description: "Name of the list." }),
        members: t.arg({ type: [member], required: true, description: "Whom to add." }),
      },
      resolve: (_root, { list, members }, { engine }) =>
        addListMembers(engine.context, {
          list,
          members: members.map(({ userId, properties }) => ({ userId, properties: (properties ?? {}) as JsonObject })),
        }),
    }),
    removeListMembers: t.field({
      type: resultOf(builder, removed, ["INVALID_INPUT", "UNKNOWN_LIST"]),
      nullable: true,
      description: "Removes up to 10,000 users from a list.",
      authScopes: { write: true },
      args: {
        list: t.arg.string({ required: true, description: "Name of the list." }),
        userIds: t.arg.idList({ required: true, description: "Whom to remove." }),
      },
      resolve: (_root, { list, userIds }, { engine }) => removeListMembers(engine.context, { list, userIds }),
    }),
  }));
}

function addListMutations({ builder }: Kit): void {
  const input = builder.inputType("ListInput", {
    description: "A list to make or to change.",
    fields: (t) => ({
      name: t.string({ required: true, description: "1 to 255 printable characters without spaces." }),
      properties: t.field({ type: "JSON", description: "The project's own properties, merged deeply." }),
    }),
  });
  const stored = builder.objectRef<{ ok: true; list: StoredList }>("UpsertListSuccess").implement({
    description: "The list is stored.",
    fields: (t) => ({ list: t.expose("list", { type: "List", description: "As it is now." }) }),
  });
  const gone = builder.objectRef<{ ok: true; name: string }>("DeleteListSuccess").implement({
    description: "The list is gone with its memberships; the users stay.",
    fields: (t) => ({ name: t.exposeString("name", { description: "Name of the list." }) }),
  });
  builder.mutationFields((t) => ({
    upsertList: t.field({
      type: resultOf(builder, stored, ["INVALID_INPUT"]),
      nullable: true,
      description: "Makes a list or changes the one of this name.",
      authScopes: { write: true },
      args: { input: t.arg({ type: input, required: true, description: "The list." }) },
      resolve: (_root, { input: { name, properties } }, { engine }) =>
        upsertList(engine.context, { name, properties: (properties ?? {}) as JsonObject }),
    }),
    deleteList: t.field({
      type: resultOf(builder, gone, ["UNKNOWN_LIST"]),
      nullable: true,
      description: "Deletes a list with its memberships.",
      authScopes: { write: true },
      args: { name: t.arg.string({ required: true, description: "Name of the list." }) },
      resolve: (_root, { name }, { engine }) => deleteList(engine.context, name),
    }),
  }));
}

/** Lists and their members. */
export function addLists(kit: Kit): void {
  addTypes(kit);
  addQueries(kit);
  addListMutations(kit);
  addMemberMutations(kit);
}
