// Why somebody did or did not get something, as data. Every `reason` is a sentence without its end, never empty.
import type { JsonObject } from "../../base/canonical-json.ts";
import type { ChannelType } from "../../channels/messages.ts";
import type { AttemptRead } from "../../store/reads/messages.ts";
import type { MembershipRead } from "../../store/reads/explain.ts";
import type { MessageStatus } from "../../store/schema/messages.ts";
import type { NotificationSource } from "../../store/schema/notifications.ts";
import type { AppliedPreference, RunStatus, TraceEntry } from "../../store/schema/runs.ts";

/** How somebody was reached, or why not. */
export type ReachCode =
  /** The call names the person. */
  | "NAMED"
  /** The person was in a list that the call names. */
  | "LIST"
  /** The call neither names the person nor a list in which the person was. */
  | "NOT_ADDRESSED"
  /** The actor is left out of lists. */
  | "ACTOR"
  | "JOINED_LATER"
  | "LEFT_BEFORE"
  /** The person left after the call and before the members of the list were taken. */
  | "LEFT_MEANWHILE"
  /** The run is still to begin. */
  | "NOT_YET"
  /** Cancelled before the run began. */
  | "CANCELLED"
  /** The run has been deleted. */
  | "RUN_GONE";

/** A time in a list. */
export interface ExplainedMembership extends MembershipRead {
  /** The call names the list. */
  asked: boolean;
}

/** How somebody was reached, or why not. */
export interface ExplainedReach {
  recipient: boolean;
  code: ReachCode;
  reason: string;
  /** The list through which the person was reached; `null` when named, or not reached. */
  list: string | null;
  /** Properties of that membership, as the run read them. */
  membership: JsonObject | null;
  /** The lists in which the person is and was, at most 100 each; those that the call names first. */
  memberships: ExplainedMembership[];
}

/** A message, without what it says. */
export interface ExplainedMessage {
  id: string;
  step: string;
  channel: string;
  channelType: ChannelType;
  status: MessageStatus;
  /** Why it ended as it did, in the provider's words. */
  reason: string | null;
  /** Where it goes, shortened: `a…@example.com`; `null` for the feed. */
  address: string | null;
  providerMessageId: string | null;
  createdAt: Date;
  /** When its send window opens. */
  scheduledAt: Date | null;
  nextAttemptAt: Date | null;
  sentAt: Date | null;
  deliveredAt: Date | null;
  seenAt: Date | null;
  readAt: Date | null;
  interactedAt: Date | null;
  clickedAt: Date | null;
  archivedAt: Date | null;
  attempts: Omit<AttemptRead, "messageId">[];
}

/** The batch that a run opened or joined. */
export interface ExplainedBatch {
  id: string;
  count: number;
  openedAt: Date;
  closesAt: Date;
  closedAt: Date | null;
  /** The run was cancelled, and the batch goes on without its activity. */
  left: boolean;
  /** The run that goes on with all of it; `null` when all runs in it were cancelled. */
  carrier: {
    runId: string;
    /** It is the run that is explained. */
    own: boolean;
    /** `null`, like its status, when the run is no longer kept. */
    notificationId: string | null;
    status: RunStatus | null;
    /** What it made after the batch; empty when it is the run that is explained. */
    messages: ExplainedMessage[];
  } | null;
}

/** Why a step was not reached. */
export type UnreachedCode =
  /** The run waits at an earlier step. */
  | "NOT_YET"
  /** The run ended before. */
  | "RUN_ENDED"
  /** The step belongs to a way that was not taken. */
  | "WAY_NOT_TAKEN"
  /** A throttle left it out. */
  | "LEFT_OUT"
  /** The step belongs to what is done after a failure. */
  | "NO_FAILURE";

/** What became of one step. */
export interface ExplainedStep {
  /** `when` is the workflow's own condition. */
  ref: string;
  kind: string;
  outcome: TraceEntry["outcome"] | "unreached";
  /** For programs; `null` when the step did what it says. */
  code: string | null;
  reason: string;
  /** The values that the decision read. */
  values: Record<string, unknown>;
  /** Every preference that applied, the one that decided first. */
  preferences: AppliedPreference[];
  /** When it was decided; `null` for a step that was not reached. */
  at: Date | null;
  /** When the step goes on, for one that waits or is tried again. */
  until: Date | null;
  batch: ExplainedBatch | null;
  message: ExplainedMessage | null;
}

/** What became of one notification for one person. */
export interface Explanation {
  userId: string;
  notification: {
    id: string;
    workflow: string;
    /** The version whose structure counts. */
    version: number | null;
    createdAt: Date;
    cancelledAt: Date | null;
    /** What made it; `null` for a call. */
    source: NotificationSource | null;
    actorId: string | null;
    tenantId: string | null;
    /** What the caller was told. */
    warnings: string[];
  };
  reach: ExplainedReach;
  /** `null` for somebody who was not reached. */
  run: {
    id: string;
    status: RunStatus;
    createdAt: Date;
    finishedAt: Date | null;
    /** When it goes on. */
    wakeAt: Date | null;
  } | null;
  /** Every step of the workflow in the order in which it is written; empty without a run. */
  steps: ExplainedStep[];
}
