// Recurrence rules of RFC 5545 as wall times. The library reads wall times as UTC; which parts there are and what they
// may hold is checked here, as it drops what it does not know.
import { RRuleTemporal } from "rrule-temporal";
import { parseInstant } from "../../base/instant.ts";
import { messageOf } from "../../base/message-of.ts";
import { instantOf, wallMs, wallOfMs, type WallTime } from "../../base/zone.ts";
import { type Pattern, RecurrenceProblem } from "./pattern.ts";

const PREFIX = /^RRULE:/i;

/** Whether a recurrence is such a rule. */
export const isRule = (text: string): boolean => PREFIX.test(text);

const DAYS = /^(MO|TU|WE|TH|FR|SA|SU)$/;
const NTH_DAYS = /^([+-]?[1-9]\d?)?(MO|TU|WE|TH|FR|SA|SU)$/;
const UNTIL = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/;

type Check = (value: string) => boolean;

const whole = (least: number, most: number): Check => {
  return (value) => /^[+-]?\d{1,7}$/.test(value) && Number(value) >= least && Number(value) <= most;
};
/** Counted from the beginning or, negative, from the end; there is no zeroth. */
const counted = (most: number): Check => {
  const fits = whole(-most, most);
  return (value) => fits(value) && Number(value) !== 0;
};
const each = (check: Check): Check => {
  return (value) => value.split(",").every((entry) => check(entry));
};

const PARTS: Record<string, Check> = {
  FREQ: (value) => /^(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY|MINUTELY)$/.test(value),
  INTERVAL: whole(1, 1_000_000),
  COUNT: whole(1, 10_000),
  UNTIL: (value) => untilWall(value) !== null,
  BYMONTH: each(whole(1, 12)),
  BYWEEKNO: each(counted(53)),
  BYYEARDAY: each(counted(366)),
  BYMONTHDAY: each(counted(31)),
  BYDAY: each((value) => NTH_DAYS.test(value)),
  BYHOUR: each(whole(0, 23)),
  BYMINUTE: each(whole(0, 59)),
  BYSECOND: (value) => /^0+$/.test(value),
  BYSETPOS: each(counted(366)),
  WKST: (value) => DAYS.test(value),
};

type Parts = ReadonlyMap<string, string>;

function untilWall(value: string): { wall: WallTime; dayOnly: boolean; utc: boolean } | null {
  const [whole, year, month, day, hour = "00", minute = "00", second = "00", utc] = UNTIL.exec(value) ?? [];
  if (whole === undefined) return null;
  const milliseconds = parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (milliseconds === null) return null;
  return { wall: wallOfMs(milliseconds), dayOnly: !value.includes("T"), utc: utc !== undefined };
}

function parse(text: string): Parts {
  const parts = new Map<string, string>();
  for (const part of text.replace(PREFIX, "").toUpperCase().split(";")) {
    const [name = "", value = ""] = part.split("=", 2);
    if (name === "FREQ" && value === "SECONDLY") throw new RecurrenceProblem("is more frequent than every minute");
    if (name === "BYSECOND" && !PARTS.BYSECOND!(value)) {
      throw new RecurrenceProblem("has seconds; moments are whole minutes");
    }
    const check = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (!check) throw new RecurrenceProblem(`has a part "${name}" that is not one of ${Object.keys(PARTS).join(", ")}`);
    if (parts.has(name)) throw new RecurrenceProblem(`has ${name} twice`);
    if (!check(value)) throw new RecurrenceProblem(`has a value for ${name} that cannot be`);
    parts.set(name, value);
  }
  const frequency = parts.get("FREQ");
  if (!frequency) throw new RecurrenceProblem("has no FREQ");
  if (parts.has("COUNT") && parts.has("UNTIL")) throw new RecurrenceProblem("has both COUNT and UNTIL");
  if (/\d/.test(parts.get("BYDAY") ?? "") && !/^(MONTHLY|YEARLY)$/.test(frequency)) {
    throw new RecurrenceProblem("has a numbered weekday in BYDAY, which only MONTHLY and YEARLY rules may have");
  }
  return parts;
}

/** The last instant of a rule in a zone; `null` when it has none. A day alone is meant to its end. */
function untilOf(parts: Parts, zone: string): Date | null {
  const until = untilWall(parts.get("UNTIL") ?? "");
  if (!until) return null;
  if (until.utc) return new Date(wallMs(until.wall));
  return until.dayOnly
    ? new Date(instantOf(until.wall.add({ days: 1 }), zone).getTime() - 1)
    : instantOf(until.wall, zone);
}

/** What the library says when it gives up looking: such a rule has no moment in this calendar, or none that matters. */
const NEVER = /maximum|limit|range/i;

function nextOf(rule: RRuleTemporal, from: Date, inclusive: boolean): Date | null {
  try {
    const next = rule.next(from, inclusive);
    return next && new Date(next.epochMilliseconds);
  } catch (error) {
    if (NEVER.test(messageOf(error))) return null;
    throw error;
  }
}

function* wallTimes(rule: RRuleTemporal, from: WallTime): Generator<WallTime> {
  let at = nextOf(rule, new Date(wallMs(from)), true);
  while (at) {
    yield wallOfMs(at.getTime());
    at = nextOf(rule, at, false);
  }
}

function isEveryHour(parts: Parts): boolean {
  const interval = Number(parts.get("INTERVAL") ?? 1);
  const longest = { HOURLY: 1, MINUTELY: 60 }[parts.get("FREQ")!] ?? 0;
  return interval <= longest && !parts.has("BYHOUR");
}

/** Throws `RecurrenceProblem` for a text that is no rule we take. */
export const checkRule = (text: string): void => void parse(text);

/**
 * The pattern of `RRULE:…` that is anchored at a wall time, from which it takes what it does not say itself, and its
 * last instant in the zone. Throws `RecurrenceProblem`.
 */
export function rulePattern(text: string, anchor: WallTime, zone: string): Pattern & { until: Date | null } {
  const parts = parse(text);
  // The end is an instant, and seconds are none of ours.
  const rest = [...parts].filter(([name]) => name !== "UNTIL" && name !== "BYSECOND");
  const rule = new RRuleTemporal({
    rruleString: rest.map((part) => part.join("=")).join(";"),
    dtstart: anchor.toZonedDateTime("UTC"),
  });
  return { walls: (from) => wallTimes(rule, from), everyHour: isEveryHour(parts), until: untilOf(parts, zone) };
}
