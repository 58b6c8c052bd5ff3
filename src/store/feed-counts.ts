// How much is in feeds. A large feed is counted once: a checkpoint keeps what was in it at a snapshot, and from then on
// only what came later is counted. That is exact, because:
//
// * A message says with which transaction it came (`arrived_xid`), for ever. So it is either visible in the
//   checkpoint's snapshot, and counted there, or it is not, and counted now.
// * Whoever changes messages that a checkpoint counts changes the checkpoint in the same statement: marks add the
//   difference, deleting deletes it.
// * Marks and deletions hold a lock that they share, taken before the snapshot of their statement; whoever writes a
//   checkpoint has it alone, taken before its snapshot. So a checkpoint counts a mark as a whole, or the mark finds the
//   checkpoint.
import { type SQL, sql } from "drizzle-orm";
import { slicesOf } from "../base/arrays.ts";
import { durationMs } from "../base/duration.ts";
import { findUnstorable } from "../base/text.ts";
import { type Executor, rows } from "./executor.ts";
import type { FeedCounts } from "./reads/feed.ts";
import { type FeedSelection, givenItem, givenSelections, givenTenant, isPlain } from "./reads/feed-filter.ts";

/** Messages of one person that are counted one by one before a checkpoint is worth it. */
const WORTH_KEEPING = 500;

/** Feeds that one statement counts at most. */
const FEEDS_PER_STATEMENT = 1_000;

/** Locks for all people; one person's is told by the hash of the id. */
const BUCKETS = 64;

const NOTHING: FeedCounts = { totalCount: 0, unreadCount: 0, unseenCount: 0 };

/** How the locks of feeds are taken. */
const locks = {
  shared: sql`pg_advisory_xact_lock_shared`,
  ifAlone: sql`pg_try_advisory_xact_lock`,
} as const;

/** The bucket of a recipient. */
const bucketOf = (recipient: SQL): SQL => sql`(hashtext(${recipient}) & ${sql.raw(String(BUCKETS - 1))})`;

/** A lock of each of the buckets that `buckets` selects as `bucket`, in one order. */
const locking = (buckets: SQL, how: keyof typeof locks): SQL =>
  sql`select bucket, ${locks[how]}(hashtext('knock.feed'), bucket)::text as taken from (${buckets} order by 1) as buckets`;

/** Holds off checkpoints of these people's feeds until the transaction ends. To be done before their messages change. */
export const holdFeeds = (tx: Executor, recipients: readonly string[]): Promise<unknown> =>
  rows(
    tx,
    locking(
      sql`select distinct ${bucketOf(sql`recipient`)} as bucket from unnest(${sql.param(recipients)}::text[]) as recipient`,
      "shared",
    ),
  );

/** The same for whoever messages belong to. */
export const holdFeedsOf = (tx: Executor, messages: readonly string[]): Promise<unknown> =>
  rows(
    tx,
    locking(
      sql`select distinct ${bucketOf(sql`recipient_id`)} as bucket from knock.messages
        where id = any(${sql.param(messages)}::uuid[])`,
      "shared",
    ),
  );

/** The same for everybody. */
export const holdAllFeeds = (tx: Executor): Promise<unknown> =>
  rows(tx, locking(sql`select bucket from generate_series(0, ${sql.raw(String(BUCKETS - 1))}) as bucket`, "shared"));

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

/** Whether a checkpoint may be gone on from: written within a day, by the cluster that it is read in. */
const usable = (now: Date): SQL => sql`kept.counted_at > ${now.toISOString()}::text::timestamptz - interval '1 day'
  and pg_snapshot_xmin(kept.snapshot::pg_snapshot) <= pg_snapshot_xmin(pg_current_snapshot())`;

/**
 * A message is committed within this time of its arrival, in milliseconds, by the clocks of all processes: bounds where those are looked
 * for that a snapshot does not show.
 */
export const LONGEST_ARRIVAL = durationMs("1h");

