// The one place where conditions are decided. A verdict carries the sentence and the values that a
// person needs to see why.
import { compare, isEmpty } from "./condition-operators.ts";
import { isNullLiteral, relativeWords, wordsOfComparison, wordsOfState } from "./condition-words.ts";
import type { Argument, ComparisonOperator, Condition, StateOperator } from "./conditions.ts";
import { preview } from "./preview.ts";
import { readPath } from "./read-path.ts";

/** The outcome of a condition. */
export interface Verdict {
  holds: boolean;
  /** What decided, in words: `recipient.plan is "free", wanted "pro"`. Values are cut at 80 characters. */
  reason: string;
  /** The references that decided, each with the value it had; `null` for what is not set. */
  values: Record<string, unknown>;
}

/** What an evaluation needs beside the condition and the values. */
export interface EvaluationOptions {
  /** The instant that relative times and the reference `now` mean. */
  now: Date;
  /** Decides labelled code. What it throws is thrown on: a failing function must not count as "no". */
  code?: (label: string) => boolean;
}

interface Evaluation extends EvaluationOptions {
  scope: unknown;
}

type Group = Extract<Condition, { op: "all" | "any" }>;
type Comparison = Extract<Condition, { op: ComparisonOperator }>;
type State = Extract<Condition, { op: StateOperator }>;

/** Reasons of one group that a sentence lists before it says how many more there are. */
const LISTED = 5;

const opposites: Partial<Record<Condition["op"], ComparisonOperator | StateOperator>> = {
  eq: "neq",
  neq: "eq",
  contains: "notContains",
  notContains: "contains",
  empty: "notEmpty",
  notEmpty: "empty",
  exists: "notExists",
  notExists: "exists",
};

/**
 * Decides a condition against a tree of values (`data`, `recipient`, `actor`, `tenant`, `workflow`,
 * `steps`). Pure; throws only what `code` throws. Members of a group are asked in order and only
 * until the answer is known, and only what decided is reported.
 *
 * @example evaluate(eq(recipient.plan, "pro"), { recipient: { plan: "free" } }, { now }).reason
 */
export const evaluate = (condition: Condition, scope: unknown, options: EvaluationOptions): Verdict =>
  judge(condition, { ...options, scope }, true);

/** Judges a condition, or its negation when `wanted` is false, so that reasons say what was wanted. */
function judge(condition: Condition, evaluation: Evaluation, wanted: boolean): Verdict {
  switch (condition.op) {
    case "all":
    case "any":
      return judgeGroup(condition, evaluation, wanted);
    case "not":
      return judge(condition.of, evaluation, !wanted);
    case "code":
      return judgeCode(condition.label, evaluation, wanted);
    case "empty":
    case "notEmpty":
    case "exists":
    case "notExists":
      return judgeState(condition, evaluation, wanted);
    default:
      return judgeComparison(condition, evaluation, wanted);
  }
}

function judgeGroup({ op, of }: Group, evaluation: Evaluation, wanted: boolean): Verdict {
  const needsEvery = (op === "all") === wanted;
  const reasons: string[] = [];
  const values: Record<string, unknown> = {};
  for (const member of of) {
    const verdict = judge(member, evaluation, wanted);
    if (verdict.holds !== needsEvery) return verdict;
    reasons.push(verdict.reason);
    Object.assign(values, verdict.values);
  }
  const listed = reasons.slice(0, LISTED).join(needsEvery ? " and " : "; ");
  const more = reasons.length > LISTED ? ` (and ${reasons.length - LISTED} more)` : "";
  const reason = listed === "" ? `there is nothing ${needsEvery ? "to hold" : "that could hold"}` : listed + more;
  return { holds: needsEvery, reason, values };
}

function judgeCode(label: string, { code }: Evaluation, wanted: boolean): Verdict {
  if (!code) throw new TypeError(`The code "${label}" cannot be decided here: no function was given for it`);
  const answer = code(label);
  return { holds: answer === wanted, reason: `"${label}" ${answer ? "holds" : "does not hold"}`, values: {} };
}

function judgeState(condition: State, evaluation: Evaluation, wanted: boolean): Verdict {
  if (!wanted) return judgeState({ ...condition, op: opposites[condition.op] as StateOperator }, evaluation, true);
  const { op, ref } = condition;
  const value = read(ref, evaluation);
  const asksNothing = op === "empty" || op === "notExists";
  const isNothing = op === "empty" || op === "notEmpty" ? isEmpty(value) : value === null;
  const holds = isNothing === asksNothing;
  const reason = fact(ref, value) + (holds ? "" : `, wanted ${wordsOfState(op).wants("")}`);
  return { holds, reason, values: { [ref]: value } };
}

function judgeComparison(condition: Comparison, evaluation: Evaluation, wanted: boolean): Verdict {
  const opposite = opposites[condition.op] as ComparisonOperator | undefined;
  if (!wanted && opposite) return judgeComparison({ ...condition, op: opposite }, evaluation, true);
  const { op, ref, to } = condition;
  const value = read(ref, evaluation);
  const argument = argumentOf(to, evaluation);
  const compared = compare(op, { value, argument, ofStep: ref.startsWith("steps."), literal: "value" in to });
  const holds = (compared === true) === wanted;
  const values = "ref" in to ? { [ref]: value, [to.ref]: argument } : { [ref]: value };
  if (typeof compared === "object") return { holds, reason: `${fact(ref, value)}, which ${compared.fault}`, values };
  // "Other than true" is a riddle where "false" would do.
  const flag = op === "neq" && "value" in to && typeof to.value === "boolean" ? String(!to.value) : null;
  const phrase = flag ?? wordsOfComparison(op, isNullLiteral(to)).wants(argumentWords(to, argument));
  const asked = wanted ? phrase : `not ${phrase}`;
  if (!holds) return { holds, reason: `${fact(ref, value)}, wanted ${asked}`, values };
  const isPlain = op === "eq" || flag !== null || isNullLiteral(to);
  return { holds, reason: isPlain ? fact(ref, value) : `${fact(ref, value)}, ${asked}`, values };
}

const read = (ref: string, { scope, now }: Evaluation): unknown =>
  ref === "now" ? now.toISOString() : readPath(scope, ref);

function argumentOf(to: Argument, evaluation: Evaluation): unknown {
  if ("ref" in to) return read(to.ref, evaluation);
  if ("fromNow" in to) return new Date(evaluation.now.getTime() + to.fromNow).toISOString();
  return to.value;
}

const fact = (ref: string, value: unknown): string =>
  value === null ? `${ref} is not set` : `${ref} is ${preview(value)}`;

function argumentWords(to: Argument, argument: unknown): string {
  if ("fromNow" in to) return `${String(argument)} (${relativeWords(to.fromNow)})`;
  if ("ref" in to) return argument === null ? `${to.ref}, which is not set` : `${preview(argument)} (${to.ref})`;
  return preview(argument);
}
