import fc from "fast-check";
import { expect, test } from "vitest";
import { durationMs, formatDuration, parseDuration, type Duration } from "../../src/base/duration.ts";

test.each([
  ["0s", 0],
  ["250ms", 250],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["2d", 172_800_000],
  ["1w", 604_800_000],
])("%s is %i milliseconds", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(["", "5", "m", "1.5h", "-1s", "5 m", "5M", "1h30m", "1e3s", "٣s", "9007199254740993d"])(
  "%j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);

test("durationMs names the text that it cannot read", () => {
  expect(() => durationMs("1 hour" as Duration)).toThrow('"1 hour" is not a duration');
});

test("a formatted duration is the same length, and its own shortest form", () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 40 }), (milliseconds) => {
      const text = formatDuration(milliseconds);
      expect(durationMs(text)).toBe(milliseconds);
      expect(formatDuration(durationMs(text))).toBe(text);
    }),
  );
  expect(formatDuration(5_400_000)).toBe("90m");
  expect(formatDuration(0)).toBe("0ms");
});
