import { KnockError } from "../../base/errors.ts";
import { findUnstorable } from "../../base/text.ts";
import { mergeUsers as merge, type UserMerge } from "../../store/merge-users.ts";
import { attempt, type Directory, type InTransaction, invalid, type Outcome } from "./directory.ts";

/**
 * Makes one user of two: `into` keeps its own members and takes over what it lacks, with memberships, messages and
 * schedules; `from` is deleted. Errors: `INVALID_INPUT` for one id twice, `NOT_FOUND`.
 */
export async function mergeUsers(
  directory: Directory,
  ids: UserMerge,
  options: InTransaction = {},
): Promise<Outcome<{ id: string }>> {
  const { into, from } = ids;
  if (into === from) {
    return invalid("The call", [{ path: ["from_user_id"], message: "Both ids are the same.", code: "invalid_value" }]);
  }
  const outcome = await attempt(directory, options, async (db) => ({
    found: findUnstorable(ids) === null ? await merge(db, ids, directory.clock.now()) : [],
  }));
  if (!outcome.ok) return outcome;
  const absent = [into, from].find((id) => !outcome.found.includes(id));
  if (absent === undefined) return { ok: true, id: into };
  return { ok: false, error: new KnockError("NOT_FOUND", { what: "user", id: absent }) };
}
