// Conditions are data: they can be stored, compared, explained and evaluated anywhere.

/** Operators that compare a reference with an argument. */
export const comparisonOperators = [
  "eq",
  "neq",
  "gt",
  "gte",
  "lt",
  "lte",
  "contains",
  "notContains",
  "containsAll",
  "in",
  "before",
  "after",
] as const;

/** Operators that look at the reference alone. */
export const stateOperators = ["empty", "notEmpty", "exists", "notExists"] as const;

/** What a reference may begin with. `now` is the instant of the evaluation. */
export const conditionRoots = ["data", "recipient", "actor", "tenant", "workflow", "steps", "failure", "now"] as const;

/** How large a condition may be when it comes from outside. */
export const conditionLimits = {
  /** Groups and negations inside each other. */
  depth: 20,
  /** Groups, negations and comparisons together. */
  nodes: 200,
  /** Items of a list to compare with. */
  items: 1_000,
  /** Characters of a text to compare with. */
  text: 2_000,
  /** Characters of a reference. */
  path: 300,
} as const;

export type ComparisonOperator = (typeof comparisonOperators)[number];
export type StateOperator = (typeof stateOperators)[number];
export type ConditionRoot = (typeof conditionRoots)[number];

/** A literal that is no list. */
export type Scalar = string | number | boolean | null;

/** A literal that a condition may compare with. */
export type Literal = Scalar | readonly Scalar[];

/** What a comparison compares with: a literal, another reference, or an instant `fromNow` milliseconds from now. */
export type Argument = { value: Literal } | { ref: string } | { fromNow: number };

/** A condition as data. References are dotted paths such as `recipient.plan` or `steps.feed.seen`. */
export type Condition =
  | { op: "all" | "any"; of: Condition[] }
  | { op: "not"; of: Condition }
  | { op: "code"; label: string }
  | { op: StateOperator; ref: string }
  | { op: ComparisonOperator; ref: string; to: Argument };
