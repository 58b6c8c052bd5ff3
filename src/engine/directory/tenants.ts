import { findTenants, type StoredTenant, type TenantInput, upsertTenant as store } from "../../store/tenants.ts";
import { attempt, type Directory, type InTransaction, invalid, type Outcome } from "./directory.ts";
import { propertiesIssues } from "./user-input.ts";

/** Creates a tenant or merges into it. Errors: `INVALID_INPUT`. */
export async function upsertTenant(
  directory: Directory,
  input: TenantInput,
  options: InTransaction = {},
): Promise<Outcome<{ tenant: StoredTenant }>> {
  const issues = propertiesIssues(input.properties, ["properties"]);
  if (issues.length > 0) return invalid("The tenant", issues);
  return attempt(directory, options, async (db) => ({ tenant: await store(db, input, directory.clock.now()) }));
}

/** A tenant by its id; `null` when there is none. */
export async function findTenant({ database }: Directory, id: string): Promise<StoredTenant | null> {
  return (await findTenants(database.db, [id])).get(id) ?? null;
}
