import type { Planned } from "../../registry/plan.ts";
import type { StepResult } from "../run.ts";
import { branch } from "./branch.ts";
import { channelStep } from "./channel.ts";
import { delay } from "./delay.ts";
import type { StepContext } from "./step-context.ts";

/** Executes one step. */
export function execute({ step, next }: Planned, context: StepContext): StepResult {
  switch (step.kind) {
    case "delay":
      return delay(step, context);
    case "branch":
      return branch(step, context, next);
    default:
      return channelStep(step, context);
  }
}
