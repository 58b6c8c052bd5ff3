// Everybody's preferences, many people at a time: those with equal sets count as one.
import { sql } from "drizzle-orm";
import type { PreferenceSet } from "../../definition/preference-set.ts";
import { rows, type Executor } from "../executor.ts";
import type { RecipientPreferences } from "../preference-sets.ts";

/** People with equal sets. */
export interface PreferenceGroup extends RecipientPreferences {
  users: number;
  /** Ids of the first of them. */
  examples: string[];
}

/** Groups of people, and where the next page begins; `null` after the last one. */
export interface PreferenceGroups {
  groups: PreferenceGroup[];
  next: string | null;
}

interface Row extends Record<string, unknown> {
  recipient: PreferenceSet | null;
  recipientTenant: PreferenceSet | null;
  users: number;
  examples: string[];
  /** The last id of the page, in the order of the database. */
  last: string;
}

/** The groups among so many users, by id, `after` one. With a tenant, also by the sets that people have for it. */
export async function pagePreferenceGroups(
  db: Executor,
  {
    tenantId,
    after,
    size,
    examples,
  }: { tenantId: string | null; after: string | null; size: number; examples: number },
): Promise<PreferenceGroups> {
  const found = await rows<Row>(
    db,
    sql`with page as (
      select id from knock.users where collection is null and (${after}::text is null or id > ${after}::text) order by id limit ${size}::int
    )
    select own.document as recipient, tenant.document as "recipientTenant", count(*)::int as users,
      (array_agg(page.id order by page.id))[1:${examples}::int] as examples, (select max(id) from page) as last
    from page
    left join knock.preference_sets as own on own.owner = 'user' and own.owner_id = page.id and own.set_id = 'default'
    left join knock.preference_sets as tenant
      on tenant.owner = 'user' and tenant.owner_id = page.id and tenant.set_id = ${tenantId}::text
    group by own.document, tenant.document`,
  );
  const users = found.reduce((sum, group) => sum + group.users, 0);
  const groups = found.map(({ last: _last, ...group }) => group);
  return { groups, next: users < size ? null : (found[0]?.last ?? null) };
}
