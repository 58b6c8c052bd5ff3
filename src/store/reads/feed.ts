// What people see in their feeds.
import type { JsonObject } from "../../base/canonical-json.ts";

/** How much is in a feed. */
export interface FeedCounts extends Record<string, unknown> {
  totalCount: number;
  unreadCount: number;
  unseenCount: number;
}

/** One item of a feed, with what belongs to it. Holds nothing that its reader may not see. */
export interface FeedItem {
  /** Id of the message. */
  id: string;
  recipientId: string;
  workflow: string;
  versionId: string;
  step: string;
  tenantId: string | null;
  channel: string;
  /** The rendered message: see `InAppMessage`. */
  content: JsonObject;
  notificationId: string;
  runId: string;
  /** Data of the notification; of a batch, that of its first activity. */
  data: JsonObject;
  /** Who did it; of a batch the first ten, each once. */
  actorIds: string[];
  activityCount: number;
  actorCount: number;
  /** The batch whose activities it tells of; `null` for a message of one notification. */
  batchId: string | null;
  /** When it came into the feed. */
  arrivedAt: Date;
  seenAt: Date | null;
  readAt: Date | null;
  interactedAt: Date | null;
  clickedAt: Date | null;
  archivedAt: Date | null;
}
