// Who gets what is sent to an object: the members of the list that is named by the object's recipient id.
import { and, sql, type SQL } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { OBJECT_MARK, objectOf } from "../base/object-id.ts";
import { findUnstorable } from "../base/text.ts";
import { deepMerge } from "./deep-merge.ts";
import { type Executor, instant, prepared, rows } from "./executor.ts";
import { countIssue, refuse, storable } from "./input.ts";
import type { StoredMember } from "./lists.ts";
import { type Page, type PageArguments, pageBy } from "./paging.ts";
import { listDepartures, listMembers, lists, users } from "./schema/users.ts";

/** A subscription as it is stored. */
export interface StoredSubscription {
  /** Recipient id of the object. */
  object: string;
  /** Recipient id of the subscriber. */
  recipient: string;
  properties: JsonObject;
  createdAt: Date;
}

/** The subscription that a membership is. */
const subscriptionOf = ({ list, userId, properties, createdAt }: StoredMember): StoredSubscription => ({
  object: list,
  recipient: userId,
  properties,
  createdAt,
});

/** A subscription to be made. */
export interface NewSubscription extends Pick<StoredSubscription, "object" | "recipient"> {
  /** Merged deeply into what is stored. */
  properties: JsonObject;
}

type Pair = Pick<StoredSubscription, "object" | "recipient">;

/** The most subscriptions of one call. */
const MAX_PER_CALL = 10_000;

/** Objects that are not known become known, without anything about them. */
async function ensureObjects(db: Executor, ids: readonly string[], now: Date): Promise<void> {
  const given = ids.map((id) => ({ id, collection: objectOf(id)?.collection ?? null }));
  const at = sql`${now.toISOString()}::text::timestamptz`;
  await rows(
    db,
    sql`insert into ${users} (id, collection, created_at, updated_at) select id, collection, ${at}, ${at}
      from jsonb_to_recordset(${JSON.stringify(given)}::text::jsonb) as given (id text, collection text)
      order by id on conflict (id) do nothing`,
  );
}

/** Keeps lists from being deleted until the transaction ends; answers those that there are. */
async function holdLists(db: Executor, names: readonly string[]): Promise<Set<string>> {
  const held = await rows<{ name: string }>(
    db,
    sql`select name from ${lists} where name = any(${sql.param(names)}::text[]) order by name for key share`,
  );
  return new Set(held.map(({ name }) => name));
}

/** Holds lists that are made when absent, also when one is deleted at this very moment. */
async function holdOrMakeLists(db: Executor, names: readonly string[], now: Date): Promise<void> {
  const at = sql`${now.toISOString()}::text::timestamptz`;
  let missing = names;
  while (missing.length > 0) {
    const held = await holdLists(db, missing);
    const absent = missing.filter((name) => !held.has(name));
    if (absent.length === 0) return;
    const made = await rows<{ name: string }>(
      db,
      sql`insert into ${lists} (name, properties, created_at, updated_at)
        select name, '{}', ${at}, ${at} from unnest(${sql.param(absent)}::text[]) as name order by name
        on conflict do nothing returning name`,
    );
    const own = new Set(made.map(({ name }) => name));
    missing = absent.filter((name) => !own.has(name));
  }
}

const tooMany = (count: number) => refuse("The call", [countIssue(["recipients"], count, MAX_PER_CALL)]);

/**
 * Subscribes recipients to objects, which become known when they are not; for those who are subscribed the properties
 * are merged. With a few statements, however many they are. To be called in a transaction. Errors: `INVALID_INPUT`.
 * @returns how many were added, and of how many present ones the properties changed
 */
export async function addSubscriptions(
  db: Executor,
  wanted: readonly NewSubscription[],
  now: Date,
): Promise<{ added: number; updated: number }> {
  tooMany(wanted.length);
  const merged = new Map<string, NewSubscription>();
  for (const one of wanted) {
    const key = JSON.stringify([one.object, one.recipient]);
    merged.set(key, { ...one, properties: deepMerge(merged.get(key)?.properties ?? {}, one.properties) });
  }
  // In the order of their names, as everyone holds them.
  const objects = [...new Set(wanted.map(({ object }) => object))].toSorted();
  await ensureObjects(db, objects, now);
  await holdOrMakeLists(db, objects, now);
  // xmax is 0 in a row that this statement has inserted.
  const written = await rows<{ added: boolean }>(
    db,
    sql`insert into ${listMembers} as stored (list, user_id, properties, created_at)
      select object, recipient, properties, ${now.toISOString()}::text::timestamptz
      from jsonb_to_recordset(${JSON.stringify([...merged.values()])}::text::jsonb) as given (object text, recipient text, properties jsonb)
      order by 1, 2
      on conflict (list, user_id) do update set properties = knock.deep_merge(stored.properties, excluded.properties)
        where stored.properties is distinct from knock.deep_merge(stored.properties, excluded.properties)
      returning (stored.xmax = 0) as added`,
  );
  const added = written.filter((row) => row.added).length;
  return { added, updated: written.length - added };
}

