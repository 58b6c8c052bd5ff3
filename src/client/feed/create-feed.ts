// The feed as a store: what is known of it, the marks on their way, and the connection that tells what happens.
import { type Clock, systemClock } from "../../base/clock.ts";
import { KnockError } from "../../base/errors.ts";
import { mayPass, unreachable } from "../post.ts";
import type { FeedSelection, Marking } from "../user-feed.ts";
import { MARK, PAGE } from "./documents.ts";
import { keepLive, type Live } from "./live.ts";
import {
  type FeedChange,
  type FeedPage,
  type Known,
  NOTHING,
  type PendingMark,
  pendingMark,
  shown,
  withChange,
  withMark,
  withPage,
} from "./model.ts";
import { refusalIn, type RefusedAnswer } from "./refusal.ts";
import { createRequests, type Requests } from "./requests.ts";
import type { FeedOptions, FeedResult, FeedState, FeedStore } from "./types.ts";
import { type Visibility, visibilityOf } from "./visibility.ts";

/** What tests replace. */
export interface FeedSurroundings {
  clock: Clock;
  random: () => number;
  visibility: Visibility;
}

const PAGE_SIZE = 25;
const LARGEST_PAGE = 100;
const HIDDEN_AFTER_MS = 10_000;
/** The page is read when the stream has begun, so that nothing is missed between; later than this it is read anyway. */
const STREAM_GRACE_MS = 1_500;
const PAGE_RETRY_MS = 2_000;

const BEGINNING: FeedState = {
  status: "loading",
  items: [],
  counts: NOTHING.counts,
  hasMore: false,
  fetchingMore: false,
  error: null,
};

const sameItems = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((item, index) => item === b[index]);

const sameCounts = (a: FeedState["counts"], b: FeedState["counts"]) =>
  a.totalCount === b.totalCount && a.unreadCount === b.unreadCount && a.unseenCount === b.unseenCount;

const DONE: FeedResult = { ok: true };

class Feed implements FeedStore {
  #state = BEGINNING;
  #known: Known = NOTHING;
  #pending: readonly PendingMark[] = [];
  /** A page has been read since the filter was set. */
  #loaded = false;
  /** Rises with each filter: answers to questions of an earlier one are nobody's. */
  #generation = 0;
  /** What was told while a page was on its way; `null` while none is. */
  #held: FeedChange[] | null = null;
  /** The same while a later page is. */
  #toldForMore: FeedChange[] | null = null;
  /** Where the stream goes on. */
  #cursor: string | null = null;
  #live: Live | null = null;
  #cancelTimer = () => {};
  #more: Promise<FeedResult> | null = null;
  #closed = false;
  #filter: FeedSelection;
  readonly #listeners = new Set<() => void>();
  readonly #requests: Requests;
  readonly #options: FeedOptions;
  readonly #surroundings: FeedSurroundings;

  constructor(options: FeedOptions, surroundings: FeedSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#requests = createRequests(options);
    this.#filter = this.#withTenant(options.filter ?? {});
  }

  readonly getSnapshot = (): FeedState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    // The same function may subscribe twice, and goes once for each.
    const own = () => listener();
    this.#listeners.add(own);
    this.#start();
    return () => {
      this.#listeners.delete(own);
      // React subscribes anew in the same moment; that need not end a connection.
      queueMicrotask(() => {
        if (this.#listeners.size === 0) this.#stop();
      });
    };
  };

