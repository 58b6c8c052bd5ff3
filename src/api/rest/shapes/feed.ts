// Feeds as clients know them.
import { z } from "zod";
import type { Json, JsonObject } from "../../../base/canonical-json.ts";
import type { InAppMessage } from "../../../channels/messages.ts";
import { type FeedCounts, feedCursor, type FeedItem } from "../../../store/reads/feed.ts";
import { blockShape, blocksOf } from "./blocks.ts";
import { activityShape, sourceShape } from "./message.ts";
import { pageInfo, shape, timestamp } from "./shape.ts";
import { recipientReference, recipientShape } from "./user.ts";

const time = timestamp.nullable();

/** What stands in a feed. */
const feedItemShape = shape(
  "FeedItem",
  z.strictObject({
    __typename: z.literal("FeedItem"),
    __cursor: z.string(),
    id: z.uuid(),
    /** With `mode=rich`. */
    activities: z.array(activityShape).optional(),
    total_activities: z.int().optional(),
    actors: z.array(z.union([recipientShape, recipientReference])),
    total_actors: z.int(),
    blocks: z.array(blockShape),
    data: z.record(z.string(), z.unknown()),
    source: sourceShape,
    tenant: z.string().nullable(),
    inserted_at: timestamp,
    updated_at: timestamp,
    seen_at: time,
    read_at: time,
    archived_at: time,
    interacted_at: time,
    clicked_at: time,
    link_clicked_at: time,
  }),
);

/** One page of a feed, and how much is in it. */
export const feedShape = shape(
  "Feed",
  z.strictObject({
    entries: z.array(feedItemShape),
    meta: z.strictObject({
      total_count: z.int(),
      unread_count: z.int(),
      unseen_count: z.int(),
    }),
    page_info: pageInfo,
    vars: z.record(z.string(), z.unknown()),
  }),
);

/** How a feed is to be shown. */
export const feedSettingsShape = shape(
  "FeedSettings",
  z.strictObject({ features: z.strictObject({ branding_required: z.boolean() }) }),
);

/** How much is in a feed, as clients know it. */
export const presentCounts = ({ totalCount, unreadCount, unseenCount }: FeedCounts) => ({
  total_count: totalCount,
  unread_count: unreadCount,
  unseen_count: unseenCount,
});

/** What belongs to an item beside its row. */
export interface ItemDetails {
  categories: string[];
  actors: z.output<typeof feedItemShape>["actors"];
  /** With `mode=rich`. */
  activities: z.output<typeof activityShape>[] | null;
}

const isNested = (value: Json | undefined): boolean => typeof value === "object" && value !== null;

/** Data as the mode wants it: `compact` leaves out what is nested. */
const dataOf = (data: JsonObject, compact: boolean): JsonObject =>
  compact ? Object.fromEntries(Object.entries(data).filter(([, value]) => !isNested(value))) : data;

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** An item as clients know it. */
export function presentFeedItem(
  item: FeedItem,
  { categories, actors, activities }: ItemDetails,
): z.output<typeof feedItemShape> {
  const { id, content, workflow, versionId, arrivedAt, seenAt, readAt, archivedAt, interactedAt, clickedAt } = item;
  const changed = [arrivedAt, seenAt, readAt, archivedAt, interactedAt, clickedAt].map((at) => at?.getTime() ?? 0);
  // Rendered by the in-app renderer, or it would not be in a feed.
  const message = content as unknown as InAppMessage;
  return {
    __typename: "FeedItem",
    __cursor: feedCursor(item),
    id,
    ...(activities !== null && { activities, total_activities: item.activityCount }),
    actors,
    total_actors: item.actorCount,
    blocks: blocksOf(message),
    data: dataOf({ ...item.data, ...message.data }, activities === null),
    source: { __typename: "NotificationSource", key: workflow, version_id: versionId, categories },
    tenant: item.tenantId,
    inserted_at: arrivedAt.toISOString(),
    updated_at: new Date(Math.max(...changed)).toISOString(),
    seen_at: iso(seenAt),
    read_at: iso(readAt),
    archived_at: iso(archivedAt),
    interacted_at: iso(interactedAt),
    clicked_at: iso(clickedAt),
    link_clicked_at: iso(clickedAt),
  };
}
