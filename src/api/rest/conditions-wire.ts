// Conditions of preferences, between `{ variable, operator, argument }` and ours. Reading is lossless: what has no
// counterpart is written as `knock_condition`, which is taken back as it is.
import { parseInstant } from "../../base/instant.ts";
import type { Issue } from "../../base/errors.ts";
import type { Argument, ComparisonOperator, Condition, Literal, StateOperator } from "../../definition/conditions.ts";
import { durationMs } from "../../base/duration.ts";
import { invalidParam } from "./errors.ts";

type Path = Issue["path"];

/** A condition as clients write it. */
export interface WireCondition {
  variable: string;
  operator: string;
  argument: string | null;
}

/** A condition of ours without counterpart, as JSON in the argument. */
const OWN = "knock_condition";

const states: Readonly<Record<string, StateOperator>> = {
  empty: "empty",
  not_empty: "notEmpty",
  exists: "exists",
  not_exists: "notExists",
};

const comparisons: Readonly<Record<string, ComparisonOperator>> = {
  equal_to: "eq",
  not_equal_to: "neq",
  greater_than: "gt",
  greater_than_or_equal_to: "gte",
  less_than: "lt",
  less_than_or_equal_to: "lte",
  contains: "contains",
  not_contains: "notContains",
  contains_all: "containsAll",
  is_timestamp_before: "before",
};

const wireNameOf = (operators: Readonly<Record<string, string>>, op: string): string | undefined =>
  Object.entries(operators).find(([, own]) => own === op)?.[0];

const ROOTS = /^(data|recipient|actor|tenant|workflow)(\.|$)/;
const RELATIVE = /^(\d{1,6}) (minute|hour|day|week)s? (from now|ago)$/;
const UNIT = { minute: durationMs("1m"), hour: durationMs("1h"), day: durationMs("1d"), week: durationMs("7d") };

