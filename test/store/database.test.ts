import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { instant, rows } from "../../src/store/executor.ts";
import { testDatabase } from "../support/database.ts";

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});

const count = async (): Promise<number> => {
  const [counted] = await rows<{ count: number }>(database.db, sql`select count(*)::int as count from knock.lists`);
  return counted!.count;
};
const insert = (name: string) =>
  sql`insert into knock.lists (name, created_at, updated_at) values (${name}, ${"2026-01-05T09:00:00.123Z"}::text::timestamptz, now())`;

describe("rows", () => {
  test("gives the same values on every driver", async () => {
    const [row] = await rows<{ at: string }>(
      database.db,
      sql`select ${"2026-01-05T09:00:00.123Z"}::text::timestamptz as at, ${sql.param(['a"b', "c,\\d", ""])}::text[] as texts,
        ${JSON.stringify({ a: [1, "ü"], b: null })}::text::jsonb as json, 3::int as number, null::text as nothing, true as yes`,
    );
    expect({ ...row, at: instant(row!.at) }).toEqual({
      at: new Date("2026-01-05T09:00:00.123Z"),
      texts: ['a"b', "c,\\d", ""],
      json: { a: [1, "ü"], b: null },
      number: 3,
      nothing: null,
      yes: true,
    });
    expect(instant(null)).toBeNull();
  });
});

describe("transaction", () => {
  test("commits what is done and undoes what throws", async () => {
    const before = await count();
    await database.transaction(async (tx) => rows(tx, insert("kept")));
    expect(await count()).toBe(before + 1);
    const failing = database.transaction(async (tx) => {
      await rows(tx, insert("undone"));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await count()).toBe(before + 1);
  });

  test("a failed statement says its SQLSTATE and not its parameters", async () => {
    const failing = rows(database.db, sql`select ${"secret-value"}::text::int`);
    await expect(failing).rejects.toMatchObject({ cause: { code: "22P02" } });
    await expect(failing).rejects.not.toThrow("secret-value");
  });
});

describe("listen", () => {
  test("hears notices until it is closed", async () => {
    const heard: string[] = [];
    let subscribed = 0;
    const arrived = Promise.withResolvers<void>();
    const close = await database.listen(
      "test channel",
      (payload) => {
        heard.push(payload);
        if (heard.length === 2) arrived.resolve();
      },
      () => subscribed++,
    );
    await database.notify("test channel", "one");
    await database.notify("other", "not this");
    await database.notify("test channel", "two");
    await arrived.promise;
    await close();
    await database.notify("test channel", "three");
    await database.ping();
    expect(heard).toEqual(["one", "two"]);
    expect(subscribed).toBe(1);
  });
});

describe("jobDatabase", () => {
  test("runs statements as pg-boss writes them", async () => {
    const jobs = await database.jobDatabase();
    const given = [1, { a: "text" }, '{"b":1}', new Date("2026-01-05T09:00:00Z"), ["x", "y"], null, undefined];
    const { rows: found } = await jobs.executeSql(
      "select $1::int as n, $2::jsonb as object, $3::jsonb as text, $4::timestamptz as at, $5::text[] as list, $6::text as a, $7::text as b",
      given,
    );
    expect(found).toEqual([
      {
        n: 1,
        object: { a: "text" },
        text: { b: 1 },
        at: new Date("2026-01-05T09:00:00Z"),
        list: ["x", "y"],
        a: null,
        b: null,
      },
    ]);
  });

  test("runs blocks with their own transaction and recovers from one that fails", async () => {
    const jobs = await database.jobDatabase();
    const block = (name: string, then: string) =>
      `BEGIN; SET LOCAL lock_timeout = 5000; insert into knock.lists (name, created_at, updated_at) values ('${name}', now(), now()) returning name; ${then}; COMMIT;`;
    const { rows: inserted } = await jobs.executeSql(block("by-block", "select 1 as one"));
    expect(inserted).toEqual([{ name: "by-block" }, { one: 1 }]);
    const before = await count();
    const failing = jobs.executeSql(block("never", "select 1 / 0"));
    // Queued right behind the failing block: it must not land in an aborted transaction.
    const behind = rows(database.db, sql`select 1 as one`);
    await expect(failing).rejects.toThrow("division by zero");
    expect(await behind).toEqual([{ one: 1 }]);
    expect(await jobs.executeSql("select 2 as two")).toMatchObject({ rows: [{ two: 2 }] });
    expect(await count()).toBe(before);
  });
});
