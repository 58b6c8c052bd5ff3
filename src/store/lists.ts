import { and, sql } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { OBJECT_MARK } from "../base/object-id.ts";
import { listNameProblem, userIdProblem } from "../base/text.ts";
import { deepMerge } from "./deep-merge.ts";
import { type Executor, prepared, rows } from "./executor.ts";
import { countIssue, idIssue, refuse, storable, textIssue } from "./input.ts";
import { type Page, type PageArguments, pageBy } from "./paging.ts";
import { listDepartures, listMembers, lists } from "./schema/users.ts";

/** A stored list. Spelled out, as the library's users see it: what drizzle infers needs drizzle to be read. */
export interface StoredList {
  name: string;
  properties: JsonObject;
  createdAt: Date;
  updatedAt: Date;
}

/** A stored membership. */
export type StoredMember = typeof listMembers.$inferSelect;

export interface ListInput {
  /** 1 to 255 printable characters without spaces. */
  name: string;
  /** Merged deeply into what is stored. */
  properties?: JsonObject;
}

export interface MemberInput {
  userId: string;
  /** Of the membership; merged deeply into what is stored. */
  properties?: JsonObject;
}

/** The most members of one call. */
export const MAX_MEMBERS_PER_CALL = 10_000;

/** As the index of these lists says it. */
const OWN_LISTS = sql.raw(`"name" not like '${OBJECT_MARK}%'`);

const nameIssue = (path: string, name: string) => idIssue([path], "The name of a list", listNameProblem(name));

/** Creates a list or merges properties into it. Errors: `INVALID_INPUT`. */
export async function upsertList(db: Executor, { name, properties = {} }: ListInput, now: Date): Promise<StoredList> {
  refuse("The list", [nameIssue("name", name), textIssue(["properties"], properties)]);
  const [stored] = await prepared(
    db
      .insert(lists)
      .values({ name, properties, createdAt: now, updatedAt: now })
      .onConflictDoUpdate({
        target: lists.name,
        set: {
          properties: sql`knock.deep_merge(${lists.properties}, excluded.properties)`,
          updatedAt: sql`excluded.updated_at`,
        },
      })
      .returning(),
  );
  return stored!;
}

/**
 * Keeps a list from being deleted until the transaction ends; tells whether there is one. Who changes members
 * comes by here first, as who deletes the list does: nobody then waits for a list while holding its members.
 */
async function holdList(db: Executor, name: string): Promise<boolean> {
  return (await rows(db, sql`select from ${lists} where name = ${name}::text for key share`)).length > 0;
}

/** Holds a list that is made when absent, also when it is deleted at this very moment. */
async function holdOrMakeList(db: Executor, name: string, now: Date): Promise<void> {
  const at = sql`${now.toISOString()}::text::timestamptz`;
  while (!(await holdList(db, name))) {
    const made = await rows(
      db,
      sql`insert into ${lists} (name, properties, created_at, updated_at) values (${name}::text, '{}', ${at}, ${at})
        on conflict do nothing returning name`,
    );
    if (made.length > 0) return;
  }
}

/**
 * Deletes a list; its memberships go with it and are kept as ended. Tells whether there was such a list. To be called
 * in a transaction where members are added at the same time.
 */
export async function deleteList(db: Executor, name: string, now: Date): Promise<boolean> {
  if (storable([name]).length === 0) return false;
  // Held first: only a statement of its own sees the members that were added while this one waited.
  const held = await rows(db, sql`select from ${lists} where name = ${name}::text for update`);
  if (held.length === 0) return false;
  const gone = await rows(
    db,
    sql`with departed as (
        insert into ${listDepartures} (list, user_id, joined_at, left_at)
        select list, user_id, created_at, ${now.toISOString()}::text::timestamptz from ${listMembers} where list = ${name}::text
      )
      delete from ${lists} where name = ${name}::text returning name`,
  );
  return gone.length > 0;
}

/**
 * Adds members to a list, which is made when absent. Members may be users that do not exist yet. To be called in
 * a transaction where lists are deleted at the same time.
 * @returns how many were added, and of how many present ones the properties changed
 */
