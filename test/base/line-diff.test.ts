import fc from "fast-check";
import { expect, test } from "vitest";
import { lineDiff } from "../../src/base/line-diff.ts";

test("the lines that differ, in their order", () => {
  expect(lineDiff("a\nb", "a\nc")).toEqual(["-b", "+c"]);
  expect(lineDiff("same", "same")).toEqual([]);
  expect(lineDiff("", "a\nb")).toEqual(["+a", "+b"]);
  expect(lineDiff("a\nb", "")).toEqual(["-a", "-b"]);
  expect(lineDiff("a\nb\nc\nd\ne", "b\nc\nx\ne\nf")).toEqual(["-a", "-d", "+x", "+f"]);
});

/** The length of the longest common subsequence, the slow way. */
function common(before: string[], after: string[]): number {
  const table = Array.from({ length: before.length + 1 }, () => Array.from({ length: after.length + 1 }, () => 0));
  before.forEach((line, x) =>
    after.forEach((other, y) => {
      table[x + 1]![y + 1] = line === other ? table[x]![y]! + 1 : Math.max(table[x]![y + 1]!, table[x + 1]![y]!);
    }),
  );
  return table[before.length]![after.length]!;
}

test("as few lines as there can be, and what goes and comes is in both texts in this order", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const marked = lineDiff(before.join("\n"), after.join("\n"));
      const gone = marked.filter((line) => line.startsWith("-")).map((line) => line.slice(1));
      const come = marked.filter((line) => line.startsWith("+")).map((line) => line.slice(1));
      const shared = common(before, after);
      expect([gone.length, come.length]).toEqual([before.length - shared, after.length - shared]);
      expect(common(gone, before)).toBe(gone.length);
      expect(common(come, after)).toBe(come.length);
    }),
    { numRuns: 2_000 },
  );
});

test("texts that have nothing in common do not take for ever", () => {
  const before = Array.from({ length: 20_000 }, (_, index) => `a${index}`).join("\n");
  expect(lineDiff(before, before.replaceAll("a", "b"))).toHaveLength(40_000);
});
