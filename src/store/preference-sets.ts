import { sql } from "drizzle-orm";
import { tenantIdProblem, userIdProblem } from "../base/text.ts";
import type { PreferenceSet } from "../definition/preference-set.ts";
import { type Executor, rows } from "./executor.ts";
import { idIssue, refuse, storable, textIssue } from "./input.ts";
import { preferenceSets } from "./schema/preference-sets.ts";

/** Whose set, and which: a user's own (`tenantId: null`) or the one for a tenant; or a tenant's default. */
export type PreferenceSetKey = { userId: string; tenantId?: string | null } | { tenantId: string };

const DEFAULT = "default";

/** Writers that meet at one set try again; each round one of them succeeds. */
const MAX_ROUNDS = 1_000;

function columns(key: PreferenceSetKey): { owner: "user" | "tenant"; ownerId: string; setId: string } {
  if (!("userId" in key)) return { owner: "tenant", ownerId: key.tenantId, setId: DEFAULT };
  return { owner: "user", ownerId: key.userId, setId: key.tenantId ?? DEFAULT };
}

function check(key: PreferenceSetKey): void {
  refuse("The preference set", [
    "userId" in key ? idIssue(["userId"], "A user id", userIdProblem(key.userId)) : null,
    key.tenantId == null ? null : idIssue(["tenantId"], "A tenant id", tenantIdProblem(key.tenantId)),
  ]);
}

/** The stored set as it is, without any layer below it; `null` when there is none. */
export async function findPreferenceSet(db: Executor, key: PreferenceSetKey): Promise<PreferenceSet | null> {
  const { owner, ownerId, setId } = columns(key);
  if (storable([ownerId, setId]).length < new Set([ownerId, setId]).size) return null;
  const [found] = await rows<{ document: PreferenceSet }>(
    db,
    sql`select document from ${preferenceSets} where owner = ${owner}::text and owner_id = ${ownerId}::text and set_id = ${setId}::text`,
  );
  return found?.document ?? null;
}

/**
 * Changes a set as a whole: `change` is given what is stored and gives what shall be. When someone else has
 * written in between, it is called again with the newer document, so no change is lost, in a transaction or
 * outside one. What `change` throws is passed on and nothing is stored.
 *
 * @example
 * await changePreferenceSet(db, { userId }, (stored) => applyPreferenceChange(stored, given, "merge"), now);
 */
export async function changePreferenceSet(
  db: Executor,
  key: PreferenceSetKey,
  change: (stored: PreferenceSet | null) => PreferenceSet,
  now: Date,
): Promise<PreferenceSet> {
  check(key);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const stored = await findPreferenceSet(db, key);
    const next = change(stored);
    refuse("The preference set", [textIssue(["document"], next)]);
    if (await write(db, key, { stored, next, now })) return next;
  }
  throw new Error(`${MAX_ROUNDS} other writers have come in between while a preference set was changed`);
}

/** Writes `next` if `stored` is still what is stored. */
async function write(
  db: Executor,
  key: PreferenceSetKey,
  { stored, next, now }: { stored: PreferenceSet | null; next: PreferenceSet; now: Date },
): Promise<boolean> {
  const { owner, ownerId, setId } = columns(key);
  const document = sql`${JSON.stringify(next)}::text::jsonb`;
  const at = sql`${now.toISOString()}::text::timestamptz`;
  const query =
    stored === null
      ? sql`insert into ${preferenceSets} (owner, owner_id, set_id, document, updated_at)
          values (${owner}::text, ${ownerId}::text, ${setId}::text, ${document}, ${at})
          on conflict do nothing returning owner_id`
      : sql`update ${preferenceSets} set document = ${document}, updated_at = ${at}
          where owner = ${owner}::text and owner_id = ${ownerId}::text and set_id = ${setId}::text
            and document = ${JSON.stringify(stored)}::text::jsonb
          returning owner_id`;
  return (await rows(db, query)).length > 0;
}

/** Stores a set in place of whatever was there. The document has been checked by `preferenceSetSchema`. */
export const putPreferenceSet = (db: Executor, key: PreferenceSetKey, document: PreferenceSet, now: Date) =>
  changePreferenceSet(db, key, () => document, now);

/** Deletes a set. Tells whether there was one. */
export async function deletePreferenceSet(db: Executor, key: PreferenceSetKey): Promise<boolean> {
  check(key);
  const { owner, ownerId, setId } = columns(key);
  const gone = await rows(
    db,
    sql`delete from ${preferenceSets} where owner = ${owner}::text and owner_id = ${ownerId}::text and set_id = ${setId}::text returning owner_id`,
  );
  return gone.length > 0;
}

/** The stored sets that a decision about one recipient reads; the environment's own is in the config. */
export interface RecipientPreferences {
  /** The recipient's own set. */
  recipient: PreferenceSet | null;
  /** The recipient's set for the tenant of the notification. */
  recipientTenant: PreferenceSet | null;
}

export interface PreferenceLayers {
  /** By user id. Users without any set are not in it. */
  recipients: Map<string, RecipientPreferences>;
  /** The tenant's default set. */
  tenant: PreferenceSet | null;
}

/** Loads everything that decides about messages to these users, with one query. */
export async function loadPreferenceLayers(
  db: Executor,
  userIds: Iterable<string>,
  tenantId: string | null,
): Promise<PreferenceLayers> {
  const tenants = storable(tenantId === null ? [] : [tenantId]);
  const found = await rows<{ owner: "user" | "tenant"; owner_id: string; set_id: string; document: PreferenceSet }>(
    db,
    sql`select owner, owner_id, set_id, document from ${preferenceSets}
        where owner = 'user' and owner_id = any(${sql.param(storable(userIds))}::text[]) and set_id = any(${sql.param([DEFAULT, ...tenants])}::text[])
      union all
      select owner, owner_id, set_id, document from ${preferenceSets}
        where owner = 'tenant' and owner_id = any(${sql.param(tenants)}::text[]) and set_id = ${DEFAULT}::text`,
  );
  const layers: PreferenceLayers = { recipients: new Map(), tenant: null };
  for (const { owner, owner_id: id, set_id: set, document } of found) {
    if (owner === "tenant") layers.tenant = document;
    else {
      const known = layers.recipients.get(id) ?? { recipient: null, recipientTenant: null };
      layers.recipients.set(id, { ...known, [set === DEFAULT ? "recipient" : "recipientTenant"]: document });
    }
  }
  return layers;
}
