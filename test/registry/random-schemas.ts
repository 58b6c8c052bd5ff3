// Random zod schemas, small changes to them, and data that fits them.
import fc from "fast-check";
import { z } from "zod";

export type Spec =
  | { kind: "text"; min?: number; max?: number; format?: "email" | "datetime" | "letters"; pattern?: string }
  | { kind: "number"; whole?: boolean; min?: number; max?: number; over?: number; step?: number }
  | { kind: "boolean" }
  | { kind: "unknown" }
  | { kind: "enum"; values: string[] }
  | { kind: "literal"; value: string | number | boolean | null }
  | { kind: "nullable"; of: Spec }
  | { kind: "list"; of: Spec; min?: number; max?: number }
  | { kind: "tuple"; of: Spec[]; rest?: Spec }
  | { kind: "record"; of: Spec; keys?: string[] }
  | ObjectSpec
  | { kind: "union"; of: Spec[] }
  | { kind: "tagged"; of: ObjectSpec[] };

export type ObjectSpec = {
  kind: "object";
  members: Record<string, { of: Spec; presence: "required" | "optional" | "default" }>;
  extra: "drop" | "refuse" | "keep" | "numbers";
};

const NAMES = ["a", "b", "c"];
const TEXTS = ["", "a", "b", "ab", "abc", "abcdef", "x1", "ada@x.co", "2026-01-05T09:00:00Z"];
const NUMBERS = [-4, 0, 1, 2, 3, 4, 6, 12, 0.5, 2.5];
const ANYTHING: unknown[] = [
  ...TEXTS.slice(0, 4),
  0,
  2.5,
  true,
  false,
  null,
  [],
  ["a"],
  {},
  { a: 1 },
  { a: "a", b: "b" },
];

function text({ min, max, format, pattern }: Extract<Spec, { kind: "text" }>): z.ZodType {
  let schema: z.ZodString = z.string();
  if (format === "email") schema = z.email() as never;
  if (format === "datetime") schema = z.iso.datetime() as never;
  if (format === "letters") schema = schema.regex(/^[a-z]*$/);
  if (min !== undefined) schema = schema.min(min);
  if (max !== undefined) schema = schema.max(max);
  return pattern === undefined ? schema : schema.regex(new RegExp(pattern));
}

function number({ whole, min, max, over, step }: Extract<Spec, { kind: "number" }>): z.ZodType {
  let schema = whole ? (z.int() as z.ZodNumber) : z.number();
  if (min !== undefined) schema = schema.min(min);
  if (max !== undefined) schema = schema.max(max);
  if (over !== undefined) schema = schema.gt(over);
  return step === undefined ? schema : schema.multipleOf(step);
}

export function objectSchema({ members, extra }: ObjectSpec): z.ZodObject {
  const shape = Object.fromEntries(
    Object.entries(members).map(([name, { of, presence }]) => {
      const schema = schemaOf(of);
      if (presence === "optional") return [name, schema.optional()];
      return [name, presence === "default" ? schema.default(schema.parse(fitting(of)[0]) as never) : schema];
    }),
  );
  if (extra === "refuse") return z.strictObject(shape);
  if (extra === "keep") return z.looseObject(shape);
  return extra === "numbers" ? z.object(shape).catchall(z.number()) : z.object(shape);
}

export function schemaOf(spec: Spec): z.ZodType {
  switch (spec.kind) {
    case "text":
      return text(spec);
    case "number":
      return number(spec);
    case "boolean":
      return z.boolean();
    case "unknown":
      return z.unknown();
    case "enum":
      return z.enum(spec.values as [string]);
    case "literal":
      return z.literal(spec.value);
    case "nullable":
      return schemaOf(spec.of).nullable();
    case "list": {
      const list = z.array(schemaOf(spec.of)).min(spec.min ?? 0);
      return spec.max === undefined ? list : list.max(spec.max);
    }
    case "tuple": {
      const items = spec.of.map(schemaOf) as [z.ZodType];
      return spec.rest ? z.tuple(items, schemaOf(spec.rest)) : z.tuple(items);
    }
    case "record":
      return spec.keys
        ? z.record(z.enum(spec.keys as [string]), schemaOf(spec.of))
        : z.record(z.string(), schemaOf(spec.of));
    case "object":
      return objectSchema(spec);
    case "union":
      return z.union(spec.of.map(schemaOf));
    case "tagged":
      return z.discriminatedUnion("tag", tagged(spec.of) as never);
  }
}

const tagged = (objects: ObjectSpec[]): z.ZodObject[] =>
  objects.map((object, index) => objectSchema(object).safeExtend({ tag: z.literal(`t${index}`) }));

const known = new Map<string, unknown[]>();

