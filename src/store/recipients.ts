// Recipients as a passage needs them: people, their preferences and what a notification brings along.
import { sql } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import type { PreferenceSet } from "../definition/preference-set.ts";
import { rows, type Executor } from "./executor.ts";

/** A user, or what is known of an id that is none. */
export interface RecipientRow extends Record<string, unknown> {
  id: string;
  known: boolean;
  name: string | null;
  email: string | null;
  phoneNumber: string | null;
  avatar: string | null;
  locale: string | null;
  timezone: string | null;
  properties: JsonObject;
  channelData: Record<string, JsonObject>;
  tenantId: string | null;
  preferences: PreferenceSet | null;
  tenantPreferences: PreferenceSet | null;
}

/** The people of a chunk with their preferences, in one statement. The tenant decides which set of theirs is read. */
export const loadRecipients = (
  db: Executor,
  wanted: readonly { recipientId: string; tenantId: string | null }[],
): Promise<RecipientRow[]> =>
  rows<RecipientRow>(
    db,
    sql`select wanted.id, wanted.tenant_id as "tenantId", u.id is not null as known, u.name, u.email, u.phone_number as "phoneNumber",
      u.avatar, u.locale, u.timezone, coalesce(u.properties, '{}') as properties, coalesce(u.channel_data, '{}') as "channelData",
      own.document as preferences, own_tenant.document as "tenantPreferences"
    from unnest(${sql.param(wanted.map(({ recipientId }) => recipientId))}::text[],
      ${sql.param(wanted.map(({ tenantId }) => tenantId))}::text[]) as wanted (id, tenant_id)
    left join knock.users u on u.id = wanted.id
    left join knock.preference_sets own on own.owner = 'user' and own.owner_id = wanted.id and own.set_id = 'default'
    left join knock.preference_sets own_tenant
      on own_tenant.owner = 'user' and own_tenant.owner_id = wanted.id and own_tenant.set_id = wanted.tenant_id`,
  );

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
