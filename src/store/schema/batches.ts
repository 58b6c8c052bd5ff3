import { sql } from "drizzle-orm";
import { index, integer, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant, knock } from "./schema.ts";

/** Windows in which the runs of one workflow, step, recipient and key are collected. */
export const batches = knock.table(
  "batches",
  {
    id: uuid("id").primaryKey(),
    workflow: text("workflow").notNull(),
    step: text("step").notNull(),
    recipientId: text("recipient_id").notNull(),
    /** Canonical JSON of the key's values; empty without a key. */
    key: text("key").notNull(),
    /** The run that goes on when the window ends; `null` when all runs in it were cancelled. */
    runId: uuid("run_id"),
    openedAt: instant("opened_at").notNull(),
    closesAt: instant("closes_at").notNull(),
    /** A sliding window ends here at the latest; `null` for a fixed one. */
    limitAt: instant("limit_at"),
    /** Activities in it. */
    count: integer("count").notNull(),
    /** When it was closed: nothing joins it any more. */
    closedAt: instant("closed_at"),
  },
  (table) => [
    // At most one open batch: of two that open one at the same time, the second finds the first.
    uniqueIndex("batches_open")
      .on(table.recipientId, table.workflow, table.step, table.key)
      .where(sql`${table.closedAt} is null`),
  ],
);

/** The notifications in a batch. A recipient has one run of each, so the notification tells the run. */
export const batchActivities = knock.table(
  "batch_activities",
  {
    batchId: uuid("batch_id").notNull(),
    /** Begins with its time, so this is also the order. */
    notificationId: uuid("notification_id").notNull(),
    runId: uuid("run_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.batchId, table.notificationId] })],
);

/** How many runs of one recipient and key have passed a throttle in the present window. */
export const throttles = knock.table(
  "throttles",
  {
    workflow: text("workflow").notNull(),
    step: text("step").notNull(),
    recipientId: text("recipient_id").notNull(),
    key: text("key").notNull(),
    /** Runs that came in this window, passed or not. */
    count: integer("count").notNull(),
    endsAt: instant("ends_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.recipientId, table.workflow, table.step, table.key] }),
    // The purge deletes windows that have ended.
    index("throttles_end").on(table.endsAt),
  ],
);
