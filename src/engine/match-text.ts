import { canonicalJson, hashJson, type JsonObject } from "../base/canonical-json.ts";

/** Longer ones are compared by their hash: an index entry has little room. */
const LONGEST = 500;

/** What a wait and a signal must have in common, as one text: equal objects give equal texts, in any order of keys. */
export function matchText(match: JsonObject): string {
  const text = canonicalJson(match);
  return text.length > LONGEST ? hashJson(match) : text;
}
