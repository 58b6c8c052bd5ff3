import { expect, test } from "vitest";
import { openOn, type SendWindow } from "../../../src/definition/send-window.ts";
import { nextOpening } from "../../../src/engine/time/send-window.ts";

const opening = (window: SendWindow, now: string, timezone = "Etc/UTC") =>
  nextOpening(window, { now: new Date(now), timezone })?.toISOString() ?? null;

const office = openOn("09:00", "17:00");
const always = openOn("00:00", "24:00", ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]);
const sunday = (from: string, until: string): SendWindow => ({ sunday: { from, until } });

test("open from its first to before its last minute", () => {
  expect(opening(office, "2026-01-05T08:59:59.999Z")).toBe("2026-01-05T09:00:00.000Z");
  expect(opening(office, "2026-01-05T09:00:00Z")).toBeNull();
  expect(opening(office, "2026-01-05T16:59:59.999Z")).toBeNull();
  expect(opening(office, "2026-01-05T17:00:00Z")).toBe("2026-01-06T09:00:00.000Z");
});

test("closed days are passed over, and a week later is the same day again", () => {
  expect(opening(office, "2026-01-09T17:00:00Z")).toBe("2026-01-12T09:00:00.000Z");
  expect(opening(sunday("09:00", "10:00"), "2026-01-04T10:00:00Z")).toBe("2026-01-11T09:00:00.000Z");
  expect(opening({}, "2026-01-04T10:00:00Z")).toBeNull();
});

test("24:00 is the end of the day", () => {
  expect(opening(sunday("22:00", "24:00"), "2026-01-04T23:59:59.999Z")).toBeNull();
  expect(opening(sunday("22:00", "24:00"), "2026-01-05T00:00:00Z")).toBe("2026-01-11T22:00:00.000Z");
  for (const now of ["2026-01-04T23:59:59.999Z", "2026-03-29T00:30:00Z", "2026-10-25T00:30:00Z"]) {
    expect(opening(always, now, "Europe/London")).toBeNull();
    expect(opening(always, now, "America/New_York")).toBeNull();
  }
});

test("days and hours are those of the zone", () => {
  // Sunday evening in New York is Monday in UTC.
  expect(opening(office, "2026-01-05T00:30:00Z", "America/New_York")).toBe("2026-01-05T14:00:00.000Z");
  expect(opening(office, "2026-01-05T00:30:00Z", "Asia/Tokyo")).toBeNull();
});

test.each([
  ["America/New_York", "2026-03-08", "02:30", "2026-03-08T07:30:00.000Z"],
  ["Europe/London", "2026-03-29", "01:30", "2026-03-29T01:30:00.000Z"],
  ["Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45:00.000Z"],
])("%s: an opening that does not exist is moved forward", (zone, day, from, opens) => {
  const before = new Date(Date.parse(opens) - 1).toISOString();
  expect(opening(sunday(from, "12:00"), `${day}T00:00:00Z`.replace("2026-10-04", "2026-10-03"), zone)).toBe(opens);
  expect(opening(sunday(from, "12:00"), before, zone)).toBe(opens);
  expect(opening(sunday(from, "12:00"), opens, zone)).toBeNull();
});

test.each([
  ["America/New_York", "01:30", "2026-11-01T05:30:00.000Z", "2026-11-01T06:10:00Z"],
  ["Europe/London", "01:30", "2026-10-25T00:30:00.000Z", "2026-10-25T01:10:00Z"],
  ["Australia/Lord_Howe", "01:45", "2026-04-04T14:45:00.000Z", "2026-04-04T15:05:00Z"],
])("%s: an opening that passes twice means the first, and stays open", (zone, from, opens, between) => {
  expect(opening(sunday(from, "12:00"), new Date(Date.parse(opens) - 1).toISOString(), zone)).toBe(opens);
  // Clocks show less than the opening again by then.
  expect(opening(sunday(from, "12:00"), between, zone)).toBeNull();
});

test("a closing that passes twice means the first", () => {
  expect(opening(sunday("00:00", "01:30"), "2026-11-01T05:29:59Z", "America/New_York")).toBeNull();
  expect(opening(sunday("00:00", "01:30"), "2026-11-01T06:10:00Z", "America/New_York")).toBe(
    "2026-11-08T05:00:00.000Z",
  );
});

test("an opening that lies in the missing hour is not lost", () => {
  expect(opening(sunday("02:10", "02:50"), "2026-03-08T06:00:00Z", "America/New_York")).toBe(
    "2026-03-08T07:10:00.000Z",
  );
  // Nothing is left of this one: the next is a week later.
  expect(opening(sunday("02:30", "03:00"), "2026-03-08T06:00:00Z", "America/New_York")).toBe(
    "2026-03-15T06:30:00.000Z",
  );
});

test("the 29th of February is a day like others", () => {
  expect(opening({ tuesday: { from: "09:00", until: "10:00" } }, "2028-02-28T23:00:00Z")).toBe(
    "2028-02-29T09:00:00.000Z",
  );
});
