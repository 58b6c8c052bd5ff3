import { deleteUser, upsertUser, upsertUsers } from "../../../engine/directory/users.ts";
import type { UserInput } from "../../../engine/notify-call.ts";
import { pageUsers } from "../../../store/users.ts";
import { connection } from "../connection.ts";
import { present } from "../present.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";
import { addRecipientFields } from "./recipient-fields.ts";

function addType(kit: Kit): void {
  const { builder } = kit;
  builder.objectType("User", {
    description: "A person: recipient or actor.",
    fields: (t) => ({
      id: t.exposeID("id", { description: "The project's own id of the person." }),
      name: t.exposeString("name", { nullable: true, description: "Full name." }),
      avatar: t.exposeString("avatar", { nullable: true, description: "URL of a picture." }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When the user became known." }),
      updatedAt: t.expose("updatedAt", { type: "DateTime", description: "When the user last changed." }),
    }),
  });
  addRecipientFields(kit, "User");
}

/** The input of a user, for upserts and for `identify`. */
export function addUserInput({ builder }: Kit) {
  return builder.inputType("UserInput", {
    description: "A user to create or to change. What is left out stays as it is; `null` empties.",
    fields: (t) => ({
      id: t.id({ required: true, description: "The project's own id of the person, 1 to 256 characters." }),
      name: t.string({ description: "Full name." }),
      email: t.string({ description: "E-mail address." }),
      phoneNumber: t.string({ description: "Phone number, for text messages." }),
      avatar: t.string({ description: "URL of a picture." }),
      locale: t.string({ description: "BCP 47, such as `de-CH`." }),
      timezone: t.string({ description: "IANA time zone, such as `Europe/Zurich`." }),
      properties: t.field({ type: "JSON", description: "The project's own properties, merged deeply." }),
      channelData: t.field({
        type: "JSON",
        description: "Addresses on further channels, by channel key; merged deeply.",
      }),
    }),
  });
}

/** A user as GraphQL gives it, as the engine takes it. */
export const toUserInput = (given: object): UserInput =>
  present(given, ["properties", "channelData"]) as unknown as UserInput;

function addMutations({ builder }: Kit, input: ReturnType<typeof addUserInput>): void {
  const one = builder.objectRef<{ ok: true; id: string }>("UpsertUserSuccess").implement({
    description: "The user is stored.",
    fields: (t) => ({
      id: t.exposeID("id", { description: "Id of the user." }),
      user: t.field({
        type: "User",
        nullable: true,
        description: "The user as stored; null when somebody deleted it since.",
        resolve: ({ id }, _args, { load }) => load.user(id),
      }),
    }),
  });
  const many = builder.objectRef<{ ok: true; ids: string[] }>("UpsertUsersSuccess").implement({
    description: "All users are stored.",
    fields: (t) => ({ count: t.int({ description: "How many different users.", resolve: ({ ids }) => ids.length }) }),
  });
  const gone = builder.objectRef<{ ok: true; id: string }>("DeleteUserSuccess").implement({
    description: "The user is gone, with preferences, memberships and messages.",
    fields: (t) => ({ id: t.exposeID("id", { description: "Id of the user." }) }),
  });
  builder.mutationFields((t) => ({
    upsertUser: t.field({
      type: resultOf(builder, one, ["INVALID_INPUT"]),
      nullable: true,
      description: "Creates a user or changes the one with this id.",
      authScopes: { write: true },
      args: { input: t.arg({ type: input, required: true, description: "The user." }) },
      resolve: (_root, args, { engine }) => upsertUser(engine.context, toUserInput(args.input)),
    }),
    upsertUsers: t.field({
      type: resultOf(builder, many, ["INVALID_INPUT"]),
      nullable: true,
      description: "Creates or changes up to 10,000 users: all of them or none.",
      authScopes: { write: true },
      args: { users: t.arg({ type: [input], required: true, description: "The users." }) },
      resolve: (_root, { users }, { engine }) => upsertUsers(engine.context, users.map(toUserInput)),
    }),
    deleteUser: t.field({
      type: resultOf(builder, gone, ["NOT_FOUND"]),
      nullable: true,
      description: "Deletes a user with preferences, memberships and messages.",
      authScopes: { write: true },
      args: { id: t.arg.id({ required: true, description: "Id of the user." }) },
      resolve: (_root, { id }, { engine }) => deleteUser(engine.context, id),
    }),
  }));
}

/** Users. */
export function addUsers(kit: Kit, input: ReturnType<typeof addUserInput>): void {
  const { builder, page, connections } = kit;
  addType(kit);
  addMutations(kit, input);
  builder.queryFields((t) => ({
    user: t.field({
      type: "User",
      nullable: true,
      description: "A user by id.",
      authScopes: { read: true },
      args: { id: t.arg.id({ required: true, description: "Id of the user." }) },
      resolve: (_root, { id }, { load }) => load.user(id),
    }),
    users: t.field({
      type: connections.users,
      description: "All users, by id.",
      authScopes: { read: true },
      args: page,
      resolve: async (_root, args, { engine }) =>
        connection(await pageUsers(engine.context.database.db, args), ({ id }) => id),
    }),
  }));
}
