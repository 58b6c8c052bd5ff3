// Enums that more than one type uses. Names are in capitals, as GraphQL has them; values are those of
// the store.
import type { ChannelType } from "../../../channels/messages.ts";
import type { MessageStatus } from "../../../store/schema/messages.ts";
import type { NotificationSource } from "../../../store/schema/notifications.ts";
import type { RunStatus, TraceEntry } from "../../../store/schema/runs.ts";
import type { MissedPolicy, ScheduleStatus } from "../../../store/schema/schedules.ts";
import type { Builder } from "../builder.ts";
import { createDeployEnums } from "./deploy-enums.ts";
import { enumOf } from "./enum-of.ts";

/** Those about notifications that no caller makes. */
const createSchedulingEnums = (builder: Builder) => ({
  scheduleStatus: enumOf<ScheduleStatus>(builder, "ScheduleStatus", {
    description: "Where a schedule stands.",
    values: {
      active: "It has a moment ahead.",
      paused: "It has no moments; those that pass meanwhile are not made up for.",
      ended: "It has no moment ahead any more.",
    },
  }),
  missedPolicy: enumOf<MissedPolicy>(builder, "MissedPolicy", {
    description: "What becomes of the moments of a schedule that passed while no process ran.",
    values: {
      skip: "What is more than five minutes late is left out.",
      last: "The last one is made up for.",
      all: "Each one is made up for.",
    },
  }),
  sourceKind: enumOf<"call" | NotificationSource["kind"]>(builder, "SourceKind", {
    description: "What makes a notification.",
    values: {
      call: "A call of notify.",
      schedule: "A moment of a schedule.",
      step: "A step of another workflow.",
    },
  }),
});

const createPreferencesMode = (builder: Builder) =>
  builder.enumType("PreferencesMode", {
    description: "What happens to the present set.",
    values: {
      REPLACE: { value: "REPLACE" as const, description: "The given set takes its place." },
      MERGE: { value: "MERGE" as const, description: "The given set is laid over it, entry by entry." },
    },
  });

/** The enums of a schema. */
export const createEnums = (builder: Builder) => ({
  ...createSchedulingEnums(builder),
  ...createDeployEnums(builder),
  preferencesMode: createPreferencesMode(builder),
  notificationStatus: enumOf(builder, "NotificationStatus", {
    description: "Where a notification stands.",
    values: {
      accepted: "Stored; no run has begun.",
      processing: "Runs are being made.",
      waiting: "Every recipient has a run and some runs wait.",
      completed: "All runs are finished.",
      cancelled: "Cancelled for all recipients.",
    },
  }),
  runStatus: enumOf<RunStatus>(builder, "RunStatus", {
    description: "Where a run stands.",
    values: {
      waiting: "It goes on later.",
      completed: "All steps were executed or skipped.",
      halted: "The workflow's condition did not hold, or a step ended the run.",
      cancelled: "It was cancelled before it was finished.",
      failed: "A step failed in every attempt.",
    },
  }),
  stepOutcome: enumOf<TraceEntry["outcome"]>(builder, "StepOutcome", {
    description: "What became of a step.",
    values: {
      done: "It did what it says.",
      skipped: "It did nothing; `reason` says why.",
      waiting: "It waits.",
      joined: "It joined a batch, and another run goes on with it.",
      halted: "It ended the run.",
      failed: "It failed.",
      cancelled: "The run was cancelled here.",
    },
  }),
  channelType: enumOf<ChannelType>(builder, "ChannelType", {
    description: "A kind of channel.",
    values: {
      inApp: "The recipient's feed.",
      email: "E-mail.",
      sms: "Text message.",
      push: "Push notification.",
      chat: "A chat program.",
      webhook: "An HTTP request to another system.",
    },
  }),
  messageStatus: enumOf<MessageStatus>(builder, "MessageStatus", {
    description: "How far the delivery of a message is.",
    values: {
      queued: "Not yet handed to a provider.",
      sent: "A provider accepted it.",
      delivered: "A provider confirmed the delivery, or it is in the feed.",
      bounced: "It came back.",
      undelivered: "No provider accepted it.",
      not_sent: "Nothing is sent here: sandbox.",
    },
  }),
  workflowStatus: enumOf<"active" | "inactive" | "archived">(builder, "WorkflowStatus", {
    description: "Whether a workflow may run.",
    values: {
      active: "It accepts calls.",
      inactive: "It is switched off: calls are refused, and a run that wakes meanwhile ends `halted`.",
      archived: "It is no longer part of the project.",
    },
  }),
  preferenceLayer: enumOf<"recipient" | "recipientTenant" | "tenant" | "environment">(builder, "PreferenceLayer", {
    description: "Whose preference set, from the highest to the lowest.",
    values: {
      recipientTenant: "The user's own set for the tenant.",
      recipient: "The user's own set.",
      tenant: "The tenant's default.",
      environment: "The default in the configuration.",
    },
  }),
});

/** The enums of a schema. */
export type Enums = ReturnType<typeof createEnums>;
