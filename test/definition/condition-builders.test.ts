import { describe, expect, test } from "vitest";
import {
  after,
  ago,
  all,
  any,
  before,
  contains,
  containsAll,
  empty,
  eq,
  exists,
  fromNow,
  gt,
  gte,
  isIn,
  lt,
  lte,
  neq,
  not,
  notContains,
  notEmpty,
  notExists,
  toCondition,
} from "../../src/definition/condition-builders.ts";
import { ref, type Refs } from "../../src/definition/refs.ts";
import { record } from "../../src/definition/selector.ts";

interface Values {
  data: {
    tags: string[];
    scores: number[] | null;
    dueAt: string;
    note?: string;
    urgent: boolean;
    project: { id: string };
  };
  recipient: { plan: "free" | "pro"; age: number | null; name: string | null };
  steps: { feed: { seen: boolean }; sms?: { seen: boolean } };
}

const built = <T>(selector: (refs: Refs<Values>) => T): T => {
  const recorded = record<Values, T>(selector);
  if (!recorded.ok) throw new Error(recorded.problem);
  return recorded.result;
};

describe("a builder makes data", () => {
  test.each([
    [built(({ recipient }) => eq(recipient.plan, "pro")), { op: "eq", ref: "recipient.plan", to: { value: "pro" } }],
    [built(({ recipient }) => eq(recipient.name, null)), { op: "eq", ref: "recipient.name", to: { value: null } }],
    [built(({ data }) => eq(data.tags, ["a"])), { op: "eq", ref: "data.tags", to: { value: ["a"] } }],
    [
      built(({ data, recipient }) => eq(data.project.id, recipient.name)),
      { op: "eq", ref: "data.project.id", to: { ref: "recipient.name" } },
    ],
    [built(({ recipient }) => neq(recipient.plan, "pro")), { op: "neq", ref: "recipient.plan", to: { value: "pro" } }],
    [built(({ recipient }) => gt(recipient.age, 5)), { op: "gt", ref: "recipient.age", to: { value: 5 } }],
    [built(({ data }) => gte(data.dueAt, "2026-01-01")), { op: "gte", ref: "data.dueAt", to: { value: "2026-01-01" } }],
    [built(({ recipient }) => lt(recipient.age, 5)), { op: "lt", ref: "recipient.age", to: { value: 5 } }],
    [
      built(({ recipient }) => lte(recipient.age, recipient.age)),
      { op: "lte", ref: "recipient.age", to: { ref: "recipient.age" } },
    ],
    [built(({ data }) => contains(data.tags, "a")), { op: "contains", ref: "data.tags", to: { value: "a" } }],
    [
      built(({ data, recipient }) => notContains(data.tags, recipient.name)),
      { op: "notContains", ref: "data.tags", to: { ref: "recipient.name" } },
    ],
    [
      built(({ data }) => containsAll(data.tags, ["a", "b"])),
      { op: "containsAll", ref: "data.tags", to: { value: ["a", "b"] } },
    ],
    [
      built(({ recipient }) => isIn(recipient.plan, ["pro"])),
      { op: "in", ref: "recipient.plan", to: { value: ["pro"] } },
    ],
    [
      built(({ recipient, data }) => isIn(recipient.name, data.tags)),
      { op: "in", ref: "recipient.name", to: { ref: "data.tags" } },
    ],
    [
      built(({ data }) => before(data.dueAt, fromNow("1h"))),
      { op: "before", ref: "data.dueAt", to: { fromNow: 3_600_000 } },
    ],
    [
      built(({ data }) => after(data.dueAt, ago("2d"))),
      { op: "after", ref: "data.dueAt", to: { fromNow: -172_800_000 } },
    ],
    [built(({ data }) => after(data.dueAt, ago("0s"))), { op: "after", ref: "data.dueAt", to: { fromNow: 0 } }],
    [built(({ data }) => empty(data.tags)), { op: "empty", ref: "data.tags" }],
    [built(({ data }) => notEmpty(data.tags)), { op: "notEmpty", ref: "data.tags" }],
    [built(({ data }) => exists(data.note)), { op: "exists", ref: "data.note" }],
    [built(({ data }) => notExists(data.note)), { op: "notExists", ref: "data.note" }],
  ])("%j", (condition, data) => {
    expect(condition).toStrictEqual(data);
  });

  test("a reference that is true or false stands for itself, at any place", () => {
    const seen = { op: "eq", ref: "steps.feed.seen", to: { value: true } };
    expect(built(({ steps }) => toCondition(steps.feed.seen))).toStrictEqual(seen);
    expect(built(({ steps, data }) => all(not(steps.feed.seen), any(data.urgent, steps.sms.seen)))).toStrictEqual({
      op: "all",
      of: [
        { op: "not", of: seen },
        {
          op: "any",
          of: [
            { op: "eq", ref: "data.urgent", to: { value: true } },
            { op: "eq", ref: "steps.sms.seen", to: { value: true } },
          ],
        },
      ],
    });
  });

  test("an untyped reference compares with anything", () => {
    expect(eq(ref("recipient.membership.role"), "admin")).toStrictEqual({
      op: "eq",
      ref: "recipient.membership.role",
      to: { value: "admin" },
    });
    expect(gt(ref("recipient.membership.level"), 3)).toMatchObject({ to: { value: 3 } });
    expect(contains(ref("recipient.membership.tags"), "a")).toMatchObject({ to: { value: "a" } });
  });
});

