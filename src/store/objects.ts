// Objects: recipients that are no people. They are stored among the users, their subscribers among the lists.
import { and, sql } from "drizzle-orm";
import { type ObjectReference, objectOf, objectRecipientId } from "../base/object-id.ts";
import { type Executor, prepared, rows } from "./executor.ts";
import { storable } from "./input.ts";
import { type Page, type PageArguments, pageBy } from "./paging.ts";
import { listDepartures, listMembers, lists, users } from "./schema/users.ts";
import { eraseRecipients, type StoredUser, type UserInput } from "./users.ts";

/** What is to be known of an object: absent members stay as they are, `null` empties. */
export interface ObjectInput extends ObjectReference, Omit<UserInput, "id"> {}

/** A stored object. */
export interface StoredObject extends Omit<StoredUser, "id" | "collection">, ObjectReference {}

/** An object as it is stored among the users. */
export const recipientInputOf = ({ collection, id, ...members }: ObjectInput): UserInput => ({
  ...members,
  id: objectRecipientId({ collection, id }),
});

/** The object that a stored user is; `null` for a person. */
export function storedObjectOf(user: StoredUser): StoredObject | null {
  const object = objectOf(user.id);
  return object && { ...user, ...object };
}

/**
 * Deletes objects with all that is kept about them: their subscribers, what they are subscribed to, preferences,
 * schedules, messages. Answers the recipient ids of those that there were. To be called in a transaction.
 */
export async function deleteObjects(db: Executor, recipientIds: readonly string[], now: Date): Promise<string[]> {
  const wanted = storable(recipientIds).filter((id) => objectOf(id) !== null);
  const ids = sql`any(${sql.param(wanted)}::text[])`;
  // Held first: only a statement of its own sees the subscribers that were added while this one waited.
  await rows(db, sql`select from ${lists} where name = ${ids} order by name for update`);
  await rows(
    db,
    sql`with departures as (
        insert into ${listDepartures} (list, user_id, joined_at, left_at)
        select list, user_id, created_at, ${now.toISOString()}::text::timestamptz from ${listMembers} where list = ${ids}
      )
      delete from ${lists} where name = ${ids}`,
  );
  return eraseRecipients(db, wanted, now);
}

/** One page of the objects of a collection, by recipient id. */
export async function pageObjects(db: Executor, collection: string, args: PageArguments): Promise<Page<StoredUser>> {
  const keyset = pageBy({ column: users.id, key: "text" }, args);
  const ofCollection = sql`${users.collection} = any(${sql.param(storable([collection]))}::text[])`;
  const query = db
    .select()
    .from(users)
    .where(and(ofCollection, keyset.where))
    .orderBy(keyset.orderBy)
    .limit(keyset.limit);
  return keyset.page(await prepared(query), ({ id }) => id);
}
