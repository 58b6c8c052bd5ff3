// What a server reads of people's feeds.
import type { JsonObject } from "../base/canonical-json.ts";
import type { Page } from "./types.ts";

/** What messages can be marked as. */
export type Marking = "SEEN" | "UNSEEN" | "READ" | "UNREAD" | "INTERACTED" | "ARCHIVED" | "UNARCHIVED";

/** One in-app message as the interface of its reader shows it. Timestamps are ISO 8601. */
export interface FeedMessage {
  /** Id of the message. */
  id: string;
  workflow: string;
  /** Of the workflow, as it is deployed now. */
  categories: string[];
  channel: string;
  tenantId: string | null;
  title: string | null;
  body: string;
  actionUrl: string | null;
  /** What the workflow's step gave the interface. */
  data: JsonObject | null;
  /** Data of the notification; of a batch, that of its first activity. */
  notificationData: JsonObject;
  /** Of a batch the first ten, each once. */
  actors: { id: string; name: string | null; avatar: string | null }[];
  actorCount: number;
  activityCount: number;
  arrivedAt: string;
  seenAt: string | null;
  readAt: string | null;
  interactedAt: string | null;
  clickedAt: string | null;
  archivedAt: string | null;
}

/** Which items of a feed; what is left out asks for any. */
export interface FeedSelection {
  status?: "UNSEEN" | "UNREAD" | "SEEN" | "READ";
  /** Default: `EXCLUDE`. */
  archived?: "EXCLUDE" | "INCLUDE" | "ONLY";
  /** Keys of workflows: items of any of them. */
  workflow?: string | readonly string[];
  category?: string | readonly string[];
  /** Items of this tenant and items that belong to none. */
  tenant?: string;
  hasTenant?: boolean;
  /** Members that the notification's data must have, each a text, number, boolean or null. */
  data?: JsonObject;
  /** Key of an in-app channel. */
  channel?: string;
}

/** A person's in-app messages, newest arrivals first. */
export interface Feed extends Page<FeedMessage> {
  totalCount: number;
  unreadCount: number;
  unseenCount: number;
}
