// Chunks of a fan-out: ranges of recipients that become runs together.
import { sql, type SQL } from "drizzle-orm";
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

/** Stores chunks; those that exist already stay as they are. Answers how many were new. */
export async function insertChunks(db: Executor, chunks: readonly Chunk[]): Promise<number> {
  const column = <T>(read: (chunk: Chunk) => T) => sql.param(chunks.map(read));
  const inserted = await rows(
    db,
    sql`insert into knock.fan_out_chunks (notification_id, number, list, after, up_to)
    select * from unnest(${column((chunk) => chunk.notificationId)}::uuid[], ${column((chunk) => chunk.number)}::int[],
      ${column((chunk) => chunk.list)}::text[], ${column((chunk) => chunk.after)}::text[], ${column((chunk) => chunk.upTo)}::text[])
    on conflict do nothing returning number`,
  );
  return inserted.length;
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

/** A chunk that is not done; `null` when it is. */
export async function openChunk(db: Executor, notificationId: string, number: number): Promise<Chunk | null> {
  const [chunk] = await rows<Chunk>(
    db,
    sql`select notification_id as "notificationId", number, list, after, up_to as "upTo" from knock.fan_out_chunks
    where notification_id = ${notificationId} and number = ${number} and done_at is null`,
  );
  return chunk ?? null;
}

/** A person that a chunk reaches. */
export interface Reached extends Record<string, unknown> {
  recipientId: string;
  /** Properties of the membership; `null` when named explicitly. */
  membership: JsonObject | null;
  /** The list through which the person is reached; `null` when named explicitly. */
  list: string | null;
}

const explicitPart = (db: Executor, { notificationId, after, upTo }: Chunk): Promise<Reached[]> =>
  rows<Reached>(
    db,
    sql`select distinct unnest(recipients[${Number(after) + 1}::int:${Number(upTo)}::int]) as "recipientId",
      null as membership, null as list
    from knock.notifications where id = ${notificationId} order by 1`,
  );

/**
 * The people of a chunk, without the actor and without those whom the call names. Who is in an earlier
 * list of the call too is answered with that membership, and not left to that list's own chunk: lists
 * change between two chunks, and then neither would reach the person. The run's id keeps it to one run.
 */
export async function chunkRecipients(
  db: Executor,
  chunk: Chunk,
  { actorId, lists }: { actorId: string | null; lists: readonly string[] },
): Promise<Reached[]> {
  if (chunk.list === null) return explicitPart(db, chunk);
  const page = sql`select user_id, properties from knock.list_members
      where list = ${chunk.list} and (${chunk.after}::text is null or user_id > ${chunk.after}::text) and user_id <= ${chunk.upTo}
        and user_id is distinct from ${actorId}::text`;
  const named = sql`select unnest(recipients) as recipient from knock.notifications where id = ${chunk.notificationId}`;
  return membersReached(db, { list: chunk.list, lists, page, named });
}

/** Which members of a list a notification reaches. */
export interface Through {
  list: string;
  /** All lists of the call, in its order. */
  lists: readonly string[];
  /** Selects `user_id` and `properties` of members. */
  page: SQL;
  /** Selects as `recipient` whom the call names. */
  named: SQL;
}

/** Members of a list as recipients, in the order of their ids: see `chunkRecipients`. */
export async function membersReached(db: Executor, { list, lists, page, named }: Through): Promise<Reached[]> {
  const earlier = lists.slice(0, lists.indexOf(list));
  const first =
    earlier.length === 0
      ? sql`(values (null::text, null::jsonb)) as first (list, properties)`
      : sql`lateral (
        select member.list, member.properties from unnest(${sql.param(earlier)}::text[]) with ordinality as asked (list, position)
          join knock.list_members as member on member.list = asked.list and member.user_id = page.user_id
        order by asked.position limit 1
      ) as first`;
  const found = await rows<Reached>(
    db,
    sql`with page as (${page}), named as (${named})
    select page.user_id as "recipientId", nullif(coalesce(first.properties, page.properties), '{}') as membership,
      coalesce(first.list, ${list}::text) as list
    from page left join ${first} on true
    where not exists (select from named where recipient = page.user_id) order by page.user_id`,
  );
  // Most memberships have no properties: then nothing is sent and nothing is parsed.
  for (const person of found) person.membership ??= {};
  return found;
}
