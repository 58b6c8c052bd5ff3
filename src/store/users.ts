import { and, isNull, sql } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { objectOf } from "../base/object-id.ts";
import { userIdProblem } from "../base/text.ts";
import { deepMerge } from "./deep-merge.ts";
import { type Executor, prepared, rows } from "./executor.ts";
import { forgetCounts } from "./feed-checkpoints.ts";
import { holdFeeds } from "./feed-locks.ts";
import { countIssue, idIssue, refuse, storable, textIssue } from "./input.ts";
import { type Page, type PageArguments, pageBy } from "./paging.ts";
import { users } from "./schema/users.ts";

/** A stored user. Spelled out, as the library's users see it: what drizzle infers needs drizzle to be read. */
export interface StoredUser {
  id: string;
  name: string | null;
  email: string | null;
  phoneNumber: string | null;
  avatar: string | null;
  locale: string | null;
  timezone: string | null;
  properties: JsonObject;
  channelData: Record<string, JsonObject>;
  /** Of an object; `null` for a person. */
  collection: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** What is to be known of a user: absent members stay as they are, `null` empties. */
export interface UserInput {
  /** 1 to 256 characters. */
  id: string;
  name?: string | null;
  email?: string | null;
  phoneNumber?: string | null;
  avatar?: string | null;
  locale?: string | null;
  timezone?: string | null;
  /** Merged deeply into what is stored. */
  properties?: JsonObject;
  /** By channel key; merged deeply into what is stored. */
  channelData?: Record<string, JsonObject>;
}

/** The most users of one call. */
export const MAX_USERS_PER_CALL = 10_000;

/** Without members that are `undefined`: those are absent, as in JSON, and keep what is known. */
const present = (input: UserInput) =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as unknown as UserInput;

/** Users of one call, each once: one that is named twice is merged in order. */
export function mergedUsers(inputs: readonly UserInput[]): UserInput[] {
  const byId = new Map<string, UserInput>();
  for (const input of inputs) {
    const known = byId.get(input.id);
    byId.set(input.id, {
      ...known,
      ...present(input),
      properties: deepMerge(known?.properties ?? {}, input.properties ?? {}),
      channelData: deepMerge(known?.channelData ?? {}, input.channelData ?? {}) as Record<string, JsonObject>,
    });
  }
  return [...byId.values()];
}

/**
 * Creates users and updates present ones, with two statements however many they are. Properties and channel
 * data are merged deeply by the database itself, so two calls at once that set different properties of one
 * user both count. One user named twice is merged in order. Ids of objects make objects. Errors: `INVALID_INPUT`; nothing is stored then.
 */
export async function upsertUsers(db: Executor, inputs: readonly UserInput[], now: Date): Promise<void> {
  refuse("The call", [
    countIssue(["users"], inputs.length, MAX_USERS_PER_CALL),
    ...inputs.map((input, index) => idIssue(["users", index, "id"], "A user id", userIdProblem(input.id))),
    ...inputs.map((input, index) => textIssue(["users", index], input)),
  ]);
  if (inputs.length === 0) return;
  const wanted = mergedUsers(inputs).map((input) => ({ ...input, collection: objectOf(input.id)?.collection ?? null }));
  const given = sql`jsonb_array_elements(${JSON.stringify(wanted)}::text::jsonb) as given`;
  const at = sql`${now.toISOString()}::text::timestamptz`;
  // In the order of their ids, as every writer does: two calls at once wait for each other in one direction.
  const inserted = await rows<{ id: string }>(
    db,
    sql`insert into ${users} (id, name, email, phone_number, avatar, locale, timezone, properties, channel_data, collection, created_at, updated_at)
      select given->>'id', given->>'name', given->>'email', given->>'phoneNumber', given->>'avatar', given->>'locale',
        given->>'timezone', given->'properties', given->'channelData', given->>'collection', ${at}, ${at}
      from ${given} order by 1
      on conflict (id) do nothing returning id`,
  );
  const fresh = new Set(inserted.map(({ id }) => id));
  const others = wanted.filter(({ id }) => !fresh.has(id));
  if (others.length > 0) await updatePresent(db, others, now);
}

/** A statement of its own: only a new snapshot sees the users that other calls have inserted meanwhile. */
async function updatePresent(db: Executor, inputs: UserInput[], now: Date): Promise<void> {
  const text = (member: string, column: string) =>
    sql.raw(`${column} = case when given ? '${member}' then given->>'${member}' else stored.${column} end`);
  await rows(
    db,
    sql`with given as materialized (select value as given, value->>'id' as id from jsonb_array_elements(${JSON.stringify(inputs)}::text::jsonb)),
      locked as materialized (
        select users.id from ${users} as users where users.id in (select id from given) order by users.id for no key update
      )
      update ${users} as stored set ${text("name", "name")}, ${text("email", "email")}, ${text("phoneNumber", "phone_number")},
        ${text("avatar", "avatar")}, ${text("locale", "locale")}, ${text("timezone", "timezone")},
        properties = knock.deep_merge(stored.properties, given->'properties'),
        channel_data = knock.deep_merge(stored.channel_data, given->'channelData'),
        updated_at = ${now.toISOString()}::text::timestamptz
      from given join locked using (id) where stored.id = given.id`,
  );
}

/** Those of the users that exist, by id. */
export async function findUsers(db: Executor, ids: Iterable<string>): Promise<Map<string, StoredUser>> {
  const wanted = sql`${users.id} = any(${sql.param(storable(ids))}::text[])`;
  const found = await prepared(db.select().from(users).where(wanted));
  return new Map(found.map((user) => [user.id, user]));
}

/** Which of the ids belong to users that exist. */
export async function existingUsers(db: Executor, ids: Iterable<string>): Promise<Set<string>> {
  const found = await rows<{ id: string }>(
    db,
    sql`select id from ${users} where id = any(${sql.param(storable(ids))}::text[])`,
  );
  return new Set(found.map(({ id }) => id));
}

/**
 * Deletes recipients with everything that is kept about them: preferences, memberships, schedules, messages and their
 * delivery attempts. Runs keep the ids, and so does the record of which lists they were in. Gives the ids of those that
 * there were. To be called in a transaction.
 */
export async function eraseRecipients(db: Executor, wanted: readonly string[], now: Date): Promise<string[]> {
  if (wanted.length === 0) return [];
  await holdFeeds(db, wanted);
  const ids = sql`any(${sql.param(wanted)}::text[])`;
  const gone = await rows<{ id: string }>(
    db,
    // In the order of the ids, as marks take them.
    sql`with held as materialized (select id from knock.messages where recipient_id = ${ids} order by id for update),
      sent as (delete from knock.messages as message using held where message.id = held.id returning message.id),
      changes as (delete from knock.feed_changes where recipient_id = ${ids}),
      attempts as (delete from knock.delivery_attempts where message_id in (select id from sent)),
      memberships as (delete from knock.list_members where user_id = ${ids} returning list, user_id, created_at),
      departures as (
        insert into knock.list_departures (list, user_id, joined_at, left_at)
        select list, user_id, created_at, ${now.toISOString()}::text::timestamptz from memberships
      ),
      preferences as (delete from knock.preference_sets where owner = 'user' and owner_id = ${ids}),
      schedules as (delete from knock.schedules where recipient_id = ${ids})
      delete from ${users} where id = ${ids} returning id`,
  );
  await forgetCounts(db, wanted);
  return gone.map(({ id }) => id);
}

/** Deletes users with everything that is kept about these people, as `eraseRecipients` does; objects stay. */
export const deleteUsers = (db: Executor, ids: readonly string[], now: Date): Promise<string[]> =>
  eraseRecipients(
    db,
    storable(ids).filter((id) => objectOf(id) === null),
    now,
  );

/** Deletes one user with everything that is kept about the person. Tells whether there was such a user. */
export const deleteUser = async (db: Executor, id: string, now: Date): Promise<boolean> =>
  (await deleteUsers(db, [id], now)).length > 0;

/** One page of all users, by id; without objects. */
export async function pageUsers(db: Executor, args: PageArguments): Promise<Page<StoredUser>> {
  const keyset = pageBy({ column: users.id, key: "text" }, args);
  const query = db
    .select()
    .from(users)
    .where(and(isNull(users.collection), keyset.where))
    .orderBy(keyset.orderBy)
    .limit(keyset.limit);
  return keyset.page(await prepared(query), ({ id }) => id);
}
