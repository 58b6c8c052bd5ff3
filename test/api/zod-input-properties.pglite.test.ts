// For any schema and any data that fits it: what a caller writes into a document, or sends as variables,
// reaches zod as the data itself.
import fc from "fast-check";
import { execute, parse, validate } from "graphql";
import { expect, test } from "vitest";
import { z } from "zod";
import { createBuilder } from "../../src/api/graphql/builder.ts";
import { addScalars } from "../../src/api/graphql/schema/scalars.ts";
import { literalOf } from "../../src/api/graphql/zod-input/literal.ts";
import { createInputTypes } from "../../src/api/graphql/zod-input/pothos-types.ts";
import type { Shape } from "../../src/api/graphql/zod-input/shape.ts";
import { workflowInputs } from "../../src/api/graphql/zod-input/workflow-inputs.ts";
import { registryOfData } from "./fixtures/registry.ts";

/** A schema with an arbitrary of data that fits it. */
interface Sample {
  schema: z.ZodType;
  data: fc.Arbitrary<unknown>;
}

const words = ["low", "very-high", "2nd", "true", "null", "a b", "x"];
const text = fc.string({ unit: "grapheme" });

const leaf: fc.Arbitrary<Sample> = fc.constantFrom<Sample>(
  { schema: z.string(), data: text },
  { schema: z.int32(), data: fc.integer() },
  { schema: z.int(), data: fc.maxSafeInteger() },
  { schema: z.number(), data: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0) },
  { schema: z.boolean(), data: fc.boolean() },
  { schema: z.enum(words), data: fc.constantFrom(...words) },
  { schema: z.literal("just-this"), data: fc.constant("just-this") },
  { schema: z.object({}), data: fc.constant({}) },
  { schema: z.date(), data: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }) },
  { schema: z.set(z.string()), data: fc.array(text).map((items) => new Set(items)) },
  { schema: z.tuple([z.string(), z.number()]), data: fc.tuple(text, fc.integer()) },
  { schema: z.union([z.string(), z.number()]), data: fc.oneof(text, fc.integer()) },
);

function listOf(item: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return item.map(({ schema, data }) => ({ schema: z.array(schema), data: fc.array(data, { maxLength: 3 }) }));
}

type Wrap = (sample: Sample) => Sample & { mayBeAbsent?: boolean };
const wraps: Wrap[] = [
  (given) => given,
  ({ schema, data }) => ({ schema: schema.optional(), data, mayBeAbsent: true }),
  ({ schema, data }) => ({ schema: schema.nullable(), data: fc.option(data, { nil: null }) }),
  ({ schema, data }) => ({ schema: schema.nullish(), data: fc.option(data, { nil: null }), mayBeAbsent: true }),
  ({ schema, data }) => ({ schema: schema.readonly(), data }),
];

function objectOf(member: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  const property = fc.tuple(member, fc.constantFrom(...wraps)).map(([inner, wrap]) => wrap(inner));
  return fc.dictionary(fc.constantFrom("a", "b", "c_d", "E"), property, { minKeys: 1 }).map((members) => {
    const entries = Object.entries(members);
    const requiredKeys = entries.filter(([, { mayBeAbsent }]) => !mayBeAbsent).map(([name]) => name);
    return {
      schema: z.object(Object.fromEntries(entries.map(([name, { schema }]) => [name, schema]))),
      data: fc.record(Object.fromEntries(entries.map(([name, { data }]) => [name, data])), {
        requiredKeys,
        noNullPrototype: true,
      }),
    };
  });
}

function taggedOf(member: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return fc.tuple(member, member).map(([one, other]) => ({
    schema: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("first-one"), value: one.schema }),
      z.object({ kind: z.enum(["second", "third"]), value: other.schema }),
      z.object({ kind: z.literal("empty") }),
    ]),
    data: fc.oneof(
      fc.record({ kind: fc.constant("first-one"), value: one.data }, { noNullPrototype: true }),
      fc.record({ kind: fc.constantFrom("second", "third"), value: other.data }, { noNullPrototype: true }),
      fc.constant({ kind: "empty" }),
    ),
  }));
}

const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    listOf(tie("sample")),
    objectOf(tie("sample")),
    taggedOf(tie("sample")),
  ),
}));

/** The data as a client sends it in variables. */
function wire(shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (value instanceof Date) return value.toISOString();
  if (shape.kind === "enum") return shape.members.find((member) => member.value === value)?.name;
  if (shape.kind === "list") return [...(value as Iterable<unknown>)].map((item) => wire(shape.item.shape, item));
  const values = value as Record<string, unknown>;
  if (shape.kind === "object")
    return Object.fromEntries(shape.fields.map(({ name, shape: inner }) => [name, wire(inner, values[name])]));
  if (shape.kind !== "tagged") return value;
  const way = shape.members.find(({ tag }) => tag === values[shape.discriminator])!;
  return { [way.name]: way.shape.kind === "object" ? wire(way.shape, values) : {} };
}

function prepare(schema: z.ZodType) {
  const { inputs, problems } = workflowInputs(registryOfData(z.object({ value: schema })), []);
  expect(problems).toEqual([]);
  const [input] = inputs;
  const builder = createBuilder();
  addScalars(builder);
  const types = createInputTypes(builder);
  const ref = builder.inputRef<Record<string, unknown>>("Input");
  ref.implement({ fields: (t) => ({ data: t.field({ type: types.refOf(t, input!.shape), required: true }) }) });
  let received: unknown;
  builder.queryType({
    fields: (t) => ({
      take: t.boolean({
        args: { input: t.arg({ type: ref, required: true }) },
        resolve: (_root, args) => {
          received = input!.decode((args.input as { data: unknown }).data);
          return true;
        },
      }),
    }),
  });
  const graphql = builder.toSchema({});
  function run(source: string, variables: Record<string, unknown>): unknown {
    const document = parse(source);
    expect(validate(graphql, document)).toEqual([]);
    const result = execute({
      schema: graphql,
      document,
      variableValues: variables,
      contextValue: { identity: { scopes: [] } },
    });
    expect(result).toMatchObject({ data: { take: true } });
    return received;
  }
  return { shape: input!.shape, run };
}

test("data reaches zod as it was, written as a literal and sent as a variable", () => {
  fc.assert(
    fc.property(
      sample.chain(({ schema, data }) => fc.record({ schema: fc.constant(schema), value: data })),
      ({ schema, value }) => {
        const { shape, run } = prepare(schema);
        const data = { value };
        expect(run(`{ take(input: { data: ${literalOf(shape, data)} }) }`, {})).toEqual(data);
        expect(run("query ($input: Input!) { take(input: $input) }", { input: { data: wire(shape, data) } })).toEqual(
          data,
        );
        expect(z.object({ value: schema }).safeParse(data).success).toBe(true);
      },
    ),
    { numRuns: 150 },
  );
});
