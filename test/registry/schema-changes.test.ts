// Every kind of difference between two data schemas: what is said of it, whom it breaks, and the proof by parsing.
import { expect, test } from "vitest";
import { z } from "zod";
import { schemaChanges } from "../../src/registry/diff/schema.ts";
import { inputJsonSchema } from "../../src/registry/json-schema.ts";
import { bounds } from "./schema-rows/bounds.ts";
import { keys } from "./schema-rows/keys.ts";
import { lists } from "./schema-rows/lists.ts";
import { row, type Row } from "./schema-rows/row.ts";
import { types, values } from "./schema-rows/types.ts";
import { unions } from "./schema-rows/unions.ts";

const rows = [...keys, ...types, ...values, ...bounds, ...lists, ...unions];

const told = ({ before, after }: Row) =>
  schemaChanges(inputJsonSchema(z.object({ x: before })), inputJsonSchema(z.object({ x: after }))).map(
    ({ path, text: words, breaks }) => `${breaks ? `${breaks} ` : ""}${path}: ${words}`,
  );

test.each(rows)("%s: the words", (_name, given) => {
  expect(told(given).toSorted()).toEqual(given.says.toSorted());
});

test.each(rows)("%s: the proof", (_name, { before, after, says, proof }) => {
  if ("refused" in proof) {
    expect(says.join("\n")).toMatch(/^callers /m);
    before.parse(proof.refused);
    expect(after.safeParse(proof.refused).success).toBe(false);
  } else if ("loses" in proof) {
    expect(says.join("\n")).toMatch(/^callers /m);
    expect(before.parse(proof.loses)).toEqual(proof.loses);
    expect(after.parse(proof.loses)).not.toEqual(proof.loses);
  } else if ("stored" in proof) {
    expect(says.join("\n")).toMatch(/^runs /m);
    expect(says.join("\n")).not.toMatch(/^callers /m);
    const stored = before.parse(proof.stored);
    expect(after.parse(stored)).not.toEqual(stored);
  } else {
    expect(says.join("\n")).not.toMatch(/^(callers|runs) /m);
    for (const input of proof.fine) {
      const stored = before.parse(input);
      expect(after.parse(stored)).toEqual(stored);
      expect(after.safeParse(input).success).toBe(true);
    }
  }
});

test("there are many of them, and equal schemas differ in nothing", () => {
  expect(rows.length).toBeGreaterThan(100);
  for (const [, { before, after }] of rows) {
    expect(told(row(before, before, [], { fine: [] }))).toEqual([]);
    expect(told(row(after, after, [], { fine: [] }))).toEqual([]);
  }
});

test("members of a union that only refer to something that changed are not the same", () => {
  const union = (name: z.ZodString) => {
    const shared = z.object({ name }).meta({ id: "shared" });
    const schema = z.object({ x: z.union([z.object({ a: shared }), z.object({ b: shared })]) });
    const made = inputJsonSchema(schema);
    z.globalRegistry.remove(shared);
    return made;
  };
  const [before, after] = [union(z.string()), union(z.string().min(3))];
  expect(JSON.stringify(before)).toContain("$ref");
  expect(schemaChanges(before, after).some(({ breaks }) => breaks === "callers")).toBe(true);
});

test("schemas of many unions in each other are given up, and not called safe", () => {
  const deep = (depth: number, leaf: z.ZodType): z.ZodType =>
    depth === 0
      ? leaf
      : z.union(
          [0, 1, 2].map((index) =>
            z.object({ [`k${index}`]: deep(depth - 1, leaf).optional(), any: deep(depth - 1, leaf) }),
          ) as never,
        );
  const began = performance.now();
  const found = schemaChanges(
    inputJsonSchema(z.object({ x: deep(4, z.string()) })),
    inputJsonSchema(z.object({ x: deep(4, z.string().min(1)) })),
  );
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(found.some(({ breaks }) => breaks === "callers")).toBe(true);
});
