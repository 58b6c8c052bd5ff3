import { describe, expect, test } from "vitest";
import { conditionSchema, preferenceConditionSchema } from "../../src/definition/condition-schema.ts";
import { conditionLimits, type Condition } from "../../src/definition/conditions.ts";

const exists: Condition = { op: "exists", ref: "data.a" };

function problems(input: unknown, schema = conditionSchema): string[] {
  const parsed = schema.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

function nested(levels: number): unknown {
  let condition: unknown = exists;
  for (let level = 1; level < levels; level++) condition = { op: "not", of: condition };
  return condition;
}

describe("accepted as it is", () => {
  test.each<[Condition]>([
    [exists],
    [{ op: "notExists", ref: "actor" }],
    [{ op: "eq", ref: "recipient.plan", to: { value: "pro" } }],
    [{ op: "eq", ref: "recipient.plan", to: { value: null } }],
    [{ op: "eq", ref: "data.list", to: { value: ["a", 1, true, null] } }],
    [{ op: "neq", ref: "data.a", to: { ref: "tenant.properties.plan" } }],
    [{ op: "gt", ref: "steps.comments.count", to: { value: 3 } }],
    [{ op: "gte", ref: "steps.mail.status", to: { value: "sent" } }],
    [{ op: "lte", ref: "data.at", to: { value: "2026-01-01" } }],
    [{ op: "in", ref: "workflow.key", to: { value: ["a", "b"] } }],
    [{ op: "containsAll", ref: "data.a", to: { ref: "data.b" } }],
    [{ op: "before", ref: "data.at", to: { fromNow: -60_000 } }],
    [{ op: "before", ref: "data.at", to: { ref: "now" } }],
    [{ op: "code", label: "it is an office hour" }],
    [{ op: "all", of: [{ op: "any", of: [{ op: "not", of: exists }, exists] }, exists] }],
  ])("%j", (condition) => {
    expect(conditionSchema.parse(structuredClone(condition))).toStrictEqual(condition);
  });
});

describe("refused, with the path and what to change", () => {
  test.each<[unknown, string]>([
    [null, 'a condition has an "op", one of all, any, not, empty'],
    ["data.a", 'a condition has an "op", one of'],
    [{}, 'op: a condition has an "op", one of'],
    [{ op: "equal_to", ref: "data.a", to: { value: 1 } }, 'op: a condition has an "op", one of'],
    [{ op: "eq", ref: "data.a" }, "to: the argument is { value }, { ref } or { fromNow }"],
    [{ op: "eq", ref: "data.a", to: "pro" }, "to: the argument is { value }, { ref } or { fromNow }"],
    [{ op: "eq", ref: "data.a", to: {} }, "to: the argument is exactly one of"],
    [{ op: "eq", ref: "data.a", to: { value: 1, ref: "data.b" } }, "to: the argument is exactly one of"],
    [{ op: "eq", ref: "data.a", to: { value: 1 }, extra: 1 }, ': Unrecognized key: "extra"'],
    [{ op: "exists", ref: "data.a", to: { value: 1 } }, ': Unrecognized key: "to"'],
    [JSON.parse('{"op":"exists","ref":"data.a","__proto__":{}}'), 'Unrecognized key: "__proto__"'],
    [{ op: "exists", ref: 5 }, "ref: a reference is text such as recipient.plan"],
    [
      { op: "exists", ref: "" },
      "ref: a reference begins with data, recipient, actor, tenant, workflow, steps, failure, now",
    ],
    [{ op: "exists", ref: "user.plan" }, "ref: a reference begins with"],
    [{ op: "exists", ref: "database.url" }, "ref: a reference begins with"],
    [{ op: "exists", ref: "data..a" }, "ref: a reference has an empty part between its dots"],
    [{ op: "exists", ref: "data." }, "ref: a reference has an empty part between its dots"],
    [{ op: "exists", ref: "data.\0" }, "ref: text holds a character that cannot be stored"],
    [
      { op: "exists", ref: `data.${"a".repeat(conditionLimits.path)}` },
      "ref: a reference is longer than 300 characters",
    ],
    [{ op: "eq", ref: "data.a", to: { ref: "vars.a" } }, "to.ref: a reference begins with"],
    [{ op: "eq", ref: "data.a", to: { value: { a: 1 } } }, "to.value: a value is text, a number"],
    [{ op: "eq", ref: "data.a", to: { value: [["a"]] } }, "to.value: a value is text, a number"],
    [{ op: "eq", ref: "data.a", to: { value: Number.NaN } }, "to.value: a value is text, a number"],
    [{ op: "eq", ref: "data.a", to: { value: "\uD83D" } }, "to.value: text holds a character that cannot be stored"],
    [{ op: "eq", ref: "data.a", to: { value: "x".repeat(2_001) } }, "to.value: text is longer than 2000 characters"],
    [
      { op: "in", ref: "data.a", to: { value: Array(1_001).fill(0) } },
      "to.value: a value is text, a number, true, false, null or a list of at most 1000",
    ],
    [
      { op: "gt", ref: "data.a", to: { value: "high" } },
      'to.value: "gt" compares with a number or an ISO 8601 timestamp',
    ],
    [{ op: "gte", ref: "data.status", to: { value: "sent" } }, 'to.value: "gte" compares with a number'],
    [{ op: "lt", ref: "data.a", to: { value: null } }, 'to.value: "lt" compares with a number'],
    [
      { op: "before", ref: "data.a", to: { value: "tomorrow" } },
      'to.value: "before" compares with an ISO 8601 timestamp',
    ],
    [{ op: "after", ref: "data.a", to: { value: 5 } }, 'to.value: "after" compares with an ISO 8601 timestamp'],
    [{ op: "before", ref: "data.a", to: { fromNow: 1.5 } }, "to.fromNow: fromNow is a whole number of milliseconds"],
    [{ op: "before", ref: "data.a", to: { fromNow: 1e15 } }, "to.fromNow: fromNow lies more than 100 years ahead"],
    [{ op: "eq", ref: "data.a", to: { fromNow: 1 } }, 'to.fromNow: "eq" cannot compare with a time from now'],
    [{ op: "containsAll", ref: "data.a", to: { value: "a" } }, 'to.value: "containsAll" compares with a list'],
    [{ op: "in", ref: "data.a", to: { value: "a" } }, 'to.value: "in" compares with a list'],
    [{ op: "contains", ref: "data.a", to: { value: null } }, 'to.value: "contains" needs something to look for'],
    [{ op: "all", of: [] }, "of: a group needs at least one condition"],
    [{ op: "all", of: exists }, "of: a group has a list of conditions"],
    [{ op: "not", of: [exists] }, 'of: a condition has an "op"'],
    [
      { op: "any", of: [exists, { op: "not", of: { op: "exists", ref: "x" } }] },
      "of.1.of.ref: a reference begins with",
    ],
    [{ op: "code", label: "" }, "label: the label of code is empty"],
  ])("%j", (input, expected) => {
    expect(problems(input)).toContainEqual(expect.stringContaining(expected));
  });
});

describe("limits", () => {
  test("depth", () => {
    expect(problems(nested(conditionLimits.depth))).toEqual([]);
    expect(problems(nested(conditionLimits.depth + 1))).toEqual([": conditions are nested deeper than 20"]);
    expect(problems(nested(200_000))).toEqual([": conditions are nested deeper than 20"]);
  });

  test("parts", () => {
    const group = (members: number) => ({ op: "all", of: Array<unknown>(members).fill(exists) });
    expect(problems(group(conditionLimits.nodes - 1))).toEqual([]);
    expect(problems(group(conditionLimits.nodes))).toEqual([": a condition has more than 200 parts"]);
    expect(problems({ op: "any", of: [group(99), group(100)] })).toEqual([": a condition has more than 200 parts"]);
    expect(problems({ op: "all", of: Array(5_000_000).fill(0) })).toEqual([": a condition has more than 200 parts"]);
  });
});

describe("inside preferences", () => {
  test("steps and code are unknown, at any depth", () => {
    expect(problems({ op: "exists", ref: "steps.feed" }, preferenceConditionSchema)).toEqual([
      "ref: a reference begins with data, recipient, actor, tenant, workflow, now",
    ]);
    expect(problems({ op: "not", of: { op: "code", label: "x" } }, preferenceConditionSchema)).toEqual([
      expect.stringMatching(/^of\.op: a condition has an "op", one of [^_]*after$/),
    ]);
    expect(
      problems({ op: "notContains", ref: "recipient.muted", to: { ref: "data.id" } }, preferenceConditionSchema),
    ).toEqual([]);
  });
});
