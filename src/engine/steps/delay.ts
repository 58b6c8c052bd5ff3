import { formatDuration } from "../../base/duration.ts";
import { wallTime } from "../../base/zone.ts";
import type { DelayStep, Span } from "../../registry/structure.ts";
import type { StepResult } from "../run.ts";
import { spanText } from "../time/resolve-span.ts";
import { refusedBy, timezoneFor, windowEnd, type StepContext } from "./step-context.ts";

/** What the wait is called in the trace. */
function reasonOf(wait: Span, until: Date, timezone: string): string {
  if ("for" in wait) return `for ${formatDuration(wait.for)}`;
  if ("at" in wait) return `until ${spanText(wait)}`;
  return `until ${wallTime(until, timezone).toString({ smallestUnit: "minute" }).replace("T", " ")} ${timezone}`;
}

/** Waits, unless it has already waited. */
export function delay({ wait, when }: DelayStep, context: StepContext): StepResult {
  if (context.run.state.waited) return { outcome: "done" };
  const refused = refusedBy(when, context);
  if (refused) return refused;
  if ("for" in wait && wait.for === 0) return { outcome: "done" };
  const end = windowEnd(wait, context);
  if ("outcome" in end) return end;
  const { at: until, ...read } = end;
  return { outcome: "waiting", until, reason: reasonOf(wait, until, timezoneFor(context)), ...read };
}
