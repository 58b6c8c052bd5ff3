import { describe, expect, test } from "vitest";
import type { Condition, Literal } from "../../src/definition/conditions.ts";
import { evaluate } from "../../src/definition/evaluate.ts";

const now = new Date("2026-03-01T12:00:00.000Z");

const reasonFor = (value: unknown): string =>
  evaluate({ op: "eq", ref: "data.a", to: { value: "y" } }, { data: { a: value } }, { now }).reason;

describe("reasons", () => {
  const eq = (ref: string, value: Literal): Condition => ({ op: "eq", ref, to: { value } });
  const scope = {
    recipient: { plan: "free", email: "a@b.ch", tags: ["x"] },
    data: { count: 3, dueAt: "2026-03-02", text: "soon", flag: true },
    steps: { feed: { seen: true } },
  };
  const reason = (condition: Condition) => evaluate(condition, scope, { now, code: (label) => label === "yes" }).reason;
  const not = (of: Condition): Condition => ({ op: "not", of });

  test.each<[Condition, string]>([
    [eq("recipient.plan", "pro"), 'recipient.plan is "free", wanted "pro"'],
    [eq("recipient.plan", "free"), 'recipient.plan is "free"'],
    [eq("recipient.plan", null), 'recipient.plan is "free", wanted it not set'],
    [eq("recipient.zone", null), "recipient.zone is not set"],
    [eq("recipient.zone", "x"), 'recipient.zone is not set, wanted "x"'],
    [not(eq("steps.feed.seen", true)), "steps.feed.seen is true, wanted false"],
    [not(eq("recipient.plan", "pro")), 'recipient.plan is "free", other than "pro"'],
    [{ op: "neq", ref: "recipient.plan", to: { value: "free" } }, 'recipient.plan is "free", wanted other than "free"'],
    [{ op: "neq", ref: "recipient.plan", to: { value: null } }, 'recipient.plan is "free"'],
    [{ op: "gt", ref: "data.count", to: { value: 5 } }, "data.count is 3, wanted more than 5"],
    [{ op: "lt", ref: "data.count", to: { value: 5 } }, "data.count is 3, less than 5"],
    [not({ op: "gt", ref: "data.count", to: { value: 5 } }), "data.count is 3, not more than 5"],
    [not({ op: "lte", ref: "data.count", to: { value: 5 } }), "data.count is 3, wanted not at most 5"],
    [
      { op: "gt", ref: "data.text", to: { value: 5 } },
      'data.text is "soon", which is text and cannot be compared with a number',
    ],
    [
      { op: "gt", ref: "data.flag", to: { ref: "data.flag" } },
      "data.flag is true, which is a yes or no and has no order",
    ],
    [
      { op: "before", ref: "data.text", to: { value: "2026-01-01" } },
      'data.text is "soon", which is no ISO 8601 timestamp',
    ],
    [
      { op: "before", ref: "data.dueAt", to: { fromNow: 3_600_000 } },
      'data.dueAt is "2026-03-02", wanted before 2026-03-01T13:00:00.000Z (1h from now)',
    ],
    [{ op: "contains", ref: "recipient.tags", to: { value: "y" } }, 'recipient.tags is ["x"], wanted with "y" in it'],
    [not({ op: "contains", ref: "recipient.tags", to: { value: "y" } }), 'recipient.tags is ["x"], without "y" in it'],
    [
      { op: "contains", ref: "data.count", to: { value: "y" } },
      "data.count is 3, which is a number and contains nothing",
    ],
    [{ op: "in", ref: "recipient.plan", to: { value: ["pro"] } }, 'recipient.plan is "free", wanted one of ["pro"]'],
    [{ op: "exists", ref: "recipient.zone" }, "recipient.zone is not set, wanted it set"],
    [{ op: "exists", ref: "recipient.email" }, 'recipient.email is "a@b.ch"'],
    [not({ op: "exists", ref: "recipient.email" }), 'recipient.email is "a@b.ch", wanted it not set'],
    [{ op: "notEmpty", ref: "recipient.zone" }, "recipient.zone is not set, wanted it not empty"],
    [{ op: "code", label: "yes" }, '"yes" holds'],
    [{ op: "code", label: "no" }, '"no" does not hold'],
    [not({ op: "code", label: "yes" }), '"yes" holds'],
    [
      { op: "all", of: [eq("recipient.plan", "free"), eq("data.count", 3)] },
      'recipient.plan is "free" and data.count is 3',
    ],
    [{ op: "all", of: [eq("recipient.plan", "free"), eq("data.count", 4)] }, "data.count is 3, wanted 4"],
    [{ op: "any", of: [eq("recipient.plan", "x"), eq("data.count", 3)] }, "data.count is 3"],
    [
      { op: "any", of: [eq("recipient.plan", "x"), eq("data.count", 4)] },
      'recipient.plan is "free", wanted "x"; data.count is 3, wanted 4',
    ],
    [not({ op: "any", of: [eq("recipient.plan", "x"), eq("data.count", 3)] }), "data.count is 3, wanted other than 3"],
    [{ op: "all", of: [] }, "there is nothing to hold"],
    [{ op: "any", of: [] }, "there is nothing that could hold"],
  ])("%j", (condition, expected) => {
    expect(reason(condition)).toBe(expected);
  });

  test("only the values that decided are reported", () => {
    const [held, failed] = [eq("recipient.plan", "free"), eq("data.count", 4)];
    const values = (condition: Condition) => evaluate(condition, scope, { now }).values;
    expect(values({ op: "all", of: [held, failed, held] })).toEqual({ "data.count": 3 });
    expect(values({ op: "any", of: [failed, held, failed] })).toEqual({ "recipient.plan": "free" });
    expect(values({ op: "any", of: [failed, not(held)] })).toEqual({ "data.count": 3, "recipient.plan": "free" });
  });

  test("a long list of reasons is cut", () => {
    const of = Array.from({ length: 8 }, () => eq("data.count", 3));
    expect(reason({ op: "all", of })).toBe(`${Array(5).fill("data.count is 3").join(" and ")} (and 3 more)`);
  });

  test.each<[unknown, RegExp]>([
    ["x".repeat(500), /^data\.a is "x{78}…, wanted "y"$/],
    [["x".repeat(500)], /^data\.a is \["x{77}…, wanted "y"$/],
    [{ ["k".repeat(500)]: 1 }, /^data\.a is \{"k{77}…, wanted "y"$/],
    [`${"x".repeat(77)}💥💥`, /^data\.a is "x{77}\uFFFD…, wanted "y"$/],
    ["\0", /^data\.a is "\\u0000", wanted "y"$/],
    [Array.from({ length: 100_000 }, (_, index) => index), /^data\.a is \[0,1,2,.{72}…, wanted "y"$/],
  ])("a value is cut at 80 characters and stays storable", (value, expected) => {
    const text = reasonFor(value);
    expect(text).toMatch(expected);
    expect(text.isWellFormed()).toBe(true);
  });

  test("a value nested a hundred thousand deep is shown without recursion into it", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(evaluate({ op: "exists", ref: "data.a" }, { data: { a: deep } }, { now }).reason).toMatch(
      /^data\.a is \[{79}…$/,
    );
    expect(reasonFor(deep)).toMatch(/^data\.a is \[{79}…, wanted "y"$/);
  });
});

describe("code", () => {
  test("what it throws is thrown on", () => {
    const boom = () => {
      throw new RangeError("boom");
    };
    expect(() => evaluate({ op: "not", of: { op: "code", label: "x" } }, {}, { now, code: boom })).toThrow(RangeError);
  });

  test("without a function it cannot be decided", () => {
    expect(() => evaluate({ op: "code", label: "in office" }, {}, { now })).toThrow(
      'The code "in office" cannot be decided here',
    );
  });

  test("is not asked when a member before it decided", () => {
    const asked: string[] = [];
    const code = (label: string) => asked.push(label) > 0;
    const never: Condition = { op: "exists", ref: "data.a" };
    evaluate({ op: "all", of: [never, { op: "code", label: "1" }] }, {}, { now, code });
    evaluate(
      {
        op: "any",
        of: [
          { op: "not", of: never },
          { op: "code", label: "2" },
        ],
      },
      {},
      { now, code },
    );
    evaluate({ op: "not", of: { op: "all", of: [never, { op: "code", label: "3" }] } }, {}, { now, code });
    expect(asked).toEqual([]);
  });
});
