// What people did with their messages.
import { type SQL, sql } from "drizzle-orm";
import { instant, rows, type Executor } from "./executor.ts";
import { holdFeeds, holdFeedsOf } from "./feed-locks.ts";
import { type FeedSelection, selecting } from "./reads/feed-filter.ts";
import { where } from "./reads/notifications.ts";

type Time = "seen_at" | "read_at" | "interacted_at" | "archived_at";

/** A change of the engagement times: what is set when it is not yet, what is emptied. */
export interface Engagement {
  set: readonly Time[];
  empty: readonly Time[];
}

/** The changes there are. */
export const engagements = {
  SEEN: { set: ["seen_at"], empty: [] },
  UNSEEN: { set: [], empty: ["seen_at"] },
  READ: { set: ["seen_at", "read_at"], empty: [] },
  UNREAD: { set: [], empty: ["read_at"] },
  INTERACTED: { set: ["seen_at", "read_at", "interacted_at"], empty: [] },
  ARCHIVED: { set: ["archived_at"], empty: [] },
  UNARCHIVED: { set: [], empty: ["archived_at"] },
} as const satisfies Record<string, Engagement>;

/** Changed messages of one person that those who look on are told by name; of more they are told that there were some. */
const NAMED = 100;

/** Whose messages may be changed. */
export interface MarkedBy {
  userId: string;
  /** Tenants whose messages are reached beside those that belong to none; `null`: all. */
  tenants: readonly string[] | null;
}

/** What was marked. */
export interface MarkedMessages {
  /** How many messages there were. */
  found: number;
  /** Those that were not so marked yet. */
  changed: string[];
}

const named = (time: Time, of: string): SQL => sql`${sql.identifier(of)}.${sql.identifier(time)}`;

/** What the change sets, and whether a message needs it. */
function changing({ set, empty }: Engagement, now: Date) {
  const at = sql`${now.toISOString()}::text::timestamptz`;
  const values = [
    ...set.map((time) => sql`${sql.identifier(time)} = coalesce(${named(time, "message")}, ${at})`),
    ...empty.map((time) => sql`${sql.identifier(time)} = null`),
  ];
  const needs = [
    ...set.map((time) => sql`${named(time, "message")} is null`),
    ...empty.map((time) => sql`${named(time, "message")} is not null`),
  ];
  return { values: sql.join(values, sql`, `), needs: sql`(${sql.join(needs, sql` or `)})` };
}

/** By how much a change of one message changes a count: `before` and `after` hold its times. */
const difference = (counts: (of: SQL) => SQL): SQL =>
  sql`sum(${counts(sql.raw("after_"))}::int - ${counts(sql.raw("before_"))}::int)::int`;

const total = (of: SQL) => sql`(${of}archived_at is null)`;
const unread = (of: SQL) => sql`(${of}archived_at is null and ${of}read_at is null)`;
const unseen = (of: SQL) => sql`(${of}archived_at is null and ${of}seen_at is null)`;

/**
 * The parts of a statement that mark the messages that `locked` holds: it changes them, the checkpoints that count them
 * (src/store/feed-checkpoints.ts), and leaves word for those who look on.
 */
