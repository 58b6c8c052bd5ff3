// Ends runs by the cancellation key of their notifications. The steps of `src/engine/cancellation.ts`, one
// statement each.
import { sql } from "drizzle-orm";
import { rows, type Executor } from "./executor.ts";
import { lockNotifications } from "./notifications.ts";
import type { TraceEntry } from "./schema/runs.ts";

/** Whose runs are to end; `null` for all. */
export type Whose = readonly string[] | null;

/** The runs that a cancel is about. */
export interface Cancelling {
  /** Ids of the notifications that have the key. */
  notifications: readonly string[];
  whose: Whose;
  now: Date;
}

/** A run that a cancel ended or changed. */
export interface TouchedRun extends Record<string, unknown> {
  id: string;
  notificationId: string;
}

const meant = ({ notifications, whose }: Cancelling) =>
  sql`run.notification_id = any(${sql.param(notifications)}::uuid[])
    and (${whose === null}::boolean or run.recipient_id = any(${sql.param(whose ?? [])}::text[]))`;

/** What the trace of a cancelled run says last. */
export const cancelEntry = (now: Date): TraceEntry => ({
  ref: "cancel",
  kind: "cancel",
  outcome: "cancelled",
  code: "CANCELLED",
  reason: "cancelled by its key",
  at: now.toISOString(),
});

const cancelled = ({ now }: Cancelling) =>
  sql`status = 'cancelled', wake_at = null, finished_at = ${now.toISOString()}::timestamptz,
    trace = trace || ${JSON.stringify([cancelEntry(now)])}::text::jsonb`;

/**
 * Takes the notifications of a key, of one workflow or of all (`null`), after the chunks and jobs that are making runs of
 * theirs.
 */
export async function takeByKey(db: Executor, key: string, workflow: string | null): Promise<string[]> {
  const asked = await rows<{ id: string }>(
    db,
    sql`select id from knock.notifications where cancellation_key = ${key} and cancelled_at is null
      and (${workflow}::text is null or workflow = ${workflow}::text)`,
  );
  const ids = asked.map(({ id }) => id);
  await lockNotifications(db, ids, "alone");
  // Against the jobs that make the runs of a few people, which take the rows.
  const held = await rows<{ id: string }>(
    db,
    sql`select id from knock.notifications where id = any(${sql.param(ids)}::uuid[]) and cancelled_at is null
    order by id for update`,
  );
  return held.map(({ id }) => id);
}

/** Ends waiting runs. They are locked in the order of their ids first, as events that wake them do. */
export const endWaiting = (db: Executor, cancelling: Cancelling): Promise<TouchedRun[]> =>
  rows<TouchedRun>(
    db,
    sql`with held as materialized (
      select run.id from knock.runs as run where run.status = 'waiting' and ${meant(cancelling)} order by run.id for update
    ), ended as (
      update knock.runs as run set ${cancelled(cancelling)}
      from held where run.id = held.id and run.status = 'waiting' returning run.id, run.notification_id
    ), awaited as (delete from knock.waits where run_id in (select id from ended))
    select id, notification_id as "notificationId" from ended`,
  );

/**
 * Whether nobody has collected a batch yet: it is open, or its carrier still stands at the step. A cancelled run
 * stays where it stood, and is no carrier once its cancel is over.
 */
const uncollected = sql`(batch.closed_at is null
  or carrier.step = batch.step and carrier.status in ('waiting', 'cancelled'))`;

