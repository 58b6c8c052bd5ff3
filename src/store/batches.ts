// Batches: the rows that make joining and closing exact. Whoever changes a batch holds its row, and rows of
// several batches are always taken in the order of their identity, so nobody waits in a circle.
import { sql } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { storableJson } from "../base/stored-json.ts";
import { instant, rows, type Executor } from "./executor.ts";

/** Whose batch it is. */
export interface BatchIdentity {
  workflow: string;
  step: string;
  recipientId: string;
  key: string;
}

/** A batch. */
export interface BatchRow extends BatchIdentity {
  id: string;
  /** The run that goes on with the batch: its carrier. `null` as long as nothing is in it. */
  runId: string | null;
  openedAt: Date;
  closesAt: Date;
  /** A sliding window ends here at the latest; `null` for a fixed one. */
  limitAt: Date | null;
  /** Activities in it. */
  count: number;
  closedAt: Date | null;
}

/** The order in which rows of several batches are taken. */
const inOrder = sql`recipient_id, workflow, step, key`;

const identity = sql`workflow text, step text, "recipientId" text, key text`;

const given = (batches: readonly BatchRow[]) =>
  sql`jsonb_to_recordset(${storableJson(batches)}::text::jsonb) as given (id uuid, ${identity}, "runId" uuid,
    "openedAt" timestamptz, "closesAt" timestamptz, "limitAt" timestamptz, count int, "closedAt" timestamptz)`;

const inserting = (batches: readonly BatchRow[]) =>
  sql`insert into knock.batches
      (id, workflow, step, recipient_id, key, run_id, opened_at, closes_at, limit_at, count, closed_at)
    select id, workflow, step, "recipientId", key, "runId", "openedAt", "closesAt", "limitAt", count, "closedAt"
    from ${given(batches)} order by "recipientId", workflow, step, key`;

/**
 * Takes the open batch of each identity: opens the given one where there is none, and else holds the one that
 * is there. Answers the ids of those that it opened. One statement in one order, so that of two transactions
 * that open a batch at the same time the second waits for the first and then finds its batch.
 */
export async function openBatches(db: Executor, batches: readonly BatchRow[]): Promise<Set<string>> {
  const inserted = await rows<{ id: string }>(
    db,
    // An update that never happens still takes the row.
    sql`${inserting(batches)}
    on conflict (recipient_id, workflow, step, key) where closed_at is null do update set count = 0 where false
    returning id`,
  );
  return new Set(inserted.map(({ id }) => id));
}

/** Inserts batches that follow others, which this transaction holds and has closed. */
export async function insertBatches(db: Executor, batches: readonly BatchRow[]): Promise<void> {
  await rows(db, inserting(batches));
}

type RawBatch = BatchIdentity & Record<string, unknown> & { id: string; runId: string | null; count: number };

const columns = sql`id, workflow, step, recipient_id as "recipientId", key, run_id as "runId", opened_at as "openedAt",
  closes_at as "closesAt", limit_at as "limitAt", count, closed_at as "closedAt"`;

const batchOf = ({ openedAt, closesAt, limitAt, closedAt, ...batch }: RawBatch): BatchRow => ({
  ...batch,
  openedAt: instant(openedAt as string),
  closesAt: instant(closesAt as string),
  limitAt: instant(limitAt as string | null),
  closedAt: instant(closedAt as string | null),
});

/** The open batches of identities. To be read once they are held: only a statement of its own sees what was written meanwhile. */
export async function openBatchesOf(db: Executor, identities: readonly BatchIdentity[]): Promise<BatchRow[]> {
  const wanted = identities.map(({ workflow, step, recipientId, key }) => ({ workflow, step, recipientId, key }));
  const found = await rows<RawBatch>(
    db,
    sql`select ${columns} from knock.batches
    where closed_at is null and (recipient_id, workflow, step, key) in (
      select "recipientId", workflow, step, key from jsonb_to_recordset(${storableJson(wanted)}::text::jsonb) as given (${identity})
    )`,
  );
  return found.map(batchOf);
}

