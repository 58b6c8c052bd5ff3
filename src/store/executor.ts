import type { SQL } from "drizzle-orm";
import type { PgAsyncDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { databaseUnreachable } from "./unreachable.ts";

/**
 * What every store function takes first: a drizzle database or transaction, of postgres.js, of PGlite
 * or wrapped around a caller's own transaction (`wrapTransaction`).
 */
export type Executor = Pick<
  PgAsyncDatabase<PgQueryResultHKT>,
  "select" | "selectDistinct" | "insert" | "update" | "delete" | "execute" | "with" | "$with" | "$count" | "_"
>;

/**
 * Runs one statement as a prepared one and gives its rows, the same way on every driver.
 *
 * Values come as the server writes them: timestamps as text (`instant` makes them a `Date`), `bigint`
 * and `numeric` as text or number depending on the driver (cast counts with `::int`), `jsonb` parsed.
 * Pass arrays with `sql.param(array)` and JSON as text, cast in the statement: `${text}::text::jsonb`
 * (with a bare `::jsonb` postgres.js would encode the text a second time).
 *
 * Errors: `DATABASE_UNREACHABLE`, else drizzle's, whose `cause.code` is the SQLSTATE.
 *
 * @example
 * const found = await rows<{ id: string }>(db, sql`select id from knock.users where id = any(${sql.param(ids)}::text[])`);
 */
export async function rows<Row extends Record<string, unknown>>(executor: Executor, query: SQL): Promise<Row[]> {
  // `execute` alone would send the statement unprepared: one more round trip and a new plan each time.
  const built = executor.execute(query, "objects").getQuery();
  const statement = executor._.session.prepareQuery(built, "objects", true, undefined);
  return (await reaching(() => statement.execute())) as Row[];
}

/** Tells apart a statement that failed from a database that could not be talked to. */
async function reaching<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw databaseUnreachable(error) ?? error;
  }
}

/** A timestamp of a raw row as a `Date`. */
export function instant(text: string): Date;
export function instant(text: string | null): Date | null;
export function instant(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

/**
 * Runs a query of the builder as a prepared statement. Without this each run is planned anew and takes one
 * more round trip. The name that drizzle asks for is not used: statements are known by their text.
 */
export async function prepared<Result>(query: {
  prepare(name: string): { execute(): Promise<Result> };
}): Promise<Result> {
  return reaching(() => query.prepare("knock").execute());
}
