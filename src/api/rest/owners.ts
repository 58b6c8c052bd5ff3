// Recipients that have channel data, preferences, messages, schedules: people and objects. Their routes are the same but
// for the path, so each is made once for both.
import { z } from "zod";
import { KnockError } from "../../base/errors.ts";
import { objectProblem, objectRecipientId } from "../../base/object-id.ts";
import { personIdProblem } from "../../base/text.ts";
import { invalidParam } from "./errors.ts";
import type { Route } from "./route.ts";

/** What tells the owner in a path. */
export interface Owner {
  /** `users` or `objects`, the beginning of the operations' names. */
  group: "users" | "objects";
  /** `/v1/users/:user_id`. */
  path: string;
  params: z.ZodObject;
  /** What a person may do there. */
  viewer: Pick<Route, "viewer">;
  /** The recipient's id. Refuses with 422 what can be nobody's. */
  recipientIdOf(params: Record<string, string>): string;
}

/** The owners that there are. */
export const owners: readonly Owner[] = [
  {
    group: "users",
    path: "/v1/users/:user_id",
    params: z.object({ user_id: z.string() }),
    viewer: { viewer: "user" },
    recipientIdOf({ user_id: id = "" }) {
      const problem = personIdProblem(id);
      if (problem) throw invalidParam(["user_id"], `A user id ${problem}.`, "invalid_id");
      return id;
    },
  },
  {
    group: "objects",
    path: "/v1/objects/:collection/:object_id",
    params: z.object({ collection: z.string(), object_id: z.string() }),
    viewer: {},
    recipientIdOf({ collection = "", object_id: id = "" }) {
      const found = objectProblem({ collection, id });
      const name = found?.part === "id" ? "object_id" : "collection";
      if (found) throw invalidParam([name], `The ${found.part} ${found.problem}.`, "invalid_id");
      return objectRecipientId({ collection, id });
    },
  },
];

/** Refuses a person to whom the tenant was not granted. */
export const tenantRefused = (): KnockError =>
  new KnockError("FORBIDDEN", { needed: "viewer", viewer: true, tenant: true });
