import { and, sql } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { tenantIdProblem } from "../base/text.ts";
import { deepMerge } from "./deep-merge.ts";
import { type Executor, prepared, rows } from "./executor.ts";
import { countIssue, idIssue, refuse, storable, textIssue } from "./input.ts";
import { type Page, type PageArguments, pageBy } from "./paging.ts";
import { tenants } from "./schema/users.ts";

/** A stored tenant. */
export type StoredTenant = typeof tenants.$inferSelect;

export interface TenantInput {
  /** 1 to 256 characters; not `default`. */
  id: string;
  /** `null` empties; absent keeps. */
  name?: string | null;
  /** Merged deeply into what is stored. */
  properties?: JsonObject;
  /** How messages of the tenant look: `branding`. Merged deeply into what is stored. */
  settings?: JsonObject;
}

/** The most tenants of one call. */
export const MAX_TENANTS_PER_CALL = 10_000;

/** Tenants of one call, each once: one that is named twice is merged in order. */
function merged(inputs: readonly TenantInput[]): TenantInput[] {
  const byId = new Map<string, TenantInput>();
  for (const { id, name, properties = {}, settings = {} } of inputs) {
    const known = byId.get(id);
    byId.set(id, {
      ...known,
      id,
      ...(name === undefined ? {} : { name }),
      properties: deepMerge(known?.properties ?? {}, properties),
      settings: deepMerge(known?.settings ?? {}, settings),
    });
  }
  return [...byId.values()];
}

/**
 * Creates tenants and updates present ones, in one statement. One named twice is merged in order. Errors:
 * `INVALID_INPUT`; nothing is stored then.
 */
export async function upsertTenants(db: Executor, inputs: readonly TenantInput[], now: Date): Promise<StoredTenant[]> {
  const single = inputs.length === 1;
  const at = (index: number) => (single ? [] : ["tenants", index]);
  refuse(single ? "The tenant" : "The call", [
    countIssue(["tenants"], inputs.length, MAX_TENANTS_PER_CALL),
    ...inputs.map(({ id }, index) => idIssue([...at(index), "id"], "A tenant id", tenantIdProblem(id))),
    ...inputs.map((input, index) => textIssue(at(index), input)),
  ]);
  const given = merged(inputs);
  const instant = sql`${now.toISOString()}::text::timestamptz`;
  // In the order of their ids: two calls at once wait for each other in one direction.
  await rows(
    db,
    sql`with given as (select value as given from jsonb_array_elements(${JSON.stringify(given)}::text::jsonb))
      insert into ${tenants} as stored (id, name, properties, settings, created_at, updated_at)
      select given->>'id', given->>'name', given->'properties', given->'settings', ${instant}, ${instant}
      from given order by 1
      on conflict (id) do update set
        name = case when excluded.id in (select given->>'id' from given where given ? 'name') then excluded.name else stored.name end,
        properties = knock.deep_merge(stored.properties, excluded.properties),
        settings = knock.deep_merge(stored.settings, excluded.settings),
        updated_at = excluded.updated_at`,
  );
  const ids = given.map(({ id }) => id);
  const stored = await findTenants(db, ids);
  return ids.map((id) => stored.get(id)!);
}

/** Creates a tenant or updates a present one. Errors: `INVALID_INPUT`. */
export const upsertTenant = async (db: Executor, input: TenantInput, now: Date): Promise<StoredTenant> =>
  (await upsertTenants(db, [input], now))[0]!;

/**
 * Deletes tenants with their default preferences and those that recipients have for them. What belongs to one, such as
 * messages and schedules, keeps its id. Answers the ids of those that there were.
 */
export async function deleteTenants(db: Executor, ids: readonly string[]): Promise<string[]> {
  const wanted = sql`any(${sql.param(storable(ids))}::text[])`;
  const gone = await rows<{ id: string }>(
    db,
    sql`with preferences as (
        delete from knock.preference_sets
        where (owner = 'tenant' and owner_id = ${wanted}) or (owner = 'user' and set_id = ${wanted} and set_id <> 'default')
      )
      delete from ${tenants} where id = ${wanted} returning id`,
  );
  return gone.map(({ id }) => id);
}

/** Which tenants; each member narrows it down. */
export interface TenantFilter {
  id?: string | null | undefined;
  /** The whole name. */
  name?: string | null | undefined;
}

/** One page of the tenants, by id. */
export async function pageTenants(
  db: Executor,
  { id, name }: TenantFilter,
  args: PageArguments,
): Promise<Page<StoredTenant>> {
  const keyset = pageBy({ column: tenants.id, key: "text" }, args);
  const conditions = [
    id == null ? undefined : sql`${tenants.id} = any(${sql.param(storable([id]))}::text[])`,
    name == null ? undefined : sql`${tenants.name} = any(${sql.param(storable([name]))}::text[])`,
  ];
  const query = db
    .select()
    .from(tenants)
    .where(and(...conditions, keyset.where))
    .orderBy(keyset.orderBy)
    .limit(keyset.limit);
  return keyset.page(await prepared(query), (tenant) => tenant.id);
}

/** Those of the tenants that exist, by id. */
export async function findTenants(db: Executor, ids: Iterable<string>): Promise<Map<string, StoredTenant>> {
  const wanted = sql`${tenants.id} = any(${sql.param(storable(ids))}::text[])`;
  const found = await prepared(db.select().from(tenants).where(wanted));
  return new Map(found.map((tenant) => [tenant.id, tenant]));
}
