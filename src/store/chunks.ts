// Chunks of a fan-out: ranges of recipients that become runs together.
import { sql } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { rows, type Executor } from "./executor.ts";

/** A range of the recipients of one notification. */
export interface Chunk extends Record<string, unknown> {
  notificationId: string;
  number: number;
  /** The list whose members these are; `null` for positions among the explicit recipients. */
  list: string | null;
  after: string | null;
  upTo: string;
}

/** The last user ids of consecutive pages of a list, beginning after a member. */
export async function pageEnds(
  db: Executor,
  { list, after, size, pages }: { list: string; after: string | null; size: number; pages: number },
): Promise<string[]> {
  const ends = await rows<{ id: string }>(
    db,
    sql`select id from (
      select user_id as id, row_number() over (order by user_id) as position, lead(user_id) over (order by user_id) as following
      from (
        select user_id from knock.list_members where list = ${list} and (${after}::text is null or user_id > ${after}::text)
        order by user_id limit ${size * pages}
      ) as members
    ) as numbered where position % ${size} = 0 or following is null order by id`,
  );
  return ends.map(({ id }) => id);
}

/** Stores chunks; those that exist already stay as they are. */
export async function insertChunks(db: Executor, chunks: readonly Chunk[]): Promise<void> {
  const column = <T>(read: (chunk: Chunk) => T) => sql.param(chunks.map(read));
  await rows(
    db,
    sql`insert into knock.fan_out_chunks (notification_id, number, list, after, up_to)
    select * from unnest(${column((chunk) => chunk.notificationId)}::uuid[], ${column((chunk) => chunk.number)}::int[],
      ${column((chunk) => chunk.list)}::text[], ${column((chunk) => chunk.after)}::text[], ${column((chunk) => chunk.upTo)}::text[])
    on conflict do nothing`,
  );
}

/** Takes a chunk that is not done, for this transaction alone; `null` when another one did it. */
export async function takeChunk(
  db: Executor,
  notificationId: string,
  number: number,
  now: Date,
): Promise<Chunk | null> {
  const [chunk] = await rows<Chunk>(
    db,
    sql`update knock.fan_out_chunks set done_at = ${now.toISOString()}::timestamptz
    where notification_id = ${notificationId} and number = ${number} and done_at is null
    returning notification_id as "notificationId", number, list, after, up_to as "upTo"`,
  );
  return chunk ?? null;
}

/** A person that a chunk reaches. */
export interface Reached extends Record<string, unknown> {
  recipientId: string;
  membership: JsonObject | null;
}

/**
 * The people of a chunk, each once over the whole notification: an explicit entry wins over a list, an
 * earlier list over a later one, and the actor is left out of lists.
 */
export function chunkRecipients(db: Executor, chunk: Chunk, actorId: string | null): Promise<Reached[]> {
  if (chunk.list === null) {
    return rows<Reached>(
      db,
      sql`select distinct unnest(recipients[${Number(chunk.after) + 1}::int:${Number(chunk.upTo)}::int]) as "recipientId", null as membership
      from knock.notifications where id = ${chunk.notificationId} order by 1`,
    );
  }
  return rows<Reached>(
    db,
    sql`with page as (
      select user_id, properties from knock.list_members
      where list = ${chunk.list} and (${chunk.after}::text is null or user_id > ${chunk.after}::text) and user_id <= ${chunk.upTo}
        and user_id is distinct from ${actorId}::text
    ),
    notification as (
      select recipients, lists[:array_position(lists, ${chunk.list}) - 1] as earlier
      from knock.notifications where id = ${chunk.notificationId}
    ),
    named as (
      select recipient from notification, unnest(recipients) as recipient
      union all
      select member.user_id from notification
        join knock.list_members as member on member.list = any(earlier) and member.user_id in (select user_id from page)
    )
    select user_id as "recipientId", properties as membership from page
    where not exists (select from named where recipient = user_id) order by user_id`,
  );
}
