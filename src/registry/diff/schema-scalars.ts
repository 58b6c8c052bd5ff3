// How texts, numbers and fixed values differ.
import { canonicalJson, type Json } from "../../base/canonical-json.ts";
import type { SchemaChange } from "./schema.ts";
import type { Bound, Form, NumberForm, TextForm } from "./schema-shapes.ts";
import { change, type Pair } from "./schema-walk.ts";
import { listed, quoted } from "./words.ts";

type Limits = Pair<{ least: number; most: number | null }>;

/** Differences in how long something may be. `unit` as in `3 characters`. */
export function lengthChanges({ before, after }: Limits, unit: string, path: string): SchemaChange[] {
  const number = (value: number) => `${value} ${value === 1 ? unit.replace(/s$/, "") : unit}`;
  const changes: SchemaChange[] = [];
  if (before.least !== after.least) {
    const was = before.least === 0 ? "any number" : before.least;
    const text =
      after.least === 0
        ? `may be empty (was at least ${before.least})`
        : `at least ${number(after.least)} (was ${was})`;
    changes.push(change(path, text, after.least > before.least ? "callers" : null));
  }
  if (before.most !== after.most) {
    const text =
      after.most === null
        ? `any number of ${unit} (was at most ${before.most})`
        : `at most ${number(after.most)} (was ${before.most ?? "any number"})`;
    changes.push(change(path, text, after.most !== null && after.most < (before.most ?? Infinity) ? "callers" : null));
  }
  return changes;
}

const formatText = (before: string | null, after: string): string => `must be ${after} (was ${before ?? "any text"})`;

/** Differences between two texts. */
export function textChanges(pair: Pair<TextForm>, path: string): SchemaChange[] {
  const { before, after } = pair;
  const lengths = lengthChanges(pair, "characters", path);
  // Without a pattern a format is the common one; with a pattern it is one of the author's, which may take more.
  if (
    after.format !== null &&
    before.format === after.format &&
    after.patterns.length === 0 &&
    before.patterns.length > 0
  )
    return [change(path, `must be a common ${after.format} (was one of its own)`, "callers"), ...lengths];
  const lost = before.patterns.filter((pattern) => !after.patterns.includes(pattern));
  const won = after.patterns.filter((pattern) => !before.patterns.includes(pattern));
  const format = before.format === after.format ? null : after.format;
  return [
    ...(format === null ? [] : [change(path, formatText(before.format, format), "callers")]),
    ...(before.format !== null && after.format === null ? [change(path, `any text (was ${before.format})`)] : []),
    ...won.map((pattern) => change(path, `must match ${quoted(pattern)}`, "callers")),
    ...lost.map((pattern) => change(path, `need no longer match ${quoted(pattern)}`)),
    ...lengths,
  ];
}

const multipleOf = (value: number, step: number): boolean => Number.isInteger(Number((value / step).toPrecision(12)));

const boundWords = (bound: Bound | null): string =>
  bound === null || Math.abs(bound.value) === Number.MAX_SAFE_INTEGER ? "any" : String(bound.value);

function boundChange({ before, after }: Pair<Bound | null>, isMinimum: boolean, path: string): SchemaChange[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  const sign = isMinimum ? 1 : -1;
  const [old, now] = [before, after].map((bound) => (bound ? sign * bound.value : -Infinity)) as [number, number];
  const tighter = now > old || (now === old && after?.open === true && before?.open !== true);
  const [common, proper] = isMinimum ? ["at least", "more than"] : ["at most", "less than"];
  const word = (bound: Bound | null) => (bound?.open ? proper : common);
  const new_ = boundWords(after);
  const was =
    boundWords(before) === "any"
      ? "any"
      : `${before?.open === after?.open ? "" : `${word(before)} `}${boundWords(before)}`;
  const text =
    new_ === "any" ? `no longer ${word(before)} ${boundWords(before)}` : `${word(after)} ${new_} (was ${was})`;
  return boundWords(before) === "any" && new_ === "any" && !tighter
    ? []
    : [change(path, text, tighter ? "callers" : null)];
}

