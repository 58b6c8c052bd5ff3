import { sql } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { tenantIdProblem } from "../base/text.ts";
import { type Executor, prepared } from "./executor.ts";
import { idIssue, refuse, storable, textIssue } from "./input.ts";
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
}

/** Creates a tenant or updates a present one. Errors: `INVALID_INPUT`. */
export async function upsertTenant(db: Executor, input: TenantInput, now: Date): Promise<StoredTenant> {
  const { id, name, properties = {} } = input;
  refuse("The tenant", [idIssue(["id"], "A tenant id", tenantIdProblem(id)), textIssue([], input)]);
  const [stored] = await prepared(
    db
      .insert(tenants)
      .values({ id, name: name ?? null, properties, createdAt: now, updatedAt: now })
      .onConflictDoUpdate({
        target: tenants.id,
        set: {
          ...(name === undefined ? {} : { name: sql`excluded.name` }),
          properties: sql`knock.deep_merge(${tenants.properties}, excluded.properties)`,
          updatedAt: sql`excluded.updated_at`,
        },
      })
      .returning(),
  );
  return stored!;
}

/** Those of the tenants that exist, by id. */
export async function findTenants(db: Executor, ids: Iterable<string>): Promise<Map<string, StoredTenant>> {
  const wanted = sql`${tenants.id} = any(${sql.param(storable(ids))}::text[])`;
  const found = await prepared(db.select().from(tenants).where(wanted));
  return new Map(found.map((tenant) => [tenant.id, tenant]));
}
