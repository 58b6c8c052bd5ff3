import { sql } from "drizzle-orm";
import { index, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import type { JsonObject } from "../../base/canonical-json.ts";
import { instant, knock } from "./schema.ts";

/** Something that a caller should know although the call succeeded. */
export interface Warning {
  code: string;
  message: string;
  path: (string | number)[];
}

/** What made a notification, when it was no caller. */
export interface NotificationSource {
  kind: "step" | "schedule";
  /** The run or the schedule. */
  id: string;
  /** The workflows that started each other up to this one, the first one first. */
  via: string[];
}

/** One accepted notify call. */
export const notifications = knock.table(
  "notifications",
  {
    id: uuid("id").primaryKey(),
    workflow: text("workflow").notNull(),
    versionId: uuid("version_id").notNull(),
    data: jsonb("data").$type<JsonObject>().notNull(),
    actorId: text("actor_id"),
    tenantId: text("tenant_id"),
    recipients: text("recipients").array().notNull(),
    lists: text("lists").array().notNull(),
    idempotencyKey: text("idempotency_key"),
    cancellationKey: text("cancellation_key"),
    warnings: jsonb("warnings").$type<Warning[]>().notNull().default([]),
    /** `null` for a call. */
    source: jsonb("source").$type<NotificationSource>(),
    /** W3C trace context of the call, so that what happens later belongs to its trace. */
    traceParent: text("trace_parent"),
    createdAt: instant("created_at").notNull(),
    /** When every recipient had a run or a chunk that will make one; `null` until then. */
    plannedAt: instant("planned_at"),
    /** When it was cancelled as a whole. A chunk that is fanned out later makes no runs. */
    cancelledAt: instant("cancelled_at"),
    /** Recipients for whom alone it was cancelled, known to chunks that are fanned out later. */
    cancelledRecipients: text("cancelled_recipients").array().notNull().default([]),
  },
  (table) => [
    // Cancelling by key; most notifications have none.
    index("notifications_cancellation")
      .on(table.cancellationKey)
      .where(sql`${table.cancellationKey} is not null`),
    // Listing the notifications of one workflow, newest first.
    index("notifications_workflow").on(table.workflow, table.id),
  ],
);

/** Keys of calls that succeeded. */
export const idempotencyKeys = knock.table(
  "idempotency_keys",
  {
    key: text("key").primaryKey(),
    notificationId: uuid("notification_id").notNull(),
    /** Hash of the call's input, to tell a repetition from a reused key. */
    inputHash: text("input_hash").notNull(),
    /** Id of the HTTP request that used it, where the call came over REST. */
    requestId: text("request_id"),
    createdAt: instant("created_at").notNull(),
  },
  // The purge deletes the oldest keys.
  (table) => [index("idempotency_keys_age").on(table.createdAt)],
);

/**
 * A range of recipients that one job turns into runs. The row is the truth and the job only points at
 * it: marking it done in the transaction that writes the runs is what makes a repeated job harmless.
 */
export const fanOutChunks = knock.table(
  "fan_out_chunks",
  {
    notificationId: uuid("notification_id").notNull(),
    number: integer("number").notNull(),
    /** The list whose members these are; `null` for the explicit recipients. */
    list: text("list"),
    /** Members after this user id, or recipients from this position on. */
    after: text("after"),
    /** Members up to and with this user id, or recipients before this position. */
    upTo: text("up_to").notNull(),
    doneAt: instant("done_at"),
  },
  (table) => [
    primaryKey({ columns: [table.notificationId, table.number] }),
    // Recovery looks at what is not done, which is little, and never at what is.
    index("fan_out_chunks_open")
      .on(table.notificationId, table.number)
      .where(sql`${table.doneAt} is null`),
  ],
);
