// What is under way in the versions of workflows: counted, found, and read in portions, before a deploy changes them.
import { sql, type SQL } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { rows, type Executor } from "./executor.ts";

/** Runs that wait at a step of a version. */
export interface WaitingAt extends Record<string, unknown> {
  workflow: string;
  versionId: string;
  number: number;
  step: string;
  runs: number;
}

/**
 * All runs that wait, by version and step. A run waits if and only if it has a time to wake, so the index of what is due
 * leads to them, past all that are finished.
 */
export const waitingRuns = (db: Executor): Promise<WaitingAt[]> =>
  rows<WaitingAt>(
    db,
    sql`select version.workflow, version.id as "versionId", version.number, waiting.step, waiting.runs
    from (
      select version_id, step, count(*)::int as runs from knock.runs where wake_at is not null group by version_id, step
    ) as waiting join knock.workflow_versions as version on version.id = waiting.version_id
    order by version.workflow, version.number, waiting.step`,
  );

/** Batches that are open and hold something, by workflow. */
export async function openBatchCounts(db: Executor): Promise<Map<string, number>> {
  const found = await rows<{ workflow: string; batches: number }>(
    db,
    sql`select workflow, count(*)::int as batches from knock.batches where closed_at is null and count > 0 group by workflow`,
  );
  return new Map(found.map(({ workflow, batches }) => [workflow, batches]));
}

/** Active schedules, by workflow. */
export async function activeSchedules(db: Executor, workflows: readonly string[]): Promise<Map<string, number>> {
  const found = await rows<{ workflow: string; schedules: number }>(
    db,
    sql`select workflow, count(*)::int as schedules from knock.schedules
    where workflow = any(${sql.param(workflows)}::text[]) and status = 'active' group by workflow`,
  );
  return new Map(found.map(({ workflow, schedules }) => [workflow, schedules]));
}

/** Something under way, and the row whose data it has. */
export interface DataUse extends Record<string, unknown> {
  workflow: string;
  /** The schedule or the notification that has the data. */
  id: string;
  /** How many have it; of batches, which. */
  uses: number;
  batch: string | null;
}

/** What to look for: of each workflow at most so many. */
export interface UsesWanted {
  workflows: readonly string[];
  limit: number;
}

const keysOf = ({ workflows }: UsesWanted) => sql`any(${sql.param(workflows)}::text[])`;

/** The active schedules of workflows. */
export const scheduleUses = (db: Executor, wanted: UsesWanted): Promise<DataUse[]> =>
  rows<DataUse>(
    db,
    sql`select workflow, id, 1 as uses, null as batch from (
      select workflow, id, row_number() over (partition by workflow order by id) as place from knock.schedules
      where workflow = ${keysOf(wanted)} and status = 'active'
    ) as active where place <= ${wanted.limit}::int order by workflow, place`,
  );

/** The notifications of the runs of workflows that wait, the newest first. One look at all runs that wait. */
export const waitingUses = (db: Executor, wanted: UsesWanted): Promise<DataUse[]> =>
  rows<DataUse>(
    db,
    sql`select workflow, id, uses, null as batch from (
      select version.workflow, run.notification_id as id, count(*)::int as uses,
        row_number() over (partition by version.workflow order by run.notification_id desc) as place
      from knock.runs as run join knock.workflow_versions as version on version.id = run.version_id
      where run.wake_at is not null and version.workflow = ${keysOf(wanted)}
      group by version.workflow, run.notification_id
    ) as waiting where place <= ${wanted.limit}::int order by workflow, place`,
  );

/** The notifications in the open batches of workflows. */
export const batchUses = (db: Executor, wanted: UsesWanted): Promise<DataUse[]> =>
  rows<DataUse>(
    db,
    sql`select workflow, id, 1 as uses, batch from (
      select batch.workflow, activity.notification_id as id, batch.id as batch,
        row_number() over (partition by batch.workflow order by batch.id) as place
      from knock.batches as batch join knock.batch_activities as activity on activity.batch_id = batch.id
      where batch.closed_at is null and batch.count > 0 and batch.workflow = ${keysOf(wanted)}
    ) as open where place <= ${wanted.limit}::int order by workflow, place`,
  );

const tables = { schedules: sql`knock.schedules`, notifications: sql`knock.notifications` } as const;

/** Data of a row. */
export interface StoredData extends Record<string, unknown> {
  id: string;
  data: JsonObject;
}

/** The data of the first of the rows, as many as have so many bytes together, but at least one. In the order of ids. */
export function readData(
  db: Executor,
  table: keyof typeof tables,
  { ids, bytes }: { ids: readonly string[]; bytes: number },
): Promise<StoredData[]> {
  const from: SQL = tables[table];
  return rows<StoredData>(
    db,
    sql`with sized as (
      select id, sum(pg_column_size(data)) over (order by id) as bytes, row_number() over (order by id) as number
      from ${from} where id = any(${sql.param(ids)}::uuid[])
    )
    select source.id, source.data from sized join ${from} as source on source.id = sized.id
    where sized.number = 1 or sized.bytes <= ${bytes}::int order by source.id`,
  );
}
