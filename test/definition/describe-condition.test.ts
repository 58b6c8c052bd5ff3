import { expect, test } from "vitest";
import {
  all,
  ago,
  any,
  before,
  contains,
  eq,
  exists,
  fromNow,
  gt,
  isIn,
  neq,
  not,
  notContains,
} from "../../src/definition/condition-builders.ts";
import { describeCondition } from "../../src/definition/describe-condition.ts";
import { ref } from "../../src/definition/refs.ts";

const plan = ref<string>("recipient.plan");
const seen = ref<boolean>("steps.feed.seen");
const count = ref<number>("data.count");
const dueAt = ref<string>("data.dueAt");

test.each([
  [all(eq(plan, "pro"), not(seen)), 'recipient.plan is "pro" and not steps.feed.seen'],
  [eq(seen, false), "steps.feed.seen is false"],
  [eq(plan, null), "recipient.plan is not set"],
  [neq(plan, null), "recipient.plan is set"],
  [neq(plan, "pro"), 'recipient.plan is not "pro"'],
  [eq(plan, ref<string>("tenant.properties.plan")), "recipient.plan is tenant.properties.plan"],
  [gt(count, 5), "data.count is more than 5"],
  [not(gt(count, 5)), "not (data.count is more than 5)"],
  [contains(ref<string[]>("data.tags"), ["a"]), 'data.tags contains ["a"]'],
  [notContains(plan, "x"), 'recipient.plan does not contain "x"'],
  [isIn(plan, ["pro", "team"]), 'recipient.plan is one of ["pro","team"]'],
  [before(dueAt, fromNow("90m")), "data.dueAt is before 90m from now"],
  [before(dueAt, ago("2w")), "data.dueAt is before 2w ago"],
  [before(dueAt, fromNow("0s")), "data.dueAt is before now"],
  [exists(dueAt), "data.dueAt is set"],
  [
    any(all(seen, exists(plan)), gt(count, 1)),
    "(steps.feed.seen and recipient.plan is set) or data.count is more than 1",
  ],
  [not(all(seen, exists(plan))), "not (steps.feed.seen and recipient.plan is set)"],
  [{ op: "code", label: 'in "office"' } as const, 'code "in \\"office\\""'],
  [not({ op: "code", label: "x" }), 'not code "x"'],
])("%j", (condition, words) => {
  expect(describeCondition(condition)).toBe(words);
});

test("values are given in full: conditions that differ late do not read alike", () => {
  const long = "x".repeat(500);
  expect(describeCondition(eq(plan, `${long}a`))).not.toBe(describeCondition(eq(plan, `${long}b`)));
});
