import { describe, expect, test } from "vitest";
import type { Argument, ComparisonOperator, Literal, StateOperator } from "../../src/definition/conditions.ts";
import { evaluate } from "../../src/definition/evaluate.ts";

const now = new Date("2026-03-01T12:00:00.000Z");

/** The verdict of one comparison on `data.a`, with the rest of the data beside it. */
function judge(op: ComparisonOperator, value: unknown, to: Argument, others: object = {}) {
  return evaluate(
    { op, ref: "data.a", to },
    { data: { ...(value === undefined ? {} : { a: value }), ...others } },
    { now },
  );
}

const holds = (op: ComparisonOperator, value: unknown, argument: Literal) =>
  judge(op, value, { value: argument }).holds;

describe("each operator on each kind of value", () => {
  test.each<[ComparisonOperator, unknown, Literal, boolean]>([
    ["eq", "pro", "pro", true],
    ["eq", "pro", "Pro", false],
    ["eq", 5, 5, true],
    ["eq", 5, "5", false],
    ["eq", true, true, true],
    ["eq", ["a", 1], ["a", 1], true],
    ["eq", ["a", "b"], ["b", "a"], false],
    ["eq", null, null, true],
    ["eq", undefined, null, true],
    ["eq", "", null, false],
    ["eq", undefined, "", true],
    ["eq", [], "", false],
    ["eq", undefined, "pro", false],
    ["eq", undefined, false, false],
    ["neq", "free", "pro", true],
    ["neq", "pro", "pro", false],
    ["neq", undefined, "pro", true],
    ["neq", undefined, null, false],
    ["neq", undefined, "", false],
    ["gt", 6, 5, true],
    ["gt", 5, 5, false],
    ["gte", 5, 5, true],
    ["gte", 4.9, 5, false],
    ["lt", -1, 0, true],
    ["lt", 0, 0, false],
    ["lte", 0, 0, true],
    ["lte", 1, 0, false],
    ["gt", "2026-02-01", "2026-01-31T23:59:59Z", true],
    ["lt", "2026-02-01T00:30:00+01:00", "2026-02-01", true],
    ["gt", "10", "9", false],
    ["gt", "b", "a", false],
    ["gt", "6", 5, false],
    ["gt", 6, "5", false],
    ["gt", true, 0, false],
    ["gt", [6], 5, false],
    ["gt", undefined, -1, false],
    ["lt", undefined, 1, false],
    ["gte", null, 0, false],
    ["lte", null, 0, false],
    ["contains", "hello world", "lo w", true],
    ["contains", "hello", "Hello", false],
    ["contains", "hello", "", true],
    ["contains", ["a", "b"], "a", true],
    ["contains", ["ab"], "a", false],
    ["contains", [1, 2], 2, true],
    ["contains", [1, 2], "2", false],
    ["contains", ["a", "b"], ["b", "c"], true],
    ["contains", ["a", "b"], ["c"], false],
    ["contains", ["a"], [], false],
    ["contains", [], "a", false],
    ["contains", "abc", ["a"], false],
    ["contains", 12, 1, false],
    ["contains", { a: 1 }, "a", false],
    ["contains", undefined, "a", false],
    ["notContains", ["a"], "b", true],
    ["notContains", ["a"], "a", false],
    ["notContains", ["a", "b"], ["b", "c"], false],
    ["notContains", "abc", "x", true],
    ["notContains", undefined, "a", true],
    ["containsAll", ["a", "b", "c"], ["c", "a"], true],
    ["containsAll", ["a", "b"], ["a", "c"], false],
    ["containsAll", ["a"], [], true],
    ["containsAll", "abc", ["a"], false],
    ["containsAll", undefined, ["a"], false],
    ["in", "pro", ["free", "pro"], true],
    ["in", "gold", ["free", "pro"], false],
    ["in", 1, ["1"], false],
    ["in", undefined, ["a"], false],
    ["in", undefined, ["a", null], true],
    ["in", "a", [], false],
    ["before", "2026-02-28", "2026-03-01", true],
    ["before", "2026-03-01", "2026-03-01T00:00:00Z", false],
    ["after", "2026-03-01", "2026-03-01T00:00:00Z", true],
    ["after", "2026-03-01T00:00:00.001Z", "2026-03-01", true],
    ["after", "2026-02-28T23:59:59.999Z", "2026-03-01", false],
    ["before", "2026-03-01T00:30:00+01:00", "2026-03-01", true],
    ["before", "soon", "2026-03-01", false],
    ["after", "soon", "2026-03-01", false],
    ["before", 1_767_225_600_000, "2026-03-01", false],
    ["before", undefined, "2026-03-01", false],
    ["after", undefined, "2026-03-01", false],
  ])("%s: %j against %j is %s", (op, value, argument, expected) => {
    expect(holds(op, value, argument)).toBe(expected);
  });

  test.each<[StateOperator, unknown, boolean]>([
    ["empty", undefined, true],
    ["empty", null, true],
    ["empty", "", true],
    ["empty", [], true],
    ["empty", " ", false],
    ["empty", 0, false],
    ["empty", false, false],
    ["empty", {}, false],
    ["notEmpty", "a", true],
    ["notEmpty", [], false],
    ["notEmpty", undefined, false],
    ["exists", "", true],
    ["exists", [], true],
    ["exists", false, true],
    ["exists", 0, true],
    ["exists", null, false],
    ["exists", undefined, false],
    ["notExists", null, true],
    ["notExists", undefined, true],
    ["notExists", "", false],
  ])("%s: %j is %s", (op, value, expected) => {
    expect(evaluate({ op, ref: "data.a" }, { data: { a: value } }, { now }).holds).toBe(expected);
  });

  test("states of a message have an order, in the results of steps only", () => {
    const than = (op: "gte" | "lt", status: string, value: string) =>
      evaluate({ op, ref: "steps.mail.status", to: { value } }, { steps: { mail: { status } } }, { now }).holds;
    expect(than("gte", "sent", "sent")).toBe(true);
    expect(than("gte", "delivered", "sent")).toBe(true);
    expect(than("gte", "queued", "sent")).toBe(false);
    expect(than("lt", "bounced", "sent")).toBe(true);
    expect(than("gte", "interacted", "link_clicked")).toBe(true);
    expect(than("lt", "link_clicked", "interacted")).toBe(false);
    expect(holds("gte", "delivered", "sent")).toBe(false);
  });
});

