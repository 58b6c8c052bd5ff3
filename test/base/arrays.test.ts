import { expect, test } from "vitest";
import { distinct, slicesOf } from "../../src/base/arrays.ts";

test("slices hold all items in their order, the last what is left", () => {
  expect([...slicesOf([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]]);
  expect([...slicesOf([1, 2], 2)]).toEqual([[1, 2]]);
  expect([...slicesOf([1, 2], 500)]).toEqual([[1, 2]]);
});

test("nothing has no slices, whatever their size", () => {
  expect([...slicesOf([], 2)]).toEqual([]);
  expect([...slicesOf([], 0)]).toEqual([]);
});

test("distinct values stand where they first stood, and null is none", () => {
  expect(distinct(["b", null, "a", "b", null])).toEqual(["b", "a"]);
  expect(distinct(new Map([["x", 1]]).values())).toEqual([1]);
  expect(distinct([])).toEqual([]);
});