const pairsOf = (pairs: readonly Pair[]) => {
  const given = pairs.filter(({ object, recipient }) => findUnstorable([object, recipient]) === null);
  return sql`jsonb_to_recordset(${JSON.stringify(given)}::text::jsonb) as given (object text, recipient text)`;
};

/** Ends subscriptions, and keeps when they were; tells how many there were. To be called in a transaction. */
export async function removeSubscriptions(db: Executor, pairs: readonly Pair[], now: Date): Promise<number> {
  tooMany(pairs.length);
  await holdLists(db, storable(pairs.map(({ object }) => object)));
  // Locked in their order first, as adding does.
  const removed = await rows(
    db,
    sql`with locked as materialized (
        select member.list, member.user_id from ${pairsOf(pairs)}
          join ${listMembers} as member on member.list = given.object and member.user_id = given.recipient
        order by 1, 2 for update of member
      ),
      gone as (
        delete from ${listMembers} as stored using locked
        where stored.list = locked.list and stored.user_id = locked.user_id
        returning stored.list, stored.user_id, stored.created_at
      )
      insert into ${listDepartures} (list, user_id, joined_at, left_at)
      select list, user_id, created_at, ${now.toISOString()}::text::timestamptz from gone returning user_id`,
  );
  return removed.length;
}

/** Those of the subscriptions that there are, by object and recipient. */
export async function findSubscriptions(db: Executor, pairs: readonly Pair[]): Promise<StoredSubscription[]> {
  const found = await rows<Omit<StoredSubscription, "createdAt"> & { createdAt: string } & Record<string, unknown>>(
    db,
    sql`select distinct member.list as object, member.user_id as recipient, member.properties, member.created_at as "createdAt"
    from ${pairsOf(pairs)} join ${listMembers} as member on member.list = given.object and member.user_id = given.recipient
    order by 1, 2`,
  );
  return found.map(({ createdAt, ...subscription }) => ({ ...subscription, createdAt: instant(createdAt) }));
}

/** The indexed condition of subscribers that are objects. */
const isObject = (column: "user_id" | "list"): SQL => sql.raw(`"${column}" like '${OBJECT_MARK}%'`);

/** The objects among the subscribers of objects, each as the list of its own subscribers. */
export async function subscribedObjects(db: Executor, objects: Iterable<string>): Promise<Map<string, string[]>> {
  const found = await rows<{ list: string; object: string }>(
    db,
    sql`select list, user_id as object from ${listMembers}
      where list = any(${sql.param(storable(objects))}::text[]) and ${isObject("user_id")} order by list, user_id`,
  );
  const byList = Map.groupBy(found, ({ list }) => list);
  return new Map([...byList].map(([list, members]) => [list, members.map(({ object }) => object)]));
}

/** One page of some subscribers of an object, by recipient id: those of `among`, or all. */
export async function pageSubscribers(
  db: Executor,
  object: string,
  { among = null, ...args }: PageArguments & { among?: readonly string[] | null },
): Promise<Page<StoredSubscription>> {
  const keyset = pageBy({ column: listMembers.userId, key: "text" }, args);
  const wanted = among && sql`${listMembers.userId} = any(${sql.param(storable(among))}::text[])`;
  const ofObject = sql`${listMembers.list} = any(${sql.param(storable([object]))}::text[])`;
  const query = db
    .select()
    .from(listMembers)
    .where(and(ofObject, wanted ?? undefined, keyset.where))
    .orderBy(keyset.orderBy)
    .limit(keyset.limit);
  return keyset.page((await prepared(query)).map(subscriptionOf), ({ recipient: id }) => id);
}

/** One page of a recipient's subscriptions, by the id of the object: those to `among`, or all. */
export async function pageSubscriptionsOf(
  db: Executor,
  recipient: string,
  { among = null, ...args }: PageArguments & { among?: readonly string[] | null },
): Promise<Page<StoredSubscription>> {
  const keyset = pageBy({ column: listMembers.list, key: "text" }, args);
  const wanted = among && sql`${listMembers.list} = any(${sql.param(storable(among))}::text[])`;
  const ofRecipient = sql`${listMembers.userId} = any(${sql.param(storable([recipient]))}::text[])`;
  const query = db
    .select()
    .from(listMembers)
    .where(and(ofRecipient, isObject("list"), wanted ?? undefined, keyset.where))
    .orderBy(keyset.orderBy)
    .limit(keyset.limit);
  return keyset.page((await prepared(query)).map(subscriptionOf), ({ object }) => object);
}
