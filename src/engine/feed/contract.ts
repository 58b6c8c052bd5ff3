// What is asked of feeds, and what feeds tell.
import type { JsonObject } from "../../base/canonical-json.ts";
import type { Viewer } from "../viewer/viewer.ts";
import type { FeedCounts, FeedItem } from "../../store/reads/feed.ts";

/** Which items of a feed. Absent members ask for any. */
export interface FeedFilter {
  status?: "unseen" | "unread" | "seen" | "read" | null | undefined;
  /** Default: `exclude`. */
  archived?: "exclude" | "include" | "only" | null | undefined;
  /** Keys of workflows: items of any of them. */
  workflows?: readonly string[] | null | undefined;
  /** Categories of workflows as they are deployed now: items of any of them. */
  categories?: readonly string[] | null | undefined;
  /** Items of this tenant and items that belong to none. */
  tenant?: string | null | undefined;
  /** Whether items belong to a tenant; with `tenant`, `true` leaves out those that belong to none. */
  hasTenant?: boolean | null | undefined;
  /** Members that the notification's data must have, each a text, number, boolean or null. */
  data?: JsonObject | null | undefined;
  /** Key of an in-app channel, for projects with several. */
  channel?: string | null | undefined;
}

/** Whose feed, seen by whom. */
export interface FeedQuestion {
  userId: string;
  /** Who looks: what belongs to tenants that are not granted is not there. `null` for servers, who see all. */
  viewer: Pick<Viewer, "tenants"> | null;
  filter: FeedFilter;
}

/** Why a feed tells something. */
export type FeedReason =
  /** The subscription has begun, or goes on: nothing happened, these are the counts. */
  | "READY"
  /** An item has come. */
  | "ARRIVED"
  /** An item was marked: seen, read, archived, or one of these undone. */
  | "MARKED"
  /** Too much has changed to tell one by one, or too long ago: read the feed again. */
  | "RESET";

/** Something that happened in a feed. */
export interface FeedEvent {
  reason: FeedReason;
  /** The item as it is now; `null` for `READY` and `RESET`. */
  item: FeedItem | null;
  counts: FeedCounts;
  /** Where to go on from after this event: nothing is missed, nothing told twice. Opaque. */
  cursor: string;
}

/** Feeds that are looked at in this process: one listener and one query for all of them, however many there are. */
export interface FeedHub {
  /**
   * What happens in a feed from now on, or from a cursor on; begins with `READY`. Ends when the hub closes, the signal
   * is aborted or `return` is called, and when the feed cannot be read, which is logged. Items are told of that belong to the filter but for `status` and `archived`: whoever
   * shows unread items must be told of one that is not any more. Counts are those of the filter. A cursor of more than a
   * day ago, more than 100 events at once and 200 that nobody takes become a `RESET`. What the retention deletes is not told.
   * Errors: `INVALID_INPUT`, thrown at once, for a cursor or a filter that is none.
   */
  subscribe(
    question: FeedQuestion,
    options: { after?: string | null; signal?: AbortSignal },
  ): AsyncIterableIterator<FeedEvent>;
  /** How many look on now. */
  readonly subscribers: number;
  close(): Promise<void>;
}
