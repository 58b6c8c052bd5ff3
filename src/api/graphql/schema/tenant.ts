import { findTenant, upsertTenant } from "../../../engine/directory/tenants.ts";
import type { StoredTenant, TenantInput } from "../../../store/tenants.ts";
import { present } from "../present.ts";
import { resultOf } from "./errors.ts";
import type { Kit } from "./kit.ts";

/** Tenants. */
export function addTenants({ builder }: Kit): void {
  builder.objectType("Tenant", {
    description: "A customer of the project's own product, to whom notifications may belong.",
    fields: (t) => ({
      id: t.exposeID("id", { description: "The project's own id of the tenant." }),
      name: t.exposeString("name", { nullable: true, description: "Name of the tenant." }),
      properties: t.expose("properties", {
        type: "JSON",
        description: "The project's own properties: `tenant.properties`.",
      }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When the tenant became known." }),
      updatedAt: t.expose("updatedAt", { type: "DateTime", description: "When the tenant last changed." }),
    }),
  });
  const input = builder.inputType("TenantInput", {
    description: "A tenant to create or to change. What is left out stays as it is.",
    fields: (t) => ({
      id: t.id({ required: true, description: "The project's own id of the tenant, 1 to 256 characters." }),
      name: t.string({ description: "Name of the tenant; `null` empties it." }),
      properties: t.field({ type: "JSON", description: "The project's own properties, merged deeply." }),
    }),
  });
  const stored = builder.objectRef<{ ok: true; tenant: StoredTenant }>("UpsertTenantSuccess").implement({
    description: "The tenant is stored.",
    fields: (t) => ({ tenant: t.expose("tenant", { type: "Tenant", description: "As it is now." }) }),
  });
  builder.queryField("tenant", (t) =>
    t.field({
      type: "Tenant",
      nullable: true,
      description: "A tenant by id.",
      authScopes: { read: true },
      args: { id: t.arg.id({ required: true, description: "Id of the tenant." }) },
      resolve: (_root, { id }, { engine }) => findTenant(engine.context, id),
    }),
  );
  builder.mutationField("upsertTenant", (t) =>
    t.field({
      type: resultOf(builder, stored, ["INVALID_INPUT"]),
      nullable: true,
      description: "Creates a tenant or changes the one with this id.",
      authScopes: { write: true },
      args: { input: t.arg({ type: input, required: true, description: "The tenant." }) },
      resolve: (_root, args, { engine }) =>
        upsertTenant(engine.context, present(args.input, ["properties"]) as unknown as TenantInput),
    }),
  );
}
