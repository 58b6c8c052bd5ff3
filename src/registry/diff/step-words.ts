// What steps do, in words: for the steps that a deploy adds and for what differs between two.
import type { Json } from "../../base/canonical-json.ts";
import { formatDuration } from "../../base/duration.ts";
import { weekdays } from "../../base/weekday.ts";
import { describeCondition } from "../../definition/describe-condition.ts";
import type { SendWindow } from "../../definition/send-window.ts";
import type { WindowRule } from "../../definition/window.ts";
import type { Awaited, SlotStructure, Span, Step, StepRetry } from "../structure.ts";
import { quoted } from "./words.ts";

const two = (value: number): string => String(value).padStart(2, "0");
const DAYS: Record<string, string> = Object.fromEntries(
  weekdays.map((day) => [day, day[0]!.toUpperCase() + day.slice(1, 3)]),
);

const EACH = { hourly: "hour", daily: "day", weekly: "week", monthly: "month" } as const;

/** A rule: `every day at 09:00`, `every month on 31 at 00:00`. */
export function ruleWords({ frequency, days, hours, minutes = 0, dayOfMonth }: WindowRule): string {
  const at = hours === undefined ? `at minute ${minutes}` : `at ${two(hours)}:${two(minutes)}`;
  const on = [dayOfMonth, days?.map((day) => DAYS[day]).join(", ")].filter((part) => part !== undefined && part !== "");
  return [`every ${EACH[frequency]}`, ...(on.length > 0 ? [`on ${on.join(", if ")}`] : []), at].join(" ");
}

/** A window without a preposition: `1h`, `every day at 09:00`, `until data.at`, `until 1h before data.at`. */
export function spanWords(span: Span): string {
  if ("for" in span) return formatDuration(span.for);
  if ("rule" in span) return ruleWords(span.rule);
  if (span.offset === 0) return `until ${span.at}`;
  return `until ${formatDuration(Math.abs(span.offset))} ${span.offset < 0 ? "before" : "after"} ${span.at}`;
}

/** A pause: `for 1h`, `until data.at`. */
export const waitWords = (span: Span): string => ("for" in span ? `for ${spanWords(span)}` : spanWords(span));

/** The hours of a send window: `Mon–Fri 09:00–17:00, Sat 10:00–12:00`. */
export function sendWindowWords(window: SendWindow): string {
  const parts: { days: string[]; hours: string; last: number }[] = [];
  weekdays.forEach((day, index) => {
    const opening = window[day];
    if (!opening) return;
    const hours = `${opening.from}–${opening.until}`;
    const before = parts.at(-1);
    if (before?.hours === hours && before.last === index - 1) {
      before.days.push(DAYS[day]!);
      before.last = index;
    } else parts.push({ days: [DAYS[day]!], hours, last: index });
  });
  return parts
    .map(({ days, hours }) => `${days.length > 2 ? `${days[0]}–${days.at(-1)}` : days.join(", ")} ${hours}`)
    .join(", ");
}

/** How often a step is tried: `4 times, the first wait 1s`. */
export const retryWords = ({ attempts, backoff }: StepRetry): string =>
  `${attempts} ${attempts === 1 ? "time" : "times"}, first wait ${formatDuration(backoff)}`;

/** What ends a wait. */
export function awaitedWords(on: Awaited): string {
  if ("message" in on) return `${on.message} ${on.status}`;
  const match = Object.entries(on.match).map(([key, to]) => `${key} = ${"path" in to ? to.path : quoted(to.value)}`);
  return `event ${JSON.stringify(on.event)}${match.length > 0 ? ` with ${match.join(", ")}` : ""}`;
}

/** The text of a slot; code is only known as such. */
export function slotText(slot: SlotStructure): string {
  if (slot === "code") return "code";
  if ("text" in slot) return JSON.stringify(slot.text);
  return "liquid" in slot ? `liquid ${JSON.stringify(slot.liquid)}` : JSON.stringify(slot.json satisfies Json);
}

const keyWords = (key: readonly string[] | null): string =>
  key === null ? "per recipient" : `per recipient and ${key.join(", ")}`;

function waysWords(step: Extract<Step, { kind: "branch" | "cohort" }>): string {
  if (step.kind === "cohort") return step.cohorts.map(({ name, weight }) => `${name} ${weight}`).join(", ");
  const arms = step.arms.map(({ name, when }) => `${name} when ${describeCondition(when)}`);
  return [...arms, ...(step.otherwise ? ["otherwise"] : [])].join("; ");
}

function purpose(step: Step): string {
  switch (step.kind) {
    case "delay":
      return ` ${waitWords(step.wait)}`;
    case "batch":
      return ` ${waitWords(step.window)} ${keyWords(step.key)}`;
    case "throttle":
      return ` ${step.limit} in ${spanWords(step.window)} ${keyWords(step.key)}`;
    case "branch":
    case "cohort":
      return ` ${waysWords(step)}`;
    case "fetch":
      return ` ${step.method}${step.slots.url ? ` ${quotedText(slotText(step.slots.url))}` : ""}`;
    case "waitFor":
      return ` ${awaitedWords(step.on)}, at most ${spanWords(step.timeout)}`;
    case "updateUser":
      return ` ${Object.keys(step.slots).join(", ")}`;
    case "notify":
      return ` ${step.workflow}`;
    default:
      return step.channel === null ? "" : ` through ${step.channel}`;
  }
}

const LONGEST = 60;
const quotedText = (text: string): string =>
  text.length > LONGEST ? `${text.slice(0, LONGEST).toWellFormed()}…` : text;

/**
 * What a step is and does, in words.
 *
 * @example describeStep(step) // "sms when recipient.plan is \"pro\"", "delay for 1h"
 */
export function describeStep(step: Step): string {
  const when = step.kind !== "branch" && step.when ? ` when ${describeCondition(step.when)}` : "";
  return `${step.kind}${purpose(step)}${when}`;
}