/** Differences between two numbers. */
export function numberChanges({ before, after }: Pair<NumberForm>, path: string): SchemaChange[] {
  const words = (form: NumberForm) => (form.whole ? "whole number" : "number");
  const covered = (step: number) =>
    before.multiples.some((old) => multipleOf(old, step)) || (before.whole && multipleOf(1, step));
  const won = after.multiples.filter((step) => !before.multiples.includes(step));
  const lost = before.multiples.filter((step) => !after.multiples.includes(step));
  // The bounds that every whole number has say nothing beside that it is whole.
  const bounds = (bound: Bound | null, { whole }: NumberForm) =>
    whole && before.whole !== after.whole && boundWords(bound) === "any" ? null : bound;
  const pair = (side: "min" | "max") => ({ before: bounds(before[side], before), after: bounds(after[side], after) });
  return [
    ...(before.whole === after.whole
      ? []
      : [change(path, `${words(before)} → ${words(after)}`, after.whole ? "callers" : null)]),
    ...boundChange(pair("min"), true, path),
    ...boundChange(pair("max"), false, path),
    ...won.map((step) => change(path, `must be a multiple of ${step}`, covered(step) ? null : "callers")),
    ...lost.map((step) => change(path, `need no longer be a multiple of ${step}`)),
  ];
}

const holds = (values: readonly Json[], value: Json): boolean =>
  values.some((other) => canonicalJson(other) === canonicalJson(value));

function textFits(value: string, { least, most, format, patterns }: TextForm): boolean {
  if (value.length < least || value.length > (most ?? Infinity)) return false;
  if (format !== null && patterns.length === 0) return false;
  try {
    return patterns.every((pattern) => new RegExp(pattern).test(value));
  } catch {
    return false;
  }
}

function numberFits(value: number, { whole, min, max, multiples }: NumberForm): boolean {
  if (whole && !Number.isSafeInteger(value)) return false;
  if (min && (value < min.value || (min.open && value === min.value))) return false;
  if (max && (value > max.value || (max.open && value === max.value))) return false;
  return multiples.every((step) => multipleOf(value, step));
}

/** Whether a fixed value that is no list or object certainly fits; what cannot be decided does not. */
export function valueFits(value: Json, form: Form): boolean {
  if (form.kind === "any") return true;
  if (form.kind === "values") return holds(form.values, value);
  if (form.kind === "text") return typeof value === "string" && textFits(value, form);
  return form.kind === "number" && typeof value === "number" && numberFits(value, form);
}

/** Fixed values that are no longer or newly accepted. `others` take values, too. `subject`: ` kind` of `accepts kind "a"`. */
export function valueChanges(
  { before, after }: Pair<readonly Json[]>,
  others: readonly Form[],
  path: string,
  subject = "",
): SchemaChange[] {
  const lost = before.filter((value) => !holds(after, value) && !others.some((form) => valueFits(value, form)));
  const won = after.filter((value) => !holds(before, value));
  return [
    ...(lost.length > 0 ? [change(path, `no longer accepts${subject} ${listed(lost)}`, "callers")] : []),
    ...(won.length > 0 ? [change(path, `also accepts${subject} ${listed(won)}`)] : []),
  ];
}

const TYPES: Record<Exclude<Form["kind"], "values" | "text" | "number" | "object">, string> = {
  any: "anything",
  null: "null",
  list: "list",
  opaque: "a combination of schemas",
};
const MOST_VALUES = 3;

/** What a value may be, in words: `text`, `email`, `whole number`, `list`, `"a" or "b"`. */
export function formWords(form: Form): string {
  if (form.kind === "text") return form.format ?? "text";
  if (form.kind === "number") return form.whole ? "whole number" : "number";
  if (form.kind === "object") return form.members.size === 0 && form.extra !== "dropped" ? "map" : "object";
  if (form.kind !== "values") return TYPES[form.kind];
  if (canonicalJson(form.values) === "[false,true]") return "true or false";
  const shown = form.values.slice(0, MOST_VALUES).map(quoted);
  return form.values.length > MOST_VALUES ? `${shown.join(", ")}, …` : shown.join(" or ");
}

/** What a value may be, all in words. */
export const formsWords = (forms: readonly Form[]): string => forms.map(formWords).join(" or ") || "nothing";
