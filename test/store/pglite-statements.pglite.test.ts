import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { prepareOnce } from "../../src/store/pglite-statements.ts";

let pglite: PGlite;
beforeAll(async () => {
  pglite = await PGlite.create();
  prepareOnce(pglite);
  await pglite.exec("create table things (id int primary key, tags text[], at timestamptz, data jsonb)");
});
afterAll(() => pglite.close());

const prepared = async () =>
  (await pglite.query<{ count: number }>("select count(*)::int as count from pg_prepared_statements")).rows[0]!.count;

test("a statement is prepared once, and takes and gives values of all types", async () => {
  const insert = "insert into things values ($1, $2, $3, $4::text::jsonb) returning *";
  const at = new Date("2026-01-05T09:00:00Z");
  const first = await pglite.query(insert, [1, ["a", null], at, JSON.stringify({ a: 1 })]);
  const before = await prepared();
  const second = await pglite.query(insert, [2, null, null, null]);
  expect(first.rows).toEqual([{ id: 1, tags: ["a", null], at, data: { a: 1 } }]);
  expect(second).toMatchObject({ rows: [{ id: 2, tags: null, at: null, data: null }], fields: [{}, {}, {}, {}] });
  expect(await prepared()).toBe(before);
  const rowMode = "array" as const;
  const parsers = { 1184: (text: string) => text };
  expect((await pglite.query("select id, at from things where id = $1", [1], { rowMode, parsers })).rows).toEqual([
    [1, "2026-01-05 09:00:00+00"],
  ]);
  expect((await pglite.query("update things set tags = $1", [[]])).affectedRows).toBe(2);
});

test("a statement that fails says why, and the next one works; a transaction is rolled back", async () => {
  await expect(pglite.query("select nonsense")).rejects.toMatchObject({ code: "42703" });
  const insert = "insert into things (id) values ($1)";
  await pglite.query(insert, [10]);
  await expect(pglite.query(insert, [10])).rejects.toMatchObject({ code: "23505" });
  const failing = pglite.transaction(async (tx) => {
    await tx.query(insert, [11]);
    await tx.query(insert, [10]);
  });
  await expect(failing).rejects.toMatchObject({ code: "23505" });
  expect((await pglite.query("select id from things where id > 9")).rows).toEqual([{ id: 10 }]);
  await pglite.transaction(async (tx) => {
    await tx.query(insert, [12]);
    await tx.query("savepoint here");
    await expect(tx.query(insert, [12])).rejects.toMatchObject({ code: "23505" });
    await tx.query("rollback to savepoint here");
    await tx.query(insert, [13]);
  });
  expect((await pglite.query("select id from things where id > 10 order by id")).rows).toEqual([
    { id: 12 },
    { id: 13 },
  ]);
});

test("a statement outside waits for the end of a transaction", async () => {
  let seen: unknown;
  let outside: Promise<unknown> | undefined;
  await pglite.transaction(async (tx) => {
    await tx.query("insert into things (id) values (20)");
    outside = pglite.query("select id from things where id = 20").then(({ rows }) => (seen = rows));
    await tx.query("update things set id = 21 where id = 20");
  });
  await outside;
  expect(seen).toEqual([]);
});

test("when a table changes, what was prepared before gives its new columns", async () => {
  const all = "select * from things where id = $1";
  expect((await pglite.query(all, [1])).fields).toHaveLength(4);
  await pglite.query("alter table things add column more int default 7");
  expect((await pglite.query(all, [1])).rows).toMatchObject([{ id: 1, more: 7 }]);
});

test("only so many statements are kept", async () => {
  for (let index = 0; index < 600; index++) await pglite.query(`select ${index} as n, $1::int as m`, [index]);
  expect(await prepared()).toBeLessThanOrEqual(520);
  expect((await pglite.query("select 0 as n, $1::int as m", [5])).rows).toEqual([{ n: 0, m: 5 }]);
});
