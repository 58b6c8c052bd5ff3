import { durationMs } from "../../base/duration.ts";
import type { ThrottleStep } from "../../registry/structure.ts";
import type { StepResult } from "../run.ts";
import {
  answerTo,
  keyText,
  refusedBy,
  sharedBy,
  windowEnd,
  type Position,
  type Reach,
  type StepContext,
} from "./step-context.ts";

const REACH: Reach = { longest: durationMs("31d"), tooFar: "the window is longer than 31 days" };

/** Asks how many came. Without a window that ends nothing is counted: the run passes. */
function asking(step: ThrottleStep, context: StepContext): StepResult {
  const refused = refusedBy(step.when, context);
  if (refused) return refused;
  const end = windowEnd(step.window, context, REACH);
  if ("outcome" in end) return end;
  const shared = sharedBy(step.ref, keyText(step.key, context), context);
  return { outcome: "asks", request: { kind: "throttle", shared, endsAt: end.at } };
}

/** Lets so many runs pass per window; one that is too many ends, or leaves out the next step. */
export function throttle(step: ThrottleStep, context: StepContext, { afterNext }: Position): StepResult {
  const answer = answerTo("throttle", context);
  if (!answer) return asking(step, context);
  const { count, endsAt } = answer;
  const passes = count <= step.limit;
  const place = passes ? `number ${count} of ${step.limit}` : `number ${count}, when ${step.limit} may pass,`;
  const reason = `${place} in this window, until ${endsAt.toISOString()}`;
  if (passes) return { outcome: "done", left: { breached: false }, reason };
  const breach = { code: "THROTTLED", reason, left: { breached: true } };
  return step.onBreach === "halt" ? { outcome: "halted", ...breach } : { outcome: "done", next: afterNext, ...breach };
}
