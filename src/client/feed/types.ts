// What a feed is asked and what it shows. Everything is plain data; timestamps are ISO 8601.
import type { KnockError } from "../../base/errors.ts";
import type { FeedMessage, FeedSelection, Marking } from "../user-feed.ts";

/** Where the server is, and who looks. */
export interface FeedConnection {
  /** The server's address: `https://knock.example.com`. */
  url: string;
  /**
   * The user token that your own backend signed, or a function that gets a fresh one: it is called when the first one
   * is needed, and again when the server refuses the last one or ends the stream.
   */
  token: string | (() => string | Promise<string>);
  /** The public key, `pk_…`. A development server on the same machine needs none. */
  apiKey?: string | undefined;
  /** Default: the platform's own. */
  fetch?: typeof fetch | undefined;
}

/** What `createFeed` takes. */
export interface FeedOptions extends FeedConnection {
  /** The same as `filter.tenant`. */
  tenant?: string | undefined;
  filter?: FeedSelection | undefined;
  /** Items of a page, at most 100. Default: 25. */
  pageSize?: number | undefined;
  /** Milliseconds after which a hidden page closes its stream, to go on when it is shown again. Default: 10,000. */
  hiddenAfter?: number | undefined;
}

/** One message as its reader sees it. */
export type FeedItem = Readonly<FeedMessage>;

/** How much is in a feed, whatever its `status` filter. */
export interface FeedCounts {
  totalCount: number;
  unreadCount: number;
  unseenCount: number;
}

/**
 * `loading`: nothing is known yet. `ready`: what is shown follows what happens. `offline`: the server cannot be reached;
 * what is shown is the last that is known, and the feed tries again by itself. `failed`: the server refused, and
 * `error` says why; `refresh` tries again.
 */
export type FeedStatus = "loading" | "ready" | "offline" | "failed";

/** All that a feed shows at one moment. Never changes: what happens makes a new one. */
export interface FeedState {
  status: FeedStatus;
  /** Newest first, with marks that are still on their way. */
  items: readonly FeedItem[];
  counts: FeedCounts;
  /** There are older items: see `fetchMore`. */
  hasMore: boolean;
  fetchingMore: boolean;
  /** The last thing that went wrong; `null` as soon as something works again. */
  error: KnockError | null;
}

/** What came of a call. Failures are answers; nothing is thrown. */
export type FeedResult = { ok: true } | { ok: false; error: KnockError };

/** A feed that follows what happens. */
export interface FeedStore {
  /** What is shown now: the same object until something changes. */
  getSnapshot(): FeedState;
  /**
   * Calls back after each change, until the function that it returns is called. The first subscriber starts the feed,
   * and it stops when the last one has gone. Fits `useSyncExternalStore` of React as it is.
   */
  subscribe(listener: () => void): () => void;
  /** Adds the next page of older items. Does nothing when there are none, or when a page is already on its way. */
  fetchMore(): Promise<FeedResult>;
  /** Reads the first page again, and connects again at once when the connection is lost. */
  refresh(): Promise<FeedResult>;
  /**
   * Marks items. What is shown changes at once, and changes back when the server refuses.
   *
   * @example await feed.markAs([item.id], "READ");
   */
  markAs(ids: readonly string[], as: Marking): Promise<FeedResult>;
  /** Marks everything that the filter matches, loaded or not. */
  markAllAs(as: Marking): Promise<FeedResult>;
  /** Shows other items. A tenant given to `createFeed` stays. */
  setFilter(filter: FeedSelection): void;
  /** Ends everything; the feed shows its last state and can not be started again. */
  close(): void;
}
