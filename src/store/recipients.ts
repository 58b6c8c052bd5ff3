// Recipients as a passage needs them: people, their preferences and what a notification brings along.
import { sql, type SQL } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import type { PreferenceSet } from "../definition/preference-set.ts";
import { textColumn } from "./columns.ts";
import { rows, type Executor } from "./executor.ts";

/** A user, or what is known of an id that is none. */
export interface RecipientRow extends Record<string, unknown> {
  /** Which of the wanted ones it is, counted from 1. */
  position: number;
  /** `null` for an id that no user has. */
  known: true | null;
  name: string | null;
  email: string | null;
  phoneNumber: string | null;
  avatar: string | null;
  locale: string | null;
  timezone: string | null;
  /** `null` for none, as most people have: nothing is sent and nothing is parsed. */
  properties: JsonObject | null;
  channelData: Record<string, JsonObject> | null;
  preferences: PreferenceSet | null;
  tenantPreferences: PreferenceSet | null;
}

const setOf = (owner: SQL, set: SQL) =>
  sql`select document from knock.preference_sets where owner = 'user' and owner_id = ${owner} and set_id = ${set}`;

/**
 * The people of a chunk with their preferences, in one statement. The tenant decides which set of theirs is read.
 *
 * Each is looked up by its key (`limit` keeps the planner to that): with a plain join the planner reads and hashes
 * all users for each chunk, up to some hundred thousand of them.
 */
export const loadRecipients = (
  db: Executor,
  wanted: readonly { recipientId: string; tenantId: string | null }[],
): Promise<RecipientRow[]> => {
  const ids = textColumn(wanted.map(({ recipientId }) => recipientId));
  const tenants = textColumn(wanted.map(({ tenantId }) => tenantId));
  return rows<RecipientRow>(
    db,
    sql`select wanted.position::int as position, u.*, own.document as preferences, own_tenant.document as "tenantPreferences"
    from unnest(${ids}, ${tenants}) with ordinality as wanted (id, tenant_id, position)
    left join lateral (
      select true as known, name, email, phone_number as "phoneNumber", avatar, locale, timezone,
        nullif(properties, '{}') as properties, nullif(channel_data, '{}') as "channelData"
      from knock.users where id = wanted.id limit 1
    ) as u on true
    left join lateral (${setOf(sql`wanted.id`, sql`'default'`)} limit 1) as own on true
    left join lateral (${setOf(sql`wanted.id`, sql`wanted.tenant_id`)} and wanted.tenant_id is not null limit 1) as own_tenant on true`,
  );
};

/** A tenant with its default preferences. */
export interface TenantRow extends Record<string, unknown> {
  id: string;
  name: string | null;
  properties: JsonObject;
  preferences: PreferenceSet | null;
}

/** Tenants with their default preferences; a tenant may have preferences without being known otherwise. */
export const loadTenants = (db: Executor, ids: readonly string[]): Promise<TenantRow[]> =>
  rows<TenantRow>(
    db,
    sql`select wanted.id, t.name, coalesce(t.properties, '{}') as properties, p.document as preferences
    from unnest(${sql.param(ids)}::text[]) as wanted (id)
    left join knock.tenants t on t.id = wanted.id
    left join knock.preference_sets p on p.owner = 'tenant' and p.owner_id = wanted.id and p.set_id = 'default'`,
  );
