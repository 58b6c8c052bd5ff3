import { type Issue, KnockError } from "../../base/errors.ts";
import type { Page, PageArguments } from "../../store/paging.ts";
import {
  deleteTenants as erase,
  findTenants,
  MAX_TENANTS_PER_CALL,
  pageTenants,
  type StoredTenant,
  type TenantFilter,
  type TenantInput,
  upsertTenant as store,
  upsertTenants as storeAll,
} from "../../store/tenants.ts";
import { attempt, type Directory, type InTransaction, invalid, type Outcome } from "./directory.ts";
import { propertiesIssues } from "./user-input.ts";

const tenantIssues = ({ properties, settings }: TenantInput, path: Issue["path"]): Issue[] => [
  ...propertiesIssues(properties, [...path, "properties"]),
  ...propertiesIssues(settings, [...path, "settings"]),
];

/** Creates a tenant or merges into it. Errors: `INVALID_INPUT`. */
export async function upsertTenant(
  directory: Directory,
  input: TenantInput,
  options: InTransaction = {},
): Promise<Outcome<{ tenant: StoredTenant }>> {
  const issues = tenantIssues(input, []);
  if (issues.length > 0) return invalid("The tenant", issues);
  return attempt(directory, options, async (db) => ({ tenant: await store(db, input, directory.clock.now()) }));
}

/** Creates tenants or merges into them; at most 10,000 a call, all or none. Errors: `INVALID_INPUT`. */
export async function upsertTenants(
  directory: Directory,
  inputs: readonly TenantInput[],
  options: InTransaction = {},
): Promise<Outcome<{ tenants: StoredTenant[] }>> {
  const few = inputs.length <= MAX_TENANTS_PER_CALL;
  const issues = few ? inputs.flatMap((input, index) => tenantIssues(input, ["tenants", index])) : [];
  if (issues.length > 0) return invalid("The call", issues);
  return attempt(directory, options, async (db) => ({ tenants: await storeAll(db, inputs, directory.clock.now()) }));
}

/** A tenant by its id; `null` when there is none. */
export async function findTenant({ database }: Directory, id: string): Promise<StoredTenant | null> {
  return (await findTenants(database.db, [id])).get(id) ?? null;
}

/** One page of the tenants, by id. Errors: `INVALID_INPUT`, thrown. */
export const listTenants = (
  { database }: Directory,
  filter: TenantFilter = {},
  args: PageArguments = {},
): Promise<Page<StoredTenant>> => pageTenants(database.db, filter, args);

/** Deletes tenants with the preferences for them; messages keep their id. Answers the ids of those that there were. */
export const deleteTenants = (
  directory: Directory,
  ids: readonly string[],
  options: InTransaction = {},
): Promise<Outcome<{ deleted: string[] }>> =>
  attempt(directory, options, async (db) => ({ deleted: await erase(db, ids) }));

/** Deletes a tenant with the preferences for it. Errors: `NOT_FOUND`. */
export async function deleteTenant(
  directory: Directory,
  id: string,
  options: InTransaction = {},
): Promise<Outcome<{ id: string }>> {
  const outcome = await deleteTenants(directory, [id], options);
  if (!outcome.ok) return outcome;
  if (outcome.deleted.length > 0) return { ok: true, id };
  return { ok: false, error: new KnockError("NOT_FOUND", { what: "tenant", id }) };
}
