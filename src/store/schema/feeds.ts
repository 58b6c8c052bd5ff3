import { index, integer, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant, knock, transactionId } from "./schema.ts";

/** What people did with what is in their feeds, for those who look on. Kept for a day. */
export const feedChanges = knock.table(
  "feed_changes",
  {
    id: uuid("id").primaryKey(),
    /** Transaction that made the change. */
    xid: transactionId("xid").notNull(),
    recipientId: text("recipient_id").notNull(),
    /** Messages that were changed; `null` when there are too many to name. */
    messageIds: uuid("message_ids").array(),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    // What has changed since a snapshot.
    index("feed_changes_xid").on(table.xid),
    // Deleting the oldest.
    index("feed_changes_age").on(table.createdAt),
  ],
);

/**
 * How much was in a large feed at a snapshot: what came later is counted, the rest need not be counted again. Whoever
 * marks messages that are counted here changes this with them.
 */
export const feedCounts = knock.table(
  "feed_counts",
  {
    recipientId: text("recipient_id").notNull(),
    /** Counted apart, as people may look at the feed of one tenant; empty for messages that belong to none. */
    tenantId: text("tenant_id").notNull(),
    /** What was counted: messages whose transaction is visible in it (`pg_snapshot` as text). */
    snapshot: text("snapshot").notNull(),
    total: integer("total").notNull(),
    unread: integer("unread").notNull(),
    unseen: integer("unseen").notNull(),
    countedAt: instant("counted_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.recipientId, table.tenantId] })],
);