const longestArrival = sql`interval '${sql.raw(String(LONGEST_ARRIVAL))} milliseconds'`;

const shown = sql`message.archived_at is null`;

interface Counted extends FeedCounts {
  number: number;
  /** Messages that were looked at and are in no checkpoint. */
  looked: number;
  /** The snapshot of the checkpoint that was gone on from. */
  snapshot: string | null;
}

const count = (db: Executor, selections: readonly FeedSelection[], now: Date): Promise<Counted[]> =>
  rows<Counted>(
    db,
    sql`with given as materialized (${givenSelections(selections)})
    select given.number, fresh.looked, checkpoint.snapshot, fresh.total + coalesce(base.total, 0) as "totalCount",
      fresh.unread + coalesce(base.unread, 0) as "unreadCount", fresh.unseen + coalesce(base.unseen, 0) as "unseenCount"
    from given
    left join lateral (
      select kept.snapshot, kept.counted_at from knock.feed_counts as kept
      where given.plain and kept.recipient_id = given."recipientId" and kept.tenant_id = '' and ${usable(now)}
    ) as checkpoint on true
    left join lateral (
      select sum(kept.total)::int as total, sum(kept.unread)::int as unread, sum(kept.unseen)::int as unseen
      from knock.feed_counts as kept
      where checkpoint.snapshot is not null and kept.recipient_id = given."recipientId"
        and ${givenTenant(sql`nullif(kept.tenant_id, '')`)}
    ) as base on true
    cross join lateral (
      select count(*)::int as looked, (count(*) filter (where wanted))::int as total,
        (count(*) filter (where wanted and read_at is null))::int as unread,
        (count(*) filter (where wanted and seen_at is null))::int as unseen
      from (
        select message.read_at, message.seen_at, ${givenItem} as wanted from knock.messages as message
        where message.recipient_id = given."recipientId" and message.arrived_xid is not null
          and message.delivered_at >= coalesce(checkpoint.counted_at - ${longestArrival}, '-infinity')
          and case when checkpoint.snapshot is null then true
            else not pg_visible_in_snapshot(message.arrived_xid, checkpoint.snapshot::pg_snapshot) end
      ) as looked_at
    ) as fresh`,
  );

/** Counts of feeds to be kept, with the snapshots that they are to replace. */
interface Stale {
  recipientId: string;
  snapshot: string | null;
}

/** Writes checkpoints, unless somebody else has or messages of the same people are being marked: then the next count does. */
async function keep(database: CountedDatabase, stale: readonly Stale[], now: Date): Promise<void> {
  await database.transaction(async (tx) => {
    const recipients = stale.map(({ recipientId }) => recipientId);
    const taken = await rows<{ bucket: number; taken: string }>(
      tx,
      locking(
        sql`select distinct ${bucketOf(sql`recipient`)} as bucket from unnest(${sql.param(recipients)}::text[]) as recipient`,
        "ifAlone",
      ),
    );
    const ours = taken.filter((lock) => lock.taken === "true").map(({ bucket }) => bucket);
    if (ours.length > 0) await write(tx, { stale, buckets: ours, now });
  });
}

/**
 * Counts and keeps. What this statement does not see itself, the messages of a restored backup whose transactions are yet
 * to come, cannot be told from what comes later: then nothing is kept.
 */
