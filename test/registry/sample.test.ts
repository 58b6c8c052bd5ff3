// Made-up values for content that is tried without a run: they must not make right content fail.
import { expect, test } from "vitest";
import { z } from "zod";
import { inputJsonSchema, sample } from "../../src/registry/json-schema.ts";

const Node = z.object({
  name: z.string(),
  get children() {
    return z.array(Node);
  },
});

test.each<[z.ZodType, unknown]>([
  [z.object({ a: z.string(), b: z.number().min(5), c: z.boolean() }), { a: "text", b: 5, c: false }],
  [z.array(z.object({ id: z.string() })), [{ id: "text" }]],
  [z.array(z.unknown()), [null]],
  [z.object({ tags: z.array(z.string()).default(["x"]) }), { tags: ["x"] }],
  [z.enum(["b", "a"]), "a"],
  [z.literal(7), 7],
  [z.object({ a: z.string() }).nullable(), { a: "text" }],
  [z.union([z.object({ kind: z.literal("x") }), z.string()]), { kind: "x" }],
  [z.iso.datetime(), "2026-01-05T09:00:00Z"],
  [z.record(z.string(), z.number()), {}],
])("%#", (schema, expected) => {
  const made = sample(inputJsonSchema(schema));
  expect(made).toEqual(expected);
  if (expected !== null) expect(schema.safeParse(made).success).toBe(true);
});

test("a schema that holds itself gives a sample that ends", () => {
  const made = sample(inputJsonSchema(Node)) as { name: string; children: { name: string }[] };
  expect(made.name).toBe("text");
  expect(made.children[0]!.name).toBe("text");
  expect(JSON.stringify(made).length).toBeLessThan(1_000);
});
