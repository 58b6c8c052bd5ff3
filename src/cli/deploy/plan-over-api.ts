// A plan as the API carries it: enums in capitals, otherwise the plan itself.
import type { JsonObject } from "../../base/canonical-json.ts";
import type { DeployPlan, StoredData, WorkflowPlan } from "../../deploy/plan/plan.ts";
import type { StructureChange } from "../../registry/diff/structure.ts";

/** What is asked for of a plan: everything. */
export const PLAN = `changes breaking graphql workflows {
  key change from to codeOnly openBatches breaking
  structure { mark ref kind texts }
  content { step slot example before after }
  data { path text breaks }
  waiting { version step kind runs effect }
  stored { of misfits looked problem }
}`;

const marks: Readonly<Record<string, StructureChange["mark"]>> = { ADDED: "+", REMOVED: "-", CHANGED: "~", MOVED: ">" };

const lower = (value: unknown): string => String(value).toLowerCase();

/** `SAME_ON_EXAMPLES` as `same on the examples`. */
const codeOnly: Readonly<Record<string, WorkflowPlan["codeOnly"]>> = {
  SAME_ON_EXAMPLES: "same on the examples",
  NO_EXAMPLES: "no examples",
};

/** A workflow's plan in which values are still those of the API. */
type Wire = { [Member in keyof WorkflowPlan]: unknown } & {
  structure: (Omit<StructureChange, "mark"> & { mark: string })[];
  data: (Omit<WorkflowPlan["data"][number], "breaks"> & { breaks: string | null })[];
  stored: (Omit<StoredData, "of"> & { of: string })[];
};

const workflowOf = (wire: Wire): WorkflowPlan =>
  ({
    ...wire,
    change: lower(wire.change),
    codeOnly: codeOnly[String(wire.codeOnly)] ?? null,
    structure: wire.structure.map((change) => ({ ...change, mark: marks[change.mark] })),
    data: wire.data.map((change) => ({ ...change, breaks: change.breaks && lower(change.breaks) })),
    stored: wire.stored.map((stored) => ({ ...stored, of: lower(stored.of).replaceAll("_", " ") })),
  }) as WorkflowPlan;

/** The plan of an answer. */
export function inWords(plan: JsonObject): DeployPlan {
  const { changes, breaking, graphql, workflows } = plan as unknown as Omit<DeployPlan, "workflows"> & {
    workflows: Wire[];
  };
  return { changes, breaking, graphql, workflows: workflows.map(workflowOf) };
}
