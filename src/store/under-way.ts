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
  /** The schedule or the notification that has the data. */
  id: string;
  /** How many have it; of batches, which. */
  uses: number;
  batch: string | null;
}

/** The active schedules of a workflow, at most so many. */
export const scheduleUses = (db: Executor, workflow: string, limit: number): Promise<DataUse[]> =>
  rows<DataUse>(
    db,
    sql`select id, 1 as uses, null as batch from knock.schedules where workflow = ${workflow} and status = 'active'
    order by id limit ${limit}::int`,
  );

/** The notifications of the runs of a workflow that wait, the newest, at most so many. */
export const waitingUses = (db: Executor, workflow: string, limit: number): Promise<DataUse[]> =>
  rows<DataUse>(
    db,
    sql`select notification_id as id, count(*)::int as uses, null as batch from knock.runs
    where wake_at is not null
      and version_id = any(array(select id from knock.workflow_versions where workflow = ${workflow}))
    group by notification_id order by notification_id desc limit ${limit}::int`,
  );

/** The notifications in the open batches of a workflow, at most so many. */
export const batchUses = (db: Executor, workflow: string, limit: number): Promise<DataUse[]> =>
  rows<DataUse>(
    db,
    sql`select activity.notification_id as id, 1 as uses, batch.id as batch
    from (
      select id from knock.batches where closed_at is null and count > 0 and workflow = ${workflow} limit ${limit}::int
    ) as batch join knock.batch_activities as activity on activity.batch_id = batch.id
    limit ${limit}::int`,
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
