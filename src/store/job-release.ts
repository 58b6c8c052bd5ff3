import { sql } from "drizzle-orm";
import { rows, type Executor } from "./executor.ts";

/**
 * Gives back the jobs that a process held when it died. Only for a database that no other process can
 * have open; elsewhere the heartbeat decides.
 */
export async function releaseActiveJobs(db: Executor, schema: string): Promise<void> {
  await rows(
    db,
    sql`update ${sql.identifier(schema)}.job set state = 'retry', start_after = now(), started_on = null where state = 'active'`,
  );
}
