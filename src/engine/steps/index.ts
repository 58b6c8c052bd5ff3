import type { Planned } from "../../registry/plan.ts";
import type { StepResult } from "../run.ts";
import { batch } from "./batch.ts";
import { branch } from "./branch.ts";
import { channelStep } from "./channel.ts";
import { cohort } from "./cohort.ts";
import { delay } from "./delay.ts";
import { fetchStep } from "./fetch.ts";
import { notifyStep } from "./notify.ts";
import type { StepContext } from "./step-context.ts";
import { throttle } from "./throttle.ts";
import { updateUser } from "./update-user.ts";
import { waitFor } from "./wait-for.ts";

/** Executes one step. */
export function execute({ step, ...position }: Planned, context: StepContext): StepResult {
  switch (step.kind) {
    case "delay":
      return delay(step, context);
    case "batch":
      return batch(step, context);
    case "throttle":
      return throttle(step, context, position);
    case "branch":
      return branch(step, context, position);
    case "cohort":
      return cohort(step, context, position);
    case "fetch":
      return fetchStep(step, context);
    case "waitFor":
      return waitFor(step, context, position);
    case "updateUser":
      return updateUser(step, context);
    case "notify":
      return notifyStep(step, context);
    default:
      return channelStep(step, context);
  }
}
