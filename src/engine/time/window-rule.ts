// The next moment of a calendar rule.
import { z } from "zod";
import { weekdays } from "../../base/weekday.ts";
import { wallTime, type WallTime } from "../../base/zone.ts";
import type { WindowRule } from "../../definition/window.ts";
import { nextInstant } from "./next-instant.ts";

/** A rule that is read from the data. */
export const windowRule = z
  .strictObject({
    frequency: z.enum(["hourly", "daily", "weekly", "monthly"]),
    days: z.array(z.enum(weekdays)).min(1).optional(),
    hours: z.int().min(0).max(23).optional(),
    minutes: z.int().min(0).max(59).optional(),
    dayOfMonth: z.int().min(1).max(31).optional(),
  })
  .transform((rule) => rule as WindowRule);

/** Days that are looked at: nothing waits for longer than 365. */
const DAYS_AHEAD = 366;

/** Whether a day belongs to a rule that was asked on the day `now`. */
function isDay({ frequency, days, dayOfMonth = 1 }: WindowRule, day: WallTime, now: WallTime): boolean {
  if (frequency === "monthly" && day.day !== Math.min(dayOfMonth, day.daysInMonth)) return false;
  if (days) return days.includes(weekdays[day.dayOfWeek - 1]!);
  return frequency !== "weekly" || day.dayOfWeek === now.dayOfWeek;
}

/** The wall times of a rule, from a day on. */
function* wallTimes(rule: WindowRule, from: WallTime, now: WallTime): Generator<WallTime> {
  const first = from.with({ hour: 0, minute: rule.minutes ?? 0, second: 0, millisecond: 0 });
  const hours = rule.frequency === "hourly" ? Array.from({ length: 24 }, (_, hour) => hour) : [rule.hours ?? 0];
  for (let ahead = 0; ahead < DAYS_AHEAD; ahead++) {
    const day = first.add({ days: ahead });
    if (isDay(rule, day, now)) for (const hour of hours) yield day.with({ hour });
  }
}

/**
 * The next moment of a rule, strictly after `now`: a moment that does not exist on its day is later on that day, one
 * that passes twice means the first, and every hour counts of an hourly rule. `null` when there is none within a year.
 */
export function nextOfRule(rule: WindowRule, { now, timezone: zone }: { now: Date; timezone: string }): Date | null {
  const present = wallTime(now, zone);
  return nextInstant((from) => wallTimes(rule, from, present), {
    after: now,
    zone,
    literal: rule.frequency === "hourly",
  });
}
