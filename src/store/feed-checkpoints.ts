// Checkpoints of feeds: what was in them at a snapshot, for each tenant. Why they are exact is at the top of
// feed-counts.ts.
import { type SQL, sql } from "drizzle-orm";
import { durationMs } from "../base/duration.ts";
import { type Executor, rows } from "./executor.ts";
import { bucketOf, haveFeedsAlone } from "./feed-locks.ts";
import type { FeedCounts } from "./reads/feed.ts";
import { type FeedSelection, givenSelections, givenTenant } from "./reads/feed-filter.ts";

/**
 * The part of a statement that deletes messages which deletes the checkpoints of their recipients, by `recipients`, which
 * selects those. To be done while feeds are held.
 */
export const forgettingCounts = (recipients: SQL): SQL =>
  sql`checkpoints as materialized (
      select recipient_id, tenant_id from knock.feed_counts where recipient_id in (${recipients})
      order by recipient_id, tenant_id for update
    ),
    forgotten as (
      delete from knock.feed_counts as counts using checkpoints
      where counts.recipient_id = checkpoints.recipient_id and counts.tenant_id = checkpoints.tenant_id
    )`;

/** Deletes the checkpoints of people of whom nothing is kept. */
export const forgetCounts = (tx: Executor, recipients: readonly string[]): Promise<unknown> =>
  rows(tx, sql`with ${forgettingCounts(sql`select unnest(${sql.param(recipients)}::text[])`)} select 1`);

const at = (now: Date): SQL => sql`${now.toISOString()}::text::timestamptz`;

/** Whether a checkpoint, `kept`, may be gone on from: written within a day, by the cluster that it is read in. */
export const usable = (now: Date): SQL => sql`kept.counted_at > ${at(now)} - interval '1 day'
  and pg_snapshot_xmin(kept.snapshot::pg_snapshot) <= pg_snapshot_xmin(pg_current_snapshot())`;

/** Whether one is to be renewed, so that a feed that is looked at every day is never counted as a whole again. */
export const aging = (now: Date): SQL => sql`kept.counted_at <= ${at(now)} - interval '12 hours'`;

/**
 * A message is committed within this time of its arrival, in milliseconds, by the clocks of all processes: bounds where those are looked
 * for that a snapshot does not show.
 */
export const LONGEST_ARRIVAL = durationMs("1h");

const longestArrival = sql`interval '${sql.raw(String(LONGEST_ARRIVAL))} milliseconds'`;

/**
 * Whether `message`, of `recipient`, is not counted by the checkpoint `checkpoint`, which is all `null` where there is none.
 */
export const uncounted = (recipient: SQL): SQL =>
  sql`message.recipient_id = ${recipient} and message.arrived_xid is not null
    and message.delivered_at >= coalesce(checkpoint.counted_at - ${longestArrival}, '-infinity')
    and case when checkpoint.snapshot is null then true
      else not pg_visible_in_snapshot(message.arrived_xid, checkpoint.snapshot::pg_snapshot) end`;

const shown = sql`message.archived_at is null`;

/** The counts of a selection, by its number. */
export type Numbered = FeedCounts & { number: number };

/** What checkpoints are written of. */
interface Kept {
  selections: readonly FeedSelection[];
  buckets: readonly number[];
  now: Date;
}

/**
 * Writes checkpoints of the feeds that plain selections ask for, and answers these from what it has counted. It goes on
 * from the checkpoint there is, as long as that is usable: so a feed is read as a whole once. Left out are feeds that are
 * held, where messages are just being marked.
 */
export const keepCounts = (tx: Executor, { selections, now }: Omit<Kept, "buckets">): Promise<Numbered[]> =>
  haveFeedsAlone(
    tx,
    selections.map(({ recipientId }) => recipientId),
  ).then((buckets) => (buckets.length > 0 ? write(tx, { selections, buckets, now }) : []));

/**
 * Counts and keeps. What this statement does not see itself, the messages of a restored backup whose transactions are yet
 * to come, cannot be told from what comes later: then nothing is kept.
 */
const write = (tx: Executor, { selections, buckets, now }: Kept): Promise<Numbered[]> =>
  rows<Numbered & Record<string, unknown>>(
    tx,
    sql`with given as materialized (${givenSelections(selections)}),
    people as materialized (
      select distinct "recipientId" as recipient_id from given
      where ${bucketOf(sql`given."recipientId"`)} = any(${sql.param(buckets)}::int[])
    ),
    before as materialized (
      select people.recipient_id, checkpoint.snapshot, checkpoint.counted_at from people left join lateral (
        select kept.snapshot, kept.counted_at from knock.feed_counts as kept
        where kept.recipient_id = people.recipient_id and kept.tenant_id = '' and ${usable(now)}
      ) as checkpoint on true
    ),
    fresh as materialized (
      select checkpoint.recipient_id, coalesce(message.tenant_id, '') as tenant_id,
        (count(*) filter (where ${shown}))::int as total,
        (count(*) filter (where ${shown} and message.read_at is null))::int as unread,
        (count(*) filter (where ${shown} and message.seen_at is null))::int as unseen,
        bool_and(pg_visible_in_snapshot(message.arrived_xid, pg_current_snapshot())) as visible
      from before as checkpoint join knock.messages as message on ${uncounted(sql`checkpoint.recipient_id`)}
      group by 1, 2
    ),
    counted as materialized (
      select recipient_id, tenant_id, sum(total)::int as total, sum(unread)::int as unread, sum(unseen)::int as unseen from (
        select recipient_id, '' as tenant_id, 0 as total, 0 as unread, 0 as unseen from people
        union all select recipient_id, tenant_id, total, unread, unseen from fresh
        union all select kept.recipient_id, kept.tenant_id, kept.total, kept.unread, kept.unseen
          from before join knock.feed_counts as kept using (recipient_id) where before.snapshot is not null
      ) as parts group by 1, 2
    ),
    certain as materialized (
      select * from counted where recipient_id not in (select recipient_id from fresh where not visible)
    ),
    gone as (
      delete from knock.feed_counts as old using people where old.recipient_id = people.recipient_id
        and not exists (select from certain where certain.recipient_id = old.recipient_id and certain.tenant_id = old.tenant_id)
    ),
    written as (
      insert into knock.feed_counts (recipient_id, tenant_id, snapshot, total, unread, unseen, counted_at)
      select recipient_id, tenant_id, pg_current_snapshot()::text, total, unread, unseen, ${at(now)} from certain
      on conflict (recipient_id, tenant_id) do update set snapshot = excluded.snapshot, total = excluded.total,
        unread = excluded.unread, unseen = excluded.unseen, counted_at = excluded.counted_at
    )
    select given.number, answer.* from given join people on people.recipient_id = given."recipientId"
    cross join lateral (
      select coalesce(sum(total), 0)::int as "totalCount", coalesce(sum(unread), 0)::int as "unreadCount",
        coalesce(sum(unseen), 0)::int as "unseenCount"
      from counted where counted.recipient_id = people.recipient_id and ${givenTenant(sql`nullif(counted.tenant_id, '')`)}
    ) as answer`,
  );