function parsed(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

const isScalar = (value: unknown) => value === null || ["string", "number", "boolean"].includes(typeof value);

const isLiteral = (value: unknown): value is Literal =>
  isScalar(value) || (Array.isArray(value) && (value as unknown[]).every(isScalar));

/** `workflow.id` is the workflow's key here. */
const refFrom = (variable: string) => (variable === "workflow.id" ? "workflow.key" : variable);
const variableOf = (ref: string) => (ref === "workflow.key" ? "workflow.id" : ref);

/** JSON, else a reference, else plain text. */
function argumentFrom(text: string, op: ComparisonOperator): Argument | null {
  const relative = op === "before" ? RELATIVE.exec(text) : null;
  if (relative) {
    const [, count, unit, direction] = relative;
    const distance = Number(count) * UNIT[unit as keyof typeof UNIT];
    return { fromNow: direction === "ago" ? -distance : distance };
  }
  const json = parsed(text);
  if (json) return isLiteral(json.value) ? { value: json.value } : null;
  return ROOTS.test(text) ? { ref: refFrom(text) } : { value: text };
}

function relativeText(fromNow: number): string | null {
  const distance = Math.abs(fromNow);
  const unit = (["week", "day", "hour", "minute"] as const).find((name) => distance % UNIT[name] === 0);
  const count = unit && distance / UNIT[unit];
  if (!unit || count! > 999_999) return null;
  return `${count} ${unit}${count === 1 ? "" : "s"} ${fromNow < 0 ? "ago" : "from now"}`;
}

/** The text that `argumentFrom` reads as this argument; `null` when there is none. */
function argumentText(to: Argument, op: ComparisonOperator): string | null {
  if ("fromNow" in to) return relativeText(to.fromNow);
  if ("ref" in to) return ROOTS.test(to.ref) && to.ref !== "workflow.id" ? variableOf(to.ref) : null;
  const { value } = to;
  const plain =
    typeof value === "string" && !parsed(value) && !ROOTS.test(value) && !(op === "before" && RELATIVE.test(value));
  return plain ? value : JSON.stringify(value);
}

/** Not before, for what is there. */
const since = (ref: string, to: Argument): Condition => ({
  op: "all",
  of: [
    { op: "exists", ref },
    { op: "not", of: { op: "before", ref, to } },
  ],
});

function refuse(path: Path, member: keyof WireCondition, message: string): never {
  throw invalidParam([...path, member], message, "unsupported");
}

function ownCondition({ argument }: WireCondition, path: Path): Condition {
  const own = parsed(argument ?? "")?.value;
  if (typeof own !== "object" || own === null) refuse(path, "argument", "The argument is a condition as JSON.");
  return own as Condition;
}

function timed({ operator, argument }: WireCondition, ref: string, path: Path): Condition | null {
  const now: Argument = { fromNow: 0 };
  if (operator === "is_timestamp_before_now") return { op: "before", ref, to: now };
  if (operator === "is_timestamp_on_or_after_now") return since(ref, now);
  if (operator !== "is_timestamp_on_or_after") return null;
  const to = argumentFrom(argument ?? "", "before");
  if (!to) refuse(path, "argument", "The argument is no timestamp.");
  if ("value" in to && (typeof to.value !== "string" || parseInstant(to.value) === null)) {
    refuse(path, "argument", "The argument is no timestamp.");
  }
  return since(ref, to);
}

/** A condition of a client as ours. Refuses with 422 what has no counterpart. */
export function conditionFromWire(given: WireCondition, path: Path): Condition {
  const { variable, operator, argument } = given;
  if (operator === OWN) return ownCondition(given, path);
  if (!ROOTS.test(variable)) refuse(path, "variable", "Conditions read data, recipient, actor, tenant and workflow.");
  const ref = refFrom(variable);
  if (Object.hasOwn(states, operator)) return { op: states[operator]!, ref };
  const ofTime = timed(given, ref, path);
  if (ofTime) return ofTime;
  const negated = operator === "not_contains_all";
  const op = negated ? "containsAll" : Object.hasOwn(comparisons, operator) ? comparisons[operator]! : null;
  if (op === null) refuse(path, "operator", "This operator is not supported.");
  const to = argumentFrom(argument ?? "null", op);
  if (!to) refuse(path, "argument", "The argument is text, a number, true, false, null or a list of these.");
  const comparison: Condition = { op, ref, to };
  return negated ? { op: "not", of: comparison } : comparison;
}

function comparisonToWire(condition: Condition): WireCondition | null {
  if (!("to" in condition)) return null;
  const operator = wireNameOf(comparisons, condition.op);
  const argument = operator === undefined ? null : argumentText(condition.to, condition.op);
  if (operator === undefined || argument === null) return null;
  if ("fromNow" in condition.to && condition.to.fromNow === 0) {
    return { variable: variableOf(condition.ref), operator: "is_timestamp_before_now", argument: null };
  }
  return { variable: variableOf(condition.ref), operator, argument };
}

function negationToWire(condition: Condition): WireCondition | null {
  if (condition.op !== "not" || condition.of.op !== "containsAll") return null;
  const inner = comparisonToWire(condition.of);
  return inner && { ...inner, operator: "not_contains_all" };
}

function sinceToWire(condition: Condition): WireCondition | null {
  if (condition.op !== "all" || condition.of.length !== 2) return null;
  const [first, second] = condition.of;
  if (first?.op !== "exists" || second?.op !== "not" || second.of.op !== "before" || second.of.ref !== first.ref)
    return null;
  const inner = comparisonToWire(second.of);
  return inner && { ...inner, operator: inner.operator.replace("_before", "_on_or_after") };
}

/** A condition as clients read it. */
export function conditionToWire(condition: Condition): WireCondition {
  const state = "ref" in condition && !("to" in condition) ? wireNameOf(states, condition.op) : undefined;
  const readable = !("ref" in condition) || (ROOTS.test(condition.ref) && condition.ref !== "workflow.id");
  if (state !== undefined && readable) {
    return { variable: variableOf((condition as { ref: string }).ref), operator: state, argument: null };
  }
  const found = readable ? (comparisonToWire(condition) ?? negationToWire(condition) ?? sinceToWire(condition)) : null;
  if (found && ROOTS.test(found.variable)) return found;
  return { variable: "", operator: OWN, argument: JSON.stringify(condition) };
}
