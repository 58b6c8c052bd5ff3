import { sql } from "drizzle-orm";
import { rows, type Executor } from "./executor.ts";

/**
 * Empties every table of ours: much cheaper between two tests than a new database, and than truncating, which makes the
 * files of each table anew. One statement, so that no order is needed between tables that refer to each other.
 */
export async function emptyTables(db: Executor): Promise<void> {
  const tables = await rows<{ name: string }>(
    db,
    sql`select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables where schemaname = 'knock'`,
  );
  const deletes = tables.map(({ name }, index) => `emptied_${index} as (delete from ${name})`);
  await rows(db, sql.raw(`with ${deletes.join(", ")} select`));
}