/** Values that fit, of some that are tried. */
function fitting(spec: Spec): unknown[] {
  const key = JSON.stringify(spec);
  const found = known.get(key);
  if (found) return found;
  const schema = schemaOf(spec);
  const pool = spec.kind === "number" ? NUMBERS : [...TEXTS, ...NUMBERS, ...ANYTHING];
  const values = pool.filter((value) => schema.safeParse(value).success);
  known.set(key, values);
  return values;
}

const leaf: fc.Arbitrary<Spec> = fc.oneof(
  fc.record(
    {
      kind: fc.constant("text" as const),
      min: fc.constantFrom(0, 1, 2),
      max: fc.constantFrom(3, 6, 30),
      format: fc.constantFrom("email" as const, "datetime" as const, "letters" as const),
      pattern: fc.constantFrom("^[a-z0-9]", "a"),
    },
    { requiredKeys: ["kind"] },
  ),
  fc.record(
    {
      kind: fc.constant("number" as const),
      whole: fc.boolean(),
      min: fc.constantFrom(-10, 0, 1),
      max: fc.constantFrom(3, 12),
      over: fc.constantFrom(0, 1, 1.5),
      step: fc.constantFrom(1, 2, 3, 0.5),
    },
    { requiredKeys: ["kind"] },
  ),
  fc.constant<Spec>({ kind: "boolean" }),
  fc.constant<Spec>({ kind: "unknown" }),
  fc
    .uniqueArray(fc.constantFrom("a", "b", "ab", "x1"), { minLength: 1 })
    .map((values) => ({ kind: "enum" as const, values })),
  fc
    .constantFrom<string | number | boolean | null>("a", "b", 1, 2, true, false, null)
    .map((value) => ({ kind: "literal" as const, value })),
);

// Trying values of everything that is built of other things would take most of the time.
const LEAVES = new Set<Spec["kind"]>(["text", "number", "boolean", "enum", "literal"]);
const canDefault = (spec: Spec): boolean => LEAVES.has(spec.kind) && fitting(spec).length > 0;

const inhabited = (spec: Spec): boolean => !["text", "number"].includes(spec.kind) || fitting(spec).length > 0;

export const { spec, object } = fc.letrec<{ spec: Spec; object: ObjectSpec }>((tie) => ({
  object: fc.record({
    kind: fc.constant("object" as const),
    members: fc.dictionary(
      fc.constantFrom(...NAMES),
      fc.record({ of: tie("spec"), presence: fc.constantFrom("required", "optional", "default") }).map(
        // A default is what parsing gives, so it is only tried where values of it are listed.
        ({ of, presence }) => ({
          of,
          presence: presence === "default" && !canDefault(of) ? "optional" : presence,
        }),
      ),
      { noNullPrototype: true },
    ),
    extra: fc.constantFrom("drop", "drop", "drop", "refuse", "keep", "numbers"),
  }) as fc.Arbitrary<ObjectSpec>,
  spec: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    leaf.filter(inhabited),
    tie("object"),
    tie("spec").map((of) => ({ kind: "nullable" as const, of })),
    fc.record(
      { kind: fc.constant("list" as const), of: tie("spec"), min: fc.constantFrom(0, 1), max: fc.constantFrom(2, 3) },
      { requiredKeys: ["kind", "of"] },
    ),
    fc.record(
      {
        kind: fc.constant("tuple" as const),
        of: fc.array(tie("spec"), { minLength: 1, maxLength: 2 }),
        rest: tie("spec"),
      },
      { requiredKeys: ["kind", "of"] },
    ),
    fc.record(
      { kind: fc.constant("record" as const), of: tie("spec"), keys: fc.subarray(NAMES, { minLength: 1 }) },
      { requiredKeys: ["kind", "of"] },
    ),
    fc.array(tie("spec"), { minLength: 2, maxLength: 3 }).map((of) => ({ kind: "union" as const, of })),
    fc.array(tie("object"), { minLength: 1, maxLength: 3 }).map((of) => ({ kind: "tagged" as const, of })),
  ) as fc.Arbitrary<Spec>,
}));

function extras({ extra, members }: ObjectSpec): fc.Arbitrary<object> {
  if (extra === "drop" || extra === "refuse") return fc.constant({});
  const free = [...NAMES, "z"].filter((name) => !(name in members));
  const values = extra === "numbers" ? fc.constantFrom(...NUMBERS) : fc.constantFrom(...ANYTHING);
  return fc.dictionary(fc.constantFrom(...free), values, { maxKeys: 2, noNullPrototype: true });
}

function objectData(object: ObjectSpec): fc.Arbitrary<object> {
  const members = Object.entries(object.members);
  const required = members.filter(([, { presence }]) => presence === "required").map(([name]) => name);
  const declared = fc.record(Object.fromEntries(members.map(([name, { of }]) => [name, dataOf(of)])), {
    requiredKeys: required,
    noNullPrototype: true,
  });
  return fc.tuple(declared, extras(object)).map(([known, more]) => ({ ...more, ...known }));
}

