import { isId } from "../../../base/ids.ts";
import { pageMessages, type MessageRead } from "../../../store/reads/messages.ts";
import { connection } from "../connection.ts";
import type { Kit } from "./kit.ts";

function addAttempt({ builder }: Kit): void {
  builder.objectType("DeliveryAttempt", {
    description: "One try of handing a message to a provider.",
    fields: (t) => ({
      number: t.exposeInt("number", { description: "The first is 1." }),
      provider: t.exposeString("provider", { description: "Key of the provider." }),
      outcome: t.exposeString("outcome", {
        description: "What the provider said, such as `delivered`, `retry` or `rejected`.",
      }),
      statusCode: t.exposeInt("statusCode", { nullable: true, description: "HTTP or SMTP status." }),
      reason: t.exposeString("reason", { nullable: true, description: "In the provider's words." }),
      startedAt: t.expose("startedAt", { type: "DateTime", description: "When it began." }),
      finishedAt: t.expose("finishedAt", { type: "DateTime", description: "When it ended." }),
    }),
  });
}

function addType({ builder, enums }: Kit): void {
  builder.objectType("Message", {
    description: "One rendered item on one channel.",
    fields: (t) => ({
      id: t.exposeID("id", {
        description: "A function of run and step; also the key that providers get against sending twice.",
      }),
      workflow: t.exposeString("workflow", { description: "Key of the workflow." }),
      step: t.exposeString("step", { description: "Ref of the step that made it." }),
      notification: t.field({
        type: "Notification",
        nullable: true,
        description: "The notification that it belongs to; none when it has been deleted, as the retention may say.",
        resolve: async ({ notificationId }, _args, { load }) =>
          (await load.notification(notificationId)) ? { id: notificationId } : null,
      }),
      runId: t.exposeID("runId", { description: "Id of the run that made it." }),
      recipientId: t.exposeID("recipientId", { description: "Id of the recipient." }),
      recipient: t.field({
        type: "User",
        nullable: true,
        description: "The recipient, when it is a known user.",
        resolve: ({ recipientId }, _args, { load }) => load.user(recipientId),
      }),
      tenantId: t.exposeID("tenantId", { nullable: true, description: "Id of the tenant." }),
      channel: t.exposeString("channel", { description: "Key of the channel." }),
      channelType: t.expose("channelType", { type: enums.channelType, description: "Kind of the channel." }),
      content: t.expose("content", {
        type: "JSON",
        description: "What was rendered; its members depend on the kind of channel.",
      }),
      address: t.expose("address", { type: "JSON", nullable: true, description: "Where it goes." }),
    }),
  });
}

const times = {
  sentAt: "When a provider accepted it.",
  deliveredAt: "When the delivery was confirmed.",
  scheduledAt:
    "When its send window opens; null for a message that need not wait. Until then it is neither sent nor in the feed.",
  nextAttemptAt: "When the next attempt is due.",
  seenAt: "When the recipient saw it.",
  readAt: "When the recipient read it.",
  interactedAt: "When the recipient acted on it.",
  clickedAt: "When the recipient followed a link in it.",
  archivedAt: "When the recipient put it away.",
} as const satisfies Partial<Record<keyof MessageRead, string>>;

type Time = keyof typeof times;

function addProgress({ builder, enums }: Kit): void {
  builder.objectFields("Message", (t) => ({
    status: t.expose("status", { type: enums.messageStatus, description: "How far its delivery is." }),
    reason: t.exposeString("reason", {
      nullable: true,
      description: "Why it ended as it did, in the provider's words.",
    }),
    providerMessageId: t.exposeString("providerMessageId", { nullable: true, description: "The provider's own id." }),
    attempts: t.field({
      type: ["DeliveryAttempt"],
      description: "Every try, first to last.",
      resolve: async ({ id }, _args, { load }) => (await load.attempts(id)) ?? [],
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
  }));
  for (const [time, description] of Object.entries(times)) {
    builder.objectField("Message", time, (t) =>
      t.field({ type: "DateTime", nullable: true, description, resolve: (message) => message[time as Time] }),
    );
  }
}

function addQueries({ builder, enums, page, connections }: Kit): void {
  builder.queryFields((t) => ({
    message: t.field({
      type: "Message",
      nullable: true,
      description: "A message by id.",
      authScopes: { read: true },
      args: { id: t.arg.id({ required: true, description: "Id of the message." }) },
      resolve: async (_root, { id }, { load }) => (isId(id) ? load.message(id.toLowerCase()) : null),
    }),
    messages: t.field({
      type: connections.messages,
      description: "Messages, those of the newest notification first. Filters are combined.",
      authScopes: { read: true },
      args: {
        ...page,
        recipient: t.arg.id({ description: "Id of the recipient." }),
        notification: t.arg.id({ description: "Id of the notification." }),
        workflow: t.arg.string({ description: "Key of the workflow." }),
        channel: t.arg.string({ description: "Key of the channel." }),
        channelType: t.arg({ type: enums.channelType, description: "Kind of the channel." }),
        status: t.arg({ type: enums.messageStatus, description: "How far the delivery is." }),
        tenant: t.arg.id({ description: "Id of the tenant." }),
      },
      async resolve(_root, { recipient, notification, tenant, ...rest }, { engine }) {
        const filter = { ...rest, recipientId: recipient, notificationId: notification, tenantId: tenant };
        return connection(await pageMessages(engine.context.database.db, filter, rest), ({ id }) => id);
      },
    }),
  }));
}

/** Messages and the attempts to deliver them. */
export function addMessages(kit: Kit): void {
  addAttempt(kit);
  addType(kit);
  addProgress(kit);
  addQueries(kit);
}
