// Ends what is under way in workflows that are archived, as a cancel ends the runs of a key: slice by slice, in one
// transaction. Everybody takes notifications before runs and runs before batches, and so does this.
import { sql } from "drizzle-orm";
import { cancelEntry } from "./cancellation.ts";
import { rows, type Executor } from "./executor.ts";
import { lockNotifications } from "./notifications.ts";

/** What is to end. */
export interface Archiving {
  /** Keys of the workflows. */
  workflows: readonly string[];
  now: Date;
}

/** Notifications on the way that are locked at most: the server has room for some thousand locks, of all together. */
const MOST_LOCKED = 4_000;

const at = ({ now }: Archiving) => sql`${now.toISOString()}::timestamptz`;

const keys = ({ workflows }: Archiving) => sql`${sql.param(workflows)}::text[]`;

const versions = (archiving: Archiving) =>
  sql`array(select id from knock.workflow_versions where workflow = any(${keys(archiving)}))`;

/** Notifications of which not all runs exist yet. */
const onTheWay = (archiving: Archiving) => sql`workflow = any(${keys(archiving)}) and cancelled_at is null
  and (planned_at is null or id in (select notification_id from knock.fan_out_chunks where done_at is null))`;

/** Notifications of which not all runs exist yet, by workflow. */
export async function notificationsOnTheWay(db: Executor, archiving: Archiving): Promise<Map<string, number>> {
  const found = await rows<{ workflow: string; notifications: number }>(
    db,
    sql`select workflow, count(*)::int as notifications from knock.notifications
    where ${onTheWay(archiving)} group by workflow`,
  );
  return new Map(found.map(({ workflow, notifications }) => [workflow, notifications]));
}

/**
 * Cancels notifications of which not all runs exist yet, after the chunks and jobs that are making some. Those beyond
 * the first thousands are not waited for: a job that has taken one of them just now still makes its runs.
 */
export async function cancelOnTheWay(db: Executor, archiving: Archiving): Promise<void> {
  const oldest = await rows<{ id: string }>(
    db,
    sql`select id from knock.notifications where ${onTheWay(archiving)} order by id limit ${MOST_LOCKED}::int`,
  );
  const ids = oldest.map(({ id }) => id);
  if (ids.length > 0) await lockNotifications(db, ids, "alone");
  await rows(db, sql`update knock.notifications set cancelled_at = ${at(archiving)} where ${onTheWay(archiving)}`);
}

/** The last ids of slices of the runs that wait. */
export async function sliceEnds(db: Executor, archiving: Archiving, size: number): Promise<string[]> {
  const ends = await rows<{ id: string }>(
    db,
    sql`select id from (
      select id, row_number() over (order by id) as position, lead(id) over (order by id) as following from knock.runs
      where wake_at is not null and version_id = any(${versions(archiving)})
    ) as numbered where position % ${size}::int = 0 or following is null order by id`,
  );
  return ends.map(({ id }) => id);
}

/** Runs by id: after one, up to and with another. */
export interface RunRange {
  after: string | null;
  upTo: string;
}

const within = ({ after, upTo }: RunRange) =>
  sql`(${after}::uuid is null or id > ${after}::uuid) and id <= ${upTo}::uuid and status = 'waiting'`;

const ended = (archiving: Archiving) => {
  const entry = { ...cancelEntry(archiving.now), reason: "its workflow was archived" };
  return sql`status = 'cancelled', wake_at = null, finished_at = ${at(archiving)},
    trace = trace || ${JSON.stringify([entry])}::text::jsonb`;
};

/** What became of a slice. */
export interface EndedSlice extends Record<string, unknown> {
  runs: number;
  /** Batches whose carriers were among the runs. */
  batches: string[];
}

/** Ends the runs of a slice that wait, and marks their notifications. */
export async function endSlice(db: Executor, archiving: Archiving, range: RunRange): Promise<EndedSlice> {
  await rows(
    db,
    sql`update knock.notifications set cancelled_at = ${at(archiving)}
    where cancelled_at is null and id in (
      select notification_id from knock.runs where ${within(range)} and version_id = any(${versions(archiving)})
    )`,
  );
  const [slice] = await rows<EndedSlice>(
    db,
    sql`with ended as (
      update knock.runs set ${ended(archiving)} where ${within(range)} and version_id = any(${versions(archiving)})
      returning id, state->'results'->step->>'batch' as batch
    ), awaited as (delete from knock.waits where run_id in (select id from ended))
    select count(*)::int as runs, coalesce(jsonb_agg(batch) filter (where batch is not null), '[]') as batches from ended`,
  );
  return slice!;
}

/** Batches of the workflows that are still open, at most so many. */
export async function openBatchIds(db: Executor, archiving: Archiving, limit: number): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    sql`select id from knock.batches where closed_at is null and workflow = any(${keys(archiving)}) limit ${limit}::int`,
  );
  return found.map(({ id }) => id);
}

/** Ends batches with the runs that had joined them, and marks their notifications. Answers how many runs these were. */
export async function endBatchesWithRuns(db: Executor, archiving: Archiving, ids: readonly string[]): Promise<number> {
  await rows(
    db,
    sql`select id from knock.batches where id = any(${sql.param(ids)}::uuid[])
    order by recipient_id, workflow, step, key for update`,
  );
  await rows(
    db,
    sql`update knock.notifications set cancelled_at = ${at(archiving)} where cancelled_at is null and id in (
      select notification_id from knock.batch_activities where batch_id = any(${sql.param(ids)}::uuid[])
    )`,
  );
  const [joined] = await rows<{ runs: number }>(
    db,
    sql`with emptied as (
      delete from knock.batch_activities where batch_id = any(${sql.param(ids)}::uuid[]) returning run_id
    ), joined as (
      update knock.runs set ${ended(archiving)}
      where id in (select run_id from emptied) and status <> 'cancelled' returning id
    ), closed as (
      update knock.batches set closed_at = coalesce(closed_at, ${at(archiving)}), run_id = null, count = 0
      where id = any(${sql.param(ids)}::uuid[])
    )
    select count(*)::int as runs from joined`,
  );
  return joined!.runs;
}
