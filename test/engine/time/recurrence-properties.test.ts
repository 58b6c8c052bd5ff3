import fc from "fast-check";
import { expect, test } from "vitest";
import { weekdays } from "../../../src/base/weekday.ts";
import { lastMoment, momentsOf } from "../../../src/engine/time/recurrence.ts";
import { nextOpening } from "../../../src/engine/time/send-window.ts";
import { nextOfRule } from "../../../src/engine/time/window-rule.ts";

const HOUR = 3_600_000;

const zone = fc.constantFrom("America/New_York", "Europe/London", "Australia/Lord_Howe", "Europe/Zurich", "Etc/UTC");

/** Both edges of each zone, a leap day and ends of months, with some days around. */
const around = fc
  .tuple(
    fc.constantFrom(
      "2026-03-08T07:00:00Z",
      "2026-11-01T06:00:00Z",
      "2026-03-29T01:00:00Z",
      "2026-10-25T01:00:00Z",
      "2026-04-04T15:00:00Z",
      "2026-10-03T15:30:00Z",
      "2028-02-29T12:00:00Z",
      "2026-12-31T23:59:00Z",
    ),
    fc.integer({ min: -4 * 60, max: 4 * 60 }),
    fc.integer({ min: 0, max: 59_999 }),
  )
  .map(([edge, minutes, milliseconds]) => new Date(Date.parse(edge) + minutes * 60_000 + milliseconds));

const minute = fc.constantFrom("*", "*/15", "0", "30", "15,45", "7-9");
const hour = fc.constantFrom("*", "*/2", "0", "1", "2", "1-3", "2,3", "9");
const day = fc.constantFrom("* * *", "* * SUN", "1 * *", "L * *", "29 2 *", "* * MON-FRI");
const cron = fc.tuple(minute, hour, day).map((fields) => fields.join(" "));

const frequency = fc.constantFrom("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY");
const part = (text: (value: number) => string, min: number, max: number) =>
  fc.option(fc.integer({ min, max }).map(text), { nil: "" });
const rule = fc
  .tuple(
    frequency,
    part((value) => `;INTERVAL=${value}`, 1, 7),
    part((value) => `;BYHOUR=${value},${(value + 1) % 24}`, 0, 4),
    part((value) => `;BYMINUTE=${value}`, 0, 59),
  )
  .map(([name, ...parts]) => `RRULE:FREQ=${name}${parts.join("")}`);

const recurrence = fc.oneof(cron, rule);

test("moments are strictly later each time, on whole minutes, and the same whenever one asks before them", () => {
  fc.assert(
    fc.property(recurrence, zone, around, fc.double({ min: 0, max: 1, noNaN: true }), (text, name, after, share) => {
      const { next } = momentsOf({ recurrence: text, startsAt: new Date("2026-01-05T09:30:00Z"), endsAt: null }, name);
      let last = after;
      for (let index = 0; index < 12; index++) {
        const at = next(last);
        if (!at) return;
        expect(at.getTime()).toBeGreaterThan(last.getTime());
        expect(at.getTime() % 60_000).toBe(0);
        const between = new Date(last.getTime() + Math.floor((at.getTime() - last.getTime()) * share * 0.999));
        expect(next(between)).toEqual(at);
        last = at;
      }
    }),
    { numRuns: 400 },
  );
});

test("the last moment is the one that walking there finds", () => {
  fc.assert(
    fc.property(recurrence, zone, around, fc.integer({ min: 0, max: 40 }), (text, name, from, hours) => {
      const moments = momentsOf({ recurrence: text, startsAt: new Date("2026-01-05T09:30:00Z"), endsAt: null }, name);
      const until = new Date(from.getTime() + hours * HOUR);
      let walked: Date | null = null;
      let at = moments.next(new Date(from.getTime() - 1));
      while (at && at <= until) {
        walked = at;
        at = moments.next(at);
      }
      expect(lastMoment(moments, { from, until })).toEqual(walked);
    }),
    { numRuns: 150 },
  );
});

test("rules of windows are strictly later each time, and no moment comes twice", () => {
  const windowRule = fc.record(
    {
      frequency: fc.constantFrom("hourly" as const, "daily" as const, "weekly" as const, "monthly" as const),
      days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 3 }),
      hours: fc.integer({ min: 0, max: 23 }),
      minutes: fc.integer({ min: 0, max: 59 }),
      dayOfMonth: fc.integer({ min: 1, max: 31 }),
    },
    { requiredKeys: ["frequency", "days"] },
  );
  fc.assert(
    fc.property(windowRule, zone, around, (given, timezone, now) => {
      let last = now;
      for (let index = 0; index < 8; index++) {
        const at = nextOfRule(given, { now: last, timezone });
        if (!at) return;
        expect(at.getTime()).toBeGreaterThan(last.getTime());
        const before = new Date(at.getTime() - 1);
        if (before >= last) expect(nextOfRule(given, { now: before, timezone })).toEqual(at);
        last = at;
      }
    }),
    { numRuns: 400 },
  );
});

test("a window that is closed opens later, is open then, and is closed until then", () => {
  const hours = fc.integer({ min: 0, max: 22 });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }),
      hours,
      zone,
      around,
      (days, from, timezone, now) => {
        const text = (hour: number) => `${String(hour).padStart(2, "0")}:30`;
        const window = Object.fromEntries(days.map((name) => [name, { from: text(from), until: text(from + 1) }]));
        const opens = nextOpening(window, { now, timezone });
        if (!opens) return;
        expect(opens.getTime()).toBeGreaterThan(now.getTime());
        expect(nextOpening(window, { now: opens, timezone })).toBeNull();
        const between = new Date((opens.getTime() + now.getTime()) / 2);
        expect(nextOpening(window, { now: between, timezone })).toEqual(opens);
      },
    ),
    { numRuns: 400 },
  );
});
