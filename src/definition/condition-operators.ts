// What each comparison means for two values that were already read.
import { canonicalJson } from "../base/canonical-json.ts";
import { parseInstant } from "../base/instant.ts";
import type { ComparisonOperator } from "./conditions.ts";

/** Whether a comparison holds, or what is wrong with the value; a comparison with a fault does not hold. */
export type Compared = boolean | { fault: string };

/** The states of a message from worst to best; those in one line rank equally. */
const messageRanks: readonly (readonly string[])[] = [
  ["undelivered"],
  ["bounced"],
  ["delivery_attempted"],
  ["queued"],
  ["not_sent"],
  ["sent"],
  ["delivered"],
  ["seen"],
  ["read"],
  ["interacted", "link_clicked"],
  ["archived"],
];

const rankOf = new Map(messageRanks.flatMap((states, rank) => states.map((state) => [state, rank] as const)));

/** Whether the text is a state of a message, which has an order. */
export const isMessageState = (text: string): boolean => rankOf.has(text);

/** What comparing needs beside the two values. */
export interface ComparisonContext {
  /** The value comes from a step, so that texts such as `delivered` have an order. */
  ofStep: boolean;
  /** The argument is written in the condition, not read from another reference. */
  literal: boolean;
}

type Compare = (value: unknown, argument: unknown, context: ComparisonContext) => Compared;

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

function same(a: unknown, b: unknown): boolean {
  return a === b || (isObject(a) && isObject(b) && canonicalJson(a) === canonicalJson(b));
}

/** Deep equality. What is not set also equals a written `""`: people mean "none" by it. */
const equal = (value: unknown, argument: unknown, { literal }: ComparisonContext): boolean =>
  same(value, argument) || (literal && value === null && argument === "");

const includes = (list: readonly unknown[], item: unknown): boolean =>
  isObject(item) ? list.some((member) => same(member, item)) : list.includes(item);

function membership(list: readonly unknown[]): (item: unknown) => boolean {
  const known = new Set(list.map((item) => canonicalJson(item)));
  return (item) => known.has(canonicalJson(item));
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "an object";
  if (typeof value === "string") return "text";
  return typeof value === "number" ? "a number" : "a yes or no";
}

function textOrder(value: string, argument: string, { ofStep }: ComparisonContext): number | { fault: string } {
  const [a, b] = ofStep ? [rankOf.get(value), rankOf.get(argument)] : [];
  if (a !== undefined && b !== undefined) return a - b;
  const [from, to] = [parseInstant(value), parseInstant(argument)];
  if (from !== null && to !== null) return from - to;
  return { fault: `${from === null ? "is" : "is compared with"} text that is no timestamp and so has no order` };
}

function order(value: unknown, argument: unknown, context: ComparisonContext): number | null | { fault: string } {
  if (value === null || argument === null) return null;
  if (typeof value === "number" && typeof argument === "number") return value - argument;
  if (typeof value === "string" && typeof argument === "string") return textOrder(value, argument, context);
  const kinds = [kindOf(value), kindOf(argument)] as const;
  return {
    fault:
      kinds[0] === kinds[1]
        ? `is ${kinds[0]} and has no order`
        : `is ${kinds[0]} and cannot be compared with ${kinds[1]}`,
  };
}

const ordered =
  (test: (difference: number) => boolean): Compare =>
  (value, argument, context) => {
    const difference = order(value, argument, context);
    return typeof difference === "number" ? test(difference) : (difference ?? false);
  };

const timed =
  (test: (difference: number) => boolean): Compare =>
  (value, argument) => {
    if (value === null || argument === null) return false;
    const from = typeof value === "string" ? parseInstant(value) : null;
    if (from === null) return { fault: "is no ISO 8601 timestamp" };
    const to = typeof argument === "string" ? parseInstant(argument) : null;
    return to === null ? { fault: "is compared with what is no ISO 8601 timestamp" } : test(from - to);
  };

const contains: Compare = (value, argument) => {
  if (value === null || argument === null) return false;
  if (Array.isArray(value))
    return Array.isArray(argument) ? argument.some(membership(value)) : includes(value, argument);
  if (typeof value !== "string") return { fault: `is ${kindOf(value)} and contains nothing` };
  return typeof argument === "string"
    ? value.includes(argument)
    : { fault: `is text and cannot contain ${kindOf(argument)}` };
};

const containsAll: Compare = (value, argument) => {
  if (value === null || argument === null) return false;
  if (!Array.isArray(value)) return { fault: "is no list" };
  return Array.isArray(argument) ? argument.every(membership(value)) : { fault: "is compared with what is no list" };
};

const isIn: Compare = (value, argument, context) => {
  if (argument === null) return false;
  if (!Array.isArray(argument)) return { fault: "is compared with what is no list" };
  return argument.some((item) => equal(value, item, context));
};

const comparisons: Record<ComparisonOperator, Compare> = {
  eq: equal,
  neq: (value, argument, context) => !equal(value, argument, context),
  gt: ordered((difference) => difference > 0),
  gte: ordered((difference) => difference >= 0),
  lt: ordered((difference) => difference < 0),
  lte: ordered((difference) => difference <= 0),
  contains,
  notContains: (value, argument, context) => contains(value, argument, context) !== true,
  containsAll,
  in: isIn,
  before: timed((difference) => difference < 0),
  after: timed((difference) => difference >= 0),
};

/** Compares a value with an argument. Never throws; what cannot be compared does not hold. */
export function compare(
  operator: ComparisonOperator,
  { value, argument, ...context }: { value: unknown; argument: unknown } & ComparisonContext,
): Compared {
  return comparisons[operator](value, argument, context);
}

/** Whether a value counts as empty: not set, `""` or `[]`. */
export const isEmpty = (value: unknown): boolean =>
  value === null || value === "" || (Array.isArray(value) && value.length === 0);
