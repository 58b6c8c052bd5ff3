// Deletes what is old, a little at a time. Ids begin with their time, so what is old is the beginning of a
// primary key: nothing here reads a table from end to end, and nobody waits for more than one small statement.
import { sql } from "drizzle-orm";
import { type Executor, rows } from "./executor.ts";
import { forgettingCounts } from "./feed-checkpoints.ts";
import { holdAllFeeds } from "./feed-locks.ts";

/** Where a walk through old rows stands, and what this step of it did. */
export interface Step {
  /** The last id that was looked at; `null` when there is no more. */
  after: string | null;
  deleted: number;
}

/** A part of a walk: ids after one, before another, at most so many. */
export interface Range {
  after: string;
  before: string;
  limit: number;
}

/** Old notifications of which nothing is going on any more, and where to go on looking. */
export async function finishedNotifications(
  db: Executor,
  { after, before, limit }: Range,
): Promise<{ after: string | null; ids: string[] }> {
  const found = await rows<{ id: string; finished: boolean }>(
    db,
    sql`with page as (
      select id, workflow, planned_at is not null or cancelled_at is not null as planned from knock.notifications
      where id > ${after}::uuid and id < ${before}::uuid order by id limit ${limit}::int
    )
    select id, planned
      and not exists (select from knock.runs where notification_id = page.id and status = 'waiting')
      and not exists (select from knock.fan_out_chunks where notification_id = page.id and done_at is null)
      -- A batch that is open, or whose run still goes on with what is in it; runs keep the batch that they joined.
      -- In the order of an index and with a limit it is asked run by run; else the plan would be to read whole tables.
      and (
        select true from knock.runs as run
          cross join lateral jsonb_path_query(run.state, '$.results.*.batch') as joined (batch)
          join knock.batches as batch on batch.id = (joined.batch #>> '{}')::uuid
        where run.notification_id = page.id
          and (batch.closed_at is null or (select status from knock.runs where id = batch.run_id) = 'waiting')
        order by run.id limit 1
      ) is null as finished
    from page order by id`,
  );
  const ids = found.filter(({ finished }) => finished).map(({ id }) => id);
  return { after: found.length < limit ? null : found.at(-1)!.id, ids };
}

/** Deletes at most `limit` finished runs of notifications; answers how many. */
export async function deleteRuns(db: Executor, notifications: readonly string[], limit: number): Promise<number> {
  const deleted = await rows(
    db,
    sql`with gone as (
      delete from knock.runs where id in (
        select id from knock.runs where notification_id = any(${sql.param(notifications)}::uuid[]) and status <> 'waiting'
        limit ${limit}::int for update skip locked
      ) returning id
    ),
    idle as (delete from knock.waits where run_id in (select id from gone))
    select id from gone`,
  );
  return deleted.length;
}

/** Deletes notifications that have no run any more, with their chunks; answers how many. */
export async function deleteNotifications(db: Executor, ids: readonly string[]): Promise<number> {
  const deleted = await rows(
    db,
    sql`with gone as (
      delete from knock.notifications where id in (
        select id from knock.notifications as notification where id = any(${sql.param(ids)}::uuid[])
          and not exists (select from knock.runs where notification_id = notification.id)
        for update skip locked
      ) returning id
    ),
    chunks as (delete from knock.fan_out_chunks where notification_id in (select id from gone))
    select id from gone`,
  );
  return deleted.length;
}

/** The end of a page and what was deleted of it, as the one row that a walking statement answers. */
function stepOf([row]: { last: string | null; seen: number; deleted: number }[], limit: number): Step {
  return { after: row && row.seen === limit ? row.last : null, deleted: row?.deleted ?? 0 };
}

const counted = sql`select (select id from page order by id desc limit 1) as last,
  (select count(*)::int from page) as seen, (select count(*)::int from gone) as deleted`;

/**
 * Deletes old messages with their attempts. The id of a message has the time of its notification, which a run
 * may have waited for: the message's own age decides. What is still to be sent, or belongs to a run that waits, stays.
 * To be called in a transaction.
 */
