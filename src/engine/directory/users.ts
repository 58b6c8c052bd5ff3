import { KnockError } from "../../base/errors.ts";
import { OBJECT_MARK } from "../../base/object-id.ts";
import { deleteUser as erase, MAX_USERS_PER_CALL, upsertUsers as store } from "../../store/users.ts";
import type { Refused, UserInput } from "../notify-call.ts";
import { attempt, type Directory, type InTransaction, invalid, type Outcome } from "./directory.ts";
import { userIssues } from "./user-input.ts";

/**
 * Creates users, or merges into those that exist: absent members stay, `null` empties, properties are
 * merged deeply. At most 10,000 a call; all or none are stored. Errors: `INVALID_INPUT`.
 *
 * @example await upsertUsers(directory, [{ id: "user_1", email: "ada@example.com", properties: { plan: "pro" } }])
 */
export async function upsertUsers(
  directory: Directory,
  users: readonly UserInput[],
  options: InTransaction = {},
): Promise<Outcome<{ ids: string[] }>> {
  // Looked at before a million users are checked one by one.
  if (users.length <= MAX_USERS_PER_CALL) {
    const issues = users.flatMap((user, index) => userIssues(user, ["users", index]));
    if (issues.length > 0) return invalid("The call", issues);
  }
  return attempt(directory, options, async (db) => {
    await store(db, users, directory.clock.now());
    return { ids: [...new Set(users.map(({ id }) => id))] };
  });
}

/** Creates one user or merges into it. Errors: `INVALID_INPUT`. */
export async function upsertUser(
  directory: Directory,
  user: UserInput,
  options: InTransaction = {},
): Promise<Outcome<{ id: string }>> {
  const issues = userIssues(user, []);
  if (issues.length > 0) return invalid("The user", issues);
  return attempt(directory, options, async (db) => {
    await store(db, [user], directory.clock.now());
    return { id: user.id };
  });
}

const unknown = (id: string): Refused => ({ ok: false, error: new KnockError("NOT_FOUND", { what: "user", id }) });

/** Deletes a user with preferences, memberships and messages. Errors: `NOT_FOUND`. */
export async function deleteUser(
  directory: Directory,
  id: string,
  options: InTransaction = {},
): Promise<Outcome<{ id: string }>> {
  if (id.startsWith(OBJECT_MARK)) return unknown(id);
  const outcome = await attempt(directory, options, async (db) => ({
    found: await erase(db, id, directory.clock.now()),
  }));
  if (!outcome.ok) return outcome;
  return outcome.found ? { ok: true, id } : unknown(id);
}
