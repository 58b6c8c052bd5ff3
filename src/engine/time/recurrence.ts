// When something recurs in a zone: a rule of RFC 5545, cron fields, or once.
import { wallTime } from "../../base/zone.ts";
import { cronPattern } from "./cron.ts";
import { nextInstant } from "./next-instant.ts";
import { RecurrenceProblem } from "./pattern.ts";
import { checkRule, isRule, rulePattern } from "./rrule.ts";

/** What a recurrence is told by. */
export interface Series {
  /** `RRULE:…` without `DTSTART`, or five cron fields; `null` for one moment, `startsAt`. */
  recurrence: string | null;
  /** No moment is earlier; a rule takes from it what it does not say itself, such as the time of day. */
  startsAt: Date;
  /** No moment is later. */
  endsAt: Date | null;
}

/** The moments of a series in one zone. */
export interface Moments {
  /** The first moment strictly after an instant; `null` when there is none. */
  next(after: Date): Date | null;
}

const MINUTE = 60_000;

/** Texts that are longer are no recurrences of a person. */
const LONGEST_TEXT = 500;

/** The last year that timestamps write with four digits, as the database reads them. */
const LAST_YEAR = 9_999;

const patternOf = ({ recurrence, startsAt }: Series & { recurrence: string }, zone: string) =>
  isRule(recurrence)
    ? rulePattern(recurrence, wallTime(startsAt, zone).with({ second: 0, millisecond: 0 }), zone)
    : { ...cronPattern(recurrence), until: null };

/**
 * The moments of a series on the clocks of a zone, on whole minutes. One whose wall time does not exist, because
 * clocks go forward, is moved forward with them; one whose wall time passes twice means the first, except for what
 * recurs every hour, which goes by what clocks show. Throws `RecurrenceProblem`.
 *
 * @example momentsOf({ recurrence: "30 2 * * *", startsAt, endsAt: null }, "Europe/Zurich").next(now)
 */
export function momentsOf(series: Series, zone: string): Moments {
  const { recurrence, startsAt, endsAt } = series;
  if (recurrence === null) return { next: (after) => (startsAt > after ? startsAt : null) };
  const { walls, everyHour, until } = patternOf({ ...series, recurrence }, zone);
  const beforeFirst = startsAt.getTime() - 1;
  return {
    next(after) {
      const search = { after: new Date(Math.max(after.getTime(), beforeFirst)), zone, literal: everyHour };
      const at = nextInstant(walls, search);
      if (!at || at.getUTCFullYear() > LAST_YEAR) return null;
      return (endsAt && at > endsAt) || (until && at > until) ? null : at;
    },
  };
}

/** What is wrong with the text of a recurrence, as the end of a sentence; `null` when it can be used. */
export function recurrenceProblem(text: string): string | null {
  if (text.length > LONGEST_TEXT) return `is longer than ${LONGEST_TEXT} characters`;
  try {
    if (isRule(text)) checkRule(text);
    else cronPattern(text);
    return null;
  } catch (error) {
    if (error instanceof RecurrenceProblem) return error.message;
    throw error;
  }
}

/**
 * The last moment from `from` on that is not after `until`; `null` when there is none. Looks back from the end in
 * growing steps and then halves, so that a year of minutes is some dozen questions.
 */
export function lastMoment({ next }: Moments, { from, until }: { from: Date; until: Date }): Date | null {
  const end = until.getTime();
  const within = (after: number): number | null => {
    const found = next(new Date(Math.max(after, from.getTime() - 1)))?.getTime() ?? Infinity;
    return found <= end ? found : null;
  };
  let step = MINUTE;
  let last = within(end - step);
  while (last === null && end - step >= from.getTime()) {
    step *= 2;
    last = within(end - step);
  }
  if (last === null) return null;
  // Between the last that is known and the earliest after which there is none. Moments are whole minutes.
  for (let none = end; none - last >= MINUTE;) {
    const middle = Math.floor((last + none) / 2);
    const found = within(middle);
    if (found === null) none = middle;
    else last = found;
  }
  return new Date(last);
}
