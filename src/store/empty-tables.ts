import { sql } from "drizzle-orm";
import { rows, type Executor } from "./executor.ts";

/**
 * Empties every table of ours: much cheaper between two tests than a new database, and than truncating, which makes the
 * files of each table anew. Whoever is writing is waited for, so that nothing of theirs comes afterwards.
 */
export async function emptyTables(db: Executor): Promise<void> {
  const tables = await rows<{ name: string }>(
    db,
    sql`select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables where schemaname = 'knock'`,
  );
  const names = tables.map(({ name }) => name);
  const deletes = names.map((name, index) => `emptied_${index} as (delete from ${name})`);
  // All tables in one statement, so that no order is needed between those that refer to each other.
  await rows(
    db,
    sql.raw(`do $$ declare done int; begin
      lock table ${names.join(", ")} in exclusive mode;
      with ${deletes.join(", ")} select 1 into done;
    end $$`),
  );
}
