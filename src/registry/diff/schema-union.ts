// How unions differ: which member is which, and whether what a lost one took is taken by another.
import { canonicalJson, type Json } from "../../base/canonical-json.ts";
import { discriminated, disjoint } from "./schema-forms.ts";
import { formWords, valueChanges } from "./schema-scalars.ts";
import type { SchemaChange } from "./schema.ts";
import type { Form, ObjectForm } from "./schema-shapes.ts";
import { change, harmless, type Pair, same, type SchemaWalk } from "./schema-walk.ts";

type Compare = (walk: SchemaWalk, pair: Pair<Form>, path: string) => SchemaChange[];
type Members = Pair<readonly Form[]>;

/** Differences between members of a kind of which there are several, in the order in which zod tries them. */
function manyChanges(walk: SchemaWalk, { before, after }: Members, path: string, compare: Compare): SchemaChange[] {
  const text = (form: Form) => canonicalJson(plain(form));
  const olds = before.map(text);
  const used = new Set<number>();
  const lost: Form[] = [];
  const changes: SchemaChange[] = [];
  // The first member that takes a value decides which keys of it are kept.
  const shadowed = (index: number, match: number) =>
    before[index]!.kind !== "text" &&
    after.some(
      (form, place) =>
        place < match &&
        !olds.slice(0, index).some((old) => same(walk, [old, text(form)])) &&
        !disjoint(form, before[index]!, walk.before),
    );
  before.forEach((form, index) => {
    const tried = after.map((now) =>
      same(walk, [olds[index]!, text(now)]) ? [] : compare(walk, { before: form, after: now }, path),
    );
    const match = tried.findIndex((found, place) => harmless(found) && !shadowed(index, place));
    if (match < 0) return void lost.push(form);
    used.add(match);
    changes.push(...tried[match]!);
  });
  const fresh = after.filter((_form, index) => !used.has(index));
  if (lost.length === 1 && fresh.length === 1 && !shadowed(before.indexOf(lost[0]!), after.indexOf(fresh[0]!)))
    return [...changes, ...compare(walk, { before: lost[0]!, after: fresh[0]! }, path)];
  const cannot = (form: Form) => `one form of ${formWords(form)} cannot be compared with what is accepted now`;
  return [
    ...changes,
    ...lost.map((form) => change(path, cannot(form), "callers")),
    ...fresh.map((form) => change(path, `also accepts another form of ${formWords(form)}`)),
  ];
}

const plain = (form: Form): unknown =>
  form.kind === "object" ? { ...form, members: [...form.members], required: [...form.required].toSorted() } : form;

const withoutKey = (form: ObjectForm, key: string): ObjectForm => ({
  ...form,
  members: new Map([...form.members].filter(([name]) => name !== key)),
  required: new Set([...form.required].filter((name) => name !== key)),
});

/** Objects that a fixed key tells apart, on both sides the same: compared value by value. `null` when there is none. */
function taggedChanges(walk: SchemaWalk, { before, after }: Pair<ObjectForm[]>, path: string, compare: Compare) {
  for (const key of [...before[0]!.required].toSorted()) {
    const olds = discriminated(before, walk.before, key);
    const nows = olds && discriminated(after, walk.after, key);
    if (!nows) continue;
    const values = (map: ReadonlyMap<string, ObjectForm>) => [...map.keys()].map((value) => JSON.parse(value) as Json);
    const changes = valueChanges({ before: values(olds), after: values(nows) }, [], path, ` ${key}`);
    const done = new Map<ObjectForm, Set<ObjectForm>>();
    for (const [value, old] of olds) {
      const now = nows.get(value);
      if (!now || done.get(old)?.has(now)) continue;
      done.set(old, (done.get(old) ?? new Set()).add(now));
      const pair = { before: withoutKey(old, key), after: withoutKey(now, key) };
      changes.push(...compare(walk, pair, `${path}(${key}: ${value})`));
    }
    return changes;
  }
  return null;
}

function kindChanges(walk: SchemaWalk, { before, after }: Members, path: string, compare: Compare): SchemaChange[] {
  if (before.length === 1 && after.length === 1) return compare(walk, { before: before[0]!, after: after[0]! }, path);
  const isObjectForm = (form: Form) => form.kind === "object";
  const objects = { before: before.filter(isObjectForm), after: after.filter(isObjectForm) };
  const tagged =
    objects.before.length > 0 && objects.after.length > 0 ? taggedChanges(walk, objects, path, compare) : null;
  return tagged ?? manyChanges(walk, { before, after }, path, compare);
}

/** Differences between two unions without `null` and `any`, of which one at least has several members. */
export function unionChanges(
  walk: SchemaWalk,
  { before, after }: Members,
  path: string,
  compare: Compare,
): SchemaChange[] {
  const values = (forms: readonly Form[]) => forms.flatMap((form) => (form.kind === "values" ? form.values : []));
  const changes = valueChanges({ before: values(before), after: values(after) }, after, path);
  const rest = { before: byKind(before), after: byKind(after) };
  if ([...rest.before.keys(), ...rest.after.keys()].includes("opaque"))
    return same(walk, [canonicalJson(before.map(plain)), canonicalJson(after.map(plain))])
      ? []
      : [change(path, "a combination of schemas cannot be compared", "callers")];
  for (const [kind, olds] of rest.before) {
    const nows = rest.after.get(kind);
    if (nows) changes.push(...kindChanges(walk, { before: olds, after: nows }, path, compare));
    else changes.push(change(path, `no longer accepts ${formWords(olds[0]!)}`, "callers"));
  }
  for (const [kind, nows] of rest.after) {
    if (!rest.before.has(kind)) changes.push(change(path, `also accepts ${formWords(nows[0]!)}`));
  }
  return changes;
}

const byKind = (forms: readonly Form[]): Map<string, Form[]> =>
  Map.groupBy(
    forms.filter(({ kind }) => kind !== "values"),
    ({ kind }) => kind,
  );
