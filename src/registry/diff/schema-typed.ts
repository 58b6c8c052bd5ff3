// What a value may be by a JSON Schema that has one type.
import { canonicalJson, type Json, type JsonObject } from "../../base/canonical-json.ts";
import {
  isObject,
  type Bound,
  type Form,
  type ListForm,
  type NumberForm,
  type ObjectForm,
  type TextForm,
} from "./schema-shapes.ts";

// Formats that a pattern beside them states in full.
const STATED_BY_PATTERN = new Set(["includes", "starts_with", "ends_with", "regex", "lowercase", "uppercase"]);

const numberAt = (schema: JsonObject, keyword: string): number | null => {
  const value = schema[keyword];
  return typeof value === "number" ? value : null;
};

const collected = (schema: JsonObject, keyword: string): Json[] =>
  [schema[keyword] ?? [], schema[`${keyword}s`] ?? []].flat() as Json[];

function textForm(schema: JsonObject): TextForm {
  const format = typeof schema.format === "string" && !STATED_BY_PATTERN.has(schema.format) ? schema.format : null;
  const patterns = [...new Set(collected(schema, "pattern") as string[])].toSorted();
  return {
    kind: "text",
    least: numberAt(schema, "minLength") ?? 0,
    most: numberAt(schema, "maxLength"),
    format,
    patterns,
  };
}

function bound(schema: JsonObject, [closed, open]: [string, string], tighter: (a: number, b: number) => boolean) {
  const inclusive = numberAt(schema, closed);
  const exclusive = numberAt(schema, open);
  if (exclusive !== null && (inclusive === null || !tighter(inclusive, exclusive)))
    return { value: exclusive, open: true };
  return inclusive === null ? null : { value: inclusive, open: false };
}

/** Whole numbers have closed bounds: more than 1.5 is at least 2. */
function wholeBound(found: Bound | null, step: 1 | -1): Bound | null {
  if (!found) return null;
  const value = step > 0 ? Math.ceil(found.value) : Math.floor(found.value);
  return { value: found.open && value === found.value ? value + step : value, open: false };
}

function numberForm(schema: JsonObject): NumberForm {
  const whole = schema.type === "integer";
  const min = bound(schema, ["minimum", "exclusiveMinimum"], (a, b) => a > b);
  const max = bound(schema, ["maximum", "exclusiveMaximum"], (a, b) => a < b);
  const multiples = [...new Set(collected(schema, "multipleOf") as number[])].toSorted((a, b) => a - b);
  return {
    kind: "number",
    whole,
    min: whole ? wholeBound(min, 1) : min,
    max: whole ? wholeBound(max, -1) : max,
    multiples,
  };
}

function listForm(schema: JsonObject): ListForm {
  const prefix = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
  const rest = schema.items === false ? null : (schema.items ?? {});
  const most = numberAt(schema, "maxItems");
  return {
    kind: "list",
    prefix,
    rest,
    least: numberAt(schema, "minItems") ?? 0,
    most: rest === null ? Math.min(prefix.length, most ?? prefix.length) : most,
  };
}

/** The fixed values of a schema of keys; `null` when keys are not listed. */
export type KeysOf = (names: Json) => Json[] | null;

function extraOf(schema: JsonObject): ObjectForm["extra"] {
  const { additionalProperties: extra } = schema;
  if (extra === false) return "refused";
  if (extra !== undefined) return { schema: extra };
  // Without a word on its keys, an object may hold any.
  return isObject(schema.properties) ? "dropped" : { schema: {} };
}

function objectForm(schema: JsonObject, keysOf: KeysOf): ObjectForm {
  const required = new Set(Array.isArray(schema.required) ? (schema.required as string[]) : []);
  const members = new Map(isObject(schema.properties) ? Object.entries(schema.properties) : []);
  const names = schema.propertyNames ?? null;
  const keys = names === null || members.size > 0 ? null : keysOf(names);
  // A record whose keys are listed is an object with these keys.
  if (keys) {
    const listed = new Map(keys.map((key) => [String(key), schema.additionalProperties ?? {}]));
    return { kind: "object", members: listed, required, extra: "refused", names: null };
  }
  const plain = isObject(names) && canonicalJson(names) === '{"type":"string"}';
  return { kind: "object", members, required, extra: extraOf(schema), names: plain ? null : names };
}

/** What a value may be by a schema with one type. */
export function typedForm(schema: JsonObject, keysOf: KeysOf): Form {
  switch (schema.type) {
    case "string":
      return textForm(schema);
    case "number":
    case "integer":
      return numberForm(schema);
    case "boolean":
      return { kind: "values", values: [false, true] };
    case "null":
      return { kind: "null" };
    case "array":
      return listForm(schema);
    case "object":
      return objectForm(schema, keysOf);
    default:
      return { kind: "opaque", schema };
  }
}

const LARGEST = ["minLength", "minItems", "minimum", "exclusiveMinimum"];
const SMALLEST = ["maxLength", "maxItems", "maximum", "exclusiveMaximum"];
const GATHERED = ["pattern", "multipleOf"];

/** Schemas of one text or number that must all hold, as one schema; `null` for anything else. */
export function merged(parts: readonly JsonObject[]): JsonObject | null {
  const made: JsonObject = {};
  for (const part of parts) {
    for (const [keyword, value] of Object.entries(part)) {
      const held = made[keyword];
      if (GATHERED.includes(keyword)) made[`${keyword}s`] = [...((made[`${keyword}s`] ?? []) as Json[]), value];
      else if (held === undefined || canonicalJson(held) === canonicalJson(value)) made[keyword] = value;
      else if (LARGEST.includes(keyword)) made[keyword] = Math.max(held as number, value as number);
      else if (SMALLEST.includes(keyword)) made[keyword] = Math.min(held as number, value as number);
      else return null;
    }
  }
  return made.type === "string" || made.type === "number" || made.type === "integer" ? made : null;
}
