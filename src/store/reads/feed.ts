// What people see in their feeds.
import { type SQL, sql } from "drizzle-orm";
import type { JsonObject } from "../../base/canonical-json.ts";
import { findUnstorable } from "../../base/text.ts";
import { type Executor, instant, rows } from "../executor.ts";
import { arrivalKey, encodeCursor, type Page, type PageArguments, pageBy } from "../paging.ts";
import { type ArrivalRange, type FeedSelection, inRange, selecting } from "./feed-filter.ts";
import { where } from "./notifications.ts";

/** How much is in a feed. */
export interface FeedCounts extends Record<string, unknown> {
  totalCount: number;
  unreadCount: number;
  unseenCount: number;
}

/** One item of a feed, with what belongs to it. Holds nothing that its reader may not see. */
export interface FeedItem {
  /** Id of the message. */
  id: string;
  recipientId: string;
  workflow: string;
  versionId: string;
  step: string;
  tenantId: string | null;
  channel: string;
  /** The rendered message: see `InAppMessage`. */
  content: JsonObject;
  notificationId: string;
  runId: string;
  /** Data of the notification; of a batch, that of its first activity. Empty when the notification was deleted. */
  data: JsonObject;
  /** Who did it; of a batch the first ten, each once. */
  actorIds: string[];
  activityCount: number;
  actorCount: number;
  /** The batch whose activities it tells of; `null` for a message of one notification. */
  batchId: string | null;
  /** When it came into the feed. */
  arrivedAt: Date;
  seenAt: Date | null;
  readAt: Date | null;
  interactedAt: Date | null;
  clickedAt: Date | null;
  archivedAt: Date | null;
}

const times = ["arrivedAt", "seenAt", "readAt", "interactedAt", "clickedAt", "archivedAt"] as const;

type Raw = Omit<FeedItem, (typeof times)[number]> & Record<(typeof times)[number], string> & Record<string, unknown>;

const fromRaw = (raw: Raw): FeedItem =>
  ({ ...raw, ...Object.fromEntries(times.map((time) => [time, instant(raw[time])])) }) as unknown as FeedItem;

/** Actors of a batch that an item names. */
const ACTORS = 10;

/** The items of `page`, which holds rows of `knock.messages`, each with what belongs to it. */
const items = (orderBy: SQL): SQL => sql`
  select message.id, message.recipient_id as "recipientId", message.workflow, 
    coalesce(notification.version_id, run.version_id, 
      (select current.version_id from knock.workflows as current where current.key = message.workflow)) as "versionId",
    message.step, message.tenant_id as "tenantId", message.channel, message.content, message.notification_id as "notificationId",
    message.run_id as "runId", coalesce(notification.data, '{}') as data,
    coalesce(activities.actors, to_jsonb(array_remove(array[notification.actor_id], null))) as "actorIds",
    coalesce(activities.count, 1) as "activityCount",
    coalesce(activities.actor_count, (notification.actor_id is not null)::int) as "actorCount", batch.id as "batchId",
    message.delivered_at as "arrivedAt", message.seen_at as "seenAt", message.read_at as "readAt",
    message.interacted_at as "interactedAt", message.clicked_at as "clickedAt", message.archived_at as "archivedAt"
  from page as message
  left join knock.notifications as notification on notification.id = message.notification_id
  left join knock.runs as run on run.id = message.run_id
  -- A run that has passed several batches tells of the last.
  left join lateral (
    select batches.id from jsonb_path_query(run.state, '$.results.*.batch') as joined (batch)
    join knock.batches as batches on batches.id = (joined.batch #>> '{}')::uuid
    where batches.closed_at is not null order by batches.closed_at desc, batches.id limit 1
  ) as batch on true
  left join lateral (
    select sum(actor.count)::int as count, count(actor.id)::int as actor_count,
      coalesce(jsonb_agg(actor.id order by actor.first) filter (where actor.id is not null and actor.number <= ${ACTORS}::int), '[]') as actors
    from (
      select done.actor_id as id, count(*) as count, min(activity.notification_id::text) as first,
        row_number() over (order by done.actor_id is null, min(activity.notification_id::text)) as number
      from knock.batch_activities as activity
      left join knock.notifications as done on done.id = activity.notification_id
      where activity.batch_id = batch.id group by done.actor_id
    ) as actor
  ) as activities on batch.id is not null
  order by ${orderBy}`;

/** Which part of a feed: a page, of what came in a time. */
export interface FeedPageArguments extends PageArguments {
  arrived?: ArrivalRange | null | undefined;
}

/** Cursor of an item in the pages of a feed. */
export const feedCursor = (item: Pick<FeedItem, "id" | "arrivedAt">): string => encodeCursor(arrivalKey(item));

/**
 * One page of a feed, newest arrivals first: `after` a cursor are older items, `before` it newer ones. Errors:
 * `INVALID_INPUT`.
 */
export async function pageFeed(
  db: Executor,
  selection: FeedSelection,
  { arrived, ...args }: FeedPageArguments,
): Promise<Page<FeedItem>> {
  const [at, id] = [sql`message.delivered_at`, sql`message.id`];
  const keyset = pageBy({ column: sql`(${at}, ${id})`, sorted: [at, id], key: "arrival", descending: true }, args);
  // Nobody and nothing has a name that cannot be stored.
  if (findUnstorable(selection) !== null) return keyset.page<FeedItem>([], arrivalKey);
  const conditions = [...selecting(selection), ...inRange(arrived ?? {}), keyset.where];
  const found = await rows<Raw>(
    db,
    sql`with page as materialized (
      select message.* from knock.messages as message
      ${where(conditions)} order by ${keyset.orderBy} limit ${keyset.limit}::int
    ) ${items(keyset.orderBy)}`,
  );
  return keyset.page(found.map(fromRaw), arrivalKey);
}

/** Items by id; what is in no feed is left out. */
export async function readFeedItems(db: Executor, ids: readonly string[]): Promise<Map<string, FeedItem>> {
  if (ids.length === 0) return new Map();
  const found = await rows<Raw>(
    db,
    sql`with page as materialized (
      select * from knock.messages where id = any(${sql.param(ids)}::uuid[]) and arrived_xid is not null
    ) ${items(sql`message.id`)}`,
  );
  return new Map(found.map((raw) => [raw.id, fromRaw(raw)]));
}
