// Lengths of time: durations, rules of the calendar, values in the data, and the hours of send windows.
import { formatDuration, parseDuration } from "../base/duration.ts";
import { weekdays, type Weekday } from "../base/weekday.ts";
import type { SendWindow } from "../definition/send-window.ts";
import type { Window, WindowFrom, WindowRule } from "../definition/window.ts";
import { report, type CompileContext, type Place } from "./compile-context.ts";
import { compileReference } from "./compile-reference.ts";
import { checkChoice, checkWhole } from "./compile-settings.ts";
import type { Span } from "./structure.ts";

/** The longest that anything waits, in milliseconds. */
export const LONGEST_WAIT = 365 * 86_400_000;

const WRITE_DURATION = 'write a number and a unit, such as "5m" or "2d"';

/** What a duration is for, and how long it may be. */
interface Limits {
  /** The setting, for a problem; absent when the step itself is the duration. */
  name?: string;
  longest: number;
  /** Whether it may be nothing. Default: `false`. */
  orNothing?: boolean;
}

const days = (milliseconds: number) =>
  milliseconds > 86_400_000 ? `${milliseconds / 86_400_000} days` : formatDuration(milliseconds);

/** Milliseconds of a duration. */
export function compileDuration(context: CompileContext, place: Place, text: unknown, limits: Limits): number {
  const milliseconds = parseDuration(String(text));
  const { name, longest, orNothing = false } = limits;
  if (milliseconds !== null && milliseconds <= longest && (milliseconds > 0 || orNothing)) return milliseconds;
  const subject = name ? `${name}: ` : "";
  report(
    context,
    place,
    milliseconds === 0
      ? `${subject}"${text}" is no time at all`
      : `${subject}"${text}" is not a duration of at most ${days(longest)}`,
    WRITE_DURATION,
  );
  return milliseconds ?? 0;
}

const RULE_MEMBERS = ["frequency", "days", "hours", "minutes", "dayOfMonth"];

function checkDays(context: CompileContext, place: Place, name: string, given: unknown): Weekday[] {
  const list: unknown[] = Array.isArray(given) ? given : [given];
  const unknown = list.find((day) => !weekdays.includes(day as Weekday));
  if (list.length === 0 || unknown !== undefined) {
    const message =
      list.length === 0 ? `${name} names no day` : `${name}: "${String(unknown)}" is not a day of the week`;
    report(context, place, message, `use ${weekdays.join(", ")}`);
  }
  return weekdays.filter((day) => list.includes(day));
}

/** A rule in the one form that all rules of its meaning have. */
function compileRule(context: CompileContext, place: Place, prefix: string, rule: WindowRule): Span {
  const { frequency, hours, minutes = 0, dayOfMonth } = rule;
  const refuse = (member: string, fitting: string) =>
    report(
      context,
      place,
      `${prefix}${member} has no meaning in a rule that is ${frequency}`,
      `leave it out${fitting}`,
    );
  checkChoice(context, place, { [`${prefix}frequency`]: frequency }, ["hourly", "daily", "weekly", "monthly"]);
  checkWhole(context, place, { [`${prefix}minutes`]: minutes }, [0, 59]);
  const made: WindowRule = { frequency, minutes };
  if (rule.days !== undefined) made.days = checkDays(context, place, `${prefix}days`, rule.days);
  if (frequency !== "hourly") {
    made.hours = hours ?? 0;
    checkWhole(context, place, { [`${prefix}hours`]: made.hours }, [0, 23]);
  } else if (hours !== undefined) refuse("hours", ", or use daily");
  if (frequency === "monthly") {
    made.dayOfMonth = dayOfMonth ?? 1;
    checkWhole(context, place, { [`${prefix}dayOfMonth`]: made.dayOfMonth }, [1, 31]);
  } else if (dayOfMonth !== undefined) refuse("dayOfMonth", ", or use monthly");
  return { rule: made };
}

function compileFrom(context: CompileContext, place: Place, { until, before, after }: WindowFrom<never>): Span {
  const at = compileReference(context, place, "until", until) ?? "";
  if (before !== undefined && after !== undefined)
    report(context, place, "before and after are both given", "leave one of them out");
  const offset = (name: string, text: unknown) =>
    text === undefined ? 0 : compileDuration(context, place, text, { name, longest: LONGEST_WAIT, orNothing: true });
  return { at, offset: offset("after", after) - offset("before", before) };
}

/** A window as data. `limits` rule the fixed ones; what the data holds is known only at run time. */
export function compileWindow(context: CompileContext, place: Place, window: Window<never>, limits: Limits): Span {
  if (typeof window === "string") return { for: compileDuration(context, place, window, limits) };
  if (typeof window === "object" && window !== null) {
    const other = Object.keys(window).find((member) =>
      "until" in window ? !["until", "before", "after"].includes(member) : !RULE_MEMBERS.includes(member),
    );
    if (other === undefined && "until" in window) return compileFrom(context, place, window);
    if (other === undefined && "frequency" in window)
      return compileRule(context, place, limits.name ? `${limits.name}.` : "", window);
  }
  report(
    context,
    place,
    `${limits.name ?? "the delay"} is neither a duration nor a rule nor read from the data`,
    'write "5m", { frequency: "daily", hours: 9 } or { until: ({ data }) => data.… }',
  );
  return { for: 0 };
}

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

function sendWindowProblem(window: SendWindow): string | null {
  const openings = Object.entries(window).filter(([, opening]) => opening !== undefined);
  if (openings.length === 0) return "the send window is never open";
  for (const [day, opening] of openings) {
    if (!weekdays.includes(day as Weekday)) return `the send window has no day "${day}"`;
    const { from, until } = (opening ?? {}) as { from?: unknown; until?: unknown };
    if (!TIME.test(String(from))) return `the send window of ${day} opens at "${from}", which is not HH:MM`;
    if (!TIME.test(String(until)) && until !== "24:00")
      return `the send window of ${day} closes at "${until}", which is not HH:MM`;
    if (String(from) >= String(until)) return `the send window of ${day} closes at ${until}, not after ${from}`;
  }
  return null;
}

/** A send window as data; a problem is reported for the first step that has it. */
export function compileSendWindow(
  context: CompileContext,
  place: Place,
  window: SendWindow | null | undefined,
): SendWindow | null {
  if (!window) return null;
  const known = context.sendWindows.get(window);
  if (known !== undefined) return known;
  const problem = sendWindowProblem(window);
  if (problem) report(context, place, problem, 'write { monday: { from: "09:00", until: "17:00" } } or openOn(…)');
  context.sendWindows.set(window, problem ? null : window);
  return problem ? null : window;
}
