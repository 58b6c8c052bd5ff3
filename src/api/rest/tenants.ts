// Tenants: customers of the project's own product, with the look and the default preferences of their messages.
import { z } from "zod";
import { distinct } from "../../base/arrays.ts";
import type { JsonObject } from "../../base/canonical-json.ts";
import type { Issue } from "../../base/errors.ts";
import { mergePreferenceSets } from "../../definition/merge-preference-sets.ts";
import type { PreferenceSet } from "../../definition/preference-set.ts";
import { inBulk } from "../../engine/directory/bulk.ts";
import { inOneTransaction } from "../../engine/directory/directory.ts";
import { setPreferences } from "../../engine/directory/preferences.ts";
import { deleteTenant, deleteTenants, listTenants, upsertTenants } from "../../engine/directory/tenants.ts";
import type { Executor } from "../../store/executor.ts";
import { deletePreferenceSet } from "../../store/preference-sets.ts";
import { loadTenants } from "../../store/recipients.ts";
import { findTenants, type StoredTenant, type TenantInput } from "../../store/tenants.ts";
import { invalidParam, missing, succeeded } from "./errors.ts";
import { pageArguments, pageInfoOf, pageQuery } from "./paging.ts";
import { changeFromWire, type PreferenceMode, presentPreferences } from "./preferences-wire.ts";
import { route, type RestContext } from "./route.ts";
import { bulkOperationShape, presentBulkOperation } from "./shapes/bulk-operation.ts";
import { entriesOf } from "./shapes/shape.ts";
import { type TenantBody, tenantRequest, tenantSet, tenantShape } from "./shapes/tenant.ts";

const MOST_IN_BULK = 1_000;

type Context = Pick<RestContext, "engine">;
type Path = Issue["path"];

/** A tenant of a request as the engine takes it. */
export interface GivenTenant {
  tenant: TenantInput;
  /** What becomes of its default preferences; `null` removes them, `undefined` leaves them. */
  preferences: { preferences: PreferenceSet; mode: PreferenceMode } | null | undefined;
}

const NOT_STORED = new Set(["__typename", "id", "name", "settings", "created_at", "updated_at"]);

/** Tenants have no addresses of their own here, and one set of preferences. */
function refuseUnsupported(body: TenantBody, path: Path): void {
  for (const name of ["channel_data", "preferences"] as const) {
    const value = body[name];
    if (value == null || Object.keys(value).length === 0) continue;
    const message = name === "preferences" ? "Use settings.preference_set." : "Tenants have no channel data here.";
    throw invalidParam([...path, name], message, "unsupported");
  }
}

/** A tenant of a request. Refuses with 422. */
export function givenTenant(
  context: Context,
  id: string,
  { body, path }: { body: TenantBody; path: Path },
): GivenTenant {
  refuseUnsupported(body, path);
  const { name, settings } = body;
  const { preference_set: wanted, ...look } = settings ?? {};
  const properties = Object.fromEntries(
    Object.entries(body).filter(
      ([member]) => !NOT_STORED.has(member) && member !== "channel_data" && member !== "preferences",
    ),
  ) as JsonObject;
  return {
    tenant: {
      id,
      ...(name === undefined ? {} : { name }),
      ...(Object.keys(properties).length > 0 && { properties }),
      ...(Object.keys(look).length > 0 && { settings: look as JsonObject }),
    },
    preferences:
      wanted == null
        ? wanted
        : changeFromWire(context, wanted, { path: [...path, "settings", "preference_set"], mode: "MERGE" }),
  };
}

/** Stores tenants that a request brings, with their default preferences. Refuses with 422. */
export async function storeTenants({ engine }: Context, given: readonly GivenTenant[], tx: Executor): Promise<void> {
  if (given.length === 0) return;
  const tenants = given.map(({ tenant }) => tenant);
  succeeded(await upsertTenants(engine.context, tenants, { tx }));
  // Each set is read, changed as a whole and written, so that changes at once all count.
  for (const { tenant, preferences } of given) {
    const of = { tenantId: tenant.id };
    if (preferences === null) await deletePreferenceSet(tx, of);
    else if (preferences) succeeded(await setPreferences(engine.context, { of, ...preferences }, { tx }));
  }
}

async function presentTenants(
  context: Context,
  tenants: readonly StoredTenant[],
  { resolved = false } = {},
): Promise<z.output<typeof tenantShape>[]> {
  const { database, preferences: environment } = context.engine.context;
  const known = await loadTenants(database.db, distinct(tenants.map(({ id }) => id)));
  const sets = new Map(known.map(({ id, preferences }) => [id, preferences]));
  const layers = (set: PreferenceSet | null) =>
    [set && { name: "tenant" as const, set }, environment && { name: "environment" as const, set: environment }].filter(
      (layer) => layer !== null,
    );
  return tenants.map(({ id, name, properties, settings }) => {
    const own = sets.get(id) ?? null;
    const set = resolved ? mergePreferenceSets(layers(own)).set : own;
    return {
      ...properties,
      __typename: "Tenant",
      id,
      name,
      settings: {
        ...settings,
        branding: (settings["branding"] as JsonObject | undefined) ?? null,
        preference_set: set && presentPreferences(context, "default", set),
      },
    };
  });
}