describe("arguments", () => {
  test("another reference", () => {
    expect(judge("eq", "x", { ref: "data.b" }, { b: "x" })).toEqual({
      holds: true,
      reason: 'data.a is "x"',
      values: { "data.a": "x", "data.b": "x" },
    });
    expect(judge("contains", ["p1"], { ref: "data.b" }, { b: "p1" }).holds).toBe(true);
    expect(judge("in", "x", { ref: "data.b" }, { b: ["x"] }).holds).toBe(true);
    expect(judge("in", "x", { ref: "data.b" }, { b: "x" }).reason).toBe(
      'data.a is "x", which is compared with what is no list',
    );
    expect(judge("eq", { n: [1, { m: 2 }], k: 1 }, { ref: "data.b" }, { b: { k: 1, n: [1, { m: 2 }] } }).holds).toBe(
      true,
    );
  });

  test("a reference that is not set is null: equality sees it, comparisons do not hold", () => {
    expect(judge("eq", undefined, { ref: "data.b" }).holds).toBe(true);
    expect(judge("eq", undefined, { ref: "data.b" }, { b: "" }).holds).toBe(false);
    expect(judge("in", undefined, { ref: "data.b" }).holds).toBe(false);
    for (const op of ["gt", "gte", "lt", "lte", "contains", "containsAll", "before", "after"] as const) {
      expect(judge(op, op.startsWith("contains") ? [null] : 1, { ref: "data.b" }).holds, op).toBe(false);
    }
    expect(judge("gt", 1, { ref: "data.b" }).reason).toBe("data.a is 1, wanted more than data.b, which is not set");
  });

  test("an instant relative to now, exact to the millisecond", () => {
    const inAnHour = { fromNow: 3_600_000 };
    expect(judge("before", "2026-03-01T12:59:59.999Z", inAnHour).holds).toBe(true);
    expect(judge("before", "2026-03-01T13:00:00.000Z", inAnHour).holds).toBe(false);
    expect(judge("after", "2026-03-01T13:00:00.000Z", inAnHour).holds).toBe(true);
    expect(judge("after", "2026-02-27", { fromNow: -172_800_000 }).reason).toBe(
      'data.a is "2026-02-27", wanted at or after 2026-02-27T12:00:00.000Z (2d ago)',
    );
  });

  test("now", () => {
    expect(
      evaluate({ op: "before", ref: "data.a", to: { ref: "now" } }, { data: { a: "2026-03-01" } }, { now }).holds,
    ).toBe(true);
    expect(evaluate({ op: "exists", ref: "now" }, {}, { now }).values).toEqual({ now: "2026-03-01T12:00:00.000Z" });
  });
});

describe("reading", () => {
  const read = (path: string, scope: unknown) => evaluate({ op: "exists", ref: path }, scope, { now }).values[path];

  test.each([
    ["data.list.1.name", { data: { list: [{}, { name: "b" }] } }, "b"],
    ["data", { data: { a: 1 } }, { a: 1 }],
    ["data.at", { data: { at: new Date("2026-01-01") } }, "2026-01-01T00:00:00.000Z"],
    ["data.at", { data: { at: new Date(Number.NaN) } }, null],
    ["data.a.b.c", { data: { a: null } }, null],
    ["data.a.length", { data: { a: "text" } }, null],
    ["actor.name", { actor: null }, null],
    ["data.__proto__", { data: {} }, null],
    ["data.constructor", { data: {} }, null],
    ["data.constructor.name", { data: {} }, null],
    ["data.toString", { data: [] }, null],
    ["data.constructor", { data: { constructor: "Ferrari" } }, "Ferrari"],
    ["data.a", null, null],
    ["data.a", undefined, null],
    ["data.a", "text", null],
  ])("%s of %j", (path, scope, expected) => {
    expect(read(path, scope)).toEqual(expected);
  });
});
