// Messages, their contents and what became of them, as clients know them.
import { z } from "zod";
import { channelIdOf } from "../channel-id.ts";
import type { Channel } from "../../../channels/channel.ts";
import type { ChannelType } from "../../../channels/messages.ts";
import type { EngineContext } from "../../../engine/engine.ts";
import type { MessageRead } from "../../../store/reads/messages.ts";
import type { NotificationRead } from "../../../store/reads/notifications.ts";
import { recipientReference, recipientShape, referenceOf } from "./user.ts";
import { shape, timestamp } from "./shape.ts";

/** How far the delivery is. */
export const deliveryStatuses = [
  "queued",
  "sent",
  "delivered",
  "delivery_attempted",
  "undelivered",
  "not_sent",
  "bounced",
] as const;

/** What people did with a message. */
const engagementStatuses = ["seen", "read", "interacted", "link_clicked", "archived"] as const;

const channelKinds = ["email", "in_app_feed", "sms", "push", "chat", "http"] as const;

const data = z.record(z.string(), z.unknown());

/** What made something. */
export const sourceShape = shape(
  "NotificationSource",
  z.strictObject({
    __typename: z.literal("NotificationSource"),
    key: z.string(),
    version_id: z.string(),
    categories: z.array(z.string()),
    type: z.literal("workflow").optional(),
    step_ref: z.string().optional(),
    workflow_run_id: z.uuid().optional(),
    workflow_recipient_run_id: z.uuid().optional(),
  }),
);

const channelShape = shape(
  "Channel",
  z.strictObject({
    id: z.uuid(),
    key: z.string(),
    name: z.string(),
    provider: z.string(),
    type: z.enum(channelKinds),
    created_at: timestamp,
    updated_at: timestamp,
  }),
);

const time = timestamp.nullable();

/** One rendered item on one channel. */
export const messageShape = shape(
  "Message",
  z.strictObject({
    __typename: z.literal("Message"),
    id: z.uuid(),
    channel_id: z.uuid(),
    channel: channelShape,
    recipient: recipientReference,
    recipient_snapshot: z.strictObject({
      user_id: z.string().nullable(),
      email: z.string().nullable(),
      name: z.string().nullable(),
    }),
    actors: z.array(recipientReference),
    workflow: z.string(),
    tenant: z.string().nullable(),
    data,
    metadata: z.strictObject({ external_id: z.string().optional() }),
    status: z.enum(deliveryStatuses),
    engagement_statuses: z.array(z.enum(engagementStatuses)),
    source: sourceShape,
    inserted_at: timestamp,
    updated_at: timestamp,
    scheduled_at: time,
    seen_at: time,
    read_at: time,
    archived_at: time,
    interacted_at: time,
    link_clicked_at: time,
    clicked_at: time,
  }),
);

/** Something that happened to a message. */
export const messageEventShape = shape(
  "MessageEvent",
  z.strictObject({
    __typename: z.literal("MessageEvent"),
    id: z.uuid(),
    type: z.templateLiteral(["message.", z.string()]),
    recipient: recipientReference,
    data: data.nullable(),
    inserted_at: timestamp,
  }),
);

/** One try of handing a message to a provider. What was said on the wire is not kept. */
export const deliveryLogShape = shape(
  "MessageDeliveryLog",
  z.strictObject({
    __typename: z.literal("MessageDeliveryLog"),
    id: z.uuid(),
    environment_id: z.string(),
    service_name: z.string(),
    request: z.strictObject({}),
    response: z.strictObject({ status: z.int().optional(), body: z.string().optional() }),
    inserted_at: timestamp,
  }),
);

