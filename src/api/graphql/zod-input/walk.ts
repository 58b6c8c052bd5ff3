// From the zod schema of a workflow's data to the shape of its GraphQL input. No library does this
// well enough; the table of what becomes what is `forms` below.
import { z } from "zod";
import { sameMeaning } from "../../../registry/json-schema.ts";
import { describeField } from "./describe.ts";
import { isGraphqlName, valueName } from "./names.ts";
import { below, claim, note, refuse, type Position } from "./position.ts";
import type { EnumShape, Field, InputScalar, ObjectShape, ScalarShape, Shape, Slot } from "./shape.ts";
import { taggedShape } from "./tagged.ts";
import { unwrap, type Schema, type Unwrapped } from "./unwrap.ts";

const scalar = (type: InputScalar): ScalarShape => ({ kind: "scalar", type });

const KINDS: Record<string, string> = {
  any: "anything",
  unknown: "anything",
  lazy: "a schema that only contains itself",
};

function json(at: Position, { inner }: Unwrapped): ScalarShape {
  const { type } = inner._zod.def;
  note(
    at,
    `is ${KINDS[type] ?? `a ${type}`}, which GraphQL input cannot state`,
    "it is typed as JSON and checked by zod; nothing has to change",
  );
  return scalar("JSON");
}

function impossible(at: Position, { inner }: Unwrapped): ScalarShape {
  refuse(at, `is a ${inner._zod.def.type}, which no caller can send`, "use strings, numbers, objects and lists");
  return scalar("JSON");
}

const fitsInt = (bound: number | null) => bound !== null && bound >= -(2 ** 31) && bound < 2 ** 31;

// The getters, not `_zod.bag`: the bag is empty since zod 4.6, and every whole number became a Float.
function number(_at: Position, { inner }: Unwrapped): ScalarShape {
  const schema: unknown = inner;
  if (!(schema instanceof z.ZodNumber) || !schema.isInt) return scalar("Float");
  return scalar(fitsInt(schema.minValue) && fitsInt(schema.maxValue) ? "Int" : "SafeInt");
}

function enumShape(at: Position, found: Unwrapped, values: readonly string[]): EnumShape {
  const name = found.id ?? at.name;
  claim(at, name);
  const members = [...new Set(values)].map((value) => ({ name: valueName(value), value }));
  for (const [taken, same] of Map.groupBy(members, (member) => member.name)) {
    if (same.length === 1) continue;
    const clash = same.map(({ value }) => JSON.stringify(value)).join(" and ");
    refuse(at, `has the values ${clash}, which are one name in GraphQL, ${taken}`, "change one of the values");
  }
  return { kind: "enum", name, description: found.description ?? `Values of \`${at.path.join(".")}\`.`, members };
}

const allStrings = (values: readonly unknown[]): values is readonly string[] =>
  values.length > 0 && values.every((value) => typeof value === "string");

function literalValues(schema: Schema): readonly unknown[] {
  const { def } = unwrap(schema).inner._zod;
  if (def.type === "enum") return Object.values(def.entries);
  return def.type === "literal" ? def.values : [undefined];
}

function literal(at: Position, found: Unwrapped): Shape {
  const values = literalValues(found.inner);
  if (allStrings(values)) return enumShape(at, found, values);
  if (values.every((value) => typeof value === "boolean")) return scalar("Boolean");
  if (values.every((value) => typeof value === "number")) {
    return scalar(values.every((value) => Number.isInteger(value) && fitsInt(value)) ? "Int" : "Float");
  }
  return json(at, found);
}

function union(at: Position, found: Unwrapped): Shape {
  const { def } = found.inner._zod;
  if (def.type !== "union") return json(at, found);
  if ("discriminator" in def) return taggedShape(at, found, fieldsOf) ?? json(at, found);
  const values = def.options.flatMap(literalValues);
  return allStrings(values) ? enumShape(at, found, values) : json(at, found);
}

/** The fields of an object, without one of its properties when it is the tag of a union. */
export function fieldsOf(at: Position, shape: Readonly<Record<string, Schema>>, tag?: string): Field[] {
  return Object.entries(shape)
    .filter(([name]) => name !== tag)
    .map(([name, schema]) => {
      const place = below(at, name);
      if (!isGraphqlName(name))
        refuse(place, "cannot be a GraphQL field", "rename the property: letters, digits and _, not beginning with __");
      return { name, ...slotOf(place, schema) };
    });
}

/** Keeps a type that has a name of its own for all workflows. */
function share({ walk }: Position, { id, inner }: Unwrapped, shape: Shape): void {
  if (id === undefined) return;
  walk.shared.set(inner, shape);
  if (!walk.named.has(id)) walk.named.set(id, { schema: inner, shape });
}