  readonly fetchMore = (): Promise<FeedResult> => {
    if (!this.#known.hasMore) return Promise.resolve(DONE);
    this.#more ??= this.#readMore().finally(() => (this.#more = null));
    return this.#more;
  };

  readonly refresh = (): Promise<FeedResult> => {
    this.#live?.hurry();
    if (this.#state.status === "failed") {
      this.#requests.forgetToken();
      this.#stop();
      if (this.#listeners.size > 0) this.#start();
    }
    return this.#readFirst();
  };

  readonly markAs = (ids: readonly string[], as: Marking): Promise<FeedResult> =>
    ids.length === 0 ? Promise.resolve(DONE) : this.#mark(as, ids);

  readonly markAllAs = (as: Marking): Promise<FeedResult> => this.#mark(as, null);

  readonly setFilter = (filter: FeedSelection): void => {
    this.#stop();
    this.#filter = this.#withTenant(filter);
    this.#generation++;
    this.#loaded = false;
    this.#cursor = null;
    this.#held = null;
    this.#toldForMore = null;
    this.#more = null;
    this.#known = NOTHING;
    this.#pending = [];
    this.#show({ ...BEGINNING });
    if (this.#listeners.size > 0) this.#start();
  };

  readonly close = (): void => {
    this.#closed = true;
    this.#generation++;
    this.#stop();
    this.#listeners.clear();
  };

  #withTenant(filter: FeedSelection): FeedSelection {
    const { tenant } = this.#options;
    return tenant === undefined ? filter : { ...filter, tenant };
  }

  #start(): void {
    if (this.#live || this.#closed) return;
    const { clock, random, visibility } = this.#surroundings;
    const { url, hiddenAfter = HIDDEN_AFTER_MS } = this.#options;
    // Counts follow the filter except its status, and what is marked elsewhere must be told to be able to leave.
    const { status: _status, ...filter } = this.#filter;
    const options = { url, requests: this.#requests, clock, visibility, random, hiddenAfter, filter };
    this.#live = keepLive(
      options,
      {
        changes: (changes) => this.#onChanges(changes),
        lost: (error) => this.#show({ status: "offline", error }),
        refused: (error) => this.#show({ status: "failed", error }),
      },
      this.#cursor,
    );
    if (!this.#loaded) this.#later(STREAM_GRACE_MS);
  }

  #stop(): void {
    this.#cancelTimer();
    this.#live?.stop();
    this.#live = null;
  }

  /** Reads the first page in a while, unless that happens before. */
  #later(milliseconds: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#surroundings.clock.after(milliseconds, () => {
      if (!this.#loaded && this.#live) void this.#readFirst();
    });
  }

