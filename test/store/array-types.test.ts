import fc from "fast-check";
import { sql } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { readArray, writeArray } from "../../src/store/array-types.ts";
import type { Database } from "../../src/store/database.ts";
import { rows } from "../../src/store/executor.ts";
import { testDatabase } from "../support/database.ts";

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});

const text = fc.oneof(
  fc.string({ unit: "grapheme" }).map((value) => value.replaceAll("\0", "")),
  fc.constantFrom("", "NULL", "null", '"', "\\", "{}", "a,b", "{a}", "\n", " "),
);

test("any texts reach the server and come back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(text), async (texts) => {
      const [row] = await rows<{ list: string[]; count: number }>(
        database.db,
        sql`select ${sql.param(texts)}::text[] as list, cardinality(${sql.param(texts)}::text[]) as count`,
      );
      expect(row).toEqual({ list: texts, count: texts.length });
    }),
    { numRuns: 50 },
  );
});

test("other elements are read as what they are", async () => {
  const [row] = await rows(
    database.db,
    sql`select ${sql.param([1, 2])}::int[] as numbers, array[true, false] as switches, array['{"a":1}'::jsonb] as json,
      array[]::text[] as none, array[array[1, 2], array[3, 4]] as nested`,
  );
  expect(row).toEqual({
    numbers: [1, 2],
    switches: [true, false],
    json: [{ a: 1 }],
    none: [],
    nested: [
      [1, 2],
      [3, 4],
    ],
  });
});

test("nulls, lower bounds and text that is an array already", () => {
  expect(readArray('{a,NULL,"NULL"}', (element) => element)).toEqual(["a", null, "NULL"]);
  expect(readArray("[0:1]={a,b}", (element) => element)).toEqual(["a", "b"]);
  expect(writeArray(["a", null, undefined])).toBe('{"a",NULL,NULL}');
  expect(writeArray('{"a"}')).toBe('{"a"}');
});
