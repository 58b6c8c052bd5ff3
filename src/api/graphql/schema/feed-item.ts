import type { JsonObject } from "../../../base/canonical-json.ts";
import type { InAppMessage } from "../../../channels/messages.ts";
import type { FeedItem } from "../../../store/reads/feed.ts";
import type { Kit } from "./kit.ts";

const contentOf = ({ content }: FeedItem) => content as unknown as Partial<InAppMessage>;

const times = {
  seenAt: "When it was first on the screen.",
  readAt: "When it was read.",
  interactedAt: "When the reader acted on it.",
  clickedAt: "When the reader followed a link in it.",
  archivedAt: "When the reader put it away.",
} as const satisfies Partial<Record<keyof FeedItem, string>>;

function addContent({ builder }: Kit): void {
  builder.objectType("FeedItem", {
    description: "One in-app message, as the interface of its reader shows it.",
    fields: (t) => ({
      id: t.exposeID("id", { description: "Id of the message: what `markMessages` takes." }),
      workflow: t.exposeString("workflow", { description: "Key of the workflow." }),
      categories: t.stringList({
        description: "Categories of the workflow, as it is deployed now.",
        resolve: ({ workflow }, _args, { engine }) =>
          engine.context.registry().get(workflow)?.structure.categories ?? [],
      }),
      channel: t.exposeString("channel", { description: "Key of the in-app channel." }),
      tenantId: t.exposeID("tenantId", { nullable: true, description: "Id of the tenant that it belongs to." }),
      title: t.string({ nullable: true, description: "Its title.", resolve: (item) => contentOf(item).title }),
      body: t.string({ description: "Its text.", resolve: (item) => contentOf(item).body ?? "" }),
      actionUrl: t.string({
        nullable: true,
        description: "Where it leads.",
        resolve: (item) => contentOf(item).actionUrl,
      }),
      data: t.field({
        type: "JSON",
        nullable: true,
        description: "What the workflow's step gave the interface: its `data`.",
        resolve: (item): JsonObject | null => contentOf(item).data ?? null,
      }),
      notificationData: t.expose("data", {
        type: "JSON",
        description: "Data of the notification; of a batch, that of its first activity; empty once it was deleted.",
      }),
    }),
  });
}

function addPeople({ builder }: Kit): void {
  builder.objectType("FeedActor", {
    description: "Who did something: no more than a feed shows.",
    fields: (t) => ({
      id: t.id({ description: "Id of the user.", resolve: ({ id }) => id }),
      name: t.string({
        nullable: true,
        description: "Full name, when the user is known.",
        resolve: async ({ id }, _args, { load }) => (await load.actor(id))?.name,
      }),
      avatar: t.string({
        nullable: true,
        description: "URL of a picture.",
        resolve: async ({ id }, _args, { load }) => (await load.actor(id))?.avatar,
      }),
    }),
  });
  builder.objectFields("FeedItem", (t) => ({
    actors: t.field({
      type: ["FeedActor"],
      description: "Who did it; of a batch the first ten, each once.",
      resolve: ({ actorIds }) => actorIds.map((id) => ({ id })),
    }),
    actorCount: t.exposeInt("actorCount", { description: "How many did it." }),
    activityCount: t.exposeInt("activityCount", { description: "How often; more than once in a batch." }),
  }));
}

/** What feeds are made of. Everything that is reached from here may be seen by the reader. */
export function addFeedItem(kit: Kit): void {
  addContent(kit);
  addPeople(kit);
  const { builder } = kit;
  builder.objectField("FeedItem", "arrivedAt", (t) =>
    t.expose("arrivedAt", { type: "DateTime", description: "When it came into the feed; feeds are in this order." }),
  );
  for (const [time, description] of Object.entries(times)) {
    builder.objectField("FeedItem", time, (t) =>
      t.field({ type: "DateTime", nullable: true, description, resolve: (item) => item[time as keyof typeof times] }),
    );
  }
}
