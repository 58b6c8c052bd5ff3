// Deleting messages that somebody named, which may be in feeds that others look at.
import { sql } from "drizzle-orm";
import { type Executor, rows } from "./executor.ts";
import { holdFeedsOf } from "./feed-locks.ts";

/**
 * Deletes messages with their attempts; those that are still to be sent stay. Counts that are kept of the feeds are
 * forgotten, and who looks on is told that there was a change. Says how many were deleted.
 */
export async function removeMessages(tx: Executor, ids: readonly string[], now: Date): Promise<number> {
  await holdFeedsOf(tx, ids);
  const [removed] = await rows<{ messages: number }>(
    tx,
    sql`with locked as materialized (
      select id from knock.messages where id = any(${sql.param(ids)}::uuid[]) and status <> 'queued' order by id for update
    ),
    gone as (delete from knock.messages where id in (select id from locked) returning id, recipient_id, arrived_xid),
    attempts as (delete from knock.delivery_attempts where message_id in (select id from gone)),
    counts as (delete from knock.feed_counts where recipient_id in (select recipient_id from gone)),
    told as (
      insert into knock.feed_changes (id, xid, recipient_id, message_ids, created_at)
      select gen_random_uuid(), pg_current_xact_id(), recipient_id, null, ${now.toISOString()}::text::timestamptz
      from gone where arrived_xid is not null group by recipient_id
    )
    select count(*)::int as messages from gone`,
  );
  return removed?.messages ?? 0;
}
