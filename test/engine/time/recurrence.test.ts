import { expect, test } from "vitest";
import { lastMoment, momentsOf, recurrenceProblem } from "../../../src/engine/time/recurrence.ts";

interface Given {
  startsAt?: string;
  endsAt?: string;
  zone?: string;
}

const moments = (
  recurrence: string | null,
  { startsAt = "2026-01-05T09:00:00Z", endsAt, zone = "Etc/UTC" }: Given = {},
) => momentsOf({ recurrence, startsAt: new Date(startsAt), endsAt: endsAt ? new Date(endsAt) : null }, zone);

/** The first moments after an instant; default from the start on. */
function first(
  count: number,
  recurrence: string,
  { after = "2026-01-01T00:00:00Z", ...given }: Given & { after?: string } = {},
) {
  const { next } = moments(recurrence, given);
  const found: string[] = [];
  let at = next(new Date(after));
  while (at && found.length < count) {
    found.push(at.toISOString().replace(":00.000Z", ""));
    at = next(at);
  }
  return found;
}

test("cron: minute, hour, day, month, weekday", () => {
  expect(first(3, "0 9 * * MON-FRI", { after: "2026-01-08T09:00:00Z" })).toEqual([
    "2026-01-09T09:00",
    "2026-01-12T09:00",
    "2026-01-13T09:00",
  ]);
  expect(first(2, "*/20 * * * *")).toEqual(["2026-01-05T09:00", "2026-01-05T09:20"]);
  expect(first(2, "0 0 L * *")).toEqual(["2026-01-31T00:00", "2026-02-28T00:00"]);
  expect(first(2, "0 9 * * 1#2")).toEqual(["2026-01-12T09:00", "2026-02-09T09:00"]);
  expect(first(2, "0 0 29 2 *")).toEqual(["2028-02-29T00:00", "2032-02-29T00:00"]);
  expect(first(3, "0 12 31 * *")).toEqual(["2026-01-31T12:00", "2026-03-31T12:00", "2026-05-31T12:00"]);
});

test("a rule takes what it does not say from its start, and nothing is earlier than that", () => {
  expect(first(2, "RRULE:FREQ=DAILY", { startsAt: "2026-01-05T09:30:00Z" })).toEqual([
    "2026-01-05T09:30",
    "2026-01-06T09:30",
  ]);
  expect(first(2, "rrule:freq=weekly;byday=mo,we;byhour=8")).toEqual(["2026-01-07T08:00", "2026-01-12T08:00"]);
  expect(first(2, "RRULE:FREQ=WEEKLY;INTERVAL=2")).toEqual(["2026-01-05T09:00", "2026-01-19T09:00"]);
  expect(first(2, "RRULE:FREQ=MONTHLY;BYDAY=-1FR")).toEqual(["2026-01-30T09:00", "2026-02-27T09:00"]);
  expect(first(2, "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;BYSECOND=0")).toEqual(["2026-01-31T09:00", "2026-02-28T09:00"]);
  expect(first(2, "RRULE:FREQ=YEARLY", { startsAt: "2024-02-29T09:00:00Z" })).toEqual([
    "2028-02-29T09:00",
    "2032-02-29T09:00",
  ]);
  expect(first(2, "RRULE:FREQ=MINUTELY;INTERVAL=45")).toEqual(["2026-01-05T09:00", "2026-01-05T09:45"]);
  expect(first(1, "0 9 * * *", { startsAt: "2026-06-01T09:00:01Z" })).toEqual(["2026-06-02T09:00"]);
});

test("the end: of the schedule, by COUNT, by UNTIL as an instant, a local time or a whole day", () => {
  const zone = "America/New_York";
  const startsAt = "2026-01-05T14:00:00Z"; // 09:00 there
  expect(first(9, "0 9 * * *", { endsAt: "2026-01-06T09:00:00Z" })).toHaveLength(2);
  expect(first(9, "0 9 * * *", { endsAt: "2026-01-06T08:59:59Z" })).toHaveLength(1);
  expect(first(9, "RRULE:FREQ=DAILY;COUNT=3")).toHaveLength(3);
  expect(first(9, "RRULE:FREQ=DAILY;COUNT=3", { after: "2026-01-06T09:00:00Z" })).toHaveLength(1);
  expect(first(9, "RRULE:FREQ=DAILY;UNTIL=20260106T140000Z", { zone, startsAt })).toHaveLength(2);
  expect(first(9, "RRULE:FREQ=DAILY;UNTIL=20260106T135959Z", { zone, startsAt })).toHaveLength(1);
  expect(first(9, "RRULE:FREQ=DAILY;UNTIL=20260106T090000", { zone, startsAt })).toHaveLength(2);
  expect(first(9, "RRULE:FREQ=DAILY;UNTIL=20260107", { zone, startsAt })).toHaveLength(3);
});