/** The type of another copy of the same schema. */
function sameNamed({ walk }: Position, { id, inner }: Unwrapped): Shape | undefined {
  const other = id === undefined ? undefined : walk.named.get(id);
  return other && sameMeaning(other.schema as z.ZodType, inner as unknown as z.ZodType) ? other.shape : undefined;
}

function object(at: Position, found: Unwrapped): ObjectShape | ScalarShape {
  const { def } = found.inner._zod;
  if (def.type !== "object") return json(at, found);
  if (Object.keys(def.shape).length === 0)
    return scalar(def.catchall && def.catchall._zod.def.type !== "never" ? "JSON" : "EmptyObject");
  const name = found.id ?? at.name;
  claim(at, name);
  const shape: ObjectShape = {
    kind: "object",
    name,
    description: found.description ?? `\`${at.path.join(".")}\``,
    fields: [],
  };
  at.types.set(found.inner, shape);
  share(at, found, shape);
  shape.fields = fieldsOf({ ...at, name }, def.shape);
  return shape;
}

function list(at: Position, { inner }: Unwrapped): Shape {
  const { def } = inner._zod;
  if (def.type === "set") return { kind: "list", item: slotOf(at, def.valueType), set: true };
  return def.type === "array" ? { kind: "list", item: slotOf(at, def.element), set: false } : scalar("JSON");
}

type Kind = z.core.$ZodTypes["_zod"]["def"]["type"];
type Form = (at: Position, found: Unwrapped) => Shape;

const text: Form = () => scalar("String");

// What is not in this table (records, tuples, plain unions and the like) is typed as JSON. Wrappers
// were taken off before.
const forms: Partial<Record<Kind, Form>> = {
  string: text,
  template_literal: text,
  number,
  boolean: () => scalar("Boolean"),
  date: () => scalar("DateTime"),
  enum: literal,
  literal,
  object,
  array: list,
  set: list,
  union,
  bigint: impossible,
  symbol: impossible,
  function: impossible,
  promise: impossible,
  file: impossible,
  nan: impossible,
  map: impossible,
  custom: (at, found) => (found.description === undefined ? impossible(at, found) : json(at, found)),
};

function shapeOf(at: Position, found: Unwrapped): Shape {
  const known = at.types.get(found.inner) ?? at.walk.shared.get(found.inner) ?? sameNamed(at, found);
  if (known) return known;
  if (found.id !== undefined && !isGraphqlName(found.id)) {
    refuse(
      at,
      `is named ${JSON.stringify(found.id)}, which cannot be a GraphQL type`,
      "use letters and digits in .meta({ id })",
    );
  }
  const shape = (forms[found.inner._zod.def.type] ?? json)(at, found);
  if (shape.kind !== "scalar" && shape.kind !== "list") {
    at.types.set(found.inner, shape);
    share(at, found, shape);
  }
  return shape;
}

/** Whether a default can be stated in the schema of the API. */
function fits(shape: Shape, fallback: unknown): boolean {
  if (shape.kind === "enum") return shape.members.some(({ value }) => value === fallback);
  if (shape.kind !== "scalar") return false;
  if (shape.type === "String") return typeof fallback === "string";
  if (shape.type === "Boolean") return typeof fallback === "boolean";
  if (shape.type === "Float") return typeof fallback === "number";
  return (shape.type === "Int" || shape.type === "SafeInt") && Number.isSafeInteger(fallback);
}

const TAKES_NULL = new Set(["any", "unknown", "null"]);

/** The form of the value at a position, and what may be left out there. */
export function slotOf(at: Position, schema: Schema): Slot {
  const found = unwrap(schema);
  const shape = shapeOf(at, found);
  const takesNull = found.takesNull || (shape.kind === "scalar" && shape.type === "JSON" && admitsNull(found.inner));
  return {
    shape,
    required: !found.mayBeAbsent && !takesNull,
    takesNull,
    nullWhenAbsent: takesNull && !found.mayBeAbsent,
    fallback: fits(shape, found.fallback) ? found.fallback : undefined,
    description: describeField(found),
  };
}

/** Whether a schema that became JSON has null among its options. */
function admitsNull(schema: Schema, seen = new Set<Schema>()): boolean {
  const { inner, takesNull } = unwrap(schema);
  if (takesNull || TAKES_NULL.has(inner._zod.def.type)) return true;
  if (seen.has(inner) || inner._zod.def.type !== "union") return false;
  seen.add(inner);
  return inner._zod.def.options.some((option) => admitsNull(option, seen));
}
