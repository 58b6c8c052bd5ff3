import { sql } from "drizzle-orm";
import { instant, rows, type Executor } from "./executor.ts";

/** When the next run, message or schedule is due; `null` when nothing waits for a time. One statement for all. */
export async function earliestDue(db: Executor): Promise<Date | null> {
  const [row] = await rows<{ at: string | null }>(
    db,
    sql`select least(
      (select wake_at from knock.runs where wake_at is not null order by wake_at limit 1),
      (select next_attempt_at from knock.messages where next_attempt_at is not null order by next_attempt_at limit 1),
      (select next_at from knock.schedules where next_at is not null and status = 'active' order by next_at limit 1)
    ) as at`,
  );
  return instant(row?.at ?? null);
}
