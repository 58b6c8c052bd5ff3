// When a schedule runs: what a caller says about it, checked.
import type { Issue } from "../../base/errors.ts";
import { parseInstant } from "../../base/instant.ts";
import { isZone } from "../../base/zone.ts";
import { missedPolicies, type MissedPolicy, type ScheduleStatus } from "../../store/schema/schedules.ts";
import type { StoredSchedule } from "../../store/schedules.ts";
import { momentsOf, recurrenceProblem } from "../time/recurrence.ts";
import { ON_TIME } from "./passed-moments.ts";

/** An instant, or an ISO 8601 timestamp. */
export type Instant = Date | string;

/** When a schedule runs: `at` one moment, or again and again by a `recurrence`. */
export interface TimingInput {
  /** The only moment. Either this or `recurrence`. */
  at?: Instant | null | undefined;
  /** `RRULE:…` of RFC 5545 without `DTSTART`, or five cron fields: `"0 9 * * MON-FRI"`. */
  recurrence?: string | null | undefined;
  /** No moment is earlier; rules take from it what they do not say, such as the time of day. Default: now. */
  startsAt?: Instant | null | undefined;
  /** No moment is later. Default: no end but the rule's own. */
  endsAt?: Instant | null | undefined;
  /** IANA zone of the recurrence. Default: the recipient's, read anew at each moment, else the tenant's or configured one. */
  timezone?: string | null | undefined;
  /**
   * What becomes of moments that passed while no process ran: `last` makes up for the last one, `all` for each, `skip`
   * leaves out what is more than five minutes late. Default: `last`.
   */
  onMissed?: MissedPolicy | undefined;
}

/** A timing as it is stored. */
export type Timing = Pick<StoredSchedule, "recurrence" | "startsAt" | "endsAt" | "timezone" | "onMissed">;

const MINUTE = 60_000;
const LATEST = Date.UTC(9_999, 0);

const issue = (path: string, message: string, code = "invalid_value"): Issue => ({ path: [path], message, code });

/** The instant that is meant; `null` for none, `undefined` for what is none. */
function instantOf(given: Instant | null | undefined): Date | null | undefined {
  if (given === null || given === undefined) return null;
  const milliseconds = typeof given === "string" ? parseInstant(given) : given instanceof Date ? given.getTime() : null;
  if (milliseconds === null || !(milliseconds >= 0 && milliseconds < LATEST)) return undefined;
  return new Date(milliseconds);
}

const INSTANT = "Must be an ISO 8601 timestamp from 1970 on.";

function recurrenceIssue({ at, recurrence, startsAt, endsAt }: TimingInput): Issue | null {
  if (recurrence == null) {
    if (at == null) return issue("recurrence", "Either `at` or `recurrence` must be given.");
    if (startsAt != null) return issue("startsAt", "A schedule with `at` has no start beside it.");
    return endsAt == null ? null : issue("endsAt", "A schedule with `at` has no end beside it.");
  }
  if (at != null) return issue("at", "Only one of `at` and `recurrence` may be given.");
  const problem = typeof recurrence === "string" ? recurrenceProblem(recurrence) : "must be text";
  return problem === null ? null : issue("recurrence", `The recurrence ${problem}.`);
}

function timingIssues(input: TimingInput, now: Date): Issue[] {
  const { timezone, onMissed } = input;
  const [at, startsAt, endsAt] = [input.at, input.startsAt, input.endsAt].map(instantOf);
  const issues = [
    recurrenceIssue(input),
    at === undefined ? issue("at", INSTANT) : null,
    startsAt === undefined ? issue("startsAt", INSTANT) : null,
    endsAt === undefined ? issue("endsAt", INSTANT) : null,
    at && now.getTime() - at.getTime() > ON_TIME
      ? issue("at", "Must not be more than five minutes in the past.")
      : null,
    timezone == null || isZone(timezone) ? null : issue("timezone", "Must be an IANA time zone such as Europe/Zurich."),
    onMissed === undefined || missedPolicies.includes(onMissed)
      ? null
      : issue("onMissed", `Must be one of ${missedPolicies.join(", ")}.`),
  ];
  return issues.filter((each) => each !== null);
}

/** The timing that a caller means, or everything that is wrong with it. */
export function timingOf(input: TimingInput, now: Date): { timing: Timing } | { issues: Issue[] } {
  const issues = timingIssues(input, now);
  if (issues.length > 0) return { issues };
  const { recurrence = null, timezone = null, onMissed = "last" } = input;
  const start = instantOf(input.at) ?? instantOf(input.startsAt) ?? now;
  // Moments of a recurrence are whole minutes, so is its first.
  const startsAt = recurrence === null ? start : new Date(Math.floor(start.getTime() / MINUTE) * MINUTE);
  return { timing: { recurrence, startsAt, endsAt: instantOf(input.endsAt) ?? null, timezone, onMissed } };
}

/** What the first moment ahead depends on, beside the timing. */
export interface Ahead {
  zone: string;
  now: Date;
  /** The caller named the moment or the start: up to five minutes late is then still on time. */
  named: boolean;
  /** The last moment that the schedule has had. */
  lastAt: Date | null;
}

/**
 * The first moment ahead of a timing that is new; `null` when there is none. Moments of the past are nobody's: the
 * schedule, or its timing, did not exist.
 */
export function firstMoment(timing: Timing, { zone, now, named, lastAt }: Ahead): Date | null {
  const after = named ? now.getTime() - ON_TIME - 1 : now.getTime();
  return momentsOf(timing, zone).next(new Date(Math.max(after, lastAt?.getTime() ?? 0)));
}

/** Where a schedule stands that has, or has no, moment ahead. */
export const standing = (nextAt: Date | null): { status: ScheduleStatus; nextAt: Date | null } => ({
  status: nextAt ? "active" : "ended",
  nextAt,
});
