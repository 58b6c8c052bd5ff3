// The feed as a store: what is known of it, the marks on their way, and the connection that tells what happens.
import { type Clock, systemClock } from "../../base/clock.ts";
import { KnockError } from "../../base/errors.ts";
import type { FeedSelection, Marking } from "../user-feed.ts";
import { MARK } from "./documents.ts";
import { keepLive, type Live } from "./live.ts";
import { type FeedChange, NOTHING, type PendingMark, pendingMark, sameCounts, shown } from "./model.ts";
import { attempt, DONE, Pages } from "./pages.ts";
import { refusalIn, type RefusedAnswer } from "./refusal.ts";
import { createRequests, type Requests } from "./requests.ts";
import type { FeedCounts, FeedOptions, FeedResult, FeedState, FeedStore } from "./types.ts";
import { type Visibility, visibilityOf } from "./visibility.ts";

/** What tests replace. */
export interface FeedSurroundings {
  clock: Clock;
  random: () => number;
  visibility: Visibility;
}

/** A mark that is not answered yet, and what was told since it was made. */
interface MarkUnderWay {
  mark: PendingMark;
  told: FeedChange[];
}

const HIDDEN_AFTER_MS = 10_000;

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

class Feed implements FeedStore {
  #state = BEGINNING;
  #pages: Pages;
  #pending: readonly MarkUnderWay[] = [];
  /** Where the stream goes on. */
  #cursor: string | null = null;
  #live: Live | null = null;
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
    this.#pages = this.#createPages();
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

  readonly fetchMore = (): Promise<FeedResult> => this.#pages.readMore();

  readonly refresh = (): Promise<FeedResult> => {
    this.#live?.hurry();
    if (this.#state.status === "failed") {
      this.#requests.forgetToken();
      this.#stop();
      if (this.#listeners.size > 0) this.#start();
    }
    return this.#pages.readFirst();
  };

  readonly markAs = (ids: readonly string[], as: Marking): Promise<FeedResult> =>
    ids.length === 0 ? Promise.resolve(DONE) : this.#mark(as, ids);

  readonly markAllAs = (as: Marking): Promise<FeedResult> => this.#mark(as, null);

  readonly setFilter = (filter: FeedSelection): void => {
    this.#stop();
    this.#pages.end();
    this.#filter = this.#withTenant(filter);
    this.#cursor = null;
    this.#pending = [];
    this.#pages = this.#createPages();
    this.#show({ ...BEGINNING });
    if (this.#listeners.size > 0) this.#start();
  };

  readonly close = (): void => {
    this.#closed = true;
    this.#stop();
    this.#pages.end();
    this.#listeners.clear();
  };

  #withTenant(filter: FeedSelection): FeedSelection {
    const { tenant } = this.#options;
    return tenant === undefined ? filter : { ...filter, tenant };
  }

  #createPages(): Pages {
    const { url, pageSize } = this.#options;
    const show = (change: Partial<FeedState>) => this.#show(change);
    const { clock } = this.#surroundings;
    return new Pages({ url, requests: this.#requests, clock, filter: this.#filter, pageSize, show });
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
        forgotten: () => (this.#cursor = null),
        lost: (error) => this.#show({ status: "offline", error }),
        refused: (error) => this.#show({ status: "failed", error }),
      },
      this.#cursor,
    );
    this.#pages.start();
  }

  #stop(): void {
    this.#pages.stop();
    this.#live?.stop();
    this.#live = null;
  }

  #onChanges(changes: readonly FeedChange[]): void {
    // A stream that begins anew knows nothing of what was before it.
    const [first, ...rest] = changes as [FeedChange, ...FeedChange[]];
    const told: FeedChange[] = this.#cursor === null ? [{ ...first, reason: "RESET" }, ...rest] : [first, ...rest];
    this.#cursor = told.at(-1)!.cursor;
    for (const mark of this.#pending) mark.told.push(...told);
    this.#pages.take(told);
  }

  async #mark(as: Marking, ids: readonly string[] | null): Promise<FeedResult> {
    const at = this.#surroundings.clock.now().toISOString();
    const pages = this.#pages;
    const underWay: MarkUnderWay = { mark: pendingMark(pages.known, this.#filter, { as, at, ids }), told: [] };
    this.#pending = [...this.#pending, underWay];
    this.#show({});
    const answer = await this.#send(as, ids);
    const error = answer instanceof KnockError ? answer : null;
    if (!pages.ended) {
      // Taking it off undoes it, whatever else was marked meanwhile; what is done becomes known.
      this.#pending = this.#pending.filter((other) => other !== underWay);
      if (!(answer instanceof KnockError)) pages.confirm(underWay.mark, { ...answer, told: underWay.told });
      this.#show({ error });
    }
    return error ? { ok: false, error } : DONE;
  }

  /** Sends a mark. What is counted after one of everything cannot be known from the items here. */
  #send(as: Marking, ids: readonly string[] | null): Promise<{ counts: FeedCounts | null } | KnockError> {
    const variables = { ids, all: ids ? undefined : { filter: this.#filter }, as, counted: ids === null };
    return attempt(this.#options.url, async () => {
      type Answer = RefusedAnswer & { marked?: number; counts?: FeedCounts | null };
      const { answer } = await this.#requests.send<{ answer: Answer }>(MARK, variables);
      return answer.marked === undefined ? refusalIn(answer, "The mark") : { counts: answer.counts ?? null };
    });
  }

  /** Tells everybody, if anything that is shown has changed. */
  #show(change: Partial<FeedState>): void {
    const before = this.#state;
    const { known } = this.#pages;
    const marks = this.#pending.map(({ mark }) => mark);
    const next = { ...before, ...change, hasMore: known.hasMore, ...shown(known, marks, this.#filter) };
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
