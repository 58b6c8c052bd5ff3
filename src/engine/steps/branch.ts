import type { BranchStep } from "../../registry/structure.ts";
import type { StepResult } from "../run.ts";
import { decide, type Position, type StepContext } from "./step-context.ts";

/** Takes the first arm whose condition holds, else the way for all others, else none. */
export function branch(step: BranchStep, context: StepContext, { next }: Position): StepResult {
  const values: NonNullable<StepResult["values"]> = {};
  const reasons: string[] = [];
  for (const arm of step.arms) {
    const verdict = decide(arm.when, context);
    Object.assign(values, verdict.values);
    if (verdict.holds) {
      return {
        outcome: "done",
        next: arm.steps[0]?.ref ?? next,
        reason: `took "${arm.name}": ${verdict.reason}`,
        values,
      };
    }
    reasons.push(`not "${arm.name}": ${verdict.reason}`);
  }
  const way = step.otherwise ? "took the other way" : "took no way";
  return { outcome: "done", next: step.otherwise?.[0]?.ref ?? next, reason: `${way}: ${reasons.join("; ")}`, values };
}
