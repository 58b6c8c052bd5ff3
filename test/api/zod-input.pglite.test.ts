import { buildASTSchema, type GraphQLInputObjectType, parse, printType } from "graphql";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { buildSchema, inputNotes, inputProblems } from "../../src/api/graphql/build-schema.ts";
import { workflowInputs } from "../../src/api/graphql/zod-input/workflow-inputs.ts";
import { registryFor, registryOfData } from "./fixtures/registry.ts";
import * as workflows from "./fixtures/workflows.ts";

const withoutDescriptions = (text: string) => text.replaceAll(/^ *"""[^]*?""" *\n/gm, "").replaceAll(/\n\n/g, "\n");

function typesOf(data: Record<string, z.ZodType>, ...names: string[]): string {
  const schema = buildSchema(registryOfData(z.object(data)));
  return withoutDescriptions(names.map((name) => printType(schema.getType(name)!)).join("\n"));
}

const fieldsOf = (data: Record<string, z.ZodType>) =>
  typesOf(data, "SampleData")
    .split("\n")
    .slice(1, -1)
    .map((line) => line.trim());

describe("what zod becomes in GraphQL", () => {
  test.each<[string, z.ZodType, string]>([
    ["string", z.string(), "String!"],
    ["string with a format", z.email(), "String!"],
    ["timestamp as text", z.iso.datetime(), "String!"],
    ["template literal", z.templateLiteral(["a", z.number()]), "String!"],
    ["number", z.number(), "Float!"],
    ["bounded whole number", z.number().int().min(1).max(5), "Int!"],
    ["32 bits", z.int32(), "Int!"],
    ["unsigned 32 bits do not fit Int", z.uint32(), "SafeInt!"],
    ["unbounded whole number", z.int(), "SafeInt!"],
    ["boolean", z.boolean(), "Boolean!"],
    ["date", z.date(), "DateTime!"],
    ["coerced date", z.coerce.date(), "DateTime!"],
    ["list", z.array(z.string()), "[String!]!"],
    ["list of lists", z.array(z.array(z.int32().nullable())), "[[Int]!]!"],
    ["set", z.set(z.string()), "[String!]!"],
    ["optional", z.string().optional(), "String"],
    ["exactly optional", z.string().exactOptional(), "String"],
    ["nullable", z.string().nullable(), "String"],
    ["union with null", z.union([z.string(), z.null()]), "String"],
    ["not optional after all", z.string().optional().nonoptional(), "String!"],
    ["default text", z.string().default("x"), 'String = "x"'],
    ["default number", z.int32().default(3), "Int = 3"],
    ["prefault", z.boolean().prefault(true), "Boolean = true"],
    ["default that the schema would change", z.string().trim().default(" x "), "String"],
    ["default that the schema would refuse", z.string().min(1).default(""), "String"],
    ["default of another type", z.stringbool().default(true), "String"],
    [
      "default behind a transform",
      z
        .string()
        .transform((text) => text.length)
        .default(1),
      "String",
    ],
    ["default that is different each time", z.number().default(() => Math.random()), "Float"],
    ["default list", z.array(z.string()).default(["a"]), "[String!]"],
    ["input side of a codec", z.codec(z.string(), z.number(), { decode: Number, encode: String }), "String!"],
    ["input side of a pipe", z.string().pipe(z.coerce.number()), "String!"],
    ["coerced number", z.coerce.number(), "Float!"],
    ["catch", z.boolean().catch(false), "Boolean"],
    ["readonly", z.array(z.string()).readonly(), "[String!]!"],
    ["lazy", z.lazy(() => z.string()), "String!"],
    ["numbers", z.literal([1, 2]), "Int!"],
    ["fractions", z.literal([1.5, 2]), "Float!"],
    ["one truth", z.literal(true), "Boolean!"],
    ["mixed literals", z.literal(["a", 1]), "JSON!"],
    ["record", z.record(z.string(), z.number()), "JSON!"],
    ["plain union", z.union([z.string(), z.number()]), "JSON!"],
    ["plain union with null", z.union([z.string(), z.number(), z.null()]), "JSON"],
    ["tuple", z.tuple([z.string()]), "JSON!"],
    ["intersection", z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })), "JSON!"],
    ["anything", z.any(), "JSON"],
    ["any JSON", z.json(), "JSON"],
    ["preprocessed", z.preprocess((value) => value, z.string()), "JSON"],
    ["described custom", z.custom<string>(() => true).describe("Something"), "JSON!"],
    ["open object without properties", z.looseObject({}), "JSON!"],
    ["empty object", z.object({}), "EmptyObject!"],
  ])("%s", (_name, schema, type) => {
    expect(fieldsOf({ field: schema })).toEqual([`field: ${type}`]);
  });

  test("enums keep legal values and sanitise the others", () => {
    const level = z.enum(["low", "very-high", "2nd", "true", "__x", "ä"]).default("very-high");
    expect(typesOf({ level }, "SampleData", "SampleDataLevel")).toBe(
      "input SampleData {\n  level: SampleDataLevel = very_high\n}\n" +
        "enum SampleDataLevel {\n  _\n  _2nd\n  _true\n  _x\n  low\n  very_high\n}",
    );
  });

  test("a union of literals is an enum", () => {
    expect(typesOf({ side: z.union([z.literal("left"), z.enum(["right", "middle"])]) }, "SampleDataSide")).toBe(
      "enum SampleDataSide {\n  left\n  middle\n  right\n}",
    );
  });

  test("a discriminated union is a oneOf", () => {
    const data = {
      target: z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("post"), id: z.string() }),
        z.object({ kind: z.literal("user-page") }),
        z.object({ kind: z.enum(["a", "b"]), n: z.number() }),
      ]),
    };
    expect(typesOf(data, "SampleDataTarget", "SampleDataTargetPost", "SampleDataTargetA")).toBe(
      "input SampleDataTarget @oneOf {\n  a: SampleDataTargetA\n  b: SampleDataTargetA\n  post: SampleDataTargetPost\n  user_page: EmptyObject\n}\n" +
        "input SampleDataTargetPost {\n  id: String!\n}\ninput SampleDataTargetA {\n  n: Float!\n}",
    );
  });

  test("a schema that contains itself, and one that is shared by name", () => {
    const schema = buildSchema(registryFor(workflows));
    expect(printType(schema.getType("ThreadRepliedDataThread")!)).toContain("replies: [ThreadRepliedDataThread!]");
    const order = schema.getType("OrderShippedData") as GraphQLInputObjectType;
    const thread = schema.getType("ThreadRepliedData") as GraphQLInputObjectType;
    expect(String(order.getFields().to!.type)).toBe("PostalAddress!");
    expect(String(thread.getFields().home!.type)).toBe("PostalAddress");
  });

  test("descriptions come from zod, and say what zod will insist on", () => {
    const schema = buildSchema(
      registryOfData(
        z.object({
          name: z.string().min(1).max(9).describe("Who"),
          age: z.int().min(0).optional(),
          mail: z.email().default("a@example.com"),
        }),
      ),
    );
    const fields = (schema.getType("SampleData") as GraphQLInputObjectType).getFields();
    expect(fields.name!.description).toBe("Who. Text from 1 to 9 characters.");
    expect(fields.age!.description).toBe("A whole number of at least 0.");
    expect(fields.mail!.description).toBe('An e-mail address. Default: `"a@example.com"`.');
  });
});

