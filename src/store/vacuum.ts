import { sql } from "drizzle-orm";
import type { Executor } from "./executor.ts";

/** Gives back the space of deleted and replaced rows, and counts rows for the planner. */
export async function vacuum(db: Executor): Promise<void> {
  await db.execute(sql`vacuum analyze`);
}
