// The JSON Schema of a zod schema, reduced to what carries meaning, so that a zod upgrade that prints
// another regular expression or title makes no new workflow version.
import { messageOf } from "../base/message-of.ts";
import { z } from "zod";
import { hashJson, type Json, type JsonObject } from "../base/canonical-json.ts";
import { standardPattern, withOurPatterns } from "./zod-patterns.ts";

const MEANINGFUL = new Set(
  `type properties required items prefixItems additionalProperties propertyNames enum const anyOf oneOf allOf not
   minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems pattern format
   default $ref $defs`.split(/\s+/),
);
const UNORDERED = new Set(["required", "enum"]);
const NAMED = new Set(["properties", "$defs"]);

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function reduce(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(reduce);
  if (!isObject(schema)) return schema;
  const reduced: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (!MEANINGFUL.has(keyword) || (keyword === "pattern" && value === standardPattern(schema.format))) continue;
    if (UNORDERED.has(keyword) && Array.isArray(value)) reduced[keyword] = value.toSorted();
    else if (NAMED.has(keyword) && isObject(value)) {
      reduced[keyword] = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, reduce(member)]));
    } else if (keyword === "default" || keyword === "const") reduced[keyword] = value;
    else reduced[keyword] = reduce(value);
  }
  return reduced;
}

/**
 * What authors write about a schema, without what means nothing: zod writes a type with a description otherwise than
 * one without, and not only by that description.
 */
const namesOnly = {
  get(schema: z.core.$ZodType) {
    const id = z.globalRegistry.get(schema)?.id;
    return id === undefined ? undefined : { id };
  },
} as unknown as typeof z.globalRegistry;

const stated = (schema: z.ZodType, io: "input" | "output"): JsonObject =>
  reduce(z.toJSONSchema(schema, { io, override: withOurPatterns, metadata: namesOnly }) as Json) as JsonObject;

/** The reduced JSON Schema of what callers give. Throws when JSON cannot state the schema. */
export const inputJsonSchema = (schema: z.ZodType): JsonObject => stated(schema, "input");

/** The reduced JSON Schema of what parsing gives. Throws when JSON cannot state the schema. */
export const outputJsonSchema = (schema: z.ZodType): JsonObject => stated(schema, "output");

/** Whether two schemas, of whatever copies of zod, take the same. */
export function sameMeaning(one: z.ZodType, other: z.ZodType): boolean {
  if (one === other) return true;
  if (statable(one) !== null || statable(other) !== null) return false;
  return hashJson(inputJsonSchema(one)) === hashJson(inputJsonSchema(other));
}

function statable(schema: z.ZodType): string | null {
  try {
    z.toJSONSchema(schema, { io: "input" });
    z.toJSONSchema(schema, { io: "output" });
    return null;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/**
 * Where a schema holds something that JSON cannot state (a date, a bigint, a transform), or `null`.
 * Data crosses JSON twice: from the caller, and to the database where runs wait.
 */
export function unstatable(schema: z.ZodType, path: string[] = []): { path: string[]; problem: string } | null {
  const problem = statable(schema);
  if (problem === null) return null;
  const { def } = (schema as unknown as z.core.$ZodTypes)._zod;
  const members = def.type === "object" ? (Object.entries(def.shape) as [string, z.ZodType][]) : [];
  for (const [name, member] of members) {
    const found = unstatable(member, [...path, name]);
    if (found) return found;
  }
  return { path, problem };
}

/** Whether a dotted path can exist in data of the schema; schemas that allow anything allow any path. */
export function hasPath(schema: JsonObject, path: readonly string[], root: JsonObject = schema): boolean {
  const [head, ...rest] = path;
  if (head === undefined) return true;
  if (typeof schema.$ref === "string") {
    const target = referred(schema, root);
    return isObject(target) ? hasPath(target, path, root) : true;
  }
  const ways = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  if (ways.length > 0) return ways.some((way) => isObject(way) && hasPath(way, path, root));
  if (schema.type === "array") return true;
  if (schema.type !== undefined && schema.type !== "object") return false;
  const member = isObject(schema.properties) ? schema.properties[head] : undefined;
  if (isObject(member)) return hasPath(member, rest, root);
  return schema.properties === undefined || isObject(schema.additionalProperties);
}

/** The schema that a reference within a schema names. */
function referred(schema: JsonObject, root: JsonObject): Json | undefined {
  if (typeof schema.$ref !== "string") return undefined;
  if (schema.$ref === "#") return root;
  return isObject(root.$defs) ? root.$defs[schema.$ref.replace("#/$defs/", "")] : undefined;
}

/** How often a sample follows references: a schema that holds itself has no end. */
const SAMPLE_REFERENCES = 3;

/**
 * A value that fits the schema in type, for trying content without a real recipient or answer. Lists have one
 * item, as content that takes the first one is not wrong.
 */
export function sample(schema: Json | undefined, root: Json | undefined = schema, references = 0): Json {
  if (!isObject(schema) || !isObject(root)) return null;
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0] ?? null;
  const inner = (part: Json | undefined) => sample(part, root, references);
  if (schema.$ref !== undefined)
    return references < SAMPLE_REFERENCES ? sample(referred(schema, root), root, references + 1) : null;
  const way = [schema.anyOf, schema.oneOf].find(Array.isArray);
  if (Array.isArray(way)) return inner(way[0]);
  if (schema.type === "string") return schema.format === "date-time" ? "2026-01-05T09:00:00Z" : "text";
  if (schema.type === "number" || schema.type === "integer")
    return typeof schema.minimum === "number" ? schema.minimum : 1;
  if (schema.type === "boolean") return false;
  if (schema.type === "array") return isObject(schema.items) ? [inner(schema.items)] : [];
  if (!isObject(schema.properties)) return schema.type === "object" ? {} : null;
  return Object.fromEntries(Object.entries(schema.properties).map(([name, member]) => [name, inner(member)]));
}
