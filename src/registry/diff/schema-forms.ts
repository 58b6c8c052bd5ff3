// A JSON Schema in the one form that all schemas of its meaning have: a list of what a value may be.
import { canonicalJson, type Json, type JsonObject } from "../../base/canonical-json.ts";
import { isObject, resolved, type Form, type Forms, type ObjectForm } from "./schema-shapes.ts";
import { merged, typedForm, type KeysOf } from "./schema-typed.ts";

/** The fixed values of a schema, when it has nothing else. */
function fixedValues(schema: Json, root: JsonObject): Json[] | null {
  const { forms } = formsOf(schema, root);
  return forms.length === 1 && forms[0]!.kind === "values" ? forms[0]!.values : null;
}

const keysIn =
  (root: JsonObject): KeysOf =>
  (names) =>
    fixedValues(names, root);

function formsOfAll(schema: JsonObject, root: JsonObject): Form[] {
  const { allOf, default: _default, ...beside } = schema;
  const parts = (allOf as Json[]).map((part) => resolved(part, root));
  const one = parts.every(isObject) ? merged([beside, ...parts]) : null;
  return [one ? typedForm(one, keysIn(root)) : { kind: "opaque", schema: { allOf: parts, beside } }];
}

function formsOfWays(schema: JsonObject, root: JsonObject, open: readonly string[]): Forms {
  const { anyOf, oneOf, default: _default, ...beside } = schema;
  if (Object.keys(beside).length > 0 || (anyOf !== undefined && oneOf !== undefined))
    return { forms: [{ kind: "opaque", schema }], exclusive: false };
  const ways = ((anyOf ?? oneOf) as Json[]).map((way) => formsOf(way, root, open));
  const forms = ways.flatMap((way) => way.forms);
  // What takes anything stands behind something that drops keys or adds defaults: only together they say what is read.
  const any = forms.findIndex(({ kind }) => kind === "any");
  if (forms.slice(0, Math.max(0, any)).some(({ kind }) => kind === "object" || kind === "list" || kind === "opaque"))
    return { forms: [{ kind: "opaque", schema }], exclusive: false };
  const exclusive = ways.some((way) => way.exclusive) || (oneOf !== undefined && overlapping(ways, root));
  return { forms, exclusive };
}

const valuesAt = (form: ObjectForm, key: string, root: JsonObject): Json[] | null => {
  const member = form.required.has(key) ? form.members.get(key) : undefined;
  return member === undefined ? null : fixedValues(member, root);
};

/** Objects by the fixed values of a key that tells them apart (as JSON); `null` when it does not. */
export function discriminated(
  objects: readonly ObjectForm[],
  root: JsonObject,
  key: string,
): ReadonlyMap<string, ObjectForm> | null {
  const byValue = new Map<string, ObjectForm>();
  for (const object of objects) {
    for (const value of valuesAt(object, key, root) ?? [undefined]) {
      if (value === undefined || byValue.has(canonicalJson(value))) return null;
      byValue.set(canonicalJson(value), object);
    }
  }
  return byValue;
}

/** Whether no value is both. */
export function disjoint(one: Form, other: Form, root: JsonObject): boolean {
  if (one.kind === "any" || other.kind === "any" || one.kind === "opaque" || other.kind === "opaque") return false;
  if (one.kind === "values" && other.kind === "values")
    return one.values.every((value) => other.values.every((same) => canonicalJson(same) !== canonicalJson(value)));
  if (one.kind === "values" || other.kind === "values") {
    const [values, form] = one.kind === "values" ? [one.values, other] : [(other as { values: Json[] }).values, one];
    return values.every((value) => (typeof value === "string" ? "text" : typeof value) !== form.kind);
  }
  if (one.kind !== other.kind) return true;
  return (
    one.kind === "object" &&
    other.kind === "object" &&
    [...one.required].some((key) => discriminated([one, other], root, key))
  );
}

function overlapping(ways: readonly Forms[], root: JsonObject): boolean {
  return ways.some(({ forms }, index) =>
    ways.slice(index + 1).some((other) => forms.some((one) => other.forms.some((form) => !disjoint(one, form, root)))),
  );
}

function formsOfObject(schema: JsonObject, root: JsonObject, open: readonly string[]): Forms {
  const only = (...forms: Form[]): Forms => ({ forms, exclusive: false });
  if (schema.not !== undefined) return canonicalJson(schema.not) === "{}" ? only() : only({ kind: "opaque", schema });
  if (schema.const !== undefined) return only({ kind: "values", values: [schema.const] });
  if (Array.isArray(schema.enum)) return only({ kind: "values", values: schema.enum });
  if (Array.isArray(schema.anyOf) || Array.isArray(schema.oneOf)) return formsOfWays(schema, root, open);
  if (Array.isArray(schema.allOf)) return only(...formsOfAll(schema, root));
  const { default: _default, ...meant } = schema;
  if (Array.isArray(schema.type))
    return only(...schema.type.map((type) => typedForm({ ...meant, type }, keysIn(root))));
  return Object.keys(meant).length === 0 ? only({ kind: "any" }) : only(typedForm(meant, keysIn(root)));
}

/** Fixed values of all forms together, `null` as a form of its own, and all else once. */
function tidy(forms: readonly Form[]): Form[] {
  if (forms.some(({ kind }) => kind === "any")) return [{ kind: "any" }];
  const values = forms.flatMap((form) => (form.kind === "values" ? form.values : []));
  const unique = [...new Map(values.map((value) => [canonicalJson(value), value])).values()];
  const fixed = unique.filter((value) => value !== null);
  const nullable = fixed.length < unique.length || forms.some(({ kind }) => kind === "null");
  return [
    ...(fixed.length > 0 ? [{ kind: "values" as const, values: fixed }] : []),
    ...forms.filter(({ kind }) => kind !== "values" && kind !== "null"),
    ...(nullable ? [{ kind: "null" as const }] : []),
  ];
}

/** What a value of the schema may be. `root` is what references lead to; `open` the references on the way here. */
export function formsOf(schema: Json, root: JsonObject, open: readonly string[] = []): Forms {
  if (schema === true) return { forms: [{ kind: "any" }], exclusive: false };
  if (!isObject(schema)) return { forms: [], exclusive: false };
  const reference = typeof schema.$ref === "string" ? schema.$ref : null;
  // A union that holds itself as a way says nothing by that.
  if (reference !== null && open.includes(reference)) return { forms: [], exclusive: false };
  const meant = resolved(schema, root);
  if (!isObject(meant) || typeof meant.$ref === "string")
    return { forms: [{ kind: "opaque", schema: meant }], exclusive: false };
  const found = formsOfObject(meant, root, reference === null ? open : [...open, reference]);
  return { forms: tidy(found.forms), exclusive: found.exclusive };
}
