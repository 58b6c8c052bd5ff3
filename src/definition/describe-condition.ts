import { canonicalJson } from "../base/canonical-json.ts";
import { isNullLiteral, relativeWords, wordsOfComparison, wordsOfState } from "./condition-words.ts";
import type { Argument, ComparisonOperator, Condition } from "./conditions.ts";

type Group = Extract<Condition, { op: "all" | "any" }>;
type Comparison = Extract<Condition, { op: ComparisonOperator }>;

/**
 * A condition in words, for logs and for differences between versions. Values are given in full, so
 * that two conditions that differ never read alike.
 *
 * @example describeCondition(all(eq(recipient.plan, "pro"), not(steps.feed.seen)))
 * // 'recipient.plan is "pro" and not steps.feed.seen'
 */
export function describeCondition(condition: Condition): string {
  switch (condition.op) {
    case "all":
    case "any":
      return describeGroup(condition);
    case "not":
      return isPlain(condition.of)
        ? `not ${describeCondition(condition.of)}`
        : `not (${describeCondition(condition.of)})`;
    case "code":
      return `code ${JSON.stringify(condition.label)}`;
    case "empty":
    case "notEmpty":
    case "exists":
    case "notExists":
      return `${condition.ref} ${wordsOfState(condition.op).states("")}`;
    default:
      return describeComparison(condition);
  }
}

/** A truth that reads as one word, such as `steps.feed.seen` or labelled code. */
const isPlain = (condition: Condition): boolean =>
  condition.op === "code" || (condition.op === "eq" && "value" in condition.to && condition.to.value === true);

function describeGroup({ op, of }: Group): string {
  if (of.length === 0) return op === "all" ? "always" : "never";
  return of
    .map((member) => {
      const grouped = member.op === "all" || member.op === "any";
      return grouped && of.length > 1 ? `(${describeCondition(member)})` : describeCondition(member);
    })
    .join(op === "all" ? " and " : " or ");
}

function describeComparison(condition: Comparison): string {
  if (isPlain(condition)) return condition.ref;
  const words = wordsOfComparison(condition.op, isNullLiteral(condition.to));
  return `${condition.ref} ${words.states(describeArgument(condition.to))}`;
}

function describeArgument(to: Argument): string {
  if ("ref" in to) return to.ref;
  return "fromNow" in to ? relativeWords(to.fromNow) : canonicalJson(to.value);
}
