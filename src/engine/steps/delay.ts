import { formatDuration } from "../../base/duration.ts";
import { parseInstant } from "../../base/instant.ts";
import { readPath } from "../../definition/read-path.ts";
import type { DelayStep } from "../../registry/structure.ts";
import type { StepResult } from "../run.ts";
import { decide, type StepContext } from "./step-context.ts";

const LONGEST = 365 * 86_400_000;

const skipped = (code: string, reason: string): StepResult => ({ outcome: "skipped", code, reason });

function untilOf(path: string, { scope, world }: StepContext): StepResult {
  const value = readPath(scope, path);
  if (value === null || value === undefined) return skipped("TIMESTAMP_MISSING", `${path} is missing`);
  const until = typeof value === "string" ? parseInstant(value) : null;
  if (until === null) return skipped("TIMESTAMP_INVALID", `${path} is not an ISO 8601 timestamp`);
  const left = until - world.now.getTime();
  const values = { [path]: value as string };
  if (left <= 0) return { ...skipped("TIMESTAMP_PAST", `${path} is in the past`), values };
  if (left > LONGEST) return { ...skipped("TIMESTAMP_TOO_FAR", `${path} is more than 365 days away`), values };
  return { outcome: "waiting", until: new Date(until), reason: `until ${path}`, values };
}

/** Waits, unless it has already waited. */
export function delay(step: DelayStep, context: StepContext): StepResult {
  if (context.run.state.waited) return { outcome: "done" };
  const verdict = step.when && decide(step.when, context);
  if (verdict && !verdict.holds) return { ...skipped("CONDITION", verdict.reason), values: verdict.values };
  if ("until" in step.wait) return untilOf(step.wait.until, context);
  if (step.wait.for === 0) return { outcome: "done" };
  const until = new Date(context.world.now.getTime() + step.wait.for);
  return { outcome: "waiting", until, reason: `for ${formatDuration(step.wait.for)}` };
}
