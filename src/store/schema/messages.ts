import { sql } from "drizzle-orm";
import { index, integer, jsonb, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import type { JsonObject } from "../../base/canonical-json.ts";
import { channelTypes } from "../../channels/messages.ts";
import { instant, knock, transactionId } from "./schema.ts";

/** Delivery status; only what a provider said moves it. */
export const messageStatuses = ["queued", "sent", "delivered", "bounced", "undelivered", "not_sent"] as const;
export type MessageStatus = (typeof messageStatuses)[number];

/**
 * One rendered item on one channel. The id is a function of (run, step), so a step that is executed
 * twice meets its own message: the primary key is what makes an in-app message exist exactly once.
 */
export const messages = knock.table(
  "messages",
  {
    id: uuid("id").primaryKey(),
    runId: uuid("run_id").notNull(),
    notificationId: uuid("notification_id").notNull(),
    workflow: text("workflow").notNull(),
    step: text("step").notNull(),
    recipientId: text("recipient_id").notNull(),
    tenantId: text("tenant_id"),
    channel: text("channel").notNull(),
    channelType: text("channel_type", { enum: channelTypes }).notNull(),
    /** The rendered message, in the form of its channel type. */
    content: jsonb("content").$type<JsonObject>().notNull(),
    /** Where it goes; `null` for the feed. */
    address: jsonb("address").$type<JsonObject>(),
    status: text("status", { enum: messageStatuses }).notNull(),
    /** Why it ended as it did, in the provider's words. */
    reason: text("reason"),
    providerMessageId: text("provider_message_id"),
    attempts: smallint("attempts").notNull().default(0),
    /** When the send window opens, for a message that waited for it. */
    scheduledAt: instant("scheduled_at"),
    /** When to try again after a failed attempt. First attempts are carried by a job, so that success changes no index. */
    nextAttemptAt: instant("next_attempt_at"),
    createdAt: instant("created_at").notNull(),
    sentAt: instant("sent_at"),
    deliveredAt: instant("delivered_at"),
    seenAt: instant("seen_at"),
    readAt: instant("read_at"),
    interactedAt: instant("interacted_at"),
    clickedAt: instant("clicked_at"),
    archivedAt: instant("archived_at"),
    /** Transaction with which it came into the feed; `null` for what is in no feed. Never changes. */
    arrivedXid: transactionId("arrived_xid"),
  },
  (table) => [
    // A person's messages, newest first (ids begin with their time).
    index("messages_recipient").on(table.recipientId, table.id),
    // A person's feed in the order of arrival, which is not that of the notifications: some wait for days.
    index("messages_feed")
      .on(table.recipientId, table.deliveredAt, table.id)
      .where(sql`${table.arrivedXid} is not null`),
    // What has come into feeds since a snapshot, for all who look on.
    index("messages_arrived")
      .on(table.arrivedXid)
      .where(sql`${table.arrivedXid} is not null`),
    // Retries that are due.
    index("messages_due")
      .on(table.nextAttemptAt)
      .where(sql`${table.nextAttemptAt} is not null`),
  ],
);

/** One try of handing a message to a provider. */
export const deliveryAttempts = knock.table(
  "delivery_attempts",
  {
    messageId: uuid("message_id").notNull(),
    number: integer("number").notNull(),
    provider: text("provider").notNull(),
    outcome: text("outcome").notNull(),
    statusCode: smallint("status_code"),
    reason: text("reason"),
    startedAt: instant("started_at").notNull(),
    finishedAt: instant("finished_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.messageId, table.number] })],
);
