// Repeat rules as existing clients write them, and the recurrence rules that they mean.
import { z } from "zod";
import { shape } from "./shapes/shape.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
type Day = (typeof DAYS)[number];

const WEEKDAYS: readonly Day[] = DAYS.slice(0, 5);
const WEEKENDS: readonly Day[] = DAYS.slice(5);

const FREQUENCIES = ["daily", "weekly", "monthly", "hourly"] as const;

const parts = {
  frequency: z.enum(FREQUENCIES),
  interval: z.int().min(1).max(1_000_000),
  hours: z.int().min(0).max(23),
  minutes: z.int().min(0).max(59),
  day_of_month: z.int().min(-31).max(31),
};

/** How a schedule repeats, in a request. */
export const repeatRequest = shape(
  "ScheduleRepeatRuleRequest",
  z.looseObject({
    frequency: parts.frequency,
    interval: parts.interval.nullish(),
    days: z.union([z.array(z.enum(DAYS)), z.enum(["weekdays", "weekends"])]).nullish(),
    hours: parts.hours.nullish(),
    minutes: parts.minutes.nullish(),
    day_of_month: parts.day_of_month.refine((day) => day !== 0, "There is no day 0.").nullish(),
  }),
);

/** How a schedule repeats. */
export const repeatShape = shape(
  "ScheduleRepeatRule",
  z.strictObject({
    __typename: z.literal("ScheduleRepeat"),
    frequency: parts.frequency,
    interval: parts.interval,
    days: z.array(z.enum(DAYS)).nullable(),
    hours: parts.hours.nullable(),
    minutes: parts.minutes.nullable(),
    day_of_month: parts.day_of_month.nullable(),
  }),
);

type RepeatRequest = z.output<typeof repeatRequest>;
type Repeat = z.output<typeof repeatShape>;

function daysOf({ days }: RepeatRequest): readonly Day[] {
  if (days === "weekdays") return WEEKDAYS;
  return days === "weekends" ? WEEKENDS : (days ?? []);
}

const CODES: ReadonlyMap<string, Day> = new Map(DAYS.map((day) => [day.slice(0, 2).toUpperCase(), day]));

/** The recurrence that a repeat rule means. What says no hour means midnight, what says no minute the full hour. */
export function recurrenceOf(repeat: RepeatRequest): string {
  const { frequency, interval, hours, minutes, day_of_month: dayOfMonth } = repeat;
  const days = daysOf(repeat).map((day) => day.slice(0, 2).toUpperCase());
  const hour = frequency === "hourly" ? (hours ?? null) : (hours ?? 0);
  const rule = [
    `FREQ=${frequency.toUpperCase()}`,
    `INTERVAL=${interval ?? 1}`,
    days.length > 0 && `BYDAY=${[...new Set(days)].join(",")}`,
    dayOfMonth != null && `BYMONTHDAY=${dayOfMonth}`,
    hour !== null && `BYHOUR=${hour}`,
    `BYMINUTE=${minutes ?? 0}`,
  ];
  return `RRULE:${rule.filter(Boolean).join(";")}`;
}

/** The parts of a rule that repeat rules can say. */
const SAID = new Set(["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYHOUR", "BYMINUTE"]);

/** One number, or `null` for none; `undefined` for what is no single number. */
function numberIn(value: string | undefined): number | null | undefined {
  if (value === undefined) return null;
  return /^[+-]?\d+$/.test(value) ? Number(value) : undefined;
}

function daysIn(value: string | undefined): Day[] | null | undefined {
  if (value === undefined) return null;
  const days = value.split(",").map((code) => CODES.get(code));
  return days.every((day) => day !== undefined) ? days : undefined;
}

/** The repeat rules that say a recurrence: one, or none when it is more than they can say. */
export function repeatsOf(recurrence: string | null): Repeat[] {
  if (recurrence === null || !/^RRULE:/i.test(recurrence)) return [];
  const said = new Map(
    recurrence
      .toUpperCase()
      .replace(/^RRULE:/, "")
      .split(";")
      .map((part) => part.split("=", 2) as [string, string]),
  );
  const frequency = FREQUENCIES.find((each) => each.toUpperCase() === said.get("FREQ"));
  if (!frequency || [...said.keys()].some((name) => !SAID.has(name))) return [];
  const days = daysIn(said.get("BYDAY"));
  const [interval, hours, minutes, dayOfMonth] = ["INTERVAL", "BYHOUR", "BYMINUTE", "BYMONTHDAY"].map((name) =>
    numberIn(said.get(name)),
  );
  if (days === undefined || hours === undefined || minutes === undefined || dayOfMonth === undefined) return [];
  return [
    {
      __typename: "ScheduleRepeat",
      frequency,
      interval: interval ?? 1,
      days,
      hours,
      minutes,
      day_of_month: dayOfMonth,
    },
  ];
}