const write = (
  tx: Executor,
  { stale, buckets, now }: { stale: readonly Stale[]; buckets: readonly number[]; now: Date },
): Promise<unknown> =>
  rows(
    tx,
    sql`with given as materialized (
      select given."recipientId" as recipient_id from jsonb_to_recordset(${JSON.stringify(stale)}::text::jsonb)
        as given ("recipientId" text, snapshot text)
      left join knock.feed_counts as kept on kept.recipient_id = given."recipientId" and kept.tenant_id = ''
      where ${bucketOf(sql`given."recipientId"`)} = any(${sql.param(buckets)}::int[])
        and (kept.snapshot is null or not (${usable(now)}) or kept.snapshot is not distinct from given.snapshot)
    ),
    counted as materialized (
      select message.recipient_id, coalesce(message.tenant_id, '') as tenant_id, (count(*) filter (where ${shown}))::int as total,
        (count(*) filter (where ${shown} and message.read_at is null))::int as unread,
        (count(*) filter (where ${shown} and message.seen_at is null))::int as unseen,
        bool_and(pg_visible_in_snapshot(message.arrived_xid, pg_current_snapshot())) as visible
      from given join knock.messages as message on message.recipient_id = given.recipient_id and message.arrived_xid is not null
      group by 1, 2
    ),
    kept as (
      select given.recipient_id, '' as tenant_id, 0 as total, 0 as unread, 0 as unseen from given
      union all select recipient_id, tenant_id, total, unread, unseen from counted
    ),
    certain as materialized (
      select recipient_id, tenant_id, sum(total)::int as total, sum(unread)::int as unread, sum(unseen)::int as unseen from kept
      where recipient_id not in (select recipient_id from counted where not visible) group by 1, 2
    ),
    gone as (
      delete from knock.feed_counts as old using given where old.recipient_id = given.recipient_id
        and not exists (select from certain where certain.recipient_id = old.recipient_id and certain.tenant_id = old.tenant_id)
    )
    insert into knock.feed_counts (recipient_id, tenant_id, snapshot, total, unread, unseen, counted_at)
    select recipient_id, tenant_id, pg_current_snapshot()::text, total, unread, unseen, ${now.toISOString()}::text::timestamptz
    from certain
    on conflict (recipient_id, tenant_id) do update set snapshot = excluded.snapshot, total = excluded.total,
      unread = excluded.unread, unseen = excluded.unseen, counted_at = excluded.counted_at`,
  );

/** What counting needs: a transaction of its own when a count is worth keeping. */
export interface CountedDatabase {
  db: Executor;
  transaction<Result>(work: (tx: Executor) => Promise<Result>): Promise<Result>;
}

async function countSlice(
  database: CountedDatabase,
  selections: readonly FeedSelection[],
  { now, worthKeeping = WORTH_KEEPING }: { now: Date; worthKeeping?: number },
): Promise<FeedCounts[]> {
  const counted = await count(database.db, selections, now);
  const counts: FeedCounts[] = selections.map(() => NOTHING);
  const stale = new Map<string, Stale>();
  for (const { number, looked, snapshot, totalCount, unreadCount, unseenCount } of counted) {
    const { recipientId } = selections[number]!;
    counts[number] = { totalCount, unreadCount, unseenCount };
    if (looked > worthKeeping && isPlain(selections[number]!)) stale.set(recipientId, { recipientId, snapshot });
  }
  if (stale.size > 0) await keep(database, [...stale.values()], now);
  return counts;
}

/**
 * Counts feeds, in the order of the selections; their `status` does not matter. A few statements, however many they
 * are. `worthKeeping` says how many messages are counted again and again before a checkpoint is written; default 500.
 */
export async function countFeeds(
  database: CountedDatabase,
  selections: readonly FeedSelection[],
  options: { now: Date; worthKeeping?: number },
): Promise<FeedCounts[]> {
  const counts: FeedCounts[] = [];
  for (const slice of slicesOf(selections, FEEDS_PER_STATEMENT)) {
    const named = slice.filter((selection) => findUnstorable(selection) === null);
    const counted = named.length > 0 ? await countSlice(database, named, options) : [];
    // Nobody and nothing has a name that cannot be stored.
    const byNamed = new Map(named.map((selection, index) => [selection, counted[index]!]));
    counts.push(...slice.map((selection) => byNamed.get(selection) ?? NOTHING));
  }
  return counts;
}

/** Counts one feed. See `countFeeds`. */
export const countFeed = async (
  database: CountedDatabase,
  selection: FeedSelection,
  options: { now: Date; worthKeeping?: number },
): Promise<FeedCounts> => (await countFeeds(database, [selection], options))[0]!;
