// The comparison of two schemas at one place: what a value could be, and what it can be now.
import { canonicalJson, type Json } from "../../base/canonical-json.ts";
import { formsOf } from "./schema-forms.ts";
import { listChanges, objectChanges } from "./schema-object.ts";
import { formsWords, formWords, numberChanges, textChanges, valueChanges, valueFits } from "./schema-scalars.ts";
import type { SchemaChange } from "./schema.ts";
import type { Form, Forms } from "./schema-shapes.ts";
import { unionChanges } from "./schema-union.ts";
import { change, type Pair, refers, same, type SchemaWalk } from "./schema-walk.ts";

/** Differences between two things that a value may be. */
function formChanges(walk: SchemaWalk, { before, after }: Pair<Form>, path: string): SchemaChange[] {
  if (before.kind === "any" && after.kind === "any") return [];
  if (before.kind === "null" && after.kind === "null") return [];
  if (before.kind === "values" && after.kind === "values")
    return valueChanges({ before: before.values, after: after.values }, [], path);
  if (before.kind === "text" && after.kind === "text") return textChanges({ before, after }, path);
  if (before.kind === "number" && after.kind === "number") return numberChanges({ before, after }, path);
  if (before.kind === "list" && after.kind === "list") return listChanges(walk, { before, after }, path);
  if (before.kind === "object" && after.kind === "object") return objectChanges(walk, { before, after }, path);
  if (before.kind === "opaque" && after.kind === "opaque" && same(walk, [canonicalJson(before), canonicalJson(after)]))
    return [];
  const fits = before.kind === "values" && before.values.every((value) => valueFits(value, after));
  const unclear = before.kind === "opaque" || after.kind === "opaque" ? ", which cannot be compared" : "";
  const words = `${formWords(before)} → ${formWords(after)}`;
  return [change(path, `${words}${unclear}`, fits || after.kind === "any" ? null : "callers")];
}

const without = (forms: readonly Form[], kind: Form["kind"]): Form[] => forms.filter((form) => form.kind !== kind);

function formsChanges(walk: SchemaWalk, { before, after }: Pair<Forms>, path: string): SchemaChange[] {
  const takesNull = {
    before: before.forms.some(({ kind }) => kind === "null"),
    after: after.forms.some(({ kind }) => kind === "null"),
  };
  if (before.exclusive || after.exclusive)
    return [change(path, "forms that exclude each other cannot be compared", "callers")];
  const olds = without(before.forms, "null");
  const nows = without(after.forms, "null");
  if (after.forms.some(({ kind }) => kind === "any"))
    return before.forms.some(({ kind }) => kind === "any")
      ? []
      : [change(path, `${formsWords(before.forms)} → anything`)];
  if (olds.length === 0 || nows.length === 0) {
    if (olds.length === nows.length && takesNull.before === takesNull.after) return [];
    const free = olds.length === 0 && (takesNull.after || !takesNull.before);
    return [change(path, `${formsWords(before.forms)} → ${formsWords(after.forms)}`, free ? null : "callers")];
  }
  const changes: SchemaChange[] = [];
  if (takesNull.before && !takesNull.after) changes.push(change(path, "no longer accepts null", "callers"));
  if (!takesNull.before && takesNull.after) changes.push(change(path, "also accepts null"));
  if (olds.length === 1 && nows.length === 1)
    return [...changes, ...formChanges(walk, { before: olds[0]!, after: nows[0]! }, path)];
  return [...changes, ...unionChanges(walk, { before: olds, after: nows }, path, formChanges)];
}

/** Differences between two schemas at a path. */
export function compare(walk: SchemaWalk, { before, after }: Pair<Json>, path: string): SchemaChange[] {
  if (walk.budget.left-- <= 0) return [change(path, "too large to be compared", "callers")];
  const [old, now] = [canonicalJson(before), canonicalJson(after)];
  if (same(walk, [old, now])) return [];
  const pair = `${old} ${now}`;
  // What is being compared further up needs no second look.
  if (walk.open.has(pair)) return [];
  const forms = { before: formsOf(before, walk.before), after: formsOf(after, walk.after) };
  if (refers(pair)) walk.open.add(pair);
  const changes = formsChanges(walk, forms, path);
  walk.open.delete(pair);
  return changes;
}
