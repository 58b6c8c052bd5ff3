import { sql } from "drizzle-orm";
import { index, jsonb, text, uuid } from "drizzle-orm/pg-core";
import type { JsonObject } from "../../base/canonical-json.ts";
import { instant, knock } from "./schema.ts";

/** How a step or a run ended, or what it waits for. */
export const runStatuses = ["waiting", "completed", "halted", "cancelled", "failed"] as const;
export type RunStatus = (typeof runStatuses)[number];

/** One preference that a channel step met. */
export interface AppliedPreference {
  /** Whose set: `recipient`, `recipientTenant`, `tenant` or `environment`. */
  layer: string;
  /** Where in that set: `categories.comments.channelTypes.email`. */
  entry: string;
  allowed: boolean;
}

/** One decision: what became of a step for this recipient, and why. `ref` is `when` for the workflow's own condition. */
export interface TraceEntry {
  ref: string;
  kind: string;
  outcome: "done" | "skipped" | "waiting" | "joined" | "halted" | "failed" | "cancelled";
  /** A stable code such as `PREFERENCES`; absent when the step did what it says. */
  code?: string;
  /** The reason as a sentence. */
  reason?: string;
  /** The values that the decision read. */
  values?: Record<string, unknown>;
  /** Every preference that applied to a channel step, the one that decided first; absent when none is set. */
  preferences?: AppliedPreference[];
  /** ISO 8601. */
  at: string;
}

/** What came from outside for a step that waits. `final` failures are not tried again. */
export type Reply = { ok: true; value: JsonObject } | { ok: false; problem: string; final: boolean };

/** What a run keeps between two passages. */
export interface RunState {
  /** Failed tries of the step at hand. */
  attempts?: number;
  /** Properties of the membership through which the person was reached. */
  membership?: JsonObject;
  /** The list through which the person was reached; absent when named explicitly. */
  list?: string;
  /** The step at hand has waited its time and goes on when the run wakes. */
  waited?: boolean;
  /** What came from outside for the step at hand: the answer to a fetch, the event that was waited for. */
  reply?: Reply;
  /** What steps left for later ones, by ref; a step that left nothing has no entry. */
  results?: Record<string, JsonObject>;
  /** The step that failed for good: the run is on the way that `onFailure` describes. */
  failure?: { step: string; reason: string };
}

/** One workflow execution for one recipient. */
export const runs = knock.table(
  "runs",
  {
    id: uuid("id").primaryKey(),
    notificationId: uuid("notification_id").notNull(),
    versionId: uuid("version_id").notNull(),
    recipientId: text("recipient_id").notNull(),
    status: text("status", { enum: runStatuses }).notNull(),
    /** Ref of the step to be executed next; `null` when the run is finished. */
    step: text("step"),
    state: jsonb("state").$type<RunState>().notNull(),
    trace: jsonb("trace").$type<TraceEntry[]>().notNull(),
    wakeAt: instant("wake_at"),
    createdAt: instant("created_at").notNull(),
    finishedAt: instant("finished_at"),
  },
  (table) => [
    // The runs of a notification, and their counts by status.
    index("runs_notification").on(table.notificationId, table.id),
    // What is due: the timekeeper reads the earliest of these and nothing else.
    index("runs_due")
      .on(table.wakeAt)
      .where(sql`${table.wakeAt} is not null`),
    // What failed and may be run again, newest first: little among much.
    index("runs_failed")
      .on(table.id)
      .where(sql`${table.status} = 'failed'`),
  ],
);
