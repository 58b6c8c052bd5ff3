import { sql } from "drizzle-orm";
import { index, integer, jsonb, text, uuid } from "drizzle-orm/pg-core";
import type { JsonObject } from "../../base/canonical-json.ts";
import { instant, knock } from "./schema.ts";

/** What a schedule does about moments that passed while no process ran. */
export const missedPolicies = ["skip", "last", "all"] as const;
export type MissedPolicy = (typeof missedPolicies)[number];

/** Where a schedule stands. */
export const scheduleStatuses = ["active", "paused", "ended"] as const;
export type ScheduleStatus = (typeof scheduleStatuses)[number];

/** A notify call at one or many moments: for one recipient, or for lists. */
export const schedules = knock.table(
  "schedules",
  {
    id: uuid("id").primaryKey(),
    workflow: text("workflow").notNull(),
    status: text("status", { enum: scheduleStatuses }).notNull(),
    /** The recipient; `null` for a schedule of lists. */
    recipientId: text("recipient_id"),
    lists: text("lists").array().notNull(),
    actorId: text("actor_id"),
    tenantId: text("tenant_id"),
    data: jsonb("data").$type<JsonObject>().notNull(),
    /** `RRULE:…` without `DTSTART`, or five cron fields; `null` for one moment only. */
    recurrence: text("recurrence"),
    /** IANA zone; `null` takes the recipient's, at each moment anew. */
    timezone: text("timezone"),
    /** The first moment at the earliest; the moment itself when there is no recurrence. */
    startsAt: instant("starts_at").notNull(),
    endsAt: instant("ends_at"),
    onMissed: text("on_missed", { enum: missedPolicies }).notNull(),
    /** The next moment; `null` when there is none. */
    nextAt: instant("next_at"),
    lastAt: instant("last_at"),
    /** Moments that have become notifications. */
    count: integer("count").notNull(),
    /** Why the last moment made no notification; `null` when it did. */
    problem: text("problem"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    // What is due: the timekeeper reads the earliest of these and nothing else.
    index("schedules_due")
      .on(table.nextAt)
      .where(sql`${table.nextAt} is not null and ${table.status} = 'active'`),
    // The schedules of a person, of a workflow.
    index("schedules_recipient").on(table.recipientId, table.id),
    index("schedules_workflow").on(table.workflow, table.id),
  ],
);
