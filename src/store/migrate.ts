import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { KnockError } from "../base/errors.ts";
import type { Database, Session } from "./database.ts";
import { type Executor, rows } from "./executor.ts";

/** The same place for src/store and dist/store. */
export const migrationsFolder = fileURLToPath(new URL("../../drizzle", import.meta.url));

/**
 * What has been applied is kept apart from the tables: the first migration makes their schema itself, and
 * drizzle's default place may belong to the project whose database we share.
 */
const LEDGER = sql.raw("knock_meta.migrations");

/** Any number that no one else in the same database is likely to lock. */
const ADVISORY_LOCK = 7_205_759_403;

/** How the database stands to the migrations of this version. */
export type MigrationState =
  | { state: "current" }
  /** Migrations still to be applied, oldest first. */
  | { state: "behind"; missing: string[] }
  /** Applied by a newer version and unknown to this one. */
  | { state: "ahead"; unknown: string[] };

async function appliedNames(executor: Executor): Promise<string[]> {
  const [found] = await rows<{ exists: boolean }>(
    executor,
    sql`select to_regclass('knock_meta.migrations') is not null as "exists"`,
  );
  if (!found!.exists) return [];
  return (await rows<{ name: string }>(executor, sql`select name from ${LEDGER} order by name`)).map(
    ({ name }) => name,
  );
}

async function stateOf(executor: Executor): Promise<MigrationState> {
  const known = readMigrationFiles({ migrationsFolder }).map(({ name }) => name);
  const applied = await appliedNames(executor);
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length > 0) return { state: "ahead", unknown };
  const missing = known.filter((name) => !applied.includes(name));
  return missing.length > 0 ? { state: "behind", missing } : { state: "current" };
}

function refuseNewer(state: MigrationState): void {
  if (state.state !== "ahead") return;
  throw new KnockError("MIGRATION_REQUIRED", {
    problem: `a newer version has applied ${state.unknown.join(", ")}`,
    fix: "Run the version of knock that applied them, or a newer one.",
  });
}

/** Compares the database with the migrations of this version. Changes nothing. */
export const migrationState = (database: Database): Promise<MigrationState> => stateOf(database.db);

/** More missing migrations than this are counted, not named. */
const MOST_NAMED = 3;

/** Throws `MIGRATION_REQUIRED`, naming the migrations or saying how many, unless the database fits this version exactly. */
export async function requireMigrated(database: Database): Promise<void> {
  const state = await migrationState(database);
  refuseNewer(state);
  if (state.state === "current") return;
  const { missing } = state as { missing: string[] };
  // A new database lacks them all: `knock migrate --check` has the list.
  const names = missing.length > MOST_NAMED ? `${missing.length} migrations` : missing.join(", ");
  throw new KnockError("MIGRATION_REQUIRED", { problem: `it lacks ${names}` });
}

/**
 * Brings the tables up to this version. Any number of processes may call it at once: one does the work and
 * the others wait for it. Errors: `MIGRATION_REQUIRED` when a newer version was here before.
 * @returns the names of the migrations that this call applied
 */
export async function migrate(database: Database): Promise<string[]> {
  return database.session(async (session) => {
    // Without the lock two processes at once would fail on each other's tables. It ends with its session.
    await rows(session.db, sql`select pg_advisory_lock(${ADVISORY_LOCK}::bigint)`);
    try {
      return await apply(session);
    } finally {
      await rows(session.db, sql`select pg_advisory_unlock(${ADVISORY_LOCK}::bigint)`).catch(() => {});
    }
  });
}

/** All missing migrations in one transaction: a failing one leaves nothing behind. */
async function apply(session: Session): Promise<string[]> {
  const before = await stateOf(session.db);
  refuseNewer(before);
  if (before.state !== "behind") return [];
  const migrations = readMigrationFiles({ migrationsFolder }).filter(({ name }) => before.missing.includes(name));
  await session.transaction(async (tx) => {
    await tx.execute(sql`create schema if not exists knock_meta`);
    await tx.execute(
      sql`create table if not exists ${LEDGER} (name text primary key, hash text not null, applied_at timestamptz not null)`,
    );
    for (const migration of migrations) {
      for (const statement of migration.sql) await tx.execute(sql.raw(statement));
      await rows(tx, sql`insert into ${LEDGER} values (${migration.name}::text, ${migration.hash}::text, now())`);
    }
  });
  return before.missing;
}
