// How one data schema differs from another, and for whom that breaks something.
//
// What counts as breaking, and why:
//
// * `callers`: some call that was accepted is refused (new required key, narrowed enum, other type, tighter bounds), or
//   something it says no longer counts without a word: zod drops keys that it does not know, so a key that is removed is
//   lost although the call is accepted. Keys that were dropped before do not count: nothing was read from them, and
//   the GraphQL types never took them. So a new optional key breaks nobody.
// * `runs`: what is stored of old calls (the parsed data of runs that wait, activities of open batches) does not fit
//   the new schema although new calls do: content that is deployed now reads it. That is so for a key that parsing
//   now always gives (a new one with a default, or an optional one that got a default): old data lacks it.
// * `null`: everything else. What was stored under a schema that takes less fits one that takes more, so "no longer
//   required", a further enum value or a wider bound break nobody. Another default changes what future calls mean and
//   fits both schemas. A removed key stays in the data of runs under way, whose conditions are their own.
//
// Whatever breaks callers may also misfit stored data; only the worse is told. What JSON Schema cannot state (flags of
// regular expressions, refinements, transforms, coercion, catch) is not compared. What cannot be decided breaks callers.
import { canonicalJson, type JsonObject } from "../../base/canonical-json.ts";
import { compare } from "./schema-compare.ts";
import type { SchemaWalk } from "./schema-walk.ts";

/** One difference between two data schemas. */
export interface SchemaChange {
  /** Where: `data.invitee.email`, `data.items[]`, `data.map.*`, `data.event(kind: "paid").sum`; `data` for the whole. */
  path: string;
  /** What differs, in words: `new required key`. */
  text: string;
  /**
   * `callers`: a call that was accepted may be refused, or lose a part. `runs`: content and conditions may meet data that
   * was stored under the old schema and does not fit the new one. `null`: nobody notices.
   */
  breaks: "callers" | "runs" | null;
}

/** Parts of two schemas that are compared at most: unions in unions multiply. */
const MOST_PARTS = 20_000;

/**
 * Every difference between two reduced JSON Schemas (see `inputJsonSchema`), in the order of their paths. Schemas that
 * differ in their text alone give one change that breaks nobody.
 *
 * @param root What the whole is called. Default: `data`.
 */
export function schemaChanges(before: JsonObject, after: JsonObject, root = "data"): SchemaChange[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  const walk: SchemaWalk = { before, after, open: new Set(), budget: { left: MOST_PARTS }, compare };
  const found = compare(walk, { before: { $ref: "#" }, after: { $ref: "#" } }, root);
  const unique = [...new Map(found.map((change) => [canonicalJson(change), change])).values()];
  if (unique.length === 0) return [{ path: root, text: "written in another way, means the same", breaks: null }];
  return unique.toSorted((a, b) => (a.path === b.path ? 0 : a.path < b.path ? -1 : 1));
}