const tenantParams = z.object({ id: z.string() });
const resolving = z.object({ resolve_full_preference_settings: z.boolean().optional() });

async function tenantNamed(context: Context, id: string, { resolved = false } = {}) {
  const found = (await findTenants(context.engine.context.database.db, [id])).get(id);
  if (!found) throw missing("tenant");
  return (await presentTenants(context, [found], { resolved }))[0]!;
}

const list = route({
  method: "GET",
  path: "/v1/tenants",
  operation: "tenants.list",
  summary: "Tenants, by id; those of one name or id when asked for.",
  scope: "read",
  query: z.object({ ...pageQuery, name: z.string().optional(), tenant_id: z.string().optional() }),
  responses: { 200: entriesOf(tenantShape) },
  async handle({ query }, context) {
    const filter = { name: query.name, id: query.tenant_id };
    const page = await listTenants(context.engine.context, filter, pageArguments(query));
    const entries = await presentTenants(context, page.nodes);
    return { status: 200, body: { entries, page_info: pageInfoOf(page, query) } };
  },
});

const get = route({
  method: "GET",
  path: "/v1/tenants/:id",
  operation: "tenants.get",
  summary: "A tenant; its default preferences together with those of the environment when asked for.",
  scope: "read",
  params: tenantParams,
  query: resolving,
  responses: { 200: tenantShape },
  handle: async ({ params, query }, context) => ({
    status: 200,
    body: await tenantNamed(context, params.id, { resolved: query.resolve_full_preference_settings ?? false }),
  }),
});

const set = route({
  method: "PUT",
  path: "/v1/tenants/:id",
  operation: "tenants.set",
  summary:
    "Creates a tenant, or merges into the one that there is. A preference set is merged unless it says `replace`.",
  scope: "write",
  params: tenantParams,
  query: resolving,
  body: tenantSet,
  responses: { 200: tenantShape },
  async handle({ params: { id }, query, body }, context) {
    const given = givenTenant(context, id, { body, path: [] });
    await inOneTransaction(context.engine.context, {}, (tx) => storeTenants(context, [given], tx));
    const resolved = query.resolve_full_preference_settings ?? false;
    return { status: 200, body: await tenantNamed(context, id, { resolved }) };
  },
});

const remove = route({
  method: "DELETE",
  path: "/v1/tenants/:id",
  operation: "tenants.delete",
  summary: "Deletes a tenant with the preferences for it.",
  scope: "write",
  params: tenantParams,
  responses: { 204: null },
  async handle({ params }, { engine }) {
    succeeded(await deleteTenant(engine.context, params.id));
    return { status: 204 };
  },
});

const bulkSet = route({
  method: "POST",
  path: "/v1/tenants/bulk/set",
  operation: "tenants.bulk.set",
  summary: "Creates or merges up to 1,000 tenants: all or none.",
  scope: "write",
  body: z.object({ tenants: z.array(tenantRequest).max(MOST_IN_BULK) }),
  responses: { 200: bulkOperationShape },
  async handle({ body: { tenants } }, context) {
    const given = tenants.map((tenant, index) => {
      const body = typeof tenant === "string" ? { id: tenant } : tenant;
      return givenTenant(context, body.id, { body, path: ["tenants", index] });
    });
    const { context: engine } = context.engine;
    const operation = await inBulk(engine, { name: "tenants.set", total: given.length }, async (tx) => {
      await storeTenants(context, given, tx);
      return { succeeded: given.length };
    });
    return { status: 200, body: presentBulkOperation(operation) };
  },
});

const bulkDelete = route({
  method: "POST",
  path: "/v1/tenants/bulk/delete",
  operation: "tenants.bulk.delete",
  summary: "Deletes up to 1,000 tenants. Those that are not there are counted as done.",
  scope: "write",
  query: z.object({ tenant_ids: z.array(z.string()).max(MOST_IN_BULK) }),
  responses: { 200: bulkOperationShape },
  async handle({ query: { tenant_ids: ids } }, { engine }) {
    const operation = await inBulk(engine.context, { name: "tenants.delete", total: ids.length }, async (tx) => {
      succeeded(await deleteTenants(engine.context, ids, { tx }));
      return { succeeded: ids.length };
    });
    return { status: 200, body: presentBulkOperation(operation) };
  },
});

/** Tenants. */
export const tenantRoutes = [list, get, set, remove, bulkSet, bulkDelete];