/** One notification that a message tells of. */
export const activityShape = shape(
  "Activity",
  z.strictObject({
    __typename: z.literal("Activity"),
    id: z.string(),
    actor: z.union([recipientShape, recipientReference]).nullable(),
    recipient: z.union([recipientShape, recipientReference]),
    data,
    inserted_at: timestamp,
    updated_at: timestamp,
  }),
);

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** What a channel of ours is called by clients. */
const kinds: Record<ChannelType, (typeof channelKinds)[number]> = {
  inApp: "in_app_feed",
  email: "email",
  sms: "sms",
  push: "push",
  chat: "chat",
  webhook: "http",
};

const EPOCH = "1970-01-01T00:00:00.000Z";

/** A channel as clients know it. They are part of the config, so nobody knows since when they are there. */
function presentChannel(context: Pick<EngineContext, "channelIds">, key: string, type: ChannelType, channel?: Channel) {
  return {
    id: channelIdOf(context, key),
    key,
    name: key,
    provider: channel?.provider.key ?? "unknown",
    type: kinds[type],
    created_at: EPOCH,
    updated_at: EPOCH,
  };
}

/** The categories of a workflow as it is deployed now. */
export const categoriesOf = ({ registry }: Pick<EngineContext, "registry">, workflow: string): string[] =>
  registry().get(workflow)?.structure.categories ?? [];

/** The status as clients know it: they tell apart what was tried and failed so far. */
const deliveryStatusOf = ({ status, attempts }: Pick<MessageRead, "status" | "attempts">) =>
  status === "queued" && attempts > 0 ? "delivery_attempted" : status;

const engagedAt = ({ seenAt, readAt, interactedAt, clickedAt, archivedAt }: MessageRead) => ({
  seen: seenAt,
  read: readAt,
  interacted: interactedAt,
  link_clicked: clickedAt,
  archived: archivedAt,
});

function snapshotOf({ recipientId, address }: MessageRead) {
  const textOf = (member: unknown) => (typeof member === "string" ? member : null);
  const person = typeof referenceOf(recipientId) === "string";
  return {
    user_id: person ? recipientId : null,
    email: textOf(address?.["email"]),
    name: textOf(address?.["name"]),
  };
}

/** When something was changed last. */
const latest = (...times: (Date | null)[]): Date => new Date(Math.max(...times.map((at) => at?.getTime() ?? 0)));

/** A message as clients know it. The notification may have been deleted. */
export function presentMessage(
  context: EngineContext,
  message: MessageRead,
  notification: NotificationRead | undefined,
): z.output<typeof messageShape> {
  const { id, channel: key, channelType, recipientId, workflow, tenantId, createdAt } = message;
  const engaged = engagedAt(message);
  const channel = presentChannel(context, key, channelType, context.channels.get(key));
  const clicked = iso(message.clickedAt);
  return {
    __typename: "Message",
    id,
    channel_id: channel.id,
    channel,
    recipient: referenceOf(recipientId),
    recipient_snapshot: snapshotOf(message),
    actors: notification?.actorId ? [referenceOf(notification.actorId)] : [],
    workflow,
    tenant: tenantId,
    data: notification?.data ?? {},
    metadata: message.providerMessageId === null ? {} : { external_id: message.providerMessageId },
    status: deliveryStatusOf(message),
    engagement_statuses: engagementStatuses.filter((status) => engaged[status] !== null),
    source: {
      __typename: "NotificationSource",
      key: workflow,
      version_id: notification?.versionId ?? "",
      categories: categoriesOf(context, workflow),
      type: "workflow",
      step_ref: message.step,
      workflow_run_id: message.notificationId,
      workflow_recipient_run_id: message.runId,
    },
    inserted_at: createdAt.toISOString(),
    updated_at: latest(createdAt, message.sentAt, message.deliveredAt, ...Object.values(engaged)).toISOString(),
    scheduled_at: iso(message.scheduledAt),
    seen_at: iso(message.seenAt),
    read_at: iso(message.readAt),
    archived_at: iso(message.archivedAt),
    interacted_at: iso(message.interactedAt),
    link_clicked_at: clicked,
    clicked_at: clicked,
  };
}
