import { type Issue, KnockError } from "../../base/errors.ts";
import { OBJECT_MARK } from "../../base/object-id.ts";
import {
  addListMembers as add,
  deleteList as erase,
  findList,
  type ListInput,
  MAX_MEMBERS_PER_CALL,
  type MemberInput,
  removeListMembers as remove,
  type StoredList,
  upsertList as store,
} from "../../store/lists.ts";
import { ownListNameProblem } from "../../base/text.ts";
import type { Refused } from "../notify-call.ts";
import { attempt, type Directory, type InTransaction, invalid, type Outcome } from "./directory.ts";
import { propertiesIssues } from "./user-input.ts";

/** The subscribers of an object are its own matter. */
const isOfObject = (name: string): boolean => name.startsWith(OBJECT_MARK);

const unknown = (list: string): Refused => ({ ok: false, error: new KnockError("UNKNOWN_LIST", { list }) });

const reservedIssues = (path: string, name: string): Issue[] => {
  const problem = ownListNameProblem(name);
  return problem ? [{ path: [path], message: `The name of a list ${problem}.`, code: "invalid_id" }] : [];
};

/** Creates a list or merges properties into it. Errors: `INVALID_INPUT`. */
export async function upsertList(
  directory: Directory,
  input: ListInput,
  options: InTransaction = {},
): Promise<Outcome<{ list: StoredList }>> {
  const issues = [...reservedIssues("name", input.name), ...propertiesIssues(input.properties, ["properties"])];
  if (issues.length > 0) return invalid("The list", issues);
  return attempt(directory, options, async (db) => ({ list: await store(db, input, directory.clock.now()) }));
}

/** Deletes a list with its memberships; the users stay. Errors: `UNKNOWN_LIST`. */
export async function deleteList(
  directory: Directory,
  name: string,
  options: InTransaction = {},
): Promise<Outcome<{ name: string }>> {
  if (isOfObject(name)) return unknown(name);
  const outcome = await attempt(directory, options, async (db) => ({
    found: await erase(db, name, directory.clock.now()),
  }));
  if (!outcome.ok) return outcome;
  return outcome.found ? { ok: true, name } : unknown(name);
}

function memberIssues(members: readonly MemberInput[]): Issue[] {
  if (members.length > MAX_MEMBERS_PER_CALL) return [];
  return members.flatMap(({ properties }, index) => propertiesIssues(properties, ["members", index, "properties"]));
}

/**
 * Adds members to a list, which is made when absent; members may be users that do not exist yet. For a
 * present member the properties are merged. At most 10,000 a call. Errors: `INVALID_INPUT`.
 *
 * @example await addListMembers(directory, { list: "team.7.members", members: [{ userId: "user_1", properties: { role: "admin" } }] })
 */
export async function addListMembers(
  directory: Directory,
  input: { list: string; members: readonly MemberInput[] },
  options: InTransaction = {},
): Promise<Outcome<{ added: number; updated: number }>> {
  const issues = [...reservedIssues("list", input.list), ...memberIssues(input.members)];
  if (issues.length > 0) return invalid("The call", issues);
  return attempt(directory, options, (db) => add(db, input, directory.clock.now()));
}

/** Removes members from a list; says how many there were. At most 10,000 a call. Errors: `INVALID_INPUT`, `UNKNOWN_LIST`. */
export async function removeListMembers(
  directory: Directory,
  input: { list: string; userIds: readonly string[] },
  options: InTransaction = {},
): Promise<Outcome<{ removed: number }>> {
  if (isOfObject(input.list)) return unknown(input.list);
  const outcome = await attempt(directory, options, async (db) => ({
    removed: await remove(db, input, directory.clock.now()),
    known: (await findList(db, input.list)) !== null,
  }));
  if (!outcome.ok) return outcome;
  return outcome.known ? { ok: true, removed: outcome.removed } : unknown(input.list);
}
