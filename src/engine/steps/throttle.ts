import { durationMs } from "../../base/duration.ts";
import type { ThrottleStep } from "../../registry/structure.ts";
import type { StepResult } from "../run.ts";
import { resolveSpan } from "../time/resolve-span.ts";
import {
  answerTo,
  keyText,
  refusedBy,
  sharedBy,
  skipped,
  timezoneFor,
  type Position,
  type StepContext,
} from "./step-context.ts";

const LONGEST = durationMs("31d");

/** Asks how many came. Without a window that ends nothing is counted: the run passes. */
function asking(step: ThrottleStep, context: StepContext): StepResult {
  const refused = refusedBy(step.when, context);
  if (refused) return refused;
  const { world, scope } = context;
  const span = resolveSpan(step.window, { scope, now: world.now, timezone: timezoneFor(context) });
  if ("code" in span) return { outcome: "skipped", ...span };
  if (span.at.getTime() - world.now.getTime() > LONGEST) {
    return {
      ...skipped("WINDOW_TOO_FAR", "the window is longer than 31 days"),
      ...(span.values && { values: span.values }),
    };
  }
  const shared = sharedBy(step.ref, keyText(step.key, context), context);
  return { outcome: "asks", request: { kind: "throttle", shared, endsAt: span.at } };
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