function marking(engagement: Engagement, now: Date): SQL {
  const { values, needs } = changing(engagement, now);
  return sql`marked as (
      update knock.messages as message set ${values} from locked where message.id = locked.id and ${needs}
      returning message.id, message.recipient_id, coalesce(message.tenant_id, '') as tenant_id, message.arrived_xid,
        locked.archived_at as before_archived_at, locked.read_at as before_read_at, locked.seen_at as before_seen_at,
        message.archived_at as after_archived_at, message.read_at as after_read_at, message.seen_at as after_seen_at
    ),
    checkpoints as materialized (
      select recipient_id, tenant_id, snapshot::pg_snapshot as snapshot from knock.feed_counts
      where (recipient_id, tenant_id) in (select recipient_id, tenant_id from marked)
      order by recipient_id, tenant_id for no key update
    ),
    adjusted as (
      update knock.feed_counts as counts set total = counts.total + change.total, unread = counts.unread + change.unread,
        unseen = counts.unseen + change.unseen
      from (
        select recipient_id, tenant_id, ${difference(total)} as total, ${difference(unread)} as unread,
          ${difference(unseen)} as unseen
        from marked join checkpoints using (recipient_id, tenant_id)
        where marked.arrived_xid is not null and pg_visible_in_snapshot(marked.arrived_xid, checkpoints.snapshot)
        group by 1, 2
      ) as change
      where counts.recipient_id = change.recipient_id and counts.tenant_id = change.tenant_id
    ),
    told as (
      insert into knock.feed_changes (id, xid, recipient_id, message_ids, created_at)
      select gen_random_uuid(), pg_current_xact_id(), recipient_id,
        case when count(*) <= ${NAMED}::int then array_agg(id) end, ${now.toISOString()}::text::timestamptz
      from marked where arrived_xid is not null group by recipient_id
    )`;
}

const columns = sql`message.id, message.archived_at, message.read_at, message.seen_at`;

const outcome = sql`(select count(*)::int from locked) as found,
  (select coalesce(jsonb_agg(id), '[]') from marked) as changed`;

function ownedBy(by: MarkedBy | null): SQL {
  if (by === null) return sql``;
  const granted = sql`and (message.tenant_id is null or message.tenant_id = any(${sql.param(by.tenants ?? [])}::text[]))`;
  return sql`and message.recipient_id = ${by.userId} ${by.tenants === null ? sql`` : granted}`;
}

/** Changes the engagement of messages, of those of one person when given. */
export async function mark(
  tx: Executor,
  { ids, by, engagement, now }: { ids: readonly string[]; by: MarkedBy | null; engagement: Engagement; now: Date },
): Promise<MarkedMessages> {
  await holdFeedsOf(tx, ids);
  // Locked in the order of the ids first, so that two calls at once wait for each other in one direction.
  const [marked] = await rows<MarkedMessages & Record<string, unknown>>(
    tx,
    sql`with locked as materialized (
      select ${columns} from knock.messages as message where message.id = any(${sql.param(ids)}::uuid[]) ${ownedBy(by)}
      order by message.id for no key update
    ), ${marking(engagement, now)}
    select ${outcome}`,
  );
  return marked!;
}

/** How far a walk through a feed has come: the last item that was looked at. */
export interface Passed {
  at: Date;
  id: string;
}

/**
 * Changes the engagement of the next items of a feed, newest first, which are not so marked yet: at most `limit`. `last` is
 * where to go on; `null` at the end of the feed.
 */
export async function markNext(
  tx: Executor,
  selection: FeedSelection,
  { after, limit, engagement, now }: { after: Passed | null; limit: number; engagement: Engagement; now: Date },
): Promise<MarkedMessages & { last: Passed | null }> {
  await holdFeeds(tx, [selection.recipientId]);
  const { needs } = changing(engagement, now);
  const beyond =
    after === null
      ? undefined
      : sql`(message.delivered_at, message.id) < (${after.at.toISOString()}::text::timestamptz, ${after.id}::uuid)`;
  const [marked] = await rows<MarkedMessages & Record<string, unknown> & { at: string | null; id: string | null }>(
    tx,
    sql`with page as materialized (
      select message.id, message.delivered_at from knock.messages as message
      ${where([...selecting(selection), needs, beyond])}
      order by message.delivered_at desc, message.id desc limit ${limit}::int
    ),
    locked as materialized (
      select ${columns} from knock.messages as message where message.id in (select id from page)
      order by message.id for no key update
    ), ${marking(engagement, now)}
    select ${outcome}, oldest.delivered_at as at, oldest.id
    from (select count(*) as seen from page) as walked left join (
      select delivered_at, id from page order by delivered_at, id limit 1
    ) as oldest on walked.seen = ${limit}::int`,
  );
  const { at, id, ...rest } = marked!;
  return { ...rest, last: at === null || id === null ? null : { at: instant(at), id } };
}
