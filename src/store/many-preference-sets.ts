import { sql } from "drizzle-orm";
import type { PreferenceSet } from "../definition/preference-set.ts";
import { tenantIdProblem, userIdProblem } from "../base/text.ts";
import { type Executor, rows } from "./executor.ts";
import { idIssue, refuse, storable, textIssue } from "./input.ts";
import { preferenceSets } from "./schema/preference-sets.ts";

const DEFAULT = "default";

/** Writers that meet at one set try again; each round one of them succeeds. */
const MAX_ROUNDS = 1_000;

/** A recipient's set that is to change. */
export interface PreferenceSetChange {
  userId: string;
  /** `null` for the recipient's own set. */
  tenantId: string | null;
  /** Given what is stored, gives what shall be. What it throws is passed on, and nothing is stored. */
  change: (stored: PreferenceSet | null) => PreferenceSet;
}

/** A stored set. */
export interface StoredPreferenceSet extends Record<string, unknown> {
  userId: string;
  /** `default`, or the tenant's id. */
  setId: string;
  document: PreferenceSet;
}

interface Pending {
  userId: string;
  setId: string;
  changes: PreferenceSetChange["change"][];
}

const placeOf = ({ userId, setId }: Pick<Pending, "userId" | "setId">) => `${setId}\0${userId}`;

function pendingOf(changes: readonly PreferenceSetChange[]): Pending[] {
  const byPlace = new Map<string, Pending>();
  for (const { userId, tenantId, change } of changes) {
    const wanted = { userId, setId: tenantId ?? DEFAULT, changes: [change] };
    const known = byPlace.get(placeOf(wanted));
    if (known) known.changes.push(change);
    else byPlace.set(placeOf(wanted), wanted);
  }
  return [...byPlace.values()];
}

/** The sets of recipients with these ids, those of `setIds` alone when given. */
export const findPreferenceSets = (
  db: Executor,
  userIds: Iterable<string>,
  setIds: readonly string[] | null = null,
): Promise<StoredPreferenceSet[]> =>
  rows<StoredPreferenceSet>(
    db,
    sql`select owner_id as "userId", set_id as "setId", document from ${preferenceSets}
      where owner = 'user' and owner_id = any(${sql.param(storable(userIds))}::text[])
        and (${setIds === null}::boolean or set_id = any(${sql.param(storable(setIds ?? []))}::text[]))
      order by set_id, owner_id`,
  );

/**
 * Changes sets of recipients, with three statements however many there are. Where someone else has written one in
 * between, its change is called again with the newer document. Several changes of one set are made in order.
 */
export async function changePreferenceSets(
  db: Executor,
  changes: readonly PreferenceSetChange[],
  now: Date,
): Promise<void> {
  refuse(
    "The preferences",
    changes.flatMap(({ userId, tenantId }) => [
      idIssue(["userId"], "A user id", userIdProblem(userId)),
      tenantId === null ? null : idIssue(["tenantId"], "A tenant id", tenantIdProblem(tenantId)),
    ]),
  );
  let pending = pendingOf(changes);
  for (let round = 0; pending.length > 0; round++) {
    if (round === MAX_ROUNDS) throw new Error(`${MAX_ROUNDS} other writers have come in between`);
    const users = pending.map(({ userId }) => userId);
    const found = await findPreferenceSets(db, users, [...new Set(pending.map(({ setId }) => setId))]);
    const stored = new Map(found.map((set) => [placeOf(set), set.document]));
    const given = pending.map(({ userId, setId, changes: wanted }) => {
      const present = stored.get(placeOf({ userId, setId })) ?? null;
      const document = wanted.reduce<PreferenceSet | null>((set, change) => change(set), present)!;
      refuse("The preferences", [textIssue(["preferences"], document)]);
      return { userId, setId, document, present };
    });
    const written = new Set((await write(db, given, now)).map(placeOf));
    pending = pending.filter((one) => !written.has(placeOf(one)));
  }
}

interface Given {
  userId: string;
  setId: string;
  document: PreferenceSet;
  present: PreferenceSet | null;
}

/** Writes those sets of which `present` is still what is stored. */
async function write(db: Executor, given: readonly Given[], now: Date): Promise<Pick<Given, "userId" | "setId">[]> {
  const at = sql`${now.toISOString()}::text::timestamptz`;
  const source = sql`jsonb_to_recordset(${JSON.stringify(given)}::text::jsonb)
    as given ("userId" text, "setId" text, document jsonb, present jsonb)`;
  return rows(
    db,
    sql`with given as materialized (select * from ${source}),
      inserted as (
        insert into ${preferenceSets} (owner, owner_id, set_id, document, updated_at)
        select 'user', "userId", "setId", document, ${at} from given where present is null or present = 'null'::jsonb
        order by "setId", "userId"
        on conflict do nothing returning owner_id, set_id
      ),
      updated as (
        update ${preferenceSets} as stored set document = given.document, updated_at = ${at} from given
        where stored.owner = 'user' and stored.owner_id = given."userId" and stored.set_id = given."setId"
          and stored.document = given.present
        returning stored.owner_id, stored.set_id
      )
      select owner_id as "userId", set_id as "setId" from inserted
      union all select owner_id, set_id from updated`,
  );
}

/** The default sets of tenants, by id of the tenant. */
export async function findTenantDefaults(
  db: Executor,
  tenantIds: Iterable<string>,
): Promise<Map<string, PreferenceSet>> {
  const found = await rows<{ id: string; document: PreferenceSet }>(
    db,
    sql`select owner_id as id, document from ${preferenceSets}
      where owner = 'tenant' and set_id = ${DEFAULT}::text and owner_id = any(${sql.param(storable(tenantIds))}::text[])`,
  );
  return new Map(found.map(({ id, document }) => [id, document]));
}
