// What is known of a feed: its pages as they were read, and what was told since. What is told while a page is on its
// way belongs to it, and a page that cannot be read is tried again.
import type { Clock } from "../../base/clock.ts";
import { KnockError } from "../../base/errors.ts";
import { mayPass, unreachable } from "../post.ts";
import type { FeedSelection } from "../user-feed.ts";
import { PAGE } from "./documents.ts";
import {
  type FeedChange,
  type FeedPage,
  type Known,
  type MarkAnswer,
  NOTHING,
  type PendingMark,
  sameCounts,
  withAnswer,
  withChange,
  withPage,
} from "./model.ts";
import type { Requests } from "./requests.ts";
import type { FeedResult, FeedState } from "./types.ts";

const PAGE_SIZE = 25;
const LARGEST_PAGE = 100;
/** The page is read when the stream has begun, so that nothing is missed between; later than this it is read anyway. */
const STREAM_GRACE_MS = 1_500;
const PAGE_RETRY_MS = 2_000;

export const DONE: FeedResult = { ok: true };

/** The answer, or why there is none. */
export async function attempt<Answer>(url: string, action: () => Promise<Answer>): Promise<Answer | KnockError> {
  try {
    return await action();
  } catch (error) {
    return KnockError.is(error) ? error : unreachable(url, "the answer cannot be read", error);
  }
}

interface PagesOptions {
  url: string;
  requests: Requests;
  clock: Clock;
  filter: FeedSelection;
  pageSize: number | undefined;
  /** Tells that something is known that was not, or went wrong. */
  show(change: Partial<FeedState>): void;
}

/** The pages of one filter. */
export class Pages {
  #known: Known = NOTHING;
  /** A page has been read, and nothing was missed since. */
  #loaded = false;
  /** What was told while a page was on its way; `null` while none is. */
  #held: FeedChange[] | null = null;
  /** The same while a later page is. */
  #toldForMore: FeedChange[] | null = null;
  #more: Promise<FeedResult> | null = null;
  #cancelTimer = () => {};
  #started = false;
  #ended = false;
  readonly #options: PagesOptions;

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  get known(): Known {
    return this.#known;
  }

  /** Answers are nobody's any longer. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Reads by itself what must be read, until it is stopped. */
  start(): void {
    this.#started = true;
    if (!this.#loaded) this.#later(STREAM_GRACE_MS);
  }

  stop(): void {
    this.#started = false;
    this.#cancelTimer();
  }

  end(): void {
    this.stop();
    this.#ended = true;
  }

  /** Takes what the stream told; `RESET` among it asks for the first page. */
  take(changes: readonly FeedChange[]): void {
    const again = changes.some(({ reason }) => reason === "RESET");
    this.#toldForMore?.push(...changes);
    // A page that is read from now on holds all of it.
    if (again) this.#readAgain();
    else if (!this.#loaded && !this.#held) void this.readFirst();
    else if (this.#held) this.#held.push(...changes);
    else {
      this.#known = changes.reduce(withChange, this.#known);
      this.#options.show({ status: "ready", error: null });
    }
  }

  /** Makes known what a mark that was answered has done. */
  confirm(mark: PendingMark, { counts, told }: MarkAnswer): void {
    // A page that is still to come replaces all that is known anyway.
    const newer = this.#loaded ? told : [];
    const before = this.#known.counts;
    this.#known = withAnswer(this.#known, mark, { counts, told: newer }, this.#options.filter);
    // Which of the two the server counted later, a page shows.
    if (counts && newer.length > 0 && !sameCounts(before, counts)) this.#readAgain();
  }

  async readFirst(): Promise<FeedResult> {
    const held: FeedChange[] = [];
    this.#held = held;
    this.#cancelTimer();
    // What has been scrolled to stays, as far as one page goes.
    const { pageSize = PAGE_SIZE, show } = this.#options;
    const result = await this.#read(Math.min(LARGEST_PAGE, Math.max(pageSize, this.#known.items.size)), null);
    // A later reading or another filter has taken over.
    if (this.#ended || this.#held !== held) return DONE;
    this.#held = null;
    if (result instanceof KnockError) {
      // What is known stays, and what was told meanwhile happened to that.
      if (this.#loaded) this.#known = held.reduce(withChange, this.#known);
      return this.#failed(result);
    }
    this.#loaded = true;
    this.#known = held.reduce(withChange, withPage(null, result));
    show({ status: "ready", error: null });
    return DONE;
  }

  readMore(): Promise<FeedResult> {
    if (!this.#known.hasMore) return Promise.resolve(DONE);
    this.#more ??= this.#readNext().finally(() => (this.#more = null));
    return this.#more;
  }

  async #readNext(): Promise<FeedResult> {
    const { pageSize = PAGE_SIZE, show } = this.#options;
    const before = this.#known.endCursor;
    const told: FeedChange[] = [];
    this.#toldForMore = told;
    show({ fetchingMore: true });
    const result = await this.#read(pageSize, before);
    if (this.#ended) return DONE;
    this.#toldForMore = null;
    if (result instanceof KnockError) {
      show({ fetchingMore: false, error: result });
      return { ok: false, error: result };
    }
    // The first page has been read again meanwhile: the next one begins elsewhere.
    // What happened to items of the page may have happened after it was read.
    if (this.#known.endCursor === before)
      this.#known = { ...told.reduce(withChange, withPage(this.#known, result)), counts: this.#known.counts };
    show({ fetchingMore: false, error: null });
    return DONE;
  }

  /** What is known is out of date until a page has been read: should that fail, it is tried again. */
  #readAgain(): void {
    this.#loaded = false;
    void this.readFirst();
  }

  #failed(error: KnockError): FeedResult {
    const passing = mayPass(error);
    if (passing && this.#started) this.#later(PAGE_RETRY_MS);
    this.#options.show({ status: passing ? "offline" : "failed", error });
    return { ok: false, error };
  }

  /** Reads the first page in a while, unless that happens before. */
  #later(milliseconds: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(milliseconds, () => {
      if (!this.#loaded) void this.readFirst();
    });
  }

  #read(first: number, after: string | null): Promise<FeedPage | KnockError> {
    const { url, requests, filter } = this.#options;
    return attempt(url, async () => {
      const data = await requests.send<{ viewer: { feed: FeedPage } }>(PAGE, { first, after, filter });
      return data.viewer.feed;
    });
  }
}
