// Why somebody did or did not get something, as the client reads it. Timestamps are ISO 8601.
import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { Message, PreferenceVerdict, Run, RunBatch, RunStep } from "./types.ts";

/** A message of an explanation, without what it says. */
export interface ExplainedMessage extends Omit<Message, "workflow" | "content"> {
  /** Where it goes, shortened: `a…@example.com`; `null` for the feed. */
  address: string | null;
  providerMessageId: string | null;
  nextAttemptAt: string | null;
  sentAt: string | null;
  deliveredAt: string | null;
  clickedAt: string | null;
  attempts: {
    number: number;
    provider: string;
    outcome: string;
    statusCode: number | null;
    reason: string | null;
    startedAt: string;
    finishedAt: string;
  }[];
}

/** What became of one step for one person. `reason` is never empty. */
export interface ExplainedStep {
  ref: string;
  kind: string;
  outcome: RunStep["outcome"] | "UNREACHED";
  code: string | null;
  reason: string;
  values: Record<string, Json>;
  /** Every preference that applied, the one that decided first. */
  preferences: { layer: NonNullable<PreferenceVerdict["layer"]>; entry: string; allowed: boolean }[];
  at: string | null;
  /** When it goes on. */
  until: string | null;
  batch:
    | (Omit<RunBatch, "step"> & {
        /** The run was cancelled, and the batch goes on without its activity. */
        left: boolean;
        /** The run that goes on with all of it; `null` when all runs in it were cancelled. */
        carrier: {
          runId: string;
          own: boolean;
          notificationId: string | null;
          status: Run["status"] | null;
          messages: ExplainedMessage[];
        } | null;
      })
    | null;
  message: ExplainedMessage | null;
}

/** What became of one notification for one person, and why. */
export interface Explanation {
  userId: string;
  version: number | null;
  notification: {
    id: string;
    workflow: string;
    createdAt: string;
    cancelledAt: string | null;
    actorId: string | null;
    tenantId: string | null;
    source: { kind: "CALL" | "SCHEDULE" | "STEP"; id: string | null };
  };
  reach: {
    recipient: boolean;
    /** `NAMED` and `LIST` for a recipient, else why there is no run. */
    code:
      | "NAMED"
      | "LIST"
      | "NOT_ADDRESSED"
      | "ACTOR"
      | "JOINED_LATER"
      | "LEFT_BEFORE"
      | "LEFT_MEANWHILE"
      | "NOT_YET"
      | "CANCELLED"
      | "RUN_GONE";
    reason: string;
    list: string | null;
    membership: JsonObject | null;
    memberships: {
      list: string;
      /** The call names the list. */
      asked: boolean;
      joinedAt: string;
      leftAt: string | null;
      properties: JsonObject | null;
    }[];
  };
  run: Pick<Run, "id" | "status" | "createdAt" | "finishedAt" | "wakeAt"> | null;
  /** Every step of the workflow; empty without a run. */
  steps: ExplainedStep[];
  /** All of it in plain words, a line for each thing to know. */
  text: string;
}
