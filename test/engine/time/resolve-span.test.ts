import { expect, test } from "vitest";
import type { WindowRule } from "../../../src/definition/window.ts";
import { resolveSpan } from "../../../src/engine/time/resolve-span.ts";
import { zoneOf } from "../../../src/engine/time/zone-of.ts";
import type { Span } from "../../../src/registry/structure.ts";

const NOW = "2026-01-05T09:00:00.000Z"; // a Monday
const resolve = (span: Span, { now = NOW, timezone = "Etc/UTC", scope = {} as unknown } = {}) =>
  resolveSpan(span, { scope, now: new Date(now), timezone });

/** When a rule has its next moment. */
function next(rule: WindowRule, now = NOW, timezone = "Etc/UTC"): string {
  const resolved = resolve({ rule }, { now, timezone });
  return "at" in resolved ? resolved.at.toISOString() : resolved.code;
}

/** What a value in the data comes to. */
function read(value: unknown, { offset = 0, now = NOW, timezone = "Etc/UTC" } = {}): string {
  const resolved = resolve({ at: "data.at", offset }, { scope: { data: { at: value } }, now, timezone });
  return "at" in resolved ? resolved.at.toISOString() : resolved.code;
}

test("so many milliseconds", () => {
  expect(resolve({ for: 90_000 })).toEqual({ at: new Date("2026-01-05T09:01:30Z") });
  expect(resolve({ for: 0 })).toEqual({ at: new Date(NOW) });
  expect(resolve({ for: 366 * 86_400_000 })).toMatchObject({ code: "WINDOW_TOO_FAR" });
});

test("hourly: the next time the minute comes by, strictly after now", () => {
  expect(next({ frequency: "hourly" })).toBe("2026-01-05T10:00:00.000Z");
  expect(next({ frequency: "hourly", minutes: 15 })).toBe("2026-01-05T09:15:00.000Z");
  expect(next({ frequency: "hourly", minutes: 15 }, "2026-01-05T09:15:00Z")).toBe("2026-01-05T10:15:00.000Z");
  expect(next({ frequency: "hourly" }, NOW, "Asia/Kathmandu")).toBe("2026-01-05T09:15:00.000Z");
  expect(next({ frequency: "hourly", days: ["wednesday"] })).toBe("2026-01-07T00:00:00.000Z");
});

test("daily: at its time, on its days", () => {
  expect(next({ frequency: "daily", hours: 9 })).toBe("2026-01-06T09:00:00.000Z");
  expect(next({ frequency: "daily", hours: 9 }, "2026-01-05T08:59:59.999Z")).toBe(NOW);
  expect(next({ frequency: "daily" })).toBe("2026-01-06T00:00:00.000Z");
  expect(next({ frequency: "daily", hours: 8, minutes: 30, days: ["friday", "sunday"] })).toBe(
    "2026-01-09T08:30:00.000Z",
  );
  expect(next({ frequency: "daily", hours: 9 }, NOW, "America/New_York")).toBe("2026-01-05T14:00:00.000Z");
  expect(next({ frequency: "daily", hours: 9 }, NOW, "Asia/Tokyo")).toBe("2026-01-06T00:00:00.000Z");
});

test("weekly: on its days, or on the day of the present", () => {
  expect(next({ frequency: "weekly", hours: 10 })).toBe("2026-01-05T10:00:00.000Z");
  expect(next({ frequency: "weekly", hours: 9 })).toBe("2026-01-12T09:00:00.000Z");
  expect(next({ frequency: "weekly", days: ["thursday", "tuesday"] })).toBe("2026-01-06T00:00:00.000Z");
  // Monday in UTC is Tuesday in Auckland by then.
  expect(next({ frequency: "weekly", hours: 9 }, "2026-01-05T20:30:00Z", "Pacific/Auckland")).toBe(
    "2026-01-12T20:00:00.000Z",
  );
});

