import { createHash } from "node:crypto";
import type { CohortStep } from "../../registry/structure.ts";
import type { StepResult } from "../run.ts";
import { keyText, refusedBy, type Position, type StepContext } from "./step-context.ts";

/** A number from 0 to below 1 that is always the same for a text, and evenly spread over texts. */
const fractionOf = (text: string) => createHash("sha256").update(text).digest().readUIntBE(0, 6) / 2 ** 48;

/** Takes the way that the weights give to this key: the same key takes the same way each time. */
export function cohort(step: CohortStep, context: StepContext, { next }: Position): StepResult {
  const refused = refusedBy(step.when, context);
  if (refused) return { ...refused, left: { cohort: null } };
  const key = keyText(step.by ?? ["recipient.id"], context);
  const total = step.cohorts.reduce((sum, { weight }) => sum + weight, 0);
  let left = fractionOf(`${context.world.plan.structure.key}\0${step.ref}\0${key}`) * total;
  const chosen = step.cohorts.find(({ weight }) => (left -= weight) < 0) ?? step.cohorts.at(-1)!;
  return {
    outcome: "done",
    next: chosen.steps[0]?.ref ?? next,
    left: { cohort: chosen.name },
    reason: `cohort "${chosen.name}", by ${step.by?.join(", ") ?? "recipient.id"}`,
  };
}