describe("what is refused", () => {
  const problemsOf = (data: Record<string, z.ZodType>) =>
    inputProblems(registryOfData(z.object(data))).map(({ message }) => message);

  test.each<[string, Record<string, z.ZodType>, string]>([
    ["a property that GraphQL cannot name", { "first-name": z.string() }, "data.first-name cannot be a GraphQL field"],
    ["a property that belongs to GraphQL", { __typename: z.string() }, "data.__typename cannot be a GraphQL field"],
    ["a nested one", { a: z.object({ "b c": z.string() }) }, "data.a.b c cannot be a GraphQL field"],
    ["a bigint", { a: z.bigint() }, "data.a is a bigint, which no caller can send"],
    ["a map", { a: z.map(z.string(), z.string()) }, "data.a is a map, which no caller can send"],
    ["a function", { a: z.function() as unknown as z.ZodType }, "data.a is a function, which no caller can send"],
    ["an unnamed custom schema", { a: z.custom(() => true) }, "data.a is a custom, which no caller can send"],
    [
      "enum values that collide",
      { a: z.enum(["x-y", "x_y"]) },
      'data.a has the values "x-y" and "x_y", which are one name in GraphQL, x_y',
    ],
    [
      "a name of the API",
      { a: z.object({ b: z.string() }).meta({ id: "User" }) },
      "data.a becomes the GraphQL type User, which is a type of the API",
    ],
    [
      "a name that is none",
      { a: z.object({ b: z.string() }).meta({ id: "my type" }) },
      'data.a is named "my type", which cannot be a GraphQL type',
    ],
    [
      "two types of one name",
      { a_b: z.object({ x: z.string() }), aB: z.object({ y: z.string() }) },
      'data.aB becomes the GraphQL type SampleDataAB, which is data.a_b of workflow "sample"',
    ],
  ])("%s", (_name, data, message) => {
    expect(problemsOf(data)).toContain(message);
    expect(() => buildSchema(registryOfData(z.object(data)))).toThrow(message);
  });

  test("a fallback to JSON is a note, not a problem", () => {
    const registry = registryOfData(z.object({ a: z.record(z.string(), z.string()), b: z.unknown() }));
    expect(inputProblems(registry)).toEqual([]);
    expect(inputNotes(registry).map(({ workflow, message }) => `${workflow}: ${message}`)).toEqual([
      "sample: data.a is a record, which GraphQL input cannot state",
      "sample: data.b is anything, which GraphQL input cannot state",
    ]);
  });
});

