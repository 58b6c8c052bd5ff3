// When the next thing is due, which the timekeeper sleeps until. Each part reads one entry of an index.
import { type SQL, sql } from "drizzle-orm";
import { instant, rows, type Executor } from "./executor.ts";

/** Leaves out the runs of these workflows. Without any the statement stays as it is. */
export const runsNotOf = (workflows: readonly string[]): SQL =>
  workflows.length === 0
    ? sql``
    : sql`and version_id not in (select id from knock.workflow_versions where workflow = any(${sql.param(workflows)}::text[]))`;

/** Leaves out the schedules of these workflows. */
export const schedulesNotOf = (workflows: readonly string[]): SQL =>
  workflows.length === 0 ? sql`` : sql`and workflow <> all(${sql.param(workflows)}::text[])`;

const nextRun = (left: readonly string[]) =>
  sql`(select wake_at from knock.runs where wake_at is not null ${runsNotOf(left)} order by wake_at limit 1)`;

const nextMessage = sql`(select next_attempt_at from knock.messages where next_attempt_at is not null
  order by next_attempt_at limit 1)`;

const nextSchedule = (left: readonly string[]) =>
  sql`(select next_at from knock.schedules where next_at is not null and status = 'active' ${schedulesNotOf(left)}
  order by next_at limit 1)`;

async function read(db: Executor, moment: SQL): Promise<Date | null> {
  const [found] = await rows<{ at: string | null }>(db, sql`select ${moment} as at`);
  return instant(found?.at ?? null);
}

/** When the next run is due, but for those of some workflows; `null` when none waits for a time. */
export const nextDueRun = (db: Executor, left: readonly string[] = []): Promise<Date | null> => read(db, nextRun(left));

/** When the next message is due: a retry, or one whose send window opens. `null` when none is. */
export const nextDueMessage = (db: Executor): Promise<Date | null> => read(db, nextMessage);

/** When the next schedule is due, but for those of some workflows; `null` when none is. */
export const nextDueSchedule = (db: Executor, left: readonly string[] = []): Promise<Date | null> =>
  read(db, nextSchedule(left));

/**
 * When the next run, message or schedule is due, but for what belongs to some workflows; `null` when nothing waits for
 * a time. One statement for all.
 */
export const earliestDue = (db: Executor, left: readonly string[] = []): Promise<Date | null> =>
  read(db, sql`least(${nextRun(left)}, ${nextMessage}, ${nextSchedule(left)})`);
