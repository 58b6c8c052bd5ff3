// Work that rows say is still to be done: to be compared with the jobs that there are.
import { sql } from "drizzle-orm";
import { type Executor, rows } from "./executor.ts";

/**
 * Whether this transaction is the one that does something of which one at a time is enough; others pass by.
 * Held until the transaction ends.
 */
export async function tryAlone(tx: Executor, what: string): Promise<boolean> {
  const [found] = await rows<{ alone: boolean }>(
    tx,
    sql`select pg_try_advisory_xact_lock(hashtext('knock.alone'), hashtext(${what}::text)) as alone`,
  );
  return found!.alone;
}

/** A chunk of a fan-out. */
export interface ChunkKey extends Record<string, unknown> {
  notification: string;
  number: number;
}

/** Chunks of notifications before an id that are not done, oldest first. */
export const openChunks = (db: Executor, before: string, limit: number): Promise<ChunkKey[]> =>
  rows<ChunkKey>(
    db,
    sql`select notification_id as notification, number from knock.fan_out_chunks
    where done_at is null and notification_id < ${before}::uuid order by notification_id, number limit ${limit}::int`,
  );

/** Ids after one, before another, at most so many rows. */
export interface Slice {
  after: string;
  before: string;
  limit: number;
}

/** What a slice holds, and the last id that was looked at; `null` when there is no more. */
export interface Found {
  ids: string[];
  after: string | null;
}

async function find(db: Executor, { after, before, limit }: Slice, what: "notifications" | "messages"): Promise<Found> {
  const wanted =
    what === "notifications"
      ? sql`planned_at is null and cancelled_at is null`
      : sql`status = 'queued' and next_attempt_at is null`;
  const [found] = await rows<{ last: string | null; seen: number; ids: string[] }>(
    db,
    sql`with page as (
      select id, ${wanted} as wanted from knock.${sql.identifier(what)}
      where id > ${after}::uuid and id < ${before}::uuid order by id limit ${limit}::int
    )
    select (select id from page order by id desc limit 1) as last, (select count(*)::int from page) as seen,
      coalesce((select jsonb_agg(id) from page where wanted), '[]'::jsonb) as ids`,
  );
  const { last, seen, ids } = found!;
  return { ids, after: seen < limit ? null : last };
}

/** Notifications of a slice whose recipients do not all have a run or a chunk. */
export const unplannedIn = (db: Executor, slice: Slice): Promise<Found> => find(db, slice, "notifications");

/** Messages of a slice that nobody has tried to send. */
export const untriedIn = (db: Executor, slice: Slice): Promise<Found> => find(db, slice, "messages");

/** A notification that is not planned to its end, and how far it is: its last chunk. */
export interface Unplanned extends Record<string, unknown> {
  id: string;
  lists: string[];
  /** Number of the last chunk; `null` when there is none. */
  number: number | null;
  list: string | null;
  upTo: string | null;
}

/** Those of the notifications that are not planned to their end. */
export const unplannedOf = (db: Executor, ids: readonly string[]): Promise<Unplanned[]> =>
  rows<Unplanned>(
    db,
    sql`select id, lists, last.number, last.list, last.up_to as "upTo" from knock.notifications
      left join lateral (
        select number, list, up_to from knock.fan_out_chunks where notification_id = id order by number desc limit 1
      ) as last on true
    where id = any(${sql.param(ids)}::uuid[]) and planned_at is null and cancelled_at is null order by id`,
  );

/** Those of the messages that nobody has tried to send. */
export async function untriedOf(db: Executor, ids: readonly string[]): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    sql`select id from knock.messages
    where id = any(${sql.param(ids)}::uuid[]) and status = 'queued' and next_attempt_at is null order by id`,
  );
  return found.map(({ id }) => id);
}