describe("what cannot mean anything is refused when the file loads", () => {
  const dueAt = ref<string>("data.dueAt");

  test.each(["tomorrow", "2026-02-30", ""])("before(%j)", (text) => {
    expect(() => before(dueAt, text)).toThrow('before() needs an ISO 8601 timestamp such as "2026-03-01T09:00:00Z"');
  });

  test("a group of nothing", () => {
    expect(() => all()).toThrow("all() needs at least one condition");
    expect(() => any()).toThrow("any() needs at least one condition");
  });

  test("a duration without a unit", () => {
    // @ts-expect-error: "5" has no unit.
    expect(() => fromNow("5")).toThrow('"5" is not a duration');
  });
});

test("a wrong type does not compile", () => {
  const refuse = (_selector: (refs: Refs<Values>) => unknown) => undefined;
  // @ts-expect-error: there is no such plan.
  refuse(({ recipient }) => eq(recipient.plan, "gold"));
  // @ts-expect-error: there is no such plan.
  refuse(({ recipient }) => isIn(recipient.plan, ["pro", "gold"]));
  // @ts-expect-error: text against a number.
  refuse(({ recipient }) => eq(recipient.age, "5"));
  // @ts-expect-error: a text reference against a number.
  refuse(({ recipient }) => eq(recipient.age, recipient.name));
  // @ts-expect-error: there is no such member.
  refuse(({ recipient }) => eq(recipient.plam, "pro"));
  // @ts-expect-error: enum texts have no order.
  refuse(({ recipient }) => gt(recipient.plan, "free"));
  // @ts-expect-error: yes or no has no order.
  refuse(({ data }) => gt(data.urgent, true));
  // @ts-expect-error: a list of texts contains no number.
  refuse(({ data }) => contains(data.tags, 5));
  // @ts-expect-error: a number contains nothing.
  refuse(({ recipient }) => contains(recipient.age, 5));
  // @ts-expect-error: a list of numbers has no texts.
  refuse(({ data }) => containsAll(data.scores, ["a"]));
  // @ts-expect-error: a number is no timestamp.
  refuse(({ recipient }) => before(recipient.age, fromNow("1h")));
  // @ts-expect-error: text is not true or false.
  refuse(({ recipient }) => not(recipient.name));
  // @ts-expect-error: an object is not true or false.
  refuse(({ steps }) => all(steps.feed));
  expect(refuse).toBeTypeOf("function");
});
