import { index, integer, jsonb, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import type { Structure } from "../../registry/structure.ts";
import { instant, knock } from "./schema.ts";

/** The workflows that were ever deployed here, and whether they may run. */
export const workflows = knock.table("workflows", {
  key: text("key").primaryKey(),
  status: text("status", { enum: ["active", "inactive", "archived"] })
    .notNull()
    .default("active"),
  /** The version that new runs get and whose content is rendered; `null` before the first. */
  versionId: uuid("version_id"),
  updatedAt: instant("updated_at").notNull(),
});

/** Code that was deployed, by its hash. One that no version names any more may go. */
export const artifacts = knock.table("artifacts", {
  /** SHA-256 of the code. */
  hash: text("hash").primaryKey(),
  /** An ES module. */
  code: text("code").notNull(),
  sourceMap: text("source_map"),
  /** Hashes of the artifacts that the code imports: packages that many workflows share. */
  imports: text("imports").array().notNull(),
  createdAt: instant("created_at").notNull(),
});

/** What was deployed when, and by whom. */
export const deploys = knock.table("deploys", {
  id: uuid("id").primaryKey(),
  kind: text("kind", { enum: ["sync", "rollback"] }).notNull(),
  /** The git commit of the checkout; `null` when there is none. */
  commit: text("commit"),
  /** Whoever deployed: a person, or the name of a key. */
  author: text("author"),
  createdAt: instant("created_at").notNull(),
});

/** What a deploy did to one workflow. */
export const deployChanges = knock.table(
  "deploy_changes",
  {
    deployId: uuid("deploy_id")
      .notNull()
      .references(() => deploys.id),
    workflow: text("workflow").notNull(),
    change: text("change", { enum: ["added", "changed", "archived", "restored"] }).notNull(),
    /** The versions before and after; `null` when there was none. */
    fromVersionId: uuid("from_version_id"),
    toVersionId: uuid("to_version_id"),
  },
  (table) => [
    primaryKey({ columns: [table.deployId, table.workflow] }),
    // Who deployed the versions of one workflow.
    index("deploy_changes_workflow").on(table.workflow, table.deployId),
  ],
);

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
    /** Hash of the code that was deployed with it; `null` where processes take it from their own checkout. */
    artifact: text("artifact").references(() => artifacts.hash),
    /** Ed25519 signature of key, structure and artifact, base64; `null` when it was not signed. */
    signature: text("signature"),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    // The newest version of a workflow.
    unique("workflow_versions_number").on(table.workflow, table.number),
    // Whether a structure is known already, with this code.
    unique("workflow_versions_hash").on(table.workflow, table.hash, table.artifact).nullsNotDistinct(),
  ],
);