/** Holds the batches into which the runs went, and that nobody has collected. */
export async function holdBatchesOf(db: Executor, cancelling: Cancelling): Promise<string[]> {
  const held = await rows<{ id: string }>(
    db,
    sql`select id from knock.batches where id in (
      select batch.id from knock.runs as run, jsonb_each(run.state->'results') as result,
        knock.batches as batch left join knock.runs as carrier on carrier.id = batch.run_id
      where ${meant(cancelling)} and run.state ? 'results' and result.value ? 'batch'
        and batch.id = (result.value->>'batch')::uuid and ${uncollected}
    )
    order by recipient_id, workflow, step, key for update`,
  );
  if (held.length === 0) return [];
  // A statement of its own, so that it sees who collected while this one waited.
  const left = await rows<{ id: string }>(
    db,
    sql`select batch.id from knock.batches as batch left join knock.runs as carrier on carrier.id = batch.run_id
    where batch.id = any(${sql.param(held.map(({ id }) => id))}::uuid[]) and ${uncollected}`,
  );
  return left.map(({ id }) => id);
}

/** A run whose activity was taken out of a batch. */
export interface RemovedRun extends Record<string, unknown> {
  id: string;
  status: string;
}

/** Takes the activities of the runs out of batches that this transaction holds. */
export const removeActivities = (
  db: Executor,
  batches: readonly string[],
  cancelling: Cancelling,
): Promise<RemovedRun[]> =>
  rows<RemovedRun>(
    db,
    sql`delete from knock.batch_activities as activity using knock.runs as run
    where activity.batch_id = any(${sql.param(batches)}::uuid[]) and activity.run_id = run.id and ${meant(cancelling)}
    returning run.id, run.status`,
  );

/** Ends runs that had joined a batch. */
export const endJoined = (db: Executor, ids: readonly string[], cancelling: Cancelling): Promise<TouchedRun[]> =>
  rows<TouchedRun>(
    db,
    sql`update knock.runs as run set ${cancelled(cancelling)} where id = any(${sql.param(ids)}::uuid[])
    returning id, notification_id as "notificationId"`,
  );

/**
 * Gives batches that this transaction holds what is left of them: their counts and, where the carrier is gone, the
 * run of the earliest activity as carrier, which waits in its place. None left: a window without carrier.
 */
export async function passOn(db: Executor, batches: readonly string[], { now }: Cancelling): Promise<void> {
  const at = now.toISOString();
  const ids = sql.param(batches);
  await rows(
    db,
    sql`update knock.batches as batch set
      count = (select count(*) from knock.batch_activities as activity where activity.batch_id = batch.id),
      run_id = (
        select activity.run_id from knock.batch_activities as activity
        join knock.notifications as notification on notification.id = activity.notification_id
        where activity.batch_id = batch.id
        order by activity.run_id <> batch.run_id, notification.created_at, notification.id limit 1
      )
    where id = any(${ids}::uuid[])`,
  );
  const reason = "goes on with the batch, in place of a run that was cancelled";
  await rows(
    db,
    sql`update knock.runs as run set status = 'waiting', step = batch.step, wake_at = batch.closes_at, finished_at = null,
      state = run.state || '{"waited": true}',
      trace = (run.trace - (-1)) || jsonb_build_object('ref', batch.step, 'kind', 'batch', 'outcome', 'waiting',
        'reason', ${reason}::text, 'at', ${at}::text)
    from knock.batches as batch
    where batch.id = any(${ids}::uuid[]) and run.id = batch.run_id and run.status <> 'waiting'`,
  );
}

/** Marks notifications whose runs were ended, or whose runs are still to begin: these will not. */
export async function markCancelled(
  db: Executor,
  ended: readonly string[],
  { notifications, whose, now }: Cancelling,
): Promise<string[]> {
  const marked = await rows<{ id: string }>(
    db,
    sql`update knock.notifications as notification set
      cancelled_at = case when ${whose === null}::boolean then ${now.toISOString()}::timestamptz end,
      cancelled_recipients = array(select distinct unnest(cancelled_recipients || ${sql.param(whose ?? [])}::text[]))
    where id = any(${sql.param(notifications)}::uuid[]) and (
      id = any(${sql.param(ended)}::uuid[]) or planned_at is null
      or exists (select from knock.fan_out_chunks where notification_id = notification.id and done_at is null)
    )
    returning id`,
  );
  return marked.map(({ id }) => id);
}