test("once", () => {
  const once = moments(null, { startsAt: "2026-01-05T09:00:30Z" });
  expect(once.next(new Date("2026-01-05T09:00:29Z"))).toEqual(new Date("2026-01-05T09:00:30Z"));
  expect(once.next(new Date("2026-01-05T09:00:30Z"))).toBeNull();
});

const spring = [
  { zone: "America/New_York", day: "2026-03-08", hour: 2, before: "2026-03-07T07:30", moved: "2026-03-08T07:30" },
  { zone: "Europe/London", day: "2026-03-29", hour: 1, before: "2026-03-28T01:30", moved: "2026-03-29T01:30" },
  { zone: "Europe/Zurich", day: "2026-03-29", hour: 2, before: "2026-03-28T01:30", moved: "2026-03-29T01:30" },
];

test.each(spring)(
  "$zone: $hour:30 is an hour later on the day when it does not exist",
  ({ zone, hour, before, moved }) => {
    const days = [before, moved, new Date(Date.parse(`${moved}Z`) + 23 * 3_600_000).toISOString().slice(0, 16)];
    const after = new Date(Date.parse(`${before}Z`) - 1).toISOString();
    for (const recurrence of [`30 ${hour} * * *`, `RRULE:FREQ=DAILY;BYHOUR=${hour};BYMINUTE=30`]) {
      expect(first(3, recurrence, { zone, after })).toEqual(days);
      expect(first(1, recurrence, { zone, after: `${before}:00Z` })).toEqual([moved]);
    }
    // Its time of day comes from the start and is not lost on the way.
    expect(first(3, "RRULE:FREQ=DAILY", { zone, startsAt: `${before}:00Z`, after })).toEqual(days);
  },
);

const autumn = [
  { zone: "America/New_York", hour: 1, first: "2026-11-01T05:30" },
  { zone: "Europe/London", hour: 1, first: "2026-10-25T00:30" },
  { zone: "Europe/Zurich", hour: 2, first: "2026-10-25T00:30" },
];

test.each(autumn)("$zone: $hour:30 is the first on the day when it passes twice", ({ zone, hour, first: once }) => {
  const day = 86_400_000;
  const text = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 16);
  const middle = Date.parse(`${once}Z`);
  const days = [text(middle - day), once, text(middle + day + 3_600_000)];
  const after = new Date(middle - day - 1).toISOString();
  for (const recurrence of [`30 ${hour} * * *`, `RRULE:FREQ=DAILY;BYHOUR=${hour};BYMINUTE=30`]) {
    expect(first(3, recurrence, { zone, after })).toEqual(days);
    // Asked between the two.
    expect(first(1, recurrence, { zone, after: new Date(middle + 60_000).toISOString() })).toEqual([days[2]]);
  }
});

test("Lord Howe, whose clocks move by half an hour", () => {
  const zone = "Australia/Lord_Howe";
  expect(first(2, "15 2 * * *", { zone, after: "2026-10-02T16:00:00Z" })).toEqual([
    "2026-10-03T15:45",
    "2026-10-04T15:15",
  ]);
  expect(first(2, "45 1 * * *", { zone, after: "2026-04-03T15:00:00Z" })).toEqual([
    "2026-04-04T14:45",
    "2026-04-05T15:15",
  ]);
});

test.each([
  ["America/New_York", "2026-03-08T04:00:00Z"],
  ["America/New_York", "2026-11-01T03:00:00Z"],
  ["Europe/London", "2026-10-24T22:00:00Z"],
  ["Europe/Zurich", "2026-03-28T22:00:00Z"],
])("%s, %s: what recurs every hour goes on through missing and repeated hours", (zone, after) => {
  const gaps = (recurrence: string) => {
    const found = first(20, recurrence, { zone, after }).map((text) => Date.parse(`${text}Z`));
    return new Set(found.slice(1).map((at, index) => (at - found[index]!) / 60_000));
  };
  expect(gaps("*/15 * * * *")).toEqual(new Set([15]));
  expect(gaps("5 * * * *")).toEqual(new Set([60]));
  expect(gaps("RRULE:FREQ=MINUTELY;INTERVAL=30")).toEqual(new Set([30]));
  expect(gaps("RRULE:FREQ=HOURLY")).toEqual(new Set([60]));
});

test("several moments in a missing hour neither vanish nor come twice", () => {
  const found = first(4, "0,30 2,3 * * *", { zone: "America/New_York", after: "2026-03-08T05:00:00Z" });
  // 02:00 is 03:00 and 02:30 is 03:30 on that day.
  expect(found).toEqual(["2026-03-08T07:00", "2026-03-08T07:30", "2026-03-09T06:00", "2026-03-09T06:30"]);
});

