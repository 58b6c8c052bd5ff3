// What a simulation reads of the live state: the same rows as the work itself, without holding any of them.
import { sql } from "drizzle-orm";
import { storableJson } from "../../base/stored-json.ts";
import type { BatchIdentity } from "../batches.ts";
import { membersReached, type Reached } from "../chunks.ts";
import { instant, rows, type Executor } from "../executor.ts";
import type { RunRow } from "../runs.ts";
import type { ThrottleCount } from "../throttles.ts";

/** The windows of throttles, open or over. */
export async function throttleWindows(db: Executor, identities: readonly BatchIdentity[]): Promise<ThrottleCount[]> {
  const wanted = identities.map(({ workflow, step, recipientId, key }) => ({ workflow, step, recipientId, key }));
  const found = await rows<Omit<ThrottleCount, "endsAt"> & { endsAt: string }>(
    db,
    sql`select workflow, step, recipient_id as "recipientId", key, count::int as count, ends_at as "endsAt"
    from knock.throttles where (recipient_id, workflow, step, key) in (
      select "recipientId", workflow, step, key from jsonb_to_recordset(${storableJson(wanted)}::text::jsonb)
        as given (workflow text, step text, "recipientId" text, key text)
    )`,
  );
  return found.map(({ endsAt, ...window }) => ({ ...window, endsAt: instant(endsAt) }));
}

/** Those of the runs that wait. */
export async function waitingRuns(db: Executor, ids: readonly string[]): Promise<RunRow[]> {
  const found = await rows<Omit<RunRow, "wakeAt"> & { wakeAt: string | null } & Record<string, unknown>>(
    db,
    sql`select id, notification_id as "notificationId", version_id as "versionId", recipient_id as "recipientId",
      status, step, state, trace, wake_at as "wakeAt"
    from knock.runs where id = any(${sql.param(ids)}::uuid[]) and status = 'waiting'`,
  );
  return found.map((run) => ({ ...run, wakeAt: instant(run.wakeAt) }));
}

/** When notifications were made, by id. */
export async function notificationTimes(db: Executor, ids: readonly string[]): Promise<Map<string, Date>> {
  const found = await rows<{ id: string; at: string }>(
    db,
    sql`select id, created_at as at from knock.notifications where id = any(${sql.param(ids)}::uuid[])`,
  );
  return new Map(found.map(({ id, at }) => [id, instant(at)]));
}

/** Someone, as an actor of activities of a batch. */
export interface BatchActor extends Record<string, unknown> {
  batchId: string;
  actorId: string;
}

/** Which of these are so. */
export const batchActors = (db: Executor, asked: readonly BatchActor[]): Promise<BatchActor[]> =>
  rows<BatchActor>(
    db,
    sql`select distinct activity.batch_id as "batchId", notification.actor_id as "actorId"
    from jsonb_to_recordset(${storableJson(asked)}::text::jsonb) as given ("batchId" uuid, "actorId" text)
    join knock.batch_activities as activity on activity.batch_id = given."batchId"
    join knock.notifications as notification
      on notification.id = activity.notification_id and notification.actor_id = given."actorId"`,
  );

/** Ids in the order in which the database has them, each once. */
export async function inOrder(db: Executor, ids: readonly string[]): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    sql`select distinct id from unnest(${sql.param(ids)}::text[]) as id order by id`,
  );
  return found.map(({ id }) => id);
}

/** Whom a call reaches. */
export interface Audience {
  recipients: readonly string[];
  lists: readonly string[];
  actorId: string | null;
}

/** How many people a call reaches through its lists alone. */
export async function countThroughLists(db: Executor, { recipients, lists, actorId }: Audience): Promise<number> {
  const [counted] = await rows<{ count: number }>(
    db,
    sql`select count(*)::int as count from (
      select user_id from knock.list_members where list = any(${sql.param(lists)}::text[])
        and user_id is distinct from ${actorId}::text
      except select unnest(${sql.param(recipients)}::text[])
    ) as reached`,
  );
  return counted!.count;
}

/** The first so many members of a list that a call reaches, after a member. */
export function membersOf(
  db: Executor,
  { recipients, lists, actorId }: Audience,
  { list, after, limit }: { list: string; after: string | null; limit: number },
): Promise<Reached[]> {
  const page = sql`select user_id, properties from knock.list_members
    where list = ${list}::text and (${after}::text is null or user_id > ${after}::text) and user_id is distinct from ${actorId}::text
      and user_id <> all(${sql.param(recipients)}::text[])
    order by user_id limit ${limit}::int`;
  const named = sql`select unnest(${sql.param(recipients)}::text[]) as recipient`;
  return membersReached(db, { list, lists, page, named });
}
