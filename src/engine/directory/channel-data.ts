import type { JsonObject } from "../../base/canonical-json.ts";
import { KnockError } from "../../base/errors.ts";
import { jsonProblem } from "../../base/stored-json.ts";
import { personIdProblem } from "../../base/text.ts";
import { objectIdProblem, objectOf } from "../../base/object-id.ts";
import {
  type ChannelDataInput,
  deleteChannelData as erase,
  putChannelData as store,
} from "../../store/channel-data.ts";
import { attempt, type Directory, type InTransaction, invalid, type Outcome } from "./directory.ts";

export type { ChannelDataInput };

const LENGTH = 256 * 1024;

/**
 * Puts what a channel knows of a recipient, such as push tokens, in the place of what it knew; a recipient that is not
 * known is made. Errors: `INVALID_INPUT`.
 */
export async function setChannelData(
  directory: Directory,
  input: ChannelDataInput,
  options: InTransaction = {},
): Promise<Outcome<{ data: JsonObject }>> {
  const { recipientId, data } = input;
  const problem = objectOf(recipientId) ? objectIdProblem(recipientId) : personIdProblem(recipientId);
  if (problem) {
    return invalid("The channel data", [{ path: ["recipientId"], message: `An id ${problem}.`, code: "invalid_id" }]);
  }
  // First: what is nested without end can neither be measured nor be looked through.
  const unstorable = jsonProblem(data);
  if (unstorable) return invalid("The channel data", [{ ...unstorable, path: ["data", ...unstorable.path] }]);
  if (JSON.stringify(data).length > LENGTH) {
    return invalid("The channel data", [
      { path: ["data"], message: "Channel data has at most 256 kB.", code: "too_big" },
    ]);
  }
  return attempt(directory, options, async (db) => {
    await store(db, input, directory.clock.now());
    return { data };
  });
}

/** Forgets what a channel knows of a recipient. Errors: `NOT_FOUND`. */
export async function unsetChannelData(
  directory: Directory,
  input: Omit<ChannelDataInput, "data">,
  options: InTransaction = {},
): Promise<Outcome> {
  const outcome = await attempt(directory, options, async (db) => ({
    found: await erase(db, input, directory.clock.now()),
  }));
  if (!outcome.ok) return outcome;
  if (outcome.found) return { ok: true };
  return { ok: false, error: new KnockError("NOT_FOUND", { what: "channel data", id: input.channel }) };
}
