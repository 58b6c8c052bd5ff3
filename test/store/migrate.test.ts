import { readdir } from "node:fs/promises";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { rows } from "../../src/store/executor.ts";
import { migrate, migrationState, migrationsFolder, requireMigrated } from "../../src/store/migrate.ts";
import { testDatabase } from "../support/database.ts";

const names = async () => (await readdir(migrationsFolder)).filter((name) => /^\d{14}_/.test(name)).toSorted();

test("an empty database is behind, is brought up to date once, and is current then", async () => {
  const database = await testDatabase({ migrated: false });
  const missing = await names();
  expect(await migrationState(database)).toEqual({ state: "behind", missing });
  await expect(requireMigrated(database)).rejects.toMatchObject({
    code: "MIGRATION_REQUIRED",
    message: `The database does not fit this version of knock: it lacks ${missing.length} migrations.`,
    hint: "Run `knock migrate`.",
  });
  expect(await migrate(database)).toEqual(missing);
  expect(await migrate(database)).toEqual([]);
  await requireMigrated(database);
});

test("a database that a newer version has migrated is refused by name", async () => {
  const database = await testDatabase();
  await rows(database.db, sql`insert into knock_meta.migrations values ('29991231235959_wings', 'x', now())`);
  expect(await migrationState(database)).toEqual({ state: "ahead", unknown: ["29991231235959_wings"] });
  const refusal = {
    code: "MIGRATION_REQUIRED",
    message: expect.stringContaining("29991231235959_wings"),
    hint: expect.stringContaining("newer"),
  };
  await expect(requireMigrated(database)).rejects.toMatchObject(refusal);
  await expect(migrate(database)).rejects.toMatchObject(refusal);
});

async function storageOf(database: Database): Promise<Record<string, string[]>> {
  const found = await rows<{ name: string; options: string[] }>(
    database.db,
    sql`select relname as name, reloptions as options from pg_class where reloptions is not null and relnamespace = 'knock'::regnamespace`,
  );
  return Object.fromEntries(found.map(({ name, options }) => [name, options]));
}

test("the hand-written end of the first migration is there", async () => {
  const database = await testDatabase();
  const storage = await storageOf(database);
  expect(storage["runs"]).toContain("fillfactor=70");
  expect(storage["messages"]).toContain("fillfactor=50");
  const [merged] = await rows(database.db, sql`select knock.deep_merge('{"a":{"b":1}}', '{"a":{"c":2}}') as merged`);
  expect(merged).toEqual({ merged: { a: { b: 1, c: 2 } } });
});