export async function addListMembers(
  db: Executor,
  { list, members }: { list: string; members: readonly MemberInput[] },
  now: Date,
): Promise<{ added: number; updated: number }> {
  refuse("The call", [
    nameIssue("list", list),
    countIssue(["members"], members.length, MAX_MEMBERS_PER_CALL),
    ...members.map(({ userId }, index) => idIssue(["members", index, "userId"], "A user id", userIdProblem(userId))),
    ...members.map(({ properties }, index) => textIssue(["members", index, "properties"], properties)),
  ]);
  const byUser = new Map<string, JsonObject>();
  for (const { userId, properties = {} } of members) {
    byUser.set(userId, deepMerge(byUser.get(userId) ?? {}, properties));
  }
  const properties = [...byUser.values()].map((given) => JSON.stringify(given));
  await holdOrMakeList(db, list, now);
  // Present members whose properties stay the same are not touched: filling a list again costs no writes.
  // xmax is 0 in a row that this statement has inserted.
  const written = await rows<{ added: boolean }>(
    db,
    sql`insert into ${listMembers} as stored (list, user_id, properties, created_at)
      select ${list}::text, user_id, properties::jsonb, ${now.toISOString()}::text::timestamptz
      from unnest(${sql.param([...byUser.keys()])}::text[], ${sql.param(properties)}::text[]) as given (user_id, properties)
      order by user_id
      on conflict (list, user_id) do update set properties = knock.deep_merge(stored.properties, excluded.properties)
        where stored.properties is distinct from knock.deep_merge(stored.properties, excluded.properties)
      returning (stored.xmax = 0) as added`,
  );
  const added = written.filter((row) => row.added).length;
  return { added, updated: written.length - added };
}

/** Removes members, and keeps when they were in the list; tells how many there were. Errors: `INVALID_INPUT` for more than 10,000. */
export async function removeListMembers(
  db: Executor,
  { list, userIds }: { list: string; userIds: readonly string[] },
  now: Date,
): Promise<number> {
  refuse("The call", [countIssue(["userIds"], userIds.length, MAX_MEMBERS_PER_CALL)]);
  if (storable([list]).length === 0 || !(await holdList(db, list))) return 0;
  // Locked in the order of the ids first, as adding does.
  const removed = await rows(
    db,
    sql`with locked as materialized (
        select user_id from ${listMembers} where list = ${list}::text and user_id = any(${sql.param(storable(userIds))}::text[])
        order by user_id for update
      ),
      gone as (
        delete from ${listMembers} as stored using locked
        where stored.list = ${list}::text and stored.user_id = locked.user_id
        returning stored.list, stored.user_id, stored.created_at
      )
      insert into ${listDepartures} (list, user_id, joined_at, left_at)
      select list, user_id, created_at, ${now.toISOString()}::text::timestamptz from gone returning user_id`,
  );
  return removed.length;
}

export async function findList(db: Executor, name: string): Promise<StoredList | null> {
  const [found] = await prepared(
    db
      .select()
      .from(lists)
      .where(sql`${lists.name} = any(${sql.param(storable([name]))}::text[])`),
  );
  return found ?? null;
}

/** Which of the lists exist. */
export async function existingLists(db: Executor, names: Iterable<string>): Promise<Set<string>> {
  const found = await rows<{ name: string }>(
    db,
    sql`select name from ${lists} where name = any(${sql.param(storable(names))}::text[])`,
  );
  return new Set(found.map(({ name }) => name));
}

/** How many members a list has; 0 when there is no such list. Counts the rows: not for hot paths. */
export async function memberCount(db: Executor, list: string): Promise<number> {
  const [counted] = await rows<{ count: number }>(
    db,
    sql`select count(*)::int as count from ${listMembers} where list = any(${sql.param(storable([list]))}::text[])`,
  );
  return counted!.count;
}

/** One page of all lists, by name; without those of the subscribers of objects. */
export async function pageLists(db: Executor, args: PageArguments): Promise<Page<StoredList>> {
  const keyset = pageBy({ column: lists.name, key: "text" }, args);
  const query = db.select().from(lists).where(and(OWN_LISTS, keyset.where)).orderBy(keyset.orderBy).limit(keyset.limit);
  return keyset.page(await prepared(query), ({ name }) => name);
}

/** One page of a list's members, by user id. Empty when there is no such list. */
export async function pageMembers(db: Executor, list: string, args: PageArguments): Promise<Page<StoredMember>> {
  const keyset = pageBy({ column: listMembers.userId, key: "text" }, args);
  const ofList = sql`${listMembers.list} = any(${sql.param(storable([list]))}::text[])`;
  const query = db
    .select()
    .from(listMembers)
    .where(and(ofList, keyset.where))
    .orderBy(keyset.orderBy)
    .limit(keyset.limit);
  return keyset.page(await prepared(query), ({ userId }) => userId);
}

/** Those of the users who are members of a list. */
export const findMembers = (db: Executor, list: string, userIds: Iterable<string>): Promise<StoredMember[]> =>
  prepared(
    db
      .select()
      .from(listMembers)
      .where(
        and(
          sql`${listMembers.list} = any(${sql.param(storable([list]))}::text[])`,
          sql`${listMembers.userId} = any(${sql.param(storable(userIds))}::text[])`,
        ),
      ),
  );
