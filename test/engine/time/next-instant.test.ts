import { expect, test } from "vitest";
import { wallOfMs, type WallTime } from "../../../src/base/zone.ts";
import { nextInstant } from "../../../src/engine/time/next-instant.ts";

const zone = "America/New_York";

/** The instants of wall times of a day, from one on, as a walk finds them. */
function walk(day: string, times: readonly string[], { after, literal = false }: { after: string; literal?: boolean }) {
  const walls = times.map((time) => wallOfMs(Date.parse(`${day}T${time}Z`)));
  const from = (earliest: WallTime) => walls.filter((wall) => wall.toString() >= earliest.toString());
  const found: string[] = [];
  for (let at = new Date(`${day}T${after}Z`); ;) {
    const next = nextInstant(from, { after: at, zone, literal });
    if (!next) return found;
    found.push(next.toISOString().slice(11, 16));
    at = next;
  }
}

const gap = ["01:50", "02:20", "02:40", "03:10", "03:40", "04:00"];
const overlap = ["00:50", "01:20", "01:40", "02:10"];

test("times that are moved out of a gap fall among those that follow, in order and each once", () => {
  // Clocks go from 02:00 to 03:00 at 07:00 UTC: 02:20 is 03:20, 02:40 is 03:40.
  expect(walk("2026-03-08", gap, { after: "06:00" })).toEqual(["06:50", "07:10", "07:20", "07:40", "08:00"]);
  expect(walk("2026-03-08", gap, { after: "07:15" })).toEqual(["07:20", "07:40", "08:00"]);
});

test("of two times the first counts", () => {
  // Clocks go from 02:00 back to 01:00 at 06:00 UTC.
  expect(walk("2026-11-01", overlap, { after: "04:00" })).toEqual(["04:50", "05:20", "05:40", "07:10"]);
  expect(walk("2026-11-01", overlap, { after: "06:10" })).toEqual(["07:10"]);
});

test("literally: what clocks show, each time that they show it", () => {
  const literal = true;
  expect(walk("2026-03-08", gap, { after: "06:00", literal })).toEqual(["06:50", "07:10", "07:40", "08:00"]);
  expect(walk("2026-11-01", overlap, { after: "04:00", literal })).toEqual([
    "04:50",
    "05:20",
    "05:40",
    "06:20",
    "06:40",
    "07:10",
  ]);
  expect(walk("2026-11-01", overlap, { after: "06:30", literal })).toEqual(["06:40", "07:10"]);
});
