// How one structure differs from another, step by step, in words.
import type { Structure } from "../structure.ts";

/** One difference between two structures: of a step, or of the workflow itself. */
export interface StructureChange {
  /** Added, removed, changed, moved. */
  mark: "+" | "-" | "~" | ">";
  /** Ref of the step; `null` for a setting of the workflow. */
  ref: string | null;
  /** Kind of the step; `null` for a setting. */
  kind: string | null;
  /** In words: `for 1h → 2h`. One text for each thing that differs. */
  texts: string[];
}

/** Every difference between two structures but for their data schemas. */
export function structureChanges(_before: Structure, _after: Structure): StructureChange[] {
  return [];
}
