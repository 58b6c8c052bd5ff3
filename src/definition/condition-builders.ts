// The operators that authors write. Each takes typed references and returns a condition as data.
import { durationMs, type Duration } from "../base/duration.ts";
import { parseInstant } from "../base/instant.ts";
import type { Argument, ComparisonOperator, Condition, Literal, Scalar, StateOperator } from "./conditions.ts";
import { isRef, pathOf, type Ref } from "./refs.ts";

type Unset = null | undefined;

/** A condition, or a reference that is itself true or false. */
export type ConditionLike = Condition | Ref<boolean | Unset>;

/** An instant relative to the evaluation, made by `fromNow()` and `ago()`. */
export interface RelativeInstant {
  /** Milliseconds from now; negative in the past. */
  readonly fromNow: number;
}

/** What a reference may be compared with for equality: a value of its type, nothing, or such a reference. */
export type EqualTo<T> = (Exclude<T, undefined> & Literal) | null | Ref<T | Unset>;

/** What a reference may be compared with for order. */
export type OrderedWith<T> = unknown extends T
  ? number | string | Ref<unknown>
  : [NonNullable<T>] extends [number]
    ? number | Ref<number | Unset>
    : [NonNullable<T>] extends [string]
      ? string extends NonNullable<T>
        ? string | Ref<string | Unset>
        : "Only numbers and timestamps have an order; use isIn() for one of several texts."
      : "Only numbers and timestamps have an order.";

/** What a reference may contain: a part of a text, or an item of a list. */
export type ContainedIn<T> = unknown extends T
  ? Literal | Ref<unknown>
  : [NonNullable<T>] extends [string]
    ? string | Ref<string | Unset>
    : NonNullable<T> extends readonly (infer Item)[]
      ? (Item & Scalar) | readonly (Item & Scalar)[] | Ref<Item | Unset> | Ref<readonly Item[] | Unset>
      : "Only texts and lists contain something.";

function argumentFrom(value: unknown): Argument {
  if (isRef(value)) return { ref: pathOf(value) };
  if (typeof value === "object" && value !== null && "fromNow" in value) return { fromNow: Number(value.fromNow) };
  return { value: (value ?? null) as Literal };
}

const comparison = (op: ComparisonOperator, ref: Ref<unknown>, value: unknown): Condition => ({
  op,
  ref: pathOf(ref),
  to: argumentFrom(value),
});

const state = (op: StateOperator, ref: Ref<unknown>): Condition => ({ op, ref: pathOf(ref) });

/** A condition as data; a reference on its own means that it is true. */
export const toCondition = (condition: ConditionLike): Condition =>
  isRef(condition) ? comparison("eq", condition, true) : condition;

function group(op: "all" | "any", conditions: readonly ConditionLike[]): Condition {
  if (conditions.length === 0) throw new TypeError(`${op}() needs at least one condition`);
  return { op, of: conditions.map(toCondition) };
}

/**
 * Every condition holds. They are asked in order, and not beyond the first that does not hold.
 *
 * @example all(eq(recipient.plan, "pro"), not(steps.feed.seen))
 */
export const all = (...conditions: ConditionLike[]): Condition => group("all", conditions);

/** At least one condition holds. They are asked in order, and not beyond the first that holds. */
export const any = (...conditions: ConditionLike[]): Condition => group("any", conditions);

/** The condition does not hold. */
export const not = (condition: ConditionLike): Condition => ({ op: "not", of: toCondition(condition) });

/**
 * The two are equal; lists and objects by their content. What is not set equals `null` and `""`.
 *
 * @example eq(recipient.plan, "pro")
 */
export const eq = <T>(ref: Ref<T>, value: NoInfer<EqualTo<T>>): Condition => comparison("eq", ref, value);

/** The two differ. */
export const neq = <T>(ref: Ref<T>, value: NoInfer<EqualTo<T>>): Condition => comparison("neq", ref, value);

/** More than a number, or later than an ISO 8601 timestamp. Does not hold for what is not set. */
export const gt = <T>(ref: Ref<T>, value: NoInfer<OrderedWith<T>>): Condition => comparison("gt", ref, value);

/** At least a number, or not before a timestamp. Does not hold for what is not set. */
export const gte = <T>(ref: Ref<T>, value: NoInfer<OrderedWith<T>>): Condition => comparison("gte", ref, value);

/** Less than a number, or before a timestamp. Does not hold for what is not set. */
export const lt = <T>(ref: Ref<T>, value: NoInfer<OrderedWith<T>>): Condition => comparison("lt", ref, value);

/** At most a number, or not after a timestamp. Does not hold for what is not set. */
export const lte = <T>(ref: Ref<T>, value: NoInfer<OrderedWith<T>>): Condition => comparison("lte", ref, value);

/**
 * A text contains a text, a list contains an item, or two lists share an item.
 *
 * @example contains(recipient.mutedProjects, data.projectId)
 */
export const contains = <T>(ref: Ref<T>, value: NoInfer<ContainedIn<T>>): Condition =>
  comparison("contains", ref, value);

/** The opposite of `contains`; holds for what is not set. */
export const notContains = <T>(ref: Ref<T>, value: NoInfer<ContainedIn<T>>): Condition =>
  comparison("notContains", ref, value);

/** A list contains every item of another list. */
export const containsAll = <Item>(
  ref: Ref<readonly Item[] | Unset>,
  items: readonly NoInfer<Item & Scalar>[] | Ref<readonly NoInfer<Item>[] | Unset>,
): Condition => comparison("containsAll", ref, items);

/**
 * The value is one of a list.
 *
 * @example isIn(recipient.plan, ["pro", "team"])
 */
export const isIn = <T>(
  ref: Ref<T>,
  values: readonly NoInfer<Exclude<T, undefined> & Scalar>[] | Ref<readonly NoInfer<T>[] | Unset>,
): Condition => comparison("in", ref, values);

/** A point in time: an ISO 8601 timestamp, a reference to one, or one relative to now. */
export type PointInTime = string | Ref<string | Unset> | RelativeInstant;

function timed(op: "before" | "after", ref: Ref<unknown>, time: PointInTime): Condition {
  if (typeof time === "string" && parseInstant(time) === null) {
    throw new TypeError(
      `${op}() needs an ISO 8601 timestamp such as "2026-03-01T09:00:00Z", fromNow("1h") or ago("2d")`,
    );
  }
  return comparison(op, ref, time);
}

/**
 * The timestamp is earlier than a point in time.
 *
 * @example before(data.dueAt, fromNow("2d"))
 */
export const before = (ref: Ref<string | Unset>, time: PointInTime): Condition => timed("before", ref, time);

/** The timestamp is at or later than a point in time. */
export const after = (ref: Ref<string | Unset>, time: PointInTime): Condition => timed("after", ref, time);

/** A point in time that lies a duration after the evaluation. */
export const fromNow = (duration: Duration): RelativeInstant => ({ fromNow: durationMs(duration) });

/** A point in time that lies a duration before the evaluation. */
export const ago = (duration: Duration): RelativeInstant => ({ fromNow: 0 - durationMs(duration) });

/** Not set, `""` or `[]`. */
export const empty = (ref: Ref<unknown>): Condition => state("empty", ref);

/** Set, and neither `""` nor `[]`. */
export const notEmpty = (ref: Ref<unknown>): Condition => state("notEmpty", ref);

/** Set and not `null`; `""` and `[]` exist. */
export const exists = (ref: Ref<unknown>): Condition => state("exists", ref);

/** Not set, or `null`. */
export const notExists = (ref: Ref<unknown>): Condition => state("notExists", ref);
