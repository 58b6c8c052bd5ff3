import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, hashJson } from "../../src/base/canonical-json.ts";

/** The same value with the members of each object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, shuffled(member)]),
  );
}

test("the order of members changes nothing, at any depth", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(hashJson(shuffled(value))).toBe(hashJson(value));
    }),
  );
});

test("what it prints is JSON of the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("the order of a list and each value count", () => {
  expect(hashJson([1, 2])).not.toBe(hashJson([2, 1]));
  expect(hashJson({ a: 1 })).not.toBe(hashJson({ a: "1" }));
  expect(hashJson({ a: null })).not.toBe(hashJson({}));
});

test("absent members and undefined ones are the same", () => {
  expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
});
