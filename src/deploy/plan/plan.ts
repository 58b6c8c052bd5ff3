// What a deploy would change, before it does: as data that the terminal, a pull request and programs show.
import type { SchemaChange } from "../../registry/diff/schema.ts";
import type { StructureChange } from "../../registry/diff/structure.ts";

/** A text that people would read otherwise, on one of the workflow's examples. */
export interface ContentChange {
  /** Ref of the step. */
  step: string;
  /** `subject`, `body`, … */
  slot: string;
  /** Name of the example. */
  example: string;
  /** Rendered by what is deployed; `null` when the slot is new. */
  before: string | null;
  /** Rendered by what is to be deployed; `null` when the slot is gone. */
  after: string | null;
}

/** Runs that wait in a version which the deploy leaves behind. */
export interface WaitingRuns {
  version: number;
  /** Ref and kind of the step at which they wait. */
  step: string;
  kind: string;
  runs: number;
  /** What the deploy means for them, as a sentence; `null` when nothing changes for them. */
  effect: string | null;
}

/** Data that is stored and that the new schema does not take. */
export interface StoredData {
  /** Where it is stored. */
  of: "schedules" | "waiting runs" | "open batches";
  /** How many of these do not fit, and how many were looked at. */
  misfits: number;
  looked: number;
  /** The first problem that was found: path and message. */
  problem: string;
}

/** What becomes of one workflow. */
export interface WorkflowPlan {
  key: string;
  change: "added" | "changed" | "unchanged" | "archived" | "restored";
  /** Number of the version that is deployed now; `null` for none. */
  from: number | null;
  /** Number of the version that new runs will have; `null` when archived. One that was deployed before keeps its number. */
  to: number | null;
  /** Steps and settings, in words. */
  structure: StructureChange[];
  content: ContentChange[];
  /** The code differs and nothing on the examples does, or there are no examples to tell. */
  codeOnly: "same on the examples" | "no examples" | null;
  data: SchemaChange[];
  waiting: WaitingRuns[];
  /** Batches that are open at steps of this workflow. */
  openBatches: number;
  stored: StoredData[];
  /** Why the deploy of this workflow breaks something, each as a sentence. */
  breaking: string[];
}

/** What a deploy would change. */
export interface DeployPlan {
  /** By key; unchanged ones too. */
  workflows: WorkflowPlan[];
  /** Lines of the GraphQL schema that go (`-`) and come (`+`), each with its mark. */
  graphql: string[];
  /** Anything differs. */
  changes: boolean;
  /** Anything breaks callers or runs under way. */
  breaking: boolean;
}