test("monthly: a month that lacks the day takes its last one", () => {
  expect(next({ frequency: "monthly" })).toBe("2026-02-01T00:00:00.000Z");
  expect(next({ frequency: "monthly", dayOfMonth: 31 }, "2026-01-31T00:00:00Z")).toBe("2026-02-28T00:00:00.000Z");
  expect(next({ frequency: "monthly", dayOfMonth: 31 }, "2028-01-31T00:00:00Z")).toBe("2028-02-29T00:00:00.000Z");
  expect(next({ frequency: "monthly", dayOfMonth: 31 }, "2026-02-28T00:00:00Z")).toBe("2026-03-31T00:00:00.000Z");
  expect(next({ frequency: "monthly", dayOfMonth: 29, hours: 9 }, "2028-02-29T08:00:00Z")).toBe(
    "2028-02-29T09:00:00.000Z",
  );
  expect(next({ frequency: "monthly", days: ["monday"] })).toBe("2026-06-01T00:00:00.000Z");
  // Friday the 13th of August 2027 is the next after that of November 2026... nine months: still within a year.
  expect(next({ frequency: "monthly", dayOfMonth: 13, days: ["friday"] }, "2026-11-13T01:00:00Z")).toBe(
    "2027-08-13T00:00:00.000Z",
  );
  // The Friday the 13th after this one comes after fourteen months.
  expect(next({ frequency: "monthly", dayOfMonth: 13, days: ["friday"] }, "2029-07-13T01:00:00Z")).toBe(
    "WINDOW_TOO_FAR",
  );
});

test.each([
  ["America/New_York", 2, "2026-03-08T05:00:00Z", "2026-03-08T07:30:00.000Z"],
  ["Europe/London", 1, "2026-03-29T00:00:00Z", "2026-03-29T01:30:00.000Z"],
  ["Europe/Zurich", 2, "2026-03-29T00:00:00Z", "2026-03-29T01:30:00.000Z"],
])("%s: a daily %i:30 that does not exist is an hour later that day, once", (timezone, hours, now, moment) => {
  const rule = { frequency: "daily", hours, minutes: 30 } as const;
  expect(next(rule, now, timezone)).toBe(moment);
  // Between the gap and the moment that was moved out of it.
  expect(next(rule, new Date(Date.parse(moment) - 60_000).toISOString(), timezone)).toBe(moment);
  const following = Date.parse(next(rule, moment, timezone));
  expect(following - Date.parse(moment)).toBe(23 * 3_600_000);
});

test.each([
  ["America/New_York", 1, "2026-11-01T04:00:00Z", "2026-11-01T05:30:00.000Z"],
  ["Europe/London", 1, "2026-10-24T23:00:00Z", "2026-10-25T00:30:00.000Z"],
  ["Europe/Zurich", 2, "2026-10-24T23:00:00Z", "2026-10-25T00:30:00.000Z"],
])("%s: a daily %i:30 that passes twice means the first", (timezone, hours, now, moment) => {
  const rule = { frequency: "daily", hours, minutes: 30 } as const;
  expect(next(rule, now, timezone)).toBe(moment);
  expect(Date.parse(next(rule, moment, timezone)) - Date.parse(moment)).toBe(25 * 3_600_000);
});

test("hourly goes on through both edges: every hour has its moment", () => {
  for (const [timezone, from] of [
    ["America/New_York", "2026-03-08T04:10:00Z"],
    ["America/New_York", "2026-11-01T03:10:00Z"],
    ["Europe/Zurich", "2026-10-24T22:10:00Z"],
  ] as const) {
    let now = from as string;
    for (let hour = 0; hour < 6; hour++) {
      const moment = next({ frequency: "hourly", minutes: 30 }, now, timezone);
      expect(Date.parse(moment) - Date.parse(now)).toBe(hour === 0 ? 20 * 60_000 : 3_600_000);
      now = moment;
    }
  }
  // Clocks on Lord Howe go back by half an hour: 01:45 passes twice, half an hour apart.
  expect(next({ frequency: "hourly", minutes: 45 }, "2026-04-04T14:45:00Z", "Australia/Lord_Howe")).toBe(
    "2026-04-04T15:15:00.000Z",
  );
});

test("from the data: a timestamp, a duration, a length, a rule", () => {
  expect(read("2026-01-05T10:00:00Z")).toBe("2026-01-05T10:00:00.000Z");
  expect(read(new Date("2026-01-05T10:00:00Z"))).toBe("2026-01-05T10:00:00.000Z");
  expect(read("2026-01-06")).toBe("2026-01-06T00:00:00.000Z");
  expect(read("2h")).toBe("2026-01-05T11:00:00.000Z");
  expect(read({ unit: "minutes", value: 5 })).toBe("2026-01-05T09:05:00.000Z");
  expect(read({ unit: "weeks", value: 2 })).toBe("2026-01-19T09:00:00.000Z");
  expect(read({ frequency: "weekly", days: ["friday"], hours: 17 })).toBe("2026-01-09T17:00:00.000Z");
});

