import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { conditionSchema } from "../../src/definition/condition-schema.ts";
import { comparisonOperators, stateOperators, type Condition } from "../../src/definition/conditions.ts";
import { describeCondition } from "../../src/definition/describe-condition.ts";
import { evaluate } from "../../src/definition/evaluate.ts";
import { condition, now, scope } from "./arbitrary-conditions.ts";

const holds = (of: Condition, values: unknown): boolean => evaluate(of, values, { now }).holds;
const not = (of: Condition): Condition => ({ op: "not", of });
const runs = { numRuns: 500 };

test("the random conditions are valid ones", () => {
  fc.assert(
    fc.property(condition, (given) => {
      expect(conditionSchema.parse(JSON.parse(JSON.stringify(given)))).toEqual(given);
    }),
    runs,
  );
});

test("the random conditions often hold and often do not, with every operator", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(condition, scope, (given, values) => {
      seen.add(`${given.op} ${holds(given, values)}`);
    }),
    { ...runs, numRuns: 5_000, seed: 1 },
  );
  const operators = [...comparisonOperators, ...stateOperators, "all", "any", "not"];
  expect([...seen].toSorted()).toEqual(operators.flatMap((op) => [`${op} false`, `${op} true`]).toSorted());
});

test("never throws on any JSON, answers with one storable sentence, and twice the same", () => {
  fc.assert(
    fc.property(condition, scope, (given, values) => {
      const before = structuredClone(values);
      const verdict = evaluate(given, values, { now });
      expect(verdict.reason).not.toBe("");
      expect(verdict.reason.isWellFormed()).toBe(true);
      expect(evaluate(given, values, { now })).toEqual(verdict);
      expect(values).toEqual(before);
      expect(describeCondition(given)).not.toBe("");
    }),
    runs,
  );
});

test("a verdict reports only references of the condition", () => {
  fc.assert(
    fc.property(condition, scope, (given, values) => {
      const text = JSON.stringify(given);
      for (const path of Object.keys(evaluate(given, values, { now }).values))
        expect(text).toContain(JSON.stringify(path));
    }),
    runs,
  );
});

test("what a verdict reports decides: with all else gone, the answer is the same", () => {
  fc.assert(
    fc.property(condition, scope, (given, values) => {
      const verdict = evaluate(given, values, { now });
      expect(evaluate(given, scopeOf(verdict.values), { now }).holds).toBe(verdict.holds);
    }),
    runs,
  );
});

/** A scope that holds nothing but the given values; a longer path is written after the shorter one that contains it. */
function scopeOf(values: Record<string, unknown>): unknown {
  const root = Object.create(null) as Record<string, unknown>;
  for (const path of Object.keys(values).toSorted((a, b) => a.length - b.length)) {
    if (values[path] !== null) put(root, path.split("."), structuredClone(values[path]));
  }
  return root;
}

function put(into: Record<string, unknown>, [key, ...rest]: string[], value: unknown): void {
  const present = Object.hasOwn(into, key!);
  if (present && rest.length === 0) return;
  const next = present ? into[key!] : rest.length > 0 ? Object.create(null) : value;
  if (!present)
    Object.defineProperty(into, key!, { value: next, configurable: true, enumerable: true, writable: true });
  if (rest.length > 0) put(next as Record<string, unknown>, rest, value);
}

describe("laws", () => {
  test("not is the opposite, twice not is the same", () => {
    fc.assert(
      fc.property(condition, scope, (a, values) => {
        expect(holds(not(a), values)).toBe(!holds(a, values));
        expect(evaluate(not(not(a)), values, { now })).toEqual(evaluate(a, values, { now }));
      }),
      runs,
    );
  });

  test("De Morgan, with the same reason and the same values", () => {
    fc.assert(
      fc.property(condition, condition, scope, (a, b, values) => {
        const judged = (of: Condition) => evaluate(of, values, { now });
        expect(judged(not({ op: "all", of: [a, b] }))).toEqual(judged({ op: "any", of: [not(a), not(b)] }));
        expect(judged(not({ op: "any", of: [a, b] }))).toEqual(judged({ op: "all", of: [not(a), not(b)] }));
      }),
      runs,
    );
  });

  test("all is and, any is or, and both are deaf to order and grouping", () => {
    fc.assert(
      fc.property(condition, condition, condition, scope, (a, b, c, values) => {
        const [x, y, z] = [holds(a, values), holds(b, values), holds(c, values)] as const;
        expect(holds({ op: "all", of: [a, b, c] }, values)).toBe(x && y && z);
        expect(holds({ op: "any", of: [c, b, a] }, values)).toBe(x || y || z);
        expect(holds({ op: "all", of: [{ op: "all", of: [c, a] }, b] }, values)).toBe(x && y && z);
      }),
      runs,
    );
  });

  test("the short cut: members behind the deciding one change nothing and are not asked", () => {
    const unasked: Condition = { op: "code", label: "must not be asked" };
    fc.assert(
      fc.property(condition, scope, (a, values) => {
        const alone = evaluate(a, values, { now });
        const group: Condition = { op: alone.holds ? "any" : "all", of: [a, unasked] };
        expect(evaluate(group, values, { now })).toEqual(alone);
        expect(evaluate(not(not(group)), values, { now })).toEqual(alone);
      }),
      runs,
    );
  });
});
