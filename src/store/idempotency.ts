import { sql } from "drizzle-orm";
import { type Executor, instant, rows } from "./executor.ts";
import { storable } from "./input.ts";
import { idempotencyKeys } from "./schema/notifications.ts";

/** A key with the notification that wants it. */
export interface KeyClaim {
  key: string;
  notificationId: string;
  /** Hash of the call's input, to tell a repetition from a reused key. */
  inputHash: string;
  /** Id of the request that the call came with. Default: there is none. */
  requestId?: string | null;
}

/** A key that has been used. */
export interface UsedKey extends KeyClaim {
  requestId: string | null;
  createdAt: Date;
}

/**
 * Claims keys for notifications of the same transaction, with one statement. A key that another transaction
 * is just claiming is waited for: once that commits the key is taken, once it rolls back the key is ours.
 * All writers claim in the order of the keys, so they never wait for each other in a circle.
 *
 * @returns the id of the notification that got each key; keys that were taken before are not in it. Of two
 * claims of one key in one call the first one gets it.
 */
export async function claimKeys(db: Executor, claims: readonly KeyClaim[], now: Date): Promise<Map<string, string>> {
  if (claims.length === 0) return new Map();
  const column = (member: keyof KeyClaim) => sql.param(claims.map((claim) => claim[member] ?? null));
  const claimed = await rows<{ key: string; notification_id: string }>(
    db,
    sql`insert into ${idempotencyKeys} (key, notification_id, input_hash, request_id, created_at)
      select key, notification_id, input_hash, request_id, ${now.toISOString()}::text::timestamptz
      from unnest(${column("key")}::text[], ${column("notificationId")}::uuid[], ${column("inputHash")}::text[],
          ${column("requestId")}::text[])
        with ordinality as claim (key, notification_id, input_hash, request_id, position)
      order by key, position
      on conflict (key) do nothing returning key, notification_id`,
  );
  return new Map(claimed.map((row) => [row.key, row.notification_id]));
}

/** Those of the keys that have been used, with what used them. */
export async function findKeys(db: Executor, keys: Iterable<string>): Promise<Map<string, UsedKey>> {
  const found = await rows<{
    key: string;
    notification_id: string;
    input_hash: string;
    request_id: string | null;
    created_at: string;
  }>(
    db,
    sql`select key, notification_id, input_hash, request_id, created_at from ${idempotencyKeys}
      where key = any(${sql.param(storable(keys))}::text[])`,
  );
  return new Map(
    found.map((row) => [
      row.key,
      {
        key: row.key,
        notificationId: row.notification_id,
        inputHash: row.input_hash,
        requestId: row.request_id,
        createdAt: instant(row.created_at),
      },
    ]),
  );
}

/** Deletes at most `limit` of the keys used before `olderThan`, oldest first; tells how many. */
export async function purgeKeys(db: Executor, olderThan: Date, limit: number): Promise<number> {
  const purged = await rows(
    db,
    sql`delete from ${idempotencyKeys} where key in (
        select key from ${idempotencyKeys} where created_at < ${olderThan.toISOString()}::text::timestamptz
        order by created_at limit ${limit}::int for update skip locked
      ) returning key`,
  );
  return purged.length;
}
