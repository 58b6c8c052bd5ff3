// What a value of a JSON Schema may be, in the one form that all schemas of its meaning have.
import type { Json, JsonObject } from "../../base/canonical-json.ts";

/** A bound of a number. `open`: the bound itself is not allowed. */
export interface Bound {
  value: number;
  open: boolean;
}

export interface TextForm {
  kind: "text";
  least: number;
  most: number | null;
  format: string | null;
  patterns: string[];
}

export interface NumberForm {
  kind: "number";
  whole: boolean;
  min: Bound | null;
  max: Bound | null;
  multiples: number[];
}

export interface ListForm {
  kind: "list";
  /** The first items, each with a schema of its own. */
  prefix: Json[];
  /** All further items; `null` for none. */
  rest: Json | null;
  least: number;
  most: number | null;
}

export interface ObjectForm {
  kind: "object";
  members: Map<string, Json>;
  required: Set<string>;
  /** What becomes of other keys: they are dropped or refused, or kept when their value fits a schema. */
  extra: "dropped" | "refused" | { schema: Json };
  /** What keys must look like; `null` for anything. */
  names: Json | null;
}

/** One thing that a value may be. `opaque`: something that only equals itself. */
export type Form =
  | { kind: "any" }
  | { kind: "null" }
  | { kind: "values"; values: Json[] }
  | TextForm
  | NumberForm
  | ListForm
  | ObjectForm
  | { kind: "opaque"; schema: Json };

/** All that a value may be. */
export interface Forms {
  forms: Form[];
  /** A value must be exactly one of them, and they may overlap. */
  exclusive: boolean;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A schema behind its references; what stands beside a reference adds to what it names. */
export function resolved(schema: Json, root: JsonObject): Json {
  let current = schema;
  const met = new Set<string>();
  while (isObject(current) && typeof current.$ref === "string" && !met.has(current.$ref)) {
    const { $ref, ...beside } = current;
    met.add($ref as string);
    const name = ($ref as string).replace("#/$defs/", "");
    const target: Json | undefined = $ref === "#" ? root : isObject(root.$defs) ? root.$defs[name] : undefined;
    if (!isObject(target)) return current;
    const { $defs: _definitions, ...meant } = target;
    current = { ...meant, ...beside };
  }
  return current;
}