test("the schema survives being printed and read again", () => {
  expect(() =>
    buildASTSchema(
      parse(
        Object.values(buildSchema(registryFor(workflows)).getTypeMap())
          .filter(({ name }) => !name.startsWith("__"))
          .map((type) => printType(type))
          .join("\n"),
      ),
    ),
  ).not.toThrow();
});

describe("nulls", () => {
  const decode = (schema: z.ZodType, value: unknown) => {
    const [input] = workflowInputs(registryOfData(z.object({ field: schema })), []).inputs;
    return input!.decode({ field: value });
  };

  test.each<[string, z.ZodType, object]>([
    ["are left out where zod takes no null", z.string().optional(), {}],
    ["are left out for a default", z.string().default("x"), {}],
    ["are kept where zod takes them", z.string().nullable(), { field: null }],
    ["are kept where zod takes either", z.string().nullish(), { field: null }],
    ["are kept for anything", z.unknown(), { field: null }],
    ["are kept for a union with null", z.union([z.string(), z.number(), z.null()]), { field: null }],
  ])("%s", (_name, schema, decoded) => {
    expect(decode(schema, null)).toEqual(decoded);
    expect(z.object({ field: schema }).safeParse(decode(schema, null)).success).toBe(true);
  });

  test.each<[string, z.ZodType, object]>([
    ["stand for what zod wants and GraphQL cannot demand", z.string().nullable(), { field: null }],
    ["do not, where it may be absent", z.string().nullish(), {}],
    ["do not, where nothing else would do", z.string().optional(), {}],
  ])("%s", (_name, schema, decoded) => {
    expect(decode(schema, undefined)).toEqual(decoded);
    expect(z.object({ field: schema }).safeParse(decode(schema, undefined)).success).toBe(true);
  });

  test("stay in lists whose items may be null", () => {
    expect(decode(z.array(z.int().nullable()), [1, null])).toEqual({ field: [1, null] });
  });
});