/** Holds batches by id until the transaction ends. */
export async function holdBatches(db: Executor, ids: readonly string[]): Promise<BatchRow[]> {
  const held = await rows<RawBatch>(
    db,
    sql`select ${columns} from knock.batches where id = any(${sql.param(ids)}::uuid[]) order by ${inOrder} for update`,
  );
  return held.map(batchOf);
}

/** Writes batches that this transaction holds. */
export async function updateBatches(db: Executor, batches: readonly BatchRow[]): Promise<void> {
  await rows(
    db,
    sql`update knock.batches as batch set run_id = given."runId", opened_at = given."openedAt",
      closes_at = given."closesAt", limit_at = given."limitAt", count = given.count, closed_at = given."closedAt"
    from ${given(batches)} where batch.id = given.id`,
  );
}

/** Ends batches that are still open: nothing joins them any more. */
export async function endBatches(db: Executor, ids: readonly string[], now: Date): Promise<void> {
  await rows(
    db,
    sql`update knock.batches set closed_at = ${now.toISOString()}::timestamptz
    where id in (
      select id from knock.batches where id = any(${sql.param(ids)}::uuid[]) and closed_at is null
      order by ${inOrder} for update
    )`,
  );
}

/** A notification in a batch. */
export interface BatchActivityRow {
  batchId: string;
  notificationId: string;
  runId: string;
}

/** Adds activities to batches that this transaction holds. */
export async function insertActivities(db: Executor, activities: readonly BatchActivityRow[]): Promise<void> {
  await rows(
    db,
    sql`insert into knock.batch_activities (batch_id, notification_id, run_id)
    select "batchId", "notificationId", "runId" from jsonb_to_recordset(${JSON.stringify(activities)}::text::jsonb)
      as given ("batchId" uuid, "notificationId" uuid, "runId" uuid)`,
  );
}

/** What is counted over all activities of a batch. */
export interface BatchTotals extends Record<string, unknown> {
  batchId: string;
  count: number;
  actorCount: number;
  firstActorId: string | null;
}

/** Counts the activities of batches. */
export const batchTotals = (db: Executor, ids: readonly string[]): Promise<BatchTotals[]> =>
  rows<BatchTotals>(
    db,
    sql`select activity.batch_id as "batchId", count(*)::int as count,
      count(distinct notification.actor_id)::int as "actorCount",
      (array_agg(notification.actor_id order by notification.created_at, notification.id))[1] as "firstActorId"
    from knock.batch_activities as activity left join knock.notifications as notification
      on notification.id = activity.notification_id
    where activity.batch_id = any(${sql.param(ids)}::uuid[]) group by activity.batch_id`,
  );

/** Which activities of a batch are wanted: the first or the last so many. */
export interface Taking {
  batchId: string;
  order: "asc" | "desc";
  take: number;
}

/** An activity with what content reads of it. */
export interface TakenActivity {
  batchId: string;
  id: string;
  data: JsonObject;
  actorId: string | null;
  at: Date;
}

/** The wanted activities of batches, each batch in the order of time. */
export async function takenActivities(db: Executor, wanted: readonly Taking[]): Promise<TakenActivity[]> {
  const found = await rows<Omit<TakenActivity, "at"> & { at: string }>(
    db,
    sql`select taken.batch_id as "batchId", notification.id, notification.data, notification.actor_id as "actorId",
      notification.created_at as at
    from (
      select activity.batch_id, activity.notification_id, given."order", given.take,
        row_number() over (partition by activity.batch_id order by sorted.created_at, sorted.id) as number,
        count(*) over (partition by activity.batch_id) as count
      from jsonb_to_recordset(${JSON.stringify(wanted)}::text::jsonb) as given ("batchId" uuid, "order" text, take int)
      join knock.batch_activities as activity on activity.batch_id = given."batchId"
      join knock.notifications as sorted on sorted.id = activity.notification_id
    ) as taken join knock.notifications as notification on notification.id = taken.notification_id
    where case taken."order" when 'asc' then taken.number <= taken.take else taken.number > taken.count - taken.take end
    order by taken.batch_id, taken.number`,
  );
  return found.map(({ at, ...activity }) => ({ ...activity, at: instant(at) }));
}
