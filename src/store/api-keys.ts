import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { isId } from "../base/ids.ts";
import { type Executor, prepared, rows } from "./executor.ts";
import { apiKeys } from "./schema/api-keys.ts";

/** A stored key. The secret itself is not among it. */
export type StoredApiKey = typeof apiKeys.$inferSelect;

/** Stores a new key. */
export async function insertApiKey(
  db: Executor,
  key: Omit<StoredApiKey, "revokedAt" | "kind"> & Partial<Pick<StoredApiKey, "kind">>,
): Promise<void> {
  await prepared(db.insert(apiKeys).values(key));
}

/** The key with this hash of its secret, unless it has been revoked. */
export async function findApiKeyByHash(db: Executor, hash: string): Promise<StoredApiKey | null> {
  const valid = and(eq(apiKeys.hash, hash), isNull(apiKeys.revokedAt));
  const [found] = await prepared(db.select().from(apiKeys).where(valid));
  return found ?? null;
}

/** All keys, revoked ones included, oldest first. */
export async function listApiKeys(db: Executor): Promise<StoredApiKey[]> {
  return prepared(db.select().from(apiKeys).orderBy(asc(apiKeys.id)));
}

/** Revokes a key for good. Tells whether it was there and valid until now. */
export async function revokeApiKey(db: Executor, id: string, now: Date): Promise<boolean> {
  if (!isId(id)) return false;
  const valid = and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt));
  const query = db.update(apiKeys).set({ revokedAt: now }).where(valid).returning({ id: apiKeys.id });
  return (await prepared(query)).length > 0;
}

/** Whether there is any valid key: without one, a server must not be reachable from outside. */
export async function anyKeyExists(db: Executor): Promise<boolean> {
  const [found] = await rows<{ any: boolean }>(
    db,
    sql`select exists (select 1 from ${apiKeys} where revoked_at is null) as "any"`,
  );
  return found!.any;
}
