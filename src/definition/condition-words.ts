// Conditions in words, for explanations and for differences between versions.
import { formatDuration } from "../base/duration.ts";
import type { Argument, ComparisonOperator, StateOperator } from "./conditions.ts";

interface Words {
  /** After the reference: `recipient.plan is "pro"`. */
  states: (argument: string) => string;
  /** After "wanted": `wanted "pro"`. */
  wants: (argument: string) => string;
}

const alike = (phrase: (argument: string) => string): Words => ({
  states: (argument) => `is ${phrase(argument)}`,
  wants: phrase,
});

const comparisonWords: Record<ComparisonOperator, Words> = {
  eq: alike((argument) => argument),
  neq: { states: (argument) => `is not ${argument}`, wants: (argument) => `other than ${argument}` },
  gt: alike((argument) => `more than ${argument}`),
  gte: alike((argument) => `at least ${argument}`),
  lt: alike((argument) => `less than ${argument}`),
  lte: alike((argument) => `at most ${argument}`),
  contains: { states: (argument) => `contains ${argument}`, wants: (argument) => `with ${argument} in it` },
  notContains: {
    states: (argument) => `does not contain ${argument}`,
    wants: (argument) => `without ${argument} in it`,
  },
  containsAll: {
    states: (argument) => `contains all of ${argument}`,
    wants: (argument) => `with all of ${argument} in it`,
  },
  in: alike((argument) => `one of ${argument}`),
  before: alike((argument) => `before ${argument}`),
  after: alike((argument) => `at or after ${argument}`),
};

const stateWords: Record<StateOperator, Words> = {
  empty: { states: () => "is empty", wants: () => "it empty" },
  notEmpty: { states: () => "is not empty", wants: () => "it not empty" },
  exists: { states: () => "is set", wants: () => "it set" },
  notExists: { states: () => "is not set", wants: () => "it not set" },
};

const nothing: Partial<Record<ComparisonOperator, Words>> = { eq: stateWords.notExists, neq: stateWords.exists };

/** The words of a comparison; `isNull` says that the argument is the literal `null`. */
export const wordsOfComparison = (operator: ComparisonOperator, isNull: boolean): Words =>
  (isNull ? nothing[operator] : undefined) ?? comparisonWords[operator];

/** The words of an operator that looks at a reference alone. */
export const wordsOfState = (operator: StateOperator): Words => stateWords[operator];

/** An instant relative to now in words: `1h from now`, `2d ago`. */
export function relativeWords(fromNow: number): string {
  if (fromNow === 0) return "now";
  return fromNow > 0 ? `${formatDuration(fromNow)} from now` : `${formatDuration(-fromNow)} ago`;
}

/** Whether an argument is the literal `null`. */
export const isNullLiteral = (argument: Argument): boolean => "value" in argument && argument.value === null;
