import { integer, jsonb, text, unique, uuid } from "drizzle-orm/pg-core";
import type { Structure } from "../../registry/structure.ts";
import { instant, knock } from "./schema.ts";

/** The workflows that were ever deployed here, and whether they may run. */
export const workflows = knock.table("workflows", {
  key: text("key").primaryKey(),
  status: text("status", { enum: ["active", "inactive", "archived"] })
    .notNull()
    .default("active"),
  updatedAt: instant("updated_at").notNull(),
});

/** The structures that runs keep: stored, so that a waiting run needs no old code. */
export const workflowVersions = knock.table(
  "workflow_versions",
  {
    id: uuid("id").primaryKey(),
    workflow: text("workflow")
      .notNull()
      .references(() => workflows.key),
    number: integer("number").notNull(),
    structure: jsonb("structure").$type<Structure>().notNull(),
    hash: text("hash").notNull(),
    /** Hash of what the content renders on the examples; `null` when there are none. */
    fingerprint: text("fingerprint"),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    // The newest version of a workflow.
    unique("workflow_versions_number").on(table.workflow, table.number),
    // Whether a structure is known already.
    unique("workflow_versions_hash").on(table.workflow, table.hash),
  ],
);
