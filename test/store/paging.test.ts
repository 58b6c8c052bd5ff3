import fc from "fast-check";
import { sql } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { encodeCursor, pageBy, type Page, type PageArguments } from "../../src/store/paging.ts";
import { rows } from "../../src/store/executor.ts";
import { testDatabase } from "../support/database.ts";

const column = sql.raw("name");
let database: Database;
beforeAll(async () => {
  database = await testDatabase();
  await rows(
    database.db,
    sql`insert into knock.lists (name, created_at, updated_at) select 'l' || n, now(), now() from generate_series(1, 9) n`,
  );
});

const names = Array.from({ length: 9 }, (_, index) => `l${index + 1}`);

async function page(args: PageArguments, descending: boolean): Promise<Page<string>> {
  const { where = sql`true`, orderBy, limit, page } = pageBy({ column, descending, key: "text" }, args);
  const found = await rows<{ name: string }>(
    database.db,
    sql`select name from knock.lists where ${where} order by ${orderBy} limit ${limit}::int`,
  );
  return page(
    found.map(({ name }) => name),
    (name) => name,
  );
}

test("walking by any size, in either direction and order, meets every node once", async () => {
  const cases = fc.record({ size: fc.integer({ min: 1, max: 10 }), backward: fc.boolean(), descending: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(cases, async ({ size, backward, descending }) => {
      const met: string[] = [];
      for (let cursor: string | null = null; ;) {
        const part: Page<string> = await page(
          backward ? { last: size, before: cursor } : { first: size, after: cursor },
          descending,
        );
        if (backward) met.unshift(...part.nodes);
        else met.push(...part.nodes);
        expect(part.startCursor).toBe(encodeCursor(part.nodes[0]!));
        if (!(backward ? part.hasPreviousPage : part.hasNextPage)) break;
        cursor = backward ? part.startCursor : part.endCursor;
      }
      expect(met).toEqual(descending ? names.toReversed() : names);
    }),
    { numRuns: 30 },
  );
});

test("nodes that appear or vanish between two pages shift nothing", async () => {
  const first = await page({ first: 3 }, false);
  const removed = await database.transaction(async (tx) => {
    await rows(tx, sql`delete from knock.lists where name in ('l1', 'l3')`);
    const { where, limit } = pageBy({ column, key: "text" }, { first: 2, after: first.endCursor });
    const found = await rows<{ name: string }>(
      tx,
      sql`select name from knock.lists where ${where!} order by name limit ${limit}::int`,
    );
    await rows(
      tx,
      sql`insert into knock.lists (name, created_at, updated_at) values ('l1', now(), now()), ('l3', now(), now())`,
    );
    return found.map(({ name }) => name).slice(0, 2);
  });
  expect(removed).toEqual(["l4", "l5"]);
});

test.each<[string, PageArguments, "text" | "id"]>([
  ["after", { after: "no cursor" }, "text"],
  ["after", { after: "" }, "text"],
  ["before", { before: Buffer.from('{"a":1}').toString("base64url") }, "text"],
  ["after", { after: Buffer.from('["a","b"]').toString("base64url") }, "text"],
  ["after", { after: encodeCursor("a\0") }, "text"],
  ["after", { after: encodeCursor("not an id") }, "id"],
  ["first", { first: -1 }, "text"],
  ["first", { first: 101 }, "text"],
  ["first", { first: 1.5 }, "text"],
  ["last", { last: Number.NaN }, "text"],
  ["last", { first: 1, last: 1 }, "text"],
])("%s is refused in %j", (name, args, key) => {
  expect(() => pageBy({ column, key }, args)).toThrow(
    expect.objectContaining({
      code: "INVALID_INPUT",
      details: expect.objectContaining({ issues: [expect.objectContaining({ path: [name] })] }),
    }),
  );
});
