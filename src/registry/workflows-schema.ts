// What every workflow takes, as one JSON Schema document for others: generators, validators, editors.
import { z } from "zod";
import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { CompiledWorkflow, Registry } from "./registry.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

function dataSchema({ key, schema, structure, definition }: CompiledWorkflow): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "input" }) as JsonObject;
  const { description } = definition.settings;
  // With an id of its own, references inside the schema stay inside it.
  return { $id: key, title: structure.name, ...(description !== undefined && { description }), ...rest };
}

/**
 * One JSON Schema (2020-12) document: `$defs` holds the schema of what a call of each workflow brings as `data`, by the
 * key of the workflow, in the order of the keys.
 */
export function workflowsSchema(registry: Registry): JsonObject {
  const sorted = [...registry.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const defs = Object.fromEntries(sorted.map((workflow): [string, Json] => [workflow.key, dataSchema(workflow)]));
  return { $schema: DIALECT, title: "What the workflows take", $defs: defs };
}
