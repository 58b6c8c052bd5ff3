import { z } from "zod";
import { inOneTransaction } from "../../engine/directory/directory.ts";
import { setManyPreferences } from "../../engine/directory/many-preferences.ts";
import { mergeUsers } from "../../engine/directory/merge-users.ts";
import { deleteUser, upsertUser } from "../../engine/directory/users.ts";
import type { UserInput } from "../../engine/notify-call.ts";
import { reachesTenant } from "../../engine/viewer/viewer.ts";
import { findUsers, pageUsers } from "../../store/users.ts";
import { missing, succeeded } from "./errors.ts";
import { owners, tenantRefused } from "./owners.ts";
import { pageArguments, pageInfoOf, pageQuery } from "./paging.ts";
import { membersOf, preferencesIn, recipientFields } from "./recipient-input.ts";
import { type RestContext, route } from "./route.ts";
import { entriesOf } from "./shapes/shape.ts";
import { presentUser, userShape } from "./shapes/user.ts";

const params = z.object({ user_id: z.string() });

const [people] = owners;

async function answer({ engine }: RestContext, id: string) {
  const user = (await findUsers(engine.context.database.db, [id])).get(id);
  if (!user || user.collection !== null) throw missing("user");
  return { status: 200, body: presentUser(user) };
}

/** Users. */
export const userRoutes = [
  route({
    method: "GET",
    path: "/v1/users",
    operation: "users.list",
    summary: "All users, by id.",
    scope: "read",
    query: z.object({ ...pageQuery, include: z.array(z.string()).optional() }),
    responses: { 200: entriesOf(userShape) },
    async handle({ query }, { engine }) {
      const page = await pageUsers(engine.context.database.db, pageArguments(query));
      return { status: 200, body: { entries: page.nodes.map(presentUser), page_info: pageInfoOf(page, query) } };
    },
  }),
  route({
    method: "GET",
    path: "/v1/users/:user_id",
    operation: "users.get",
    summary: "A user by id.",
    scope: "read",
    viewer: "user",
    params,
    responses: { 200: userShape },
    handle: async (input, context) => answer(context, people!.recipientIdOf(input.params)),
  }),
  route({
    method: "PUT",
    path: "/v1/users/:user_id",
    operation: "users.identify",
    summary: "Creates a user or merges deeply into the one with this id; `null` empties.",
    scope: "write",
    viewer: "user",
    params,
    body: z.looseObject(recipientFields),
    example: { name: "Ada", email: "ada@example.com", timezone: "Europe/London", plan: "pro" },
    responses: { 200: userShape },
    async handle(input, context) {
      const id = people!.recipientIdOf(input.params);
      const { context: engine } = context.engine;
      const user: UserInput = { ...membersOf(context, input.body, []), id };
      const preferences = preferencesIn(context, id, { given: input.body, path: [] });
      const { viewer } = context.identity;
      if (!preferences.every(({ tenantId }) => reachesTenant(viewer, tenantId))) throw tenantRefused();
      await inOneTransaction(engine, {}, async (tx) => {
        succeeded(await upsertUser(engine, user, { tx }));
        if (preferences.length > 0) succeeded(await setManyPreferences(engine, preferences, { tx }));
      });
      return answer(context, id);
    },
  }),
  route({
    method: "DELETE",
    path: "/v1/users/:user_id",
    operation: "users.delete",
    summary: "Deletes a user with preferences, subscriptions, schedules and messages.",
    scope: "write",
    params,
    responses: { 204: null },
    async handle(input, { engine }) {
      succeeded(await deleteUser(engine.context, people!.recipientIdOf(input.params)));
      return { status: 204 };
    },
  }),
  route({
    method: "POST",
    path: "/v1/users/:user_id/merge",
    operation: "users.merge",
    summary: "Merges another user into this one, whose properties win; the other one is deleted.",
    scope: "write",
    params,
    body: z.object({ from_user_id: z.string() }),
    responses: { 200: userShape },
    async handle({ params: { user_id: id }, body }, context) {
      const into = people!.recipientIdOf({ user_id: id });
      succeeded(await mergeUsers(context.engine.context, { into, from: body.from_user_id }));
      return answer(context, into);
    },
  }),
];
