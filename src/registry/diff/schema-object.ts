// How objects and lists differ.
import { canonicalJson, type Json, type JsonObject } from "../../base/canonical-json.ts";
import { valueFits, lengthChanges } from "./schema-scalars.ts";
import type { SchemaChange } from "./schema.ts";
import { formsOf } from "./schema-forms.ts";
import { isObject, resolved, type ListForm, type ObjectForm } from "./schema-shapes.ts";
import { change, harmless, type Pair, type SchemaWalk } from "./schema-walk.ts";
import { memberPath, quoted } from "./words.ts";

const defaultOf = (schema: Json, root: JsonObject): Json | undefined => {
  const meant = resolved(schema, root);
  return isObject(meant) ? meant.default : undefined;
};

/** Whether a key must be given, and what it is when it is not. */
interface Presence {
  required: boolean;
  byDefault: Json | undefined;
}

const presence = (form: ObjectForm, name: string, root: JsonObject): Presence => {
  const byDefault = defaultOf(form.members.get(name)!, root);
  return { required: form.required.has(name) && byDefault === undefined, byDefault };
};

function presenceChanges({ before, after }: Pair<Presence>, path: string): SchemaChange[] {
  const { byDefault: old } = before;
  const { byDefault: now } = after;
  if (after.required) {
    if (before.required) return [];
    return [
      change(path, old === undefined ? "now required" : `now required (was ${quoted(old)} by default)`, "callers"),
    ];
  }
  if (now === undefined) {
    if (before.required) return [change(path, "no longer required")];
    return old === undefined ? [] : [change(path, `no default any more (was ${quoted(old)})`)];
  }
  if (before.required) return [change(path, `no longer required, default ${quoted(now)}`)];
  // Data that is stored may lack the key, which parsing now always gives.
  if (old === undefined) return [change(path, `default ${quoted(now)} (was optional)`, "runs")];
  return canonicalJson(old) === canonicalJson(now) ? [] : [change(path, `default ${quoted(old)} → ${quoted(now)}`)];
}

function newKey(walk: SchemaWalk, { before, after }: Pair<ObjectForm>, [name, path]: [string, string]): SchemaChange[] {
  const { required, byDefault } = presence(after, name, walk.after);
  const schema = after.members.get(name)!;
  if (required) return [change(path, "new required key", "callers")];
  const { extra } = before;
  // A key of this name was kept, whatever it was.
  if (typeof extra === "object" && (before.names === null || keyFits(before.names, name, walk.before))) {
    if (!harmless(walk.compare(walk, { before: extra.schema, after: schema }, path)))
      return [change(path, "new key, and what was kept under this name may not fit", "callers")];
  }
  return byDefault === undefined
    ? [change(path, "new optional key")]
    : [change(path, `new key, default ${quoted(byDefault)}`, "runs")];
}

const keyFits = (names: Json, name: string, root: JsonObject): boolean =>
  formsOf(names, root).forms.some((form) => valueFits(name, form));

const takesAnything = (schema: Json, root: JsonObject): boolean =>
  formsOf(schema, root).forms.some(({ kind }) => kind === "any");

function removedKey(walk: SchemaWalk, { before, after }: Pair<ObjectForm>, [name, path]: [string, string]) {
  const { extra, names } = after;
  if (extra === "dropped") return [change(path, "key removed", "callers")];
  if (extra === "refused") return [change(path, "key removed, and refused when given", "callers")];
  if (names !== null && !keyFits(names, name, walk.after))
    return [change(path, "key removed, and its name is refused", "callers")];
  const inner = takesAnything(extra.schema, walk.after)
    ? []
    : walk.compare(walk, { before: before.members.get(name)!, after: extra.schema }, path);
  return [change(path, "no longer a key of its own, kept like any other"), ...inner];
}

const extraWords = (extra: ObjectForm["extra"], members: number): string => {
  if (extra === "dropped") return "dropped";
  if (extra === "refused") return "refused";
  return members === 0 ? "kept" : canonicalJson(extra.schema) === "{}" ? "kept" : "kept when they fit";
};

function extraChanges(walk: SchemaWalk, { before, after }: Pair<ObjectForm>, path: string): SchemaChange[] {
  const { extra: old } = before;
  const { extra: now } = after;
  if (typeof old === "object" && typeof now === "object")
    return walk.compare(walk, { before: old.schema, after: now.schema }, `${path}.*`);
  if (old === now) return [];
  const text = `unknown keys are now ${extraWords(now, after.members.size)} (were ${extraWords(old, before.members.size)})`;
  const takesAll = now === "dropped" ? typeof old !== "object" : typeof now === "object" && old === "refused";
  const keepsAll = typeof now === "object" && takesAnything(now.schema, walk.after);
  const free = takesAll || (keepsAll && after.names === null);
  return [change(path, text, free ? null : "callers")];
}

function nameChanges(walk: SchemaWalk, { before, after }: Pair<ObjectForm>, path: string): SchemaChange[] {
  if (canonicalJson(before.names) === canonicalJson(after.names) && before.names === null) return [];
  // Objects with keys of their own are compared key by key.
  if (typeof before.extra !== "object" || typeof after.extra !== "object") return [];
  const text = { type: "string" };
  const pair = { before: before.names ?? text, after: after.names ?? text };
  return walk.compare(walk, pair, path).map((found) => ({ ...found, text: `keys: ${found.text}` }));
}

/** Differences between two objects. */
export function objectChanges(walk: SchemaWalk, pair: Pair<ObjectForm>, path: string): SchemaChange[] {
  const { before, after } = pair;
  const names = new Set([...before.members.keys(), ...after.members.keys()]);
  const changes = [...nameChanges(walk, pair, path), ...extraChanges(walk, pair, path)];
  for (const name of names) {
    const place = memberPath(path, name);
    const old = before.members.get(name);
    const now = after.members.get(name);
    if (old === undefined) changes.push(...newKey(walk, pair, [name, place]));
    else if (now === undefined) changes.push(...removedKey(walk, pair, [name, place]));
    else {
      const there = { before: presence(before, name, walk.before), after: presence(after, name, walk.after) };
      changes.push(...presenceChanges(there, place), ...walk.compare(walk, { before: old, after: now }, place));
    }
  }
  return changes;
}

const itemAt = ({ prefix, rest, most }: ListForm, index: number): Json | null =>
  index >= (most ?? Infinity) ? null : (prefix[index] ?? rest);

/** Differences between two lists. */
export function listChanges(walk: SchemaWalk, { before, after }: Pair<ListForm>, path: string): SchemaChange[] {
  const changes = lengthChanges({ before, after }, "items", path);
  const named = Math.max(before.prefix.length, after.prefix.length);
  for (let index = 0; index < named; index++) {
    const [old, now] = [itemAt(before, index), itemAt(after, index)];
    if (old !== null && now !== null)
      changes.push(...walk.compare(walk, { before: old, after: now }, `${path}[${index}]`));
  }
  const [old, now] = [itemAt(before, named), itemAt(after, named)];
  if (old !== null && now !== null) changes.push(...walk.compare(walk, { before: old, after: now }, `${path}[]`));
  return changes;
}
