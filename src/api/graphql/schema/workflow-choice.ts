import { issueError } from "../request-errors.ts";
import { createInputTypes } from "../zod-input/pothos-types.ts";
import type { WorkflowInput } from "../zod-input/workflow-inputs.ts";
import type { Kit } from "./kit.ts";

/** The input type with one field per workflow, each with its data. */
export function addWorkflowChoice({ builder }: Kit, inputs: readonly WorkflowInput[]) {
  const types = createInputTypes(builder);
  const workflow = builder.inputRef<Record<string, unknown>>("NotifyWorkflowInput");
  workflow.implement({
    description: "Which workflow, with its data: exactly one field.",
    isOneOf: true,
    fields: (t) =>
      Object.fromEntries(
        inputs.map(({ field, shape, description }) => [field, t.field({ type: types.refOf(t, shape), description })]),
      ),
  });
  return workflow;
}

/** The type of `addWorkflowChoice`. */
export type WorkflowChoice = ReturnType<typeof addWorkflowChoice>;

/** Reads which workflow was chosen, and its data as zod wants it. */
export function chosenWorkflow(
  inputs: readonly WorkflowInput[],
): (given: object) => { workflow: string; data: unknown } {
  const byField = new Map(inputs.map((input) => [input.field, input]));
  return (given) => {
    // GraphQL lets exactly one through; an executor that does not know @oneOf would not.
    const fields = Object.entries(given).filter(([, value]) => value !== undefined);
    const [[field, data] = ["", null], ...others] = fields;
    const chosen = byField.get(field);
    if (!chosen || others.length > 0 || data === null) {
      throw issueError({
        path: ["input", "workflow"],
        message: "Give exactly one of the fields, and not null.",
        code: "one_of",
      });
    }
    return { workflow: chosen.workflow, data: chosen.decode(data) };
  };
}
