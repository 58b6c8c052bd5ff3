import { sql } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { column, jsonColumn, shapesOf, textColumn } from "../../src/store/columns.ts";
import type { Database } from "../../src/store/database.ts";
import { rows } from "../../src/store/executor.ts";
import { testDatabase } from "../support/database.ts";

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});

const texts = [
  "",
  "null",
  "NULL",
  "a,b",
  "{x}",
  '"',
  "\\",
  '\\"',
  " spaces ",
  "line\nbreak",
  "\u001e",
  "\u001f",
  "ä😀",
  "'",
];

test("any text comes out of a column as it went in, and nothing stays nothing", async () => {
  const given = [...texts, null];
  const found = await rows<{ text: string | null }>(
    database.db,
    sql`select text from unnest(${textColumn(given)}) with ordinality as given (text, number) order by number`,
  );
  expect(found.map(({ text }) => text)).toEqual(given);
});

test("text that the database cannot hold is repaired and takes no other row with it", async () => {
  const found = await rows<{ text: string }>(
    database.db,
    sql`select text from unnest(${textColumn(["a\0b", "c\ud800d", "e"])}) with ordinality as given (text, number) order by number`,
  );
  expect(found.map(({ text }) => text)).toEqual(["ab", "c\ufffdd", "e"]);
});

test("JSON comes out of a column as it went in", async () => {
  const given = [...texts.map((text) => ({ [text]: [text] })), [], {}, null, 1.5];
  const found = await rows<{ value: unknown }>(
    database.db,
    sql`select value::jsonb as value from unnest(${jsonColumn(given.map((value) => JSON.stringify(value)))})
      with ordinality as given (value, number) order by number`,
  );
  expect(found.map(({ value }) => value)).toEqual(given);
});

test("numbers and times come out as they went in", async () => {
  const at = new Date("2026-02-28T23:59:59.999Z");
  const found = await rows<{ number: number | null; at: string | null }>(
    database.db,
    sql`select number, at from unnest(${column("integer", [7, null])}, ${column("timestamptz", [at, null])})
      as given (number, at) order by number nulls last`,
  );
  expect(found.map((row) => [row.number, row.at === null ? null : new Date(row.at)])).toEqual([
    [7, at],
    [null, null],
  ]);
});

test("no rows make columns of none", async () => {
  const found = await rows(database.db, sql`select from unnest(${textColumn([])}, ${column("uuid", [])})`);
  expect(found).toEqual([]);
});

test("rows of one shape are found, each with the number of its shape", () => {
  const people = [
    { id: 1, step: "a" },
    { id: 2, step: "b" },
    { id: 3, step: "a" },
  ];
  const { firsts, keys, numbers } = shapesOf(people, ({ step }) => step);
  expect(firsts.map(({ id }) => id)).toEqual([1, 2]);
  expect(keys).toEqual(["a", "b"]);
  expect(numbers).toEqual([1, 2, 1]);
});
