// When a window ends: one pure function for all steps that wait or collect.
import { z } from "zod";
import { formatDuration, parseDuration } from "../../base/duration.ts";
import { parseInstant } from "../../base/instant.ts";
import { instantOf, wallTime } from "../../base/zone.ts";
import { readPath } from "../../definition/read-path.ts";
import type { Length } from "../../definition/window.ts";
import type { Span } from "../../registry/structure.ts";
import { nextOfRule, windowRule } from "./window-rule.ts";

const DAY = 86_400_000;
const LONGEST = 365 * DAY;

/** Why a window has no end that can be waited for. */
export type SpanProblem = "WINDOW_MISSING" | "WINDOW_INVALID" | "WINDOW_PAST" | "WINDOW_TOO_FAR";

/** When a window ends, or why there is none; `values` hold what was read from the data. */
export type ResolvedSpan =
  | { at: Date; values?: Record<string, unknown> }
  | { code: SpanProblem; reason: string; values?: Record<string, unknown> };

export interface SpanContext {
  /** What paths are read from. */
  scope: unknown;
  now: Date;
  /** IANA zone in which rules and months are meant. */
  timezone: string;
}

const length = z.strictObject({
  unit: z.enum(["seconds", "minutes", "hours", "days", "weeks", "months"]),
  value: z.int().nonnegative().max(1_000_000_000),
});

/** More months than may be waited for, and few enough for any calendar. */
const MONTHS_AT_ALL = 100;

const FIXED = { seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: DAY, weeks: 7 * DAY };

/** Milliseconds since 1970 of the end of a length; infinite when no calendar goes so far. */
function afterLength({ unit, value }: Length, { now, timezone }: SpanContext): number {
  if (unit !== "months") return now.getTime() + value * FIXED[unit];
  if (value > MONTHS_AT_ALL) return Infinity;
  return instantOf(wallTime(now, timezone).add({ months: value }), timezone).getTime();
}

/** Milliseconds since 1970 of the instant that a value means; `null` when it means none. */
function instantOfValue(value: unknown, context: SpanContext): number | null {
  if (typeof value === "string") {
    const duration = parseDuration(value);
    return duration === null ? parseInstant(value) : context.now.getTime() + duration;
  }
  const asLength = length.safeParse(value);
  if (asLength.success) return afterLength(asLength.data, context);
  const asRule = windowRule.safeParse(value);
  return asRule.success ? (nextOfRule(asRule.data, context)?.getTime() ?? Infinity) : null;
}

type SpanFrom = Extract<Span, { at: string }>;

/** What a window from the data is called in a reason: `2h before data.at`. */
export function spanText({ at: path, offset }: SpanFrom): string {
  return offset === 0 ? path : `${formatDuration(Math.abs(offset))} ${offset < 0 ? "before" : "after"} ${path}`;
}

const tooFar = (what: string) => ({ code: "WINDOW_TOO_FAR", reason: `${what} is more than 365 days away` }) as const;

function fromData(span: SpanFrom, context: SpanContext): ResolvedSpan {
  const { at: path, offset } = span;
  const value = readPath(context.scope, path);
  if (value === null) return { code: "WINDOW_MISSING", reason: `${path} is missing` };
  const values = { [path]: value };
  const instant = instantOfValue(value, context);
  if (instant === null) {
    const reason = `${path} is neither an ISO 8601 timestamp nor a duration, a length or a rule`;
    return { code: "WINDOW_INVALID", reason, values };
  }
  const left = instant + offset - context.now.getTime();
  if (left <= 0) return { code: "WINDOW_PAST", reason: `${spanText(span)} is in the past`, values };
  if (left > LONGEST) return { ...tooFar(spanText(span)), values };
  return { at: new Date(instant + offset), values };
}

/**
 * When a window ends that begins now: after a number of milliseconds, at the next moment of a rule, or as the data
 * says, where an ISO 8601 timestamp, a duration (`"2h"`), a length (`{ unit, value }`) or a rule may stand. Pure.
 *
 * @example resolveSpan({ rule: { frequency: "daily", hours: 9 } }, { scope, now, timezone: "Europe/Zurich" })
 */
export function resolveSpan(span: Span, context: SpanContext): ResolvedSpan {
  if ("at" in span) return fromData(span, context);
  if ("for" in span) {
    if (span.for > LONGEST) return tooFar("the end");
    return { at: new Date(context.now.getTime() + span.for) };
  }
  const at = nextOfRule(span.rule, context);
  return at && at.getTime() - context.now.getTime() <= LONGEST ? { at } : tooFar("the next moment of the rule");
}