/** Data that fits a schema, or nearly so: a union of things that overlap may refuse some. */
export function dataOf(spec: Spec): fc.Arbitrary<unknown> {
  switch (spec.kind) {
    case "nullable":
      return fc.oneof(fc.constant(null), dataOf(spec.of));
    case "list":
      return fc.array(dataOf(spec.of), { minLength: spec.min ?? 0, maxLength: spec.max ?? 4 });
    case "tuple": {
      const items = fc.tuple(...spec.of.map(dataOf));
      const more = spec.rest ? fc.array(dataOf(spec.rest), { maxLength: 2 }) : fc.constant([]);
      return fc.tuple(items, more).map(([first, rest]) => [...first, ...rest]);
    }
    case "record":
      return spec.keys
        ? fc.record(Object.fromEntries(spec.keys.map((key) => [key, dataOf(spec.of)])), { noNullPrototype: true })
        : fc.dictionary(fc.constantFrom(...NAMES, "z"), dataOf(spec.of), { maxKeys: 3, noNullPrototype: true });
    case "object":
      return objectData(spec);
    case "union":
      return fc.oneof(...spec.of.map(dataOf));
    case "tagged":
      return fc.oneof(
        ...spec.of.map((object, index) => objectData(object).map((data) => ({ ...data, tag: `t${index}` }))),
      );
    default:
      return fc.constantFrom(...fitting(spec));
  }
}

/** A small change somewhere inside: what is changed and how follow from the numbers. */
export function mutated(given: Spec, numbers: number[], fresh: Spec): Spec {
  const next = (below: number) => (numbers.shift() ?? 0) % below;
  const change = (spec: Spec): Spec => {
    const edit = next(12);
    if (edit === 0) return fresh;
    if (edit === 1) return { kind: "nullable", of: spec };
    if (edit === 2) return { kind: "union", of: next(2) ? [spec, fresh] : [fresh, spec] };
    switch (spec.kind) {
      case "nullable":
        return edit < 6 ? spec.of : { ...spec, of: change(spec.of) };
      case "list":
        if (edit < 5) return { ...spec, min: next(2), max: 2 + next(2) };
        return { ...spec, of: change(spec.of) };
      case "record":
        return edit < 5 ? { kind: "record", of: spec.of } : { ...spec, of: change(spec.of) };
      case "tuple":
        if (edit === 3) return { kind: "list", of: spec.of[0]! };
        if (edit === 4) return { kind: "tuple", of: spec.of };
        return { ...spec, of: spec.of.map((item, index) => (index === 0 ? change(item) : item)) };
      case "union":
        if (edit === 3) return { ...spec, of: spec.of.toReversed() };
        if (edit === 4) return { ...spec, of: spec.of.slice(1) };
        if (edit === 5) return { ...spec, of: [...spec.of, fresh] };
        return { ...spec, of: spec.of.map((item, index) => (index === spec.of.length - 1 ? change(item) : item)) };
      case "tagged": {
        if (edit === 3) return { ...spec, of: spec.of.slice(0, Math.max(1, spec.of.length - 1)) };
        const at = next(spec.of.length);
        return { ...spec, of: spec.of.map((item, index) => (index === at ? inObject(item) : item)) };
      }
      case "object":
        return inObject(spec);
      case "text":
        return edit < 7
          ? { kind: "text", ...(next(2) ? { min: next(3) } : {}), ...(next(2) ? { max: 6 } : {}) }
          : fresh;
      case "number":
        return edit < 7 ? { kind: "number", whole: next(2) === 1, ...(next(2) ? { min: next(2) } : {}) } : fresh;
      case "enum":
        return edit < 8 ? { kind: "enum", values: NAMES.slice(0, 1 + next(3)) } : { kind: "text" };
      default:
        return fresh;
    }
  };
  const inObject = (spec: ObjectSpec): ObjectSpec => {
    const names = Object.keys(spec.members);
    const edit = next(8);
    if (edit === 0) return { ...spec, extra: (["drop", "refuse", "keep", "numbers"] as const)[next(4)]! };
    const name = edit === 1 || names.length === 0 ? NAMES[next(3)]! : names[next(names.length)]!;
    const held = spec.members[name];
    if (edit === 2)
      return { ...spec, members: Object.fromEntries(Object.entries(spec.members).filter(([key]) => key !== name)) };
    const of = held ? (edit < 5 ? held.of : change(held.of)) : fresh;
    const presence = edit < 5 || !held ? (["optional", "required", "default"] as const)[next(3)]! : held.presence;
    const can = presence !== "default" || canDefault(of);
    return { ...spec, members: { ...spec.members, [name]: { of, presence: can ? presence : "optional" } } };
  };
  return given.kind === "object" ? inObject(given) : change(given);
}
