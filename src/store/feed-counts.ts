// How much is in feeds. A large feed is counted once: a checkpoint keeps what was in it at a snapshot
// (feed-checkpoints.ts), and from then on only what came later is counted. That is exact, because:
//
// * A message says with which transaction it came (`arrived_xid`), for ever. So it is either visible in the
//   checkpoint's snapshot, and counted there, or it is not, and counted now.
// * Whoever changes messages that a checkpoint counts changes the checkpoint in the same statement: marks add the
//   difference, deleting deletes it.
// * Marks and deletions hold a lock that they share (feed-locks.ts), taken before the snapshot of their statement; whoever
//   writes a checkpoint has it alone, taken before its snapshot. So a checkpoint counts a mark as a whole, or the mark finds the
//   checkpoint.
// * A checkpoint is moved on, to a later snapshot, by one statement under the same lock: to what it counted, with all
//   marks until then, comes what its snapshot does not show, as it is by then. So the new one is what a plain count at its
//   snapshot says.
import { sql } from "drizzle-orm";
import { slicesOf } from "../base/arrays.ts";
import { findUnstorable } from "../base/text.ts";
import { type Executor, rows } from "./executor.ts";
import { aging, keepCounts, type Numbered, uncounted, usable } from "./feed-checkpoints.ts";
import type { FeedCounts } from "./reads/feed.ts";
import { type FeedSelection, givenItem, givenSelections, givenTenant } from "./reads/feed-filter.ts";

/** Messages of one person that are counted one by one before a checkpoint is worth it. */
const WORTH_KEEPING = 500;

/** Feeds that one statement counts at most. */
const FEEDS_PER_STATEMENT = 1_000;

const NOTHING: FeedCounts = { totalCount: 0, unreadCount: 0, unseenCount: 0 };

type Counted = Numbered & {
  /** There were more messages that are in no checkpoint than are counted one by one: these are not the counts. */
  cut: boolean;
  /** The checkpoint that was gone on from is to be renewed. */
  aging: boolean;
} & Record<string, unknown>;

/** Counts one by one what is in no checkpoint; of what a checkpoint could hold at most `most`, `null` for all. */
const count = (
  db: Executor,
  selections: readonly FeedSelection[],
  { now, most }: { now: Date; most: number | null },
): Promise<Counted[]> =>
  rows<Counted>(
    db,
    sql`with given as materialized (${givenSelections(selections)})
    select given.number, coalesce(given.plain and fresh.looked > ${most}::bigint, false) as cut,
      coalesce(checkpoint.aging, false) as aging, fresh.total + coalesce(base.total, 0) as "totalCount",
      fresh.unread + coalesce(base.unread, 0) as "unreadCount", fresh.unseen + coalesce(base.unseen, 0) as "unseenCount"
    from given
    left join lateral (
      select kept.snapshot, kept.counted_at, ${aging(now)} as aging from knock.feed_counts as kept
      where given.plain and kept.recipient_id = given."recipientId" and kept.tenant_id = '' and ${usable(now)}
    ) as checkpoint on true
    left join lateral (
      select sum(kept.total)::int as total, sum(kept.unread)::int as unread, sum(kept.unseen)::int as unseen
      from knock.feed_counts as kept
      where checkpoint.snapshot is not null and kept.recipient_id = given."recipientId"
        and ${givenTenant(sql`nullif(kept.tenant_id, '')`)}
    ) as base on true
    cross join lateral (
      select count(*) as looked, (count(*) filter (where wanted))::int as total,
        (count(*) filter (where wanted and read_at is null))::int as unread,
        (count(*) filter (where wanted and seen_at is null))::int as unseen
      from (
        select message.read_at, message.seen_at, ${givenItem} as wanted from knock.messages as message
        where ${uncounted(sql`given."recipientId"`)} limit case when given.plain then ${most}::bigint + 1 end
      ) as looked_at
    ) as fresh`,
  );

/** What counting needs: a transaction of its own when a count is worth keeping. */
export interface CountedDatabase {
  db: Executor;
  transaction<Result>(work: (tx: Executor) => Promise<Result>): Promise<Result>;
}

/** Counts some selections by a way of counting, and answers those that it has counted by their places among all. */
async function countSome(
  all: readonly FeedSelection[],
  places: readonly number[],
  counting: (some: readonly FeedSelection[]) => Promise<readonly Numbered[]>,
): Promise<Map<number, FeedCounts>> {
  if (places.length === 0) return new Map();
  const counted = await counting(places.map((place) => all[place]!));
  return new Map(
    counted.map(({ number, totalCount, unreadCount, unseenCount }) => [
      places[number]!,
      { totalCount, unreadCount, unseenCount },
    ]),
  );
}

async function countSlice(
  database: CountedDatabase,
  selections: readonly FeedSelection[],
  { now, worthKeeping = WORTH_KEEPING }: { now: Date; worthKeeping?: number },
): Promise<FeedCounts[]> {
  const found = await count(database.db, selections, { now, most: worthKeeping });
  const stale = found.filter((each) => each.cut || each.aging).map(({ number }) => number);
  const kept = await countSome(selections, stale, (some) =>
    database.transaction((tx) => keepCounts(tx, { selections: some, now })),
  );
  // Those whose messages are just being marked are counted, and kept by whoever counts next.
  const left = found.filter(({ cut, number }) => cut && !kept.has(number)).map(({ number }) => number);
  const whole = await countSome(selections, left, (some) => count(database.db, some, { now, most: null }));
  const first = new Map(found.map((each) => [each.number, each]));
  return selections.map((_, number) => {
    const { totalCount, unreadCount, unseenCount } = kept.get(number) ?? whole.get(number) ?? first.get(number)!;
    return { totalCount, unreadCount, unseenCount };
  });
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