test("hours that are named come once, hours that go on come as clocks show them", () => {
  const zone = "America/New_York";
  expect(first(2, "RRULE:FREQ=HOURLY;BYHOUR=1;BYMINUTE=30", { zone, after: "2026-11-01T04:00:00Z" })).toEqual([
    "2026-11-01T05:30",
    "2026-11-02T06:30",
  ]);
  // 01:45, then 02:10 and 02:35 do not exist, 03:00.
  const startsAt = "2026-03-08T06:20:00Z";
  expect(first(4, "RRULE:FREQ=MINUTELY;INTERVAL=25", { zone, startsAt })).toEqual([
    "2026-03-08T06:20",
    "2026-03-08T06:45",
    "2026-03-08T07:00",
    "2026-03-08T07:25",
  ]);
});

test("what never comes is known quickly", () => {
  const after = new Date("2026-01-05T09:00:00Z");
  const began = performance.now();
  for (const never of [
    "0 0 30 2 *",
    "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30",
    "RRULE:FREQ=DAILY;BYSETPOS=300",
    "RRULE:FREQ=YEARLY;INTERVAL=1000000;BYMONTH=2;BYMONTHDAY=30",
    "RRULE:FREQ=YEARLY;INTERVAL=1000000",
    "RRULE:FREQ=DAILY;INTERVAL=2;BYHOUR=9;BYDAY=TU;BYMONTH=1;BYMONTHDAY=5;BYYEARDAY=4",
  ]) {
    expect([never, moments(never).next(after)]).toEqual([never, null]);
  }
  expect(performance.now() - began).toBeLessThan(3_000);
});

test.each([
  ["0 9 * *", "has 4 fields; a cron expression has 5: minute, hour, day, month, weekday"],
  ["0 0 9 * * *", "has 6 fields"],
  ["@daily", "has 1 field;"],
  ["", "has 1 field;"],
  ["61 * * * *", "is not a cron expression: Invalid value for minute: 61"],
  ["? 9 * * *", "is not a cron expression"],
  ["0 9 * * \0", "is not a cron expression"],
  ["RRULE:", 'has a part ""'],
  ["RRULE:INTERVAL=2", "has no FREQ"],
  ["RRULE:FREQ=SECONDLY", "is more frequent than every minute"],
  ["RRULE:FREQ=DAILY;BYSECOND=0,30", "has seconds; moments are whole minutes"],
  ["RRULE:FREQ=DAILY;BYHOUR=25", "has a value for BYHOUR that cannot be"],
  ["RRULE:FREQ=DAILY;BYMONTHDAY=0", "has a value for BYMONTHDAY that cannot be"],
  ["RRULE:FREQ=DAILY;BYDAY=XX", "has a value for BYDAY that cannot be"],
  ["RRULE:FREQ=DAILY;BYDAY=2MO", "has a numbered weekday in BYDAY"],
  ["RRULE:FREQ=DAILY;INTERVAL=0", "has a value for INTERVAL that cannot be"],
  ["RRULE:FREQ=DAILY;COUNT=10001", "has a value for COUNT that cannot be"],
  ["RRULE:FREQ=DAILY;UNTIL=20260230", "has a value for UNTIL that cannot be"],
  ["RRULE:FREQ=DAILY;UNTIL=tomorrow", "has a value for UNTIL that cannot be"],
  ["RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260601", "has both COUNT and UNTIL"],
  ["RRULE:FREQ=DAILY;FREQ=DAILY", "has FREQ twice"],
  ["RRULE:FREQ=DAILY;DTSTART=20260101T000000Z", 'has a part "DTSTART"'],
  ["RRULE:FREQ=DAILY;__PROTO__=1", 'has a part "__PROTO__"'],
  [`0 9 * * ${"1,".repeat(300)}1`, "is longer than 500 characters"],
])("%s %s", (recurrence, problem) => {
  expect(recurrenceProblem(recurrence)).toMatch(problem);
});

test.each([
  "0 9 * * 1-5",
  "*/5 0-6 1,15 JAN-MAR *",
  "RRULE:FREQ=YEARLY;BYWEEKNO=20,-1;BYDAY=MO;WKST=SU",
  "RRULE:FREQ=DAILY",
])("%s can be used", (recurrence) => {
  expect(recurrenceProblem(recurrence)).toBeNull();
});

test("the last moment of a stretch", () => {
  const last = (recurrence: string, from: string, until: string) =>
    lastMoment(moments(recurrence), { from: new Date(from), until: new Date(until) })?.toISOString() ?? null;
  expect(last("* * * * *", "2026-01-05T09:00:00Z", "2027-01-05T09:00:00Z")).toBe("2027-01-05T09:00:00.000Z");
  expect(last("0-30 9 * * *", "2026-01-05T09:00:00Z", "2026-02-05T08:59:59Z")).toBe("2026-02-04T09:30:00.000Z");
  expect(last("0 9 * * *", "2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z")).toBe("2026-01-05T09:00:00.000Z");
  expect(last("0 9 * * *", "2026-01-05T09:00:01Z", "2026-01-06T08:59:59Z")).toBeNull();
  expect(last("0 0 1 1 *", "2026-01-05T09:00:00Z", "2029-12-31T23:59:59Z")).toBe("2029-01-01T00:00:00.000Z");
});
