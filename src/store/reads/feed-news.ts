// What has happened in feeds since somebody looked.
import { type SQL, sql } from "drizzle-orm";
import { type Executor, rows } from "../executor.ts";
import { storable } from "../input.ts";

/** What is asked for: all that some snapshots do not show. */
export interface NewsQuestion {
  /** The people whose feeds are looked at. */
  people: readonly string[];
  /** Transactions from here on are in none of the snapshots. */
  xmax: bigint;
  /** Transactions before it that were under way. */
  underWay: readonly bigint[];
  /**
   * Items that came after this time, found person by person: for few people who stand far back. `null` looks through all
   * items that have come, which is for those who have just looked.
   */
  since: Date | null;
}

/** An item that came. */
export interface Arrival {
  id: string;
  recipientId: string;
  xid: bigint;
  /** In milliseconds since 1970. */
  at: number;
}

/** Messages that were marked. */
export interface Change {
  recipientId: string;
  xid: bigint;
  /** `null` when there are too many to name. */
  messageIds: string[] | null;
}

/** What happened, and the snapshot that shows it. */
export interface News {
  snapshot: string;
  arrivals: Arrival[];
  changes: Change[];
}

type Raw = { kind: "snapshot" | "arrival" | "change" } & Record<"snapshot" | "id" | "recipientId" | "xid", string> & {
    at: number;
    messageIds: string[] | null;
  } & Record<string, unknown>;

/** What of a table the snapshots do not show, by its column of transactions: each part is a range of its index. */
const unseen = (columns: SQL, xid: SQL, { xmax, underWay }: NewsQuestion, rest: SQL): SQL => {
  // What is still to be committed is in no snapshot; only a restored backup holds it.
  const select = sql`union all select ${columns} and pg_visible_in_snapshot(${xid}, pg_current_snapshot()) ${rest}`;
  const later = sql`${select} and ${xid} >= ${String(xmax)}::text::xid8`;
  if (underWay.length === 0) return later;
  return sql`${later} ${select} and ${xid} = any(${`{${underWay.join(",")}}`}::text::xid8[])`;
};

/** Reads what happened. One statement, as what it shows and the snapshot must be of the same moment. */
export async function readNews(db: Executor, question: NewsQuestion): Promise<News> {
  // As an array of the driver's, which the planner knows: else it would be read anew for each row. Somebody who cannot be
  // stored has no news, and must not fail the look of all the others.
  const people = sql`${sql.param(storable(question.people))}::text[]`;
  // An expression: else the plan may be to look at every person.
  const whose = question.since === null ? sql`coalesce(recipient_id)` : sql`recipient_id`;
  const recent =
    question.since === null ? sql`` : sql`and delivered_at >= ${question.since.toISOString()}::text::timestamptz`;
  const found = await rows<Raw>(
    db,
    sql`select 'snapshot' as kind, pg_current_snapshot()::text as snapshot, null::uuid as id, null::text as "recipientId",
      null::text as xid, null::float8 as at, null::jsonb as "messageIds"
    ${unseen(
      sql`'arrival', null, id, recipient_id, arrived_xid::text, (extract(epoch from delivered_at) * 1000)::float8, null
        from knock.messages where arrived_xid is not null`,
      sql`arrived_xid`,
      question,
      sql`and ${whose} = any(${people}) ${recent}`,
    )}
    ${unseen(
      sql`'change', null, null, recipient_id, xid::text, null, to_jsonb(message_ids) from knock.feed_changes where true`,
      sql`xid`,
      question,
      sql`and recipient_id = any(${people})`,
    )}`,
  );
  const of = (kind: Raw["kind"]) => found.filter((raw) => raw.kind === kind);
  return {
    snapshot: of("snapshot")[0]!.snapshot,
    arrivals: of("arrival").map(({ id, recipientId, xid, at }) => ({ id, recipientId, xid: BigInt(xid), at })),
    changes: of("change").map(({ recipientId, xid, messageIds }) => ({ recipientId, xid: BigInt(xid), messageIds })),
  };
}
