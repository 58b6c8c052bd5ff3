// Conditions that come from outside, as JSON: inside preferences, or from a stored structure.
import { z } from "zod";
import { parseInstant } from "../base/instant.ts";
import { isMessageState } from "./condition-operators.ts";
import {
  comparisonOperators,
  conditionLimits,
  conditionRoots,
  stateOperators,
  type Argument,
  type ComparisonOperator,
  type Condition,
  type ConditionRoot,
  type Literal,
} from "./conditions.ts";
import { isStorable } from "./json-size.ts";

/** What conditions of one use may contain. */
interface Allowed {
  roots: readonly ConditionRoot[];
  /** Labelled code, which exists in workflows only. */
  code: boolean;
}

const MILLISECONDS_LIMIT = 100 * 365 * 86_400_000;

const storable = { error: "text holds a character that cannot be stored" };

const text = z
  .string()
  .max(conditionLimits.text, { error: `text is longer than ${conditionLimits.text} characters` })
  .refine(isStorable, storable);

const scalar = z.union([text, z.number(), z.boolean(), z.null()], {
  error: "a value is text, a number, true, false, null or a list of these",
});

const literal: z.ZodType<Literal> = z.union(
  [
    scalar,
    z.array(scalar).max(conditionLimits.items, { error: `a list has more than ${conditionLimits.items} items` }),
  ],
  { error: `a value is text, a number, true, false, null or a list of at most ${conditionLimits.items} of these` },
);

const referenceTo = (roots: readonly ConditionRoot[]) =>
  z
    .string({ error: "a reference is text such as recipient.plan" })
    .max(conditionLimits.path, { error: `a reference is longer than ${conditionLimits.path} characters` })
    .refine(isStorable, storable)
    .refine((path) => roots.some((root) => path === root || path.startsWith(`${root}.`)), {
      error: `a reference begins with ${roots.join(", ")}`,
    })
    .refine((path) => !path.split(".").includes(""), { error: "a reference has an empty part between its dots" });

function argumentOf(reference: z.ZodType<string>): z.ZodType<Argument> {
  const members = {
    value: literal.exactOptional(),
    ref: reference.exactOptional(),
    fromNow: z
      .int({ error: "fromNow is a whole number of milliseconds" })
      .min(-MILLISECONDS_LIMIT, { error: "fromNow lies more than 100 years back" })
      .max(MILLISECONDS_LIMIT, { error: "fromNow lies more than 100 years ahead" })
      .exactOptional(),
  };
  return z
    .strictObject(members, { error: "the argument is { value }, { ref } or { fromNow }" })
    .refine((given) => Object.keys(given).length === 1, {
      error: "the argument is exactly one of { value }, { ref } and { fromNow }",
    })
    .transform((given) => given as Argument);
}

const isTimestamp = (value: Literal): boolean => typeof value === "string" && parseInstant(value) !== null;

/** Why a literal can never fit an operator, or `null`. */
function misfit(op: ComparisonOperator, value: Literal, ref: string): string | null {
  switch (op) {
    case "gt":
    case "gte":
    case "lt":
    case "lte":
      if (typeof value === "number" || isTimestamp(value)) return null;
      if (ref.startsWith("steps.") && typeof value === "string" && isMessageState(value)) return null;
      return `"${op}" compares with a number or an ISO 8601 timestamp`;
    case "before":
    case "after":
      return isTimestamp(value)
        ? null
        : `"${op}" compares with an ISO 8601 timestamp, another reference or { fromNow }`;
    case "containsAll":
    case "in":
      return Array.isArray(value) ? null : `"${op}" compares with a list`;
    case "contains":
    case "notContains":
      return value === null ? `"${op}" needs something to look for` : null;
    default:
      return null;
  }
}

function comparisonWith(reference: z.ZodType<string>) {
  return z
    .strictObject({ op: z.enum(comparisonOperators), ref: reference, to: argumentOf(reference) })
    .superRefine(({ op, ref, to }, context) => {
      if ("fromNow" in to && op !== "before" && op !== "after") {
        context.addIssue({
          code: "custom",
          path: ["to", "fromNow"],
          message: `"${op}" cannot compare with a time from now`,
        });
      }
      const problem = "value" in to ? misfit(op, to.value, ref) : null;
      if (problem) context.addIssue({ code: "custom", path: ["to", "value"], message: problem });
    });
}

const operators = ["all", "any", "not", ...stateOperators, ...comparisonOperators];

function nodeOf({ roots, code }: Allowed): z.ZodType<Condition> {
  const reference = referenceTo(roots);
  const known = code ? [...operators, "code"] : operators;
  const node: z.ZodType<Condition> = z.lazy(() => choice);
  const group = z.strictObject({
    op: z.enum(["all", "any"]),
    of: z
      .array(node, { error: "a group has a list of conditions" })
      .min(1, { error: "a group needs at least one condition" }),
  });
  const negation = z.strictObject({ op: z.literal("not"), of: node });
  const labelled = z.strictObject({
    op: z.literal("code"),
    label: text.min(1, { error: "the label of code is empty" }),
  });
  const state = z.strictObject({ op: z.enum(stateOperators), ref: reference });
  const choice: z.ZodType<Condition> = z.discriminatedUnion(
    "op",
    [group, negation, state, comparisonWith(reference), ...(code ? [labelled] : [])],
    { error: `a condition has an "op", one of ${known.join(", ")}` },
  );
  return choice;
}

/** Which limit a condition breaks. Uses no stack: whoever sent it may mean harm. */
function excess(condition: unknown): string | null {
  const open: { node: unknown; depth: number }[] = [{ node: condition, depth: 1 }];
  let nodes = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, depth } = next;
    if (depth > conditionLimits.depth) return `conditions are nested deeper than ${conditionLimits.depth}`;
    const of = typeof node === "object" && node !== null && "of" in node ? node.of : [];
    const members = Array.isArray(of) ? of : [of];
    nodes += 1;
    if (nodes + open.length + members.length > conditionLimits.nodes) {
      return `a condition has more than ${conditionLimits.nodes} parts`;
    }
    for (const member of members) open.push({ node: member, depth: depth + 1 });
  }
  return null;
}

function bounded(allowed: Allowed): z.ZodType<Condition> {
  return z
    .unknown()
    .superRefine((condition, context) => {
      const problem = excess(condition);
      if (problem) context.addIssue({ code: "custom", message: problem });
    })
    .pipe(nodeOf(allowed));
}

/** A condition of a workflow, as JSON. Strict: an unknown operator, member or root is refused. */
export const conditionSchema: z.ZodType<Condition> = bounded({ roots: conditionRoots, code: true });

/** A condition inside preferences: it knows no steps, no failure and no code, because one set serves every workflow. */
export const preferenceConditionSchema: z.ZodType<Condition> = bounded({
  roots: conditionRoots.filter((root) => root !== "steps" && root !== "failure"),
  code: false,
});
