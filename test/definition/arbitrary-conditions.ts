// Random conditions and scopes for property tests. Few names and few values, so that they meet often.
import fc from "fast-check";
import {
  stateOperators,
  type Argument,
  type ComparisonOperator,
  type Condition,
  type Literal,
  type Scalar,
} from "../../src/definition/conditions.ts";

const texts = ["", "a", "ab", "b", "sent", "read", "2026-01-01", "2026-01-02T10:00:00Z", "__proto__", "ünï💥"];
const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom(...texts),
  fc.integer({ min: -2, max: 3 }),
  fc.boolean(),
  fc.constant(null),
);
const list = fc.array(scalar, { maxLength: 4 });
const timestamp = fc.constantFrom("2026-01-01", "2026-01-02T10:00:00Z", "2026-01-02T11:00:00+01:00");

const oddPath: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom("data", "recipient", "actor", "tenant", "workflow"),
    fc.array(fc.constantFrom("a", "b", "0", "length", "__proto__", "constructor", "toString"), { maxLength: 3 }),
  )
  .map((parts) => parts.flat().join("."));

const path = fc.oneof({ weight: 6, arbitrary: fc.constantFrom("data.a", "data.b", "recipient.a") }, oddPath);

const fitting: Record<ComparisonOperator, fc.Arbitrary<Literal>> = {
  eq: fc.oneof(scalar, list),
  neq: fc.oneof(scalar, list),
  gt: fc.oneof(fc.integer({ min: -2, max: 3 }), timestamp),
  gte: fc.oneof(fc.integer({ min: -2, max: 3 }), timestamp),
  lt: fc.oneof(fc.integer({ min: -2, max: 3 }), timestamp),
  lte: fc.oneof(fc.integer({ min: -2, max: 3 }), timestamp),
  contains: fc.oneof(
    scalar.filter((value) => value !== null),
    list,
  ),
  notContains: fc.oneof(
    scalar.filter((value) => value !== null),
    list,
  ),
  containsAll: list,
  in: list,
  before: timestamp,
  after: timestamp,
};

const argumentFor = (op: ComparisonOperator): fc.Arbitrary<Argument> => {
  const plain = fc.oneof(
    fitting[op].map((value): Argument => ({ value })),
    path.map((ref): Argument => ({ ref })),
  );
  const relative = fc.constantFrom(-3_600_000, 0, 86_400_000).map((fromNow): Argument => ({ fromNow }));
  return op === "before" || op === "after" ? fc.oneof(plain, relative) : plain;
};

const comparison: fc.Arbitrary<Condition> = fc
  .constantFrom(...(Object.keys(fitting) as ComparisonOperator[]))
  .chain((op) => fc.record({ op: fc.constant(op), ref: path, to: argumentFor(op) }));

/** Any valid condition without code; at most a few levels deep. */
export const condition: fc.Arbitrary<Condition> = fc.letrec<{ node: Condition; group: Condition; negation: Condition }>(
  (tie) => ({
    node: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      comparison,
      fc.record({ op: fc.constantFrom(...stateOperators), ref: path }),
      tie("group"),
      tie("negation"),
    ),
    group: fc.record({
      op: fc.constantFrom("all" as const, "any" as const),
      of: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
    }),
    negation: fc.record({ op: fc.constant("not" as const), of: tie("node") }),
  }),
).node;

const value = fc.oneof(scalar, list, fc.integer({ min: -2, max: 3 }), timestamp);
const plain = fc.record({ a: value, b: value });
const odd = fc.oneof(
  scalar,
  list,
  fc.dictionary(
    fc.constantFrom("a", "b", "0", "__proto__", "constructor"),
    fc.oneof(scalar, fc.jsonValue({ maxDepth: 2 })),
  ),
);

/** Any JSON in the places that conditions read; mostly with values that a condition asks for. */
export const scope: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom("data", "recipient", "actor", "tenant", "workflow", "steps"), odd),
  },
  { weight: 6, arbitrary: fc.record({ data: plain, recipient: plain }) },
);

/** The instant at which the property tests evaluate. */
export const now = new Date("2026-01-02T10:00:00.000Z");
