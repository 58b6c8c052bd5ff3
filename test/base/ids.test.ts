import fc from "fast-check";
import { expect, test } from "vitest";
import { derivedId, isId, newId } from "../../src/base/ids.ts";

const at = (iso: string) => new Date(iso);

test("ids are UUIDs of version 7 and sort by their time", () => {
  const earlier = newId(at("2026-01-05T09:00:00.000Z"));
  const later = newId(at("2026-01-05T09:00:00.001Z"));
  expect(earlier).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(earlier < later).toBe(true);
});

test("two ids of one instant differ", () => {
  const now = at("2026-01-05T09:00:00Z");
  expect(new Set(Array.from({ length: 1_000 }, () => newId(now))).size).toBe(1_000);
});

test("a derived id is a function of parent and name, and sorts beside its parent", () => {
  const parent = newId(at("2026-01-05T09:00:00Z"));
  const id = derivedId(parent, "user_1");
  expect(derivedId(parent, "user_1")).toBe(id);
  expect(derivedId(parent, "user_2")).not.toBe(id);
  expect(derivedId(newId(at("2026-01-05T09:00:00Z")), "user_1")).not.toBe(id);
  expect(id.slice(0, 13)).toBe(parent.slice(0, 13));
  expect(isId(id)).toBe(true);
});

test("names that could be confused by joining stay apart", () => {
  const parent = newId(at("2026-01-05T09:00:00Z"));
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      fc.pre(a !== b);
      expect(derivedId(parent, a)).not.toBe(derivedId(parent, b));
    }),
  );
});

test.each(["", "user_1", "01a207de-3bc2-71de-a592-a1d664e2914", "01a207de3bc271dea592a1d664e29143", "'; drop table"])(
  "%j is no id",
  (text) => expect(isId(text)).toBe(false),
);

test("ids of one millisecond sort in the order in which they were made", () => {
  const now = new Date("2026-02-05T09:00:00.000Z");
  const ids = Array.from({ length: 4_000 }, () => newId(now));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(Array.from({ length: 10_000 }, () => newId(now))).size).toBe(10_000);
});
