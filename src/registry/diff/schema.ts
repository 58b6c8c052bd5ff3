// How one data schema differs from another, and for whom that breaks something.
import type { JsonObject } from "../../base/canonical-json.ts";

/** One difference between two data schemas. */
export interface SchemaChange {
  /** Where: `data.invitee.email`; `data` for the whole. */
  path: string;
  /** What differs, in words: `new required key`. */
  text: string;
  /**
   * `callers`: a call that was accepted may be refused. `runs`: content and conditions may meet data that was stored
   * under the old schema and does not fit the new one. `null`: nobody notices.
   */
  breaks: "callers" | "runs" | null;
}

/** Every difference between two reduced JSON Schemas (see `inputJsonSchema`), in the order of their paths. */
export function schemaChanges(_before: JsonObject, _after: JsonObject): SchemaChange[] {
  return [];
}
