import { expect, test } from "vitest";
import { instantOf, instantsOf, isLater, isZone, offsetAt, wallMs, wallOfMs, wallTime } from "../../src/base/zone.ts";

const wall = (text: string) => wallOfMs(Date.parse(`${text}Z`));
const at = (text: string, zone: string) => instantOf(wall(text), zone).toISOString();

test("zones are names, not offsets", () => {
  for (const name of ["Europe/Zurich", "America/New_York", "Etc/UTC", "UTC", "Asia/Kathmandu"]) {
    expect(isZone(name)).toBe(true);
    expect(isZone(name)).toBe(true);
  }
  // The first one is known to formats alone, the second to what calculates with zones alone.
  for (const other of [
    "US/Pacific-New",
    "T00:00[Europe/Zurich]",
    "+01:00",
    "Europe/Nowhere",
    "",
    "Zürich",
    1,
    null,
    undefined,
  ])
    expect(isZone(other)).toBe(false);
});

test("a wall time and its instant", () => {
  expect(wallTime(new Date("2026-07-01T12:00:00.123Z"), "Europe/Zurich").toString()).toBe("2026-07-01T14:00:00.123");
  expect(at("2026-07-01T14:00:00", "Europe/Zurich")).toBe("2026-07-01T12:00:00.000Z");
  expect(at("2026-01-01T05:45:00", "Asia/Kathmandu")).toBe("2026-01-01T00:00:00.000Z");
  expect(wallMs(wall("2026-07-01T14:00:00"))).toBe(Date.UTC(2026, 6, 1, 14));
});

test.each([
  ["America/New_York", "2026-03-08T02:30:00", "2026-03-08T07:30:00.000Z", "2026-03-08T03:30:00"],
  ["Europe/London", "2026-03-29T01:30:00", "2026-03-29T01:30:00.000Z", "2026-03-29T02:30:00"],
  ["Europe/Zurich", "2026-03-29T02:00:00", "2026-03-29T01:00:00.000Z", "2026-03-29T03:00:00"],
  ["Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:45:00.000Z", "2026-10-04T02:45:00"],
])("%s: %s does not exist and is moved forward", (zone, missing, instant, shown) => {
  expect(at(missing, zone)).toBe(instant);
  expect(wallTime(new Date(instant), zone).toString()).toBe(shown);
  expect(instantsOf(wall(missing), zone)).toEqual([]);
});

test.each([
  ["America/New_York", "2026-11-01T01:30:00", "2026-11-01T05:30:00.000Z", "2026-11-01T06:30:00.000Z"],
  ["Europe/London", "2026-10-25T01:30:00", "2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"],
  ["Europe/Zurich", "2026-10-25T02:00:00", "2026-10-25T00:00:00.000Z", "2026-10-25T01:00:00.000Z"],
  ["Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00.000Z", "2026-04-04T15:15:00.000Z"],
])("%s: %s passes twice and means the first", (zone, twice, first, second) => {
  expect(at(twice, zone)).toBe(first);
  expect(instantsOf(wall(twice), zone).map((instant) => instant.toISOString())).toEqual([first, second]);
});

test("most wall times pass once", () => {
  expect(instantsOf(wall("2026-07-01T14:00:00"), "Europe/Zurich")).toEqual([new Date("2026-07-01T12:00:00Z")]);
});

test("a date that an island left out is the next one", () => {
  expect(at("2011-12-30T12:00:00", "Pacific/Apia")).toBe("2011-12-30T22:00:00.000Z");
});

test("how far clocks are ahead, and which wall time is later", () => {
  expect(offsetAt(new Date("2026-07-01T12:00:00Z"), "Europe/Zurich")).toBe(2 * 3_600_000);
  expect(offsetAt(new Date("2026-01-01T12:00:00Z"), "America/New_York")).toBe(-5 * 3_600_000);
  expect(isLater(wall("2026-01-01T12:00:01"), wall("2026-01-01T12:00:00"))).toBe(true);
  expect(isLater(wall("2026-01-01T12:00:00"), wall("2026-01-01T12:00:00"))).toBe(false);
});