test("months of a length are months of the calendar, in the zone", () => {
  expect(read({ unit: "months", value: 1 }, { now: "2026-01-31T09:00:00Z" })).toBe("2026-02-28T09:00:00.000Z");
  expect(read({ unit: "months", value: 1 }, { now: "2028-01-31T09:00:00Z" })).toBe("2028-02-29T09:00:00.000Z");
  // The same time of day, although an hour is missing in between.
  expect(read({ unit: "months", value: 1 }, { now: "2026-03-15T08:00:00Z", timezone: "Europe/Zurich" })).toBe(
    "2026-04-15T07:00:00.000Z",
  );
  expect(read({ unit: "months", value: 13 })).toBe("WINDOW_TOO_FAR");
  expect(read({ unit: "months", value: 1_000_000_000 })).toBe("WINDOW_TOO_FAR");
});

test("so long before or after what was read", () => {
  expect(read("2026-01-05T12:00:00Z", { offset: -3_600_000 })).toBe("2026-01-05T11:00:00.000Z");
  expect(read("2026-01-05T08:30:00Z", { offset: 3_600_000 })).toBe("2026-01-05T09:30:00.000Z");
  expect(read("2026-01-05T10:00:00Z", { offset: -3_600_000 })).toBe("WINDOW_PAST");
});

test("what cannot be waited for has a code, a reason and what was read", () => {
  const scope = { data: { past: NOW, far: "2027-01-05T09:00:00.001Z" } };
  expect(resolve({ at: "data.none", offset: 0 }, { scope })).toEqual({
    code: "WINDOW_MISSING",
    reason: "data.none is missing",
  });
  expect(resolve({ at: "data.past", offset: -7_200_000 }, { scope })).toEqual({
    code: "WINDOW_PAST",
    reason: "2h before data.past is in the past",
    values: { "data.past": NOW },
  });
  expect(resolve({ at: "data.far", offset: 0 }, { scope })).toEqual({
    code: "WINDOW_TOO_FAR",
    reason: "data.far is more than 365 days away",
    values: { "data.far": scope.data.far },
  });
  expect(read("2027-01-05T09:00:00.000Z")).toBe("2027-01-05T09:00:00.000Z");
});

test.each([
  ["tomorrow"],
  [""],
  ["2026-02-30T00:00:00Z"],
  ["-2h"],
  [5],
  [true],
  [[]],
  [{}],
  [{ unit: "months", value: 1.5 }],
  [{ unit: "hours", value: -1 }],
  [{ unit: "fortnights", value: 1 }],
  [{ unit: "hours", value: 1, more: 1 }],
  [{ frequency: "yearly" }],
  [{ frequency: "daily", hours: 24 }],
  [{ frequency: "daily", minutes: 60 }],
  [{ frequency: "weekly", days: [] }],
  [{ frequency: "weekly", days: ["someday"] }],
  [{ frequency: "monthly", dayOfMonth: 0 }],
  [{ frequency: "monthly", dayOfMonth: 32 }],
])("%j is no window", (value) => {
  expect(read(value)).toBe("WINDOW_INVALID");
});

test("the zone: the recipient's, the tenant's, the configured one, UTC", () => {
  const tenant = { properties: { timezone: "Asia/Tokyo" } };
  expect(zoneOf({ recipient: "Europe/Zurich", tenant, fallback: "Asia/Kolkata" })).toBe("Europe/Zurich");
  expect(zoneOf({ recipient: null, tenant, fallback: "Asia/Kolkata" })).toBe("Asia/Tokyo");
  expect(zoneOf({ recipient: "Mars/Base", tenant: { properties: { timezone: 7 } }, fallback: "Asia/Kolkata" })).toBe(
    "Asia/Kolkata",
  );
  expect(zoneOf({ recipient: "", tenant: null, fallback: "+01:00" })).toBe("Etc/UTC");
});
