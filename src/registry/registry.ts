// What is deployed: every workflow of the project, compiled.
import type { z } from "zod";
import type { WorkflowDefinition } from "../definition/workflow.ts";
import type { ContentTable } from "./content-table.ts";
import type { Structure } from "./structure.ts";

/** A workflow that passed every check. */
export interface CompiledWorkflow {
  key: string;
  /** The parser of the data that a call brings. */
  schema: z.ZodObject;
  structure: Structure;
  /** SHA-256 of the structure: equal meaning, equal hash, on any machine. */
  hash: string;
  /** SHA-256 of what the content renders on the examples; `null` when the workflow has none. */
  fingerprint: string | null;
  content: ContentTable;
  definition: WorkflowDefinition;
}

/** Every workflow by its key. Immutable: a reload makes a new registry. */
export type Registry = ReadonlyMap<string, CompiledWorkflow>;
