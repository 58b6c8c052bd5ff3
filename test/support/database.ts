import { afterAll, inject } from "vitest";
import { untilAlone } from "../../src/store/conflict.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { emptyTables as emptyAll } from "../../src/store/empty-tables.ts";
import { preparedDirectory } from "../../src/store/prepared-directory.ts";
import { connectPostgres } from "./postgres.ts";
import "./postgres-setup.ts";

/** The driver that this file runs on: every file of the stored layers runs on both. */
export const driver = inject("driver");

const opened: Database[] = [];
const created: (() => Promise<void>)[] = [];

// Registered when the file is loaded, so a database that a test forgot ends with its file.
afterAll(async () => {
  // Connections first and all at once, then the databases below them.
  await Promise.all(opened.splice(0).map((database) => database.close()));
  await Promise.all(created.splice(0).map((drop) => drop()));
});

/** A fresh PostgreSQL database with all tables, by its url. Gone after this file, whoever is connected. */
export async function testPostgresUrl(options: { migrated?: boolean } = {}): Promise<string> {
  const { url, template } = inject("postgres");
  const server = connectPostgres(url);
  const database = await server.create(options.migrated === false ? undefined : template);
  created.push(() => server.drop(database));
  return database;
}

/** Another pool on a PostgreSQL database, as a second process would have. Closed after this file. */
export async function testPool(url: string, connections?: number): Promise<Database> {
  const database = await openDatabase({ url, ...(connections ? { connections } : {}) });
  opened.push(database);
  return database;
}

/**
 * A fresh database with all tables, on the driver of this file. It closes itself after the file.
 * `migrated: false` gives an empty one.
 */
export async function testDatabase(options: { migrated?: boolean } = {}): Promise<Database> {
  if (driver === "postgres") return testPool(await testPostgresUrl(options));
  const prepared = options.migrated === false ? {} : { loadFrom: await preparedDirectory() };
  const database = await openDatabase({ memory: true }, prepared);
  opened.push(database);
  return database;
}

/** Empties every table of ours. An engine that runs on these tables may hold one of them and wait for another. */
export const emptyTables = (database: Database): Promise<void> => untilAlone(() => emptyAll(database.db));
