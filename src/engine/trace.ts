// What is kept of each decision, for the people who ask why.
import { preview } from "../definition/preview.ts";
import type { TraceEntry } from "../store/schema/runs.ts";
import type { StepResult } from "./run.ts";

/** Characters of a value that a trace keeps. */
const LONGEST_VALUE = 200;

/** Characters of a reason. */
const LONGEST_REASON = 1_000;

/** Values as they are, but for long ones: a trace is read by people and kept for every run. */
export const readable = (values: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(values).map(([path, value]) => [
      path,
      typeof value === "number" || typeof value === "boolean" ? value : shortened(value),
    ]),
  );

function shortened(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" && value.length <= LONGEST_VALUE) return value;
  return preview(value, LONGEST_VALUE);
}

/** The entry for what a step came to. */
export function entryOf(
  { ref, kind }: { ref: string; kind: string },
  result: Exclude<StepResult, { outcome: "asks" }>,
): Omit<TraceEntry, "at"> {
  const { outcome, code, reason, values, preferences } = result;
  return {
    ref,
    kind,
    outcome,
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason: reason.slice(0, LONGEST_REASON) }),
    ...(values !== undefined && Object.keys(values).length > 0 && { values: readable(values) }),
    ...(preferences !== undefined && { preferences }),
  };
}

/** Adds an entry. A step that waited or failed and now goes on keeps one: its outcome, not its history. */
export function note(trace: TraceEntry[], entry: Omit<TraceEntry, "at">, now: Date): void {
  const last = trace.at(-1);
  if (last?.ref === entry.ref && (last.outcome === "waiting" || last.outcome === "failed")) trace.pop();
  trace.push({ ...entry, at: now.toISOString() });
}
