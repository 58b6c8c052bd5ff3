import type { Condition } from "../definition/conditions.ts";
import type { Plan } from "./plan.ts";
import type { Step } from "./structure.ts";

/** The labels of the code that a condition asks, each as often as it stands there. */
export function labelsIn(condition: Condition | null): string[] {
  switch (condition?.op) {
    case "all":
    case "any":
      return condition.of.flatMap(labelsIn);
    case "not":
      return labelsIn(condition.of);
    case "code":
      return [condition.label];
    default:
      return [];
  }
}

/** The labels of the code that the conditions of a step ask, without those of the steps inside it. */
export const labelsOf = (step: Step): string[] =>
  step.kind === "branch" ? step.arms.flatMap(({ when }) => labelsIn(when)) : labelsIn(step.when);

/** The labels of the code that anything in a workflow asks, each once. */
export const allLabels = ({ structure, byRef }: Plan): Set<string> =>
  new Set([...labelsIn(structure.when), ...[...byRef.values()].flatMap(({ step }) => labelsOf(step))]);