  #onChanges(changes: readonly FeedChange[]): void {
    this.#cursor = changes.at(-1)!.cursor;
    const again = changes.some(({ reason }) => reason === "RESET");
    // What is known is out of date until a page has been read: should that fail, it is tried again.
    if (again) this.#loaded = false;
    this.#toldForMore?.push(...changes);
    // A page that is read from now on holds all of it.
    if (again || (!this.#loaded && !this.#held)) void this.#readFirst();
    else if (this.#held) this.#held.push(...changes);
    else {
      this.#known = changes.reduce(withChange, this.#known);
      this.#show({ status: "ready", error: null });
    }
  }

  async #readFirst(): Promise<FeedResult> {
    const generation = this.#generation;
    const held: FeedChange[] = [];
    this.#held = held;
    this.#cancelTimer();
    // What has been scrolled to stays, as far as one page goes.
    const { pageSize = PAGE_SIZE } = this.#options;
    const first = Math.min(LARGEST_PAGE, Math.max(pageSize, this.#known.items.size));
    const result = await this.#readPage(first, null);
    // A later reading or another filter has taken over.
    if (generation !== this.#generation || this.#held !== held) return DONE;
    this.#held = null;
    if (result instanceof KnockError) {
      // What is known stays, and what was told meanwhile happened to that.
      if (this.#loaded) this.#known = held.reduce(withChange, this.#known);
      return this.#pageFailed(result);
    }
    this.#loaded = true;
    this.#known = held.reduce(withChange, withPage(null, result));
    this.#show({ status: "ready", error: null });
    return DONE;
  }

  #pageFailed(error: KnockError): FeedResult {
    const passing = mayPass(error);
    if (passing && this.#live) this.#later(PAGE_RETRY_MS);
    this.#show({ status: passing ? "offline" : "failed", error });
    return { ok: false, error };
  }

  async #readMore(): Promise<FeedResult> {
    const generation = this.#generation;
    const { pageSize = PAGE_SIZE } = this.#options;
    const before = this.#known.endCursor;
    const told: FeedChange[] = [];
    this.#toldForMore = told;
    this.#show({ fetchingMore: true });
    const result = await this.#readPage(pageSize, before);
    if (generation !== this.#generation) return DONE;
    this.#toldForMore = null;
    if (result instanceof KnockError) {
      this.#show({ fetchingMore: false, error: result });
      return { ok: false, error: result };
    }
    // The first page has been read again meanwhile: the next one begins elsewhere.
    // What happened to items of the page may have happened after it was read.
    if (this.#known.endCursor === before)
      this.#known = { ...told.reduce(withChange, withPage(this.#known, result)), counts: this.#known.counts };
    this.#show({ fetchingMore: false, error: null });
    return DONE;
  }

  async #readPage(first: number, after: string | null): Promise<FeedPage | KnockError> {
    const filter = this.#filter;
    return this.#try(async () => {
      const data = await this.#requests.send<{ viewer: { feed: FeedPage } }>(PAGE, { first, after, filter });
      return data.viewer.feed;
    });
  }

  async #mark(as: Marking, ids: readonly string[] | null): Promise<FeedResult> {
    const at = this.#surroundings.clock.now().toISOString();
    const generation = this.#generation;
    const mark = pendingMark(this.#known, this.#filter, { as, at, ids });
    this.#pending = [...this.#pending, mark];
    this.#show({});
    const all = ids ? undefined : { filter: this.#filter };
    const answer = await this.#try(async () => {
      const sent = await this.#requests.send<{ answer: RefusedAnswer & { marked?: number } }>(MARK, { ids, all, as });
      return sent.answer.marked === undefined ? refusalIn(sent.answer, "The mark") : null;
    });
    if (generation !== this.#generation) return answer ? { ok: false, error: answer } : DONE;
    // Taking it off undoes it, whatever else was marked meanwhile; what is done becomes known.
    this.#pending = this.#pending.filter((other) => other !== mark);
    if (!answer) this.#known = withMark(this.#known, mark, this.#filter);
    this.#show({ error: answer });
    return answer ? { ok: false, error: answer } : DONE;
  }

  async #try<Answer>(action: () => Promise<Answer>): Promise<Answer | KnockError> {
    try {
      return await action();
    } catch (error) {
      return KnockError.is(error) ? error : unreachable(this.#options.url, "the answer cannot be read", error);
    }
  }

  /** Tells everybody, if anything that is shown has changed. */
  #show(change: Partial<FeedState>): void {
    const before = this.#state;
    const next = {
      ...before,
      ...change,
      hasMore: this.#known.hasMore,
      ...shown(this.#known, this.#pending, this.#filter),
    };
    if (sameItems(before.items, next.items)) next.items = before.items as never;
    if (sameCounts(before.counts, next.counts)) next.counts = before.counts;
    if ((Object.keys(next) as (keyof FeedState)[]).every((key) => before[key] === next[key])) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }
}

/** A feed with the surroundings of one's choice: for tests. */
export const createFeedWithin = (options: FeedOptions, surroundings: Partial<FeedSurroundings>): FeedStore =>
  new Feed(options, {
    clock: systemClock,
    random: Math.random,
    visibility: visibilityOf(globalThis as never),
    ...surroundings,
  });

/**
 * Makes a feed of the person whom the token names. Nothing is sent before somebody subscribes.
 *
 * @example
 * const feed = createFeed({ url: "https://knock.example.com", token: () => fetchToken(), apiKey: "pk_…" });
 * const stop = feed.subscribe(() => render(feed.getSnapshot()));
 */
export const createFeed = (options: FeedOptions): FeedStore => createFeedWithin(options, {});
