// When the next thing is due, which the timekeeper sleeps until. Each part reads one entry of an index.
import { type SQL, sql } from "drizzle-orm";
import { instant, rows, type Executor } from "./executor.ts";

const nextRun = sql`(select wake_at from knock.runs where wake_at is not null order by wake_at limit 1)`;

const nextMessage = sql`(select next_attempt_at from knock.messages where next_attempt_at is not null
  order by next_attempt_at limit 1)`;

const nextSchedule = sql`(select next_at from knock.schedules where next_at is not null and status = 'active'
  order by next_at limit 1)`;

async function read(db: Executor, moment: SQL): Promise<Date | null> {
  const [found] = await rows<{ at: string | null }>(db, sql`select ${moment} as at`);
  return instant(found?.at ?? null);
}

/** When the next run is due; `null` when none waits for a time. */
export const nextDueRun = (db: Executor): Promise<Date | null> => read(db, nextRun);

/** When the next message is due: a retry, or one whose send window opens. `null` when none is. */
export const nextDueMessage = (db: Executor): Promise<Date | null> => read(db, nextMessage);

/** When the next schedule is due; `null` when none is. */
export const nextDueSchedule = (db: Executor): Promise<Date | null> => read(db, nextSchedule);

/** When the next run, message or schedule is due; `null` when nothing waits for a time. One statement for all. */
export const earliestDue = (db: Executor): Promise<Date | null> =>
  read(db, sql`least(${nextRun}, ${nextMessage}, ${nextSchedule})`);
