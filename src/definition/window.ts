// How long a step waits or collects: a duration, a rule of the calendar, or a value that the data holds.
import type { Duration } from "../base/duration.ts";
import type { Weekday } from "../base/weekday.ts";
import type { Ref } from "./refs.ts";
import type { Selector } from "./selector.ts";

/**
 * The next moment of a calendar rule, in the recipient's time zone: `{ frequency: "daily", hours: 9 }` is the next
 * nine o'clock. Minutes default to 0; hours to 0 unless hourly; a month that lacks the day takes its last one.
 */
export interface WindowRule {
  frequency: "hourly" | "daily" | "weekly" | "monthly";
  /** Days on which it may be; default all, for `weekly` the day of the present. */
  days?: readonly Weekday[];
  /** 0 to 23. */
  hours?: number;
  /** 0 to 59. */
  minutes?: number;
  /** 1 to 31; only `monthly`, default 1. */
  dayOfMonth?: number;
}

/** A length of time as two members, as other systems write it. */
export interface Length {
  unit: "seconds" | "minutes" | "hours" | "days" | "weeks" | "months";
  value: number;
}

/** What the data may hold where a window is read from it: an ISO 8601 timestamp, a duration such as `"2h"`, a length, a rule. */
export type WindowValue = string | Length | WindowRule | null | undefined;

/** A window that is read from the data, or relative to what is read. */
export interface WindowFrom<Scope> {
  until: Selector<Scope, Ref<WindowValue>>;
  /** Ends so long before what was read. */
  before?: Duration;
  /** Ends so long after what was read. */
  after?: Duration;
}

/** A window: fixed, by the calendar, or from the data. */
export type Window<Scope> = Duration | WindowRule | WindowFrom<Scope>;