export async function deleteMessages(db: Executor, range: Range & { olderThan: Date }): Promise<Step> {
  const { after, before, limit, olderThan } = range;
  await holdAllFeeds(db);
  const found = await rows<{ last: string | null; seen: number; deleted: number }>(
    db,
    sql`with page as (
      select id, run_id, created_at, status from knock.messages
      where id > ${after}::uuid and id < ${before}::uuid order by id limit ${limit}::int
    ),
    old as (
      select message.id from knock.messages as message join page on page.id = message.id
      where page.created_at < ${olderThan.toISOString()}::text::timestamptz and page.status <> 'queued'
        and not exists (select from knock.runs as run where run.id = page.run_id and run.status = 'waiting')
      for update of message skip locked
    ),
    gone as (delete from knock.messages where id in (select id from old) returning id, recipient_id),
    attempts as (delete from knock.delivery_attempts where message_id in (select id from gone)),
    ${forgettingCounts(sql`select recipient_id from gone`)}
    ${counted}`,
  );
  return stepOf(found, limit);
}

/** Deletes batches that were closed before a time, with the list of what was in them. */
export async function deleteBatches(db: Executor, range: Range & { olderThan: Date }): Promise<Step> {
  const { after, before, limit, olderThan } = range;
  const found = await rows<{ last: string | null; seen: number; deleted: number }>(
    db,
    sql`with page as (
      select id, run_id, closed_at from knock.batches
      where id > ${after}::uuid and id < ${before}::uuid order by id limit ${limit}::int
    ),
    old as (
      select id from page where closed_at < ${olderThan.toISOString()}::text::timestamptz
        and not exists (select from knock.runs as run where run.id = page.run_id and run.status = 'waiting')
    ),
    gone as (delete from knock.batches where id in (select id from old) returning id),
    activities as (delete from knock.batch_activities where batch_id in (select id from gone))
    ${counted}`,
  );
  return stepOf(found, limit);
}

/** Deletes the chunks of old notifications whose recipients all have a run. */
export async function deleteChunks(db: Executor, { after, before, limit }: Range): Promise<Step> {
  const found = await rows<{ last: string | null; seen: number; deleted: number }>(
    db,
    sql`with page as (
      select distinct notification_id as id from knock.fan_out_chunks
      where notification_id > ${after}::uuid and notification_id < ${before}::uuid order by id limit ${limit}::int
    ),
    planned as (
      select page.id from page left join knock.notifications as notification on notification.id = page.id
      where (notification.id is null or planned_at is not null or cancelled_at is not null)
        and not exists (select from knock.fan_out_chunks where notification_id = page.id and done_at is null)
    ),
    gone as (delete from knock.fan_out_chunks where notification_id in (select id from planned) returning notification_id)
    ${counted}`,
  );
  return stepOf(found, limit);
}

/** Deletes at most `limit` memberships that ended before a time; answers how many. */
export async function deleteDepartures(db: Executor, endedBefore: Date, limit: number): Promise<number> {
  const deleted = await rows(
    db,
    sql`delete from knock.list_departures where ctid = any(array(
      select ctid from knock.list_departures where left_at < ${endedBefore.toISOString()}::text::timestamptz
      order by left_at limit ${limit}::int for update skip locked
    )) returning 1`,
  );
  return deleted.length;
}

/** Deletes at most `limit` throttle windows that ended before a time: the next run begins a new one. Answers how many. */
export async function deleteThrottles(db: Executor, endedBefore: Date, limit: number): Promise<number> {
  const deleted = await rows(
    db,
    sql`delete from knock.throttles where (recipient_id, workflow, step, key) in (
      select recipient_id, workflow, step, key from knock.throttles
      where ends_at < ${endedBefore.toISOString()}::text::timestamptz
      order by ends_at limit ${limit}::int for update skip locked
    ) returning 1`,
  );
  return deleted.length;
}

/** Deletes at most `limit` records of what people did in their feeds before a time; answers how many. */
export async function deleteFeedChanges(db: Executor, madeBefore: Date, limit: number): Promise<number> {
  const deleted = await rows(
    db,
    sql`delete from knock.feed_changes where id in (
      select id from knock.feed_changes where created_at < ${madeBefore.toISOString()}::text::timestamptz
      order by created_at limit ${limit}::int for update skip locked
    ) returning 1`,
  );
  return deleted.length;
}

/** Deletes at most `limit` records of work on many things that ended before a time; answers how many. */
export async function deleteBulkOperations(db: Executor, endedBefore: Date, limit: number): Promise<number> {
  const deleted = await rows(
    db,
    sql`delete from knock.bulk_operations where id in (
      select id from knock.bulk_operations where finished_at < ${endedBefore.toISOString()}::text::timestamptz
      limit ${limit}::int for update skip locked
    ) returning 1`,
  );
  return deleted.length;
}
