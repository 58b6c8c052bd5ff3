// What people and programs read of lists, for many lists at once.
import { sql } from "drizzle-orm";
import { rows, type Executor } from "../executor.ts";
import { storable } from "../input.ts";

/** How many members each list has. Counts the rows: not for hot paths. */
export async function countMembers(db: Executor, names: readonly string[]): Promise<Map<string, number>> {
  const found = await rows<{ name: string; members: number }>(
    db,
    sql`select given.name, (select count(*)::int from knock.list_members where list = given.name) as members
    from unnest(${sql.param(storable(names))}::text[]) as given (name)`,
  );
  return new Map(found.map(({ name, members }) => [name, members]));
}
