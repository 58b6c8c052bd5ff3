// What the parts of the comparison of two schemas share.
import { canonicalJson, type Json, type JsonObject } from "../../base/canonical-json.ts";
import type { SchemaChange } from "./schema.ts";

/** The same place in two schemas. */
export interface Pair<T> {
  before: T;
  after: T;
}

/** One comparison of two schemas. */
export interface SchemaWalk {
  /** The whole schemas, to which references lead. */
  before: JsonObject;
  after: JsonObject;
  /** Pairs of schemas that are being compared further up: a schema may hold itself. */
  open: Set<string>;
  /** How many parts may still be compared. */
  budget: { left: number };
  /** Compares two schemas at a path. */
  compare(this: void, walk: SchemaWalk, pair: Pair<Json>, path: string): SchemaChange[];
}

/** Whether changes leave every call that was accepted accepted, with all it says. */
export const harmless = (changes: readonly SchemaChange[]): boolean =>
  changes.every(({ breaks }) => breaks !== "callers");

/** A change at a path. */
export const change = (path: string, text: string, breaks: SchemaChange["breaks"] = null): SchemaChange => ({
  path,
  text,
  breaks,
});

/** Whether the text of a schema leads elsewhere. */
export const refers = (text: string): boolean => text.includes('"$ref"');

/** Whether the texts of two schemas are the same, and all that they refer to. */
export function same(walk: SchemaWalk, [old, now]: readonly [string, string]): boolean {
  if (old !== now) return false;
  const definitions = [walk.before.$defs, walk.after.$defs].map((definitions) => canonicalJson(definitions ?? {}));
  return !refers(old) || (definitions[0] === definitions[1] && !`${old}${definitions[0]}`.includes('"$ref":"#"'));
}
