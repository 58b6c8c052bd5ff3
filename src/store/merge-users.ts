// Two records of one person become one.
import { sql } from "drizzle-orm";
import { type Executor, rows } from "./executor.ts";
import { holdFeeds } from "./feed-locks.ts";
import { users } from "./schema/users.ts";
import { deleteUsers } from "./users.ts";

/** Which user takes in which other one. */
export interface UserMerge {
  into: string;
  from: string;
}

const COLUMNS = ["name", "email", "phone_number", "avatar", "locale", "timezone"];

/**
 * Moves all that is kept about a user to another one, whose own members win, and deletes the first. Properties merge
 * deeply; channel data and preference sets are taken over where there are none. Runs keep the id that they began with.
 * Gives those of the two ids that belong to users: when one does not, nothing is changed. To be called in a transaction.
 */
export async function mergeUsers(tx: Executor, { into, from }: UserMerge, now: Date): Promise<string[]> {
  const at = sql`${now.toISOString()}::text::timestamptz`;
  await holdFeeds(tx, [into, from]);
  const found = await rows<{ id: string }>(
    tx,
    sql`select id from ${users} where id = any(${sql.param([into, from])}::text[]) and collection is null order by id for update`,
  );
  if (found.length < 2) return found.map(({ id }) => id);
  await rows(
    tx,
    sql`update ${users} as kept set
        ${sql.raw(COLUMNS.map((column) => `${column} = coalesce(kept.${column}, other.${column})`).join(", "))},
        properties = knock.deep_merge(other.properties, kept.properties),
        channel_data = other.channel_data || kept.channel_data, updated_at = ${at}
      from ${users} as other where kept.id = ${into} and other.id = ${from}`,
  );
  await rows(
    tx,
    sql`with sets as (
        insert into knock.preference_sets (owner, owner_id, set_id, document, updated_at)
        select owner, ${into}::text, set_id, document, ${at} from knock.preference_sets where owner = 'user' and owner_id = ${from}
        on conflict do nothing
      ),
      members as (
        insert into knock.list_members (list, user_id, properties, created_at)
        select list, ${into}::text, properties, created_at from knock.list_members where user_id = ${from}
        order by list on conflict do nothing
      ),
      schedules as (update knock.schedules set recipient_id = ${into}, updated_at = ${at} where recipient_id = ${from}),
      moved as (update knock.messages set recipient_id = ${into} where recipient_id = ${from} returning arrived_xid),
      counts as (delete from knock.feed_counts where recipient_id = ${into})
      insert into knock.feed_changes (id, xid, recipient_id, message_ids, created_at)
      select gen_random_uuid(), pg_current_xact_id(), ${into}::text, null, ${at} from moved
      where arrived_xid is not null limit 1`,
  );
  // A statement of its own: it finds nothing any more of what was moved.
  await deleteUsers(tx, [from], now);
  return [into, from];
}
