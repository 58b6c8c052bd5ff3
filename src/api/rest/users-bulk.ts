// Many users in one call. What is wrong with one of them refuses the call: clients learn it at once, with its place.
import { z } from "zod";
import { inBulk } from "../../engine/directory/bulk.ts";
import { setManyPreferences } from "../../engine/directory/many-preferences.ts";
import { upsertUsers } from "../../engine/directory/users.ts";
import type { UserInput } from "../../engine/notify-call.ts";
import { deleteUsers } from "../../store/users.ts";
import { succeeded } from "./errors.ts";
import { changeFromWire } from "./preferences-wire.ts";
import { membersOf, preferencesIn, recipientFields } from "./recipient-input.ts";
import { route } from "./route.ts";
import { bulkOperationShape, presentBulkOperation } from "./shapes/bulk-operation.ts";
import { preferenceSetRequest } from "./shapes/preference-set.ts";

/** The most things of one call. */
export const MOST_IN_BULK = 1_000;

const ids = z.array(z.string()).min(1).max(MOST_IN_BULK);

const responses = { 200: bulkOperationShape };

/** Many users at once. */
export const userBulkRoutes = [
  route({
    method: "POST",
    path: "/v1/users/bulk/identify",
    operation: "users.bulk.identify",
    summary: "Creates or merges up to 1,000 users: all of them or none.",
    scope: "write",
    body: z.object({
      users: z
        .array(z.looseObject({ id: z.string(), ...recipientFields }))
        .min(1)
        .max(MOST_IN_BULK),
    }),
    responses,
    async handle({ body: { users } }, context) {
      const { context: engine } = context.engine;
      const given = users.map((user, index): UserInput => ({
        ...membersOf(context, user, ["users", index]),
        id: user.id,
      }));
      const preferences = users.flatMap((user, index) =>
        preferencesIn(context, user.id, { given: user, path: ["users", index] }),
      );
      const operation = await inBulk(engine, { name: "users.identify", total: users.length }, async (tx) => {
        succeeded(await upsertUsers(engine, given, { tx }));
        if (preferences.length > 0) succeeded(await setManyPreferences(engine, preferences, { tx }));
        return { succeeded: users.length };
      });
      return { status: 200, body: presentBulkOperation(operation) };
    },
  }),
  route({
    method: "POST",
    path: "/v1/users/bulk/delete",
    operation: "users.bulk.delete",
    summary: "Deletes up to 1,000 users; those that there are not are counted as errors.",
    scope: "write",
    body: z.object({ user_ids: ids }),
    responses,
    async handle({ body: { user_ids: given } }, { engine }) {
      const wanted = [...new Set(given)];
      const { clock } = engine.context;
      const operation = await inBulk(engine.context, { name: "users.delete", total: wanted.length }, async (tx) => {
        const gone = new Set(await deleteUsers(tx, wanted, clock.now()));
        const absent = wanted.filter((id) => !gone.has(id));
        return { succeeded: gone.size, errors: absent.map((id) => ({ id, message: "There is no such user." })) };
      });
      return { status: 200, body: presentBulkOperation(operation) };
    },
  }),
  route({
    method: "POST",
    path: "/v1/users/bulk/preferences",
    operation: "users.bulk.setPreferences",
    summary: "Puts one preference set in the place of what up to 1,000 users have.",
    scope: "write",
    body: z.object({ user_ids: ids, preferences: preferenceSetRequest }),
    responses,
    async handle({ body: { user_ids: given, preferences } }, context) {
      const { context: engine } = context.engine;
      const change = changeFromWire(context, preferences, { path: ["preferences"], mode: "REPLACE" });
      const tenantId = preferences.id === undefined || preferences.id === "default" ? null : preferences.id;
      const changes = [...new Set(given)].map((recipientId) => ({ recipientId, tenantId, ...change }));
      const total = changes.length;
      const operation = await inBulk(engine, { name: "users.preferences", total }, async (tx) => {
        succeeded(await setManyPreferences(engine, changes, { tx }));
        return { succeeded: total };
      });
      return { status: 200, body: presentBulkOperation(operation) };
    },
  }),
];
