// What stands behind the question mark, as the schema of a route wants it. Everything comes as text there, so numbers,
// switches, lists and JSON are made of text where the schema names them; the schemas themselves stay plain.
import { createRequire } from "node:module";
import { z } from "zod";
import { KnockError } from "../../base/errors.ts";

// Required, not imported: its own requirements in circles are more than the loader of Node 22 takes while a project's
// modules are followed.
const { parse } = createRequire(import.meta.url)("qs") as typeof import("qs");

/** More items than any list in an address may have. */
const ITEMS = 1_100;

/** Bounds, which some clients write with a dot. */
const BOUND = /(?<=^|&)(\w+)\.(gte?|lte?)=/g;

/** `status[]=a`, `status=a`, `objects[0][collection]=a`, `trigger_data[a]=1`, `inserted_at.gt=…` as an object. */
export function parseQuery(search: string): Record<string, unknown> {
  try {
    const options = { arrayLimit: ITEMS, parameterLimit: ITEMS, depth: 4, throwOnLimitExceeded: true };
    return parse(search.replace(/^\?/, "").replaceAll(BOUND, "$1[$2]="), options);
  } catch {
    throw new KnockError("INVALID_INPUT", {
      subject: "The query",
      issues: [{ path: [], message: `The query has more than ${ITEMS} parameters.`, code: "too_big" }],
    });
  }
}

/** What stands inside `optional`, `nullable`, a default and a pipe. */
function inner(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod as { def: { innerType?: z.core.$ZodType; in?: z.core.$ZodType } };
  const next = def.innerType ?? def.in;
  return next ? inner(next) : schema;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const booleans: Readonly<Record<string, boolean>> = { true: true, false: false };

function coerce(schema: z.core.$ZodType, value: unknown): unknown {
  const wanted = inner(schema);
  if (wanted instanceof z.ZodArray) {
    const items = Array.isArray(value) ? (value as unknown[]) : typeof value === "string" ? itemsOf(value) : null;
    return items?.map((item) => coerce(wanted.element, item)) ?? value;
  }
  if (wanted instanceof z.ZodObject && typeof value === "object" && value !== null) return coerceQuery(wanted, value);
  if (typeof value !== "string") return value;
  if (wanted instanceof z.ZodNumber) return value.trim() === "" ? value : Number(value);
  if (wanted instanceof z.ZodBoolean) return booleans[value] ?? value;
  if (wanted instanceof z.ZodRecord || wanted instanceof z.ZodObject) return jsonOf(value);
  return value;
}

/** A list of one, or a list as JSON. */
function itemsOf(text: string): unknown[] {
  const parsed = text.startsWith("[") ? jsonOf(text) : null;
  return Array.isArray(parsed) ? parsed : [text];
}

/** The query with numbers, switches, lists and objects where the schema names them. */
export function coerceQuery(schema: z.ZodType, query: object): Record<string, unknown> {
  const shape = schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : {};
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, shape[name] ? coerce(shape[name], value) : value]),
  );
}
