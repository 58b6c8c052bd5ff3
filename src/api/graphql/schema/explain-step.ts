// What became of each step, as the API tells it.
import type { ExplainedBatch, ExplainedMessage, ExplainedStep } from "../../../engine/explain/explanation.ts";
import type { LayerName } from "../../../engine/preferences.ts";
import type { AppliedPreference } from "../../../store/schema/runs.ts";
import { enumOf } from "./enum-of.ts";
import type { Kit } from "./kit.ts";

const times = {
  scheduledAt: "When its send window opens; null for a message that need not wait.",
  nextAttemptAt: "When the next attempt is due.",
  sentAt: "When a provider accepted it.",
  deliveredAt: "When the delivery was confirmed.",
  seenAt: "When the recipient saw it.",
  readAt: "When the recipient read it.",
  interactedAt: "When the recipient acted on it.",
  clickedAt: "When the recipient followed a link in it.",
  archivedAt: "When the recipient put it away.",
} as const satisfies Partial<Record<keyof ExplainedMessage, string>>;

function addMessage({ builder, enums }: Kit) {
  const message = builder.objectRef<ExplainedMessage>("ExplainedMessage").implement({
    description: "A message, without what it says.",
    fields: (t) => ({
      id: t.exposeID("id", { description: "Id of the message." }),
      step: t.exposeString("step", { description: "Ref of the step that made it." }),
      channel: t.exposeString("channel", { description: "Key of the channel." }),
      channelType: t.expose("channelType", { type: enums.channelType, description: "Kind of the channel." }),
      status: t.expose("status", { type: enums.messageStatus, description: "How far its delivery is." }),
      reason: t.exposeString("reason", {
        nullable: true,
        description: "Why it ended as it did, in the provider's words.",
      }),
      address: t.exposeString("address", {
        nullable: true,
        description: "Where it goes, shortened: `a…@example.com`; null for the feed.",
      }),
      providerMessageId: t.exposeString("providerMessageId", { nullable: true, description: "The provider's own id." }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
      attempts: t.field({
        type: ["DeliveryAttempt"],
        description: "Every try, first to last.",
        resolve: ({ id, attempts }) => attempts.map((attempt) => ({ ...attempt, messageId: id })),
      }),
    }),
  });
  for (const [time, description] of Object.entries(times)) {
    builder.objectField(message, time, (t) =>
      t.field({ type: "DateTime", nullable: true, description, resolve: (given) => given[time as keyof typeof times] }),
    );
  }
  return message;
}

function addBatch({ builder, enums }: Kit, message: ReturnType<typeof addMessage>) {
  const carrier = builder.objectRef<NonNullable<ExplainedBatch["carrier"]>>("BatchCarrier").implement({
    description: "The run that goes on with all activities of a batch.",
    fields: (t) => ({
      runId: t.exposeID("runId", { description: "Id of the run." }),
      own: t.exposeBoolean("own", { description: "It is the run that is explained." }),
      notificationId: t.exposeID("notificationId", {
        nullable: true,
        description: "Id of its notification; null when the run is no longer kept.",
      }),
      status: t.expose("status", {
        type: enums.runStatus,
        nullable: true,
        description: "Where it stands; null when it is no longer kept.",
      }),
      messages: t.expose("messages", {
        type: [message],
        description: "What it made; empty when it is the run that is explained.",
      }),
    }),
  });
  return builder.objectRef<ExplainedBatch>("ExplainedBatch").implement({
    description: "The batch that a run opened or joined.",
    fields: (t) => ({
      id: t.exposeID("id", { description: "Id of the batch." }),
      count: t.exposeInt("count", { description: "How many activities it has." }),
      openedAt: t.expose("openedAt", { type: "DateTime", description: "When the first activity came." }),
      closesAt: t.expose("closesAt", { type: "DateTime", description: "When the window ends." }),
      closedAt: t.expose("closedAt", {
        type: "DateTime",
        nullable: true,
        description: "When it was closed; null while it is open.",
      }),
      left: t.exposeBoolean("left", {
        description: "The run was cancelled, and the batch goes on without its activity.",
      }),
      carrier: t.expose("carrier", {
        type: carrier,
        nullable: true,
        description: "The run that goes on with all of it; null when all runs in it were cancelled.",
      }),
    }),
  });
}

/** A preference that a step met. */
export const addAppliedPreference = ({ builder, enums }: Kit) =>
  builder.objectRef<AppliedPreference>("AppliedPreference").implement({
    description: "A preference that a step met.",
    fields: (t) => ({
      layer: t.field({
        type: enums.preferenceLayer,
        description: "Whose set it is.",
        resolve: ({ layer }) => layer as LayerName,
      }),
      entry: t.exposeString("entry", {
        description: "Where in that set: `categories.comments.channelTypes.email`.",
      }),
      allowed: t.exposeBoolean("allowed", { description: "Whether it lets the message through." }),
    }),
  });

/** A step of an explanation. */
export function addExplainedStep(kit: Kit, preference: ReturnType<typeof addAppliedPreference>) {
  const { builder } = kit;
  const message = addMessage(kit);
  const batch = addBatch(kit, message);
  const outcome = enumOf<ExplainedStep["outcome"]>(builder, "ExplainedOutcome", {
    description: "What became of a step.",
    values: {
      done: "It did what it says.",
      skipped: "It did nothing.",
      waiting: "It waits, or waited when the run was cancelled.",
      joined: "It joined a batch, and another run goes on with it.",
      halted: "It ended the run.",
      failed: "It failed.",
      cancelled: "The run was cancelled here.",
      unreached: "The run did not come to it.",
    },
  });
  return builder.objectRef<ExplainedStep>("ExplainedStep").implement({
    description: "What became of one step for one person. A step that was run again is told once for each time.",
    fields: (t) => ({
      ref: t.exposeString("ref", { description: "Ref of the step; `when` for the workflow's own condition." }),
      kind: t.exposeString("kind", { description: "Kind of the step, such as `email` or `delay`." }),
      outcome: t.expose("outcome", { type: outcome, description: "What became of it." }),
      code: t.exposeString("code", {
        nullable: true,
        description: "Why, for programs: `PREFERENCES`; null when it did what it says.",
      }),
      reason: t.exposeString("reason", { description: "Why, for people; never empty." }),
      values: t.field({
        type: "JSON",
        description: "The values that the decision read, by reference.",
        resolve: ({ values }) => values,
      }),
      preferences: t.expose("preferences", {
        type: [preference],
        description: "Every preference that applied, the one that decided first.",
      }),
      at: t.expose("at", { type: "DateTime", nullable: true, description: "When it was decided." }),
      until: t.expose("until", {
        type: "DateTime",
        nullable: true,
        description: "When it goes on, for a step that waits or is tried again.",
      }),
      batch: t.expose("batch", { type: batch, nullable: true, description: "The batch that it opened or joined." }),
      message: t.expose("message", { type: message, nullable: true, description: "The message that it made." }),
    }),
  });
}
