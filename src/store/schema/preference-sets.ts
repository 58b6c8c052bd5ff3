import { jsonb, primaryKey, text } from "drizzle-orm/pg-core";
import type { PreferenceSet } from "../../definition/preference-set.ts";
import { instant, knock } from "./schema.ts";

/**
 * What people and tenants have switched on and off. A user's own set has the id `default` or that of
 * a tenant; a tenant's default set has the id `default`.
 */
export const preferenceSets = knock.table(
  "preference_sets",
  {
    owner: text("owner", { enum: ["user", "tenant"] }).notNull(),
    ownerId: text("owner_id").notNull(),
    setId: text("set_id").notNull(),
    document: jsonb("document").$type<PreferenceSet>().notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.owner, table.ownerId, table.setId] })],
);
