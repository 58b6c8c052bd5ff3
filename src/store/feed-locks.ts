// Locks of feeds: whoever changes messages that are in feeds holds one that they share, whoever writes a checkpoint of
// their counts has it alone. Why is at the top of feed-counts.ts. They are of the transaction, and to be taken before the
// snapshot of the statement that changes: by a statement of its own.
import { type SQL, sql } from "drizzle-orm";
import { type Executor, rows } from "./executor.ts";

/** Locks for all people; one person's is told by the hash of the id. */
const BUCKETS = 64;

/** How the locks are taken. */
const locks = {
  shared: sql`pg_advisory_xact_lock_shared`,
  ifAlone: sql`pg_try_advisory_xact_lock`,
} as const;

/** The bucket of a recipient. */
export const bucketOf = (recipient: SQL): SQL => sql`(hashtext(${recipient}) & ${sql.raw(String(BUCKETS - 1))})`;

/** A lock of each of the buckets that `buckets` selects as `bucket`, in one order. */
const locking = (buckets: SQL, how: keyof typeof locks): SQL =>
  sql`select bucket, ${locks[how]}(hashtext('knock.feed'), bucket)::text as taken from (${buckets} order by 1) as buckets`;

const bucketsOf = (recipients: readonly string[]): SQL =>
  sql`select distinct ${bucketOf(sql`recipient`)} as bucket from unnest(${sql.param(recipients)}::text[]) as recipient`;

/** Holds off checkpoints of these people's feeds until the transaction ends. To be done before their messages change. */
export const holdFeeds = (tx: Executor, recipients: readonly string[]): Promise<unknown> =>
  rows(tx, locking(bucketsOf(recipients), "shared"));

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
 * Has the feeds of these people alone until the transaction ends, where nobody holds them: nobody waits for it, and it
 * waits for nobody. Answers the buckets that it has.
 */
export async function haveFeedsAlone(tx: Executor, recipients: readonly string[]): Promise<number[]> {
  const taken = await rows<{ bucket: number; taken: string }>(tx, locking(bucketsOf(recipients), "ifAlone"));
  return taken.filter((lock) => lock.taken === "true").map(({ bucket }) => bucket);
}
