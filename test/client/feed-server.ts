// A server of feeds in memory, for the store: answers what it is told to, when it is told to.
import { createFeedWithin, type FeedSurroundings } from "../../src/client/feed/create-feed.ts";
import type { FeedItem, FeedOptions } from "../../src/client/feed/types.ts";
import { visibilityOf } from "../../src/client/feed/visibility.ts";
import { manualClock } from "../support/manual-clock.ts";

export const item = (number: number, more: Partial<FeedItem> = {}): FeedItem => ({
  id: `m${number}`,
  workflow: "new-comment",
  categories: [],
  channel: "feed",
  tenantId: null,
  title: null,
  body: `item ${number}`,
  actionUrl: null,
  data: null,
  notificationData: {},
  actors: [],
  actorCount: 0,
  activityCount: 1,
  arrivedAt: new Date(Date.UTC(2026, 0, 5, 9, 0, number)).toISOString(),
  seenAt: null,
  readAt: null,
  interactedAt: null,
  clickedAt: null,
  archivedAt: null,
  ...more,
});

export const counts = (totalCount: number, unreadCount = totalCount, unseenCount = unreadCount) => ({
  totalCount,
  unreadCount,
  unseenCount,
});

/** A request that waits for its answer. */
export interface Asked {
  kind: "page" | "mark" | "stream";
  variables: Record<string, unknown>;
  token: string | null;
  /** Answers with data of GraphQL, or with an error code. */
  answer(data: object): void;
  refuse(code: string, status?: number): void;
  /** The network is gone. */
  lose(): void;
  /** For streams: begins, tells, ends. */
  tell(...changes: object[]): void;
  end(): void;
  aborted(): boolean;
}

const kindOf = (query: string): Asked["kind"] =>
  query.startsWith("subscription") ? "stream" : query.startsWith("mutation") ? "mark" : "page";

const refusal = (code: string) => ({ errors: [{ message: "refused", extensions: { code } }] });

function askedBy(init: RequestInit, resolve: (response: Response) => void, reject: (error: Error) => void): Asked {
  const { query, variables } = JSON.parse(init.body as string) as { query: string; variables: Asked["variables"] };
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  let over = false;
  init.signal?.addEventListener("abort", () => {
    reject(new DOMException("aborted", "AbortError"));
    if (!over) controller?.error(new Error("aborted"));
    over = true;
  });
  return {
    kind: kindOf(query),
    variables,
    token: new Headers(init.headers).get("x-knock-user-token"),
    answer: (data) => resolve(Response.json({ data })),
    refuse: (code, status = 200) => resolve(Response.json(refusal(code), { status })),
    lose: () => reject(new TypeError("fetch failed")),
    tell(...changes) {
      if (!controller) {
        const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
        resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
      }
      const frames = changes.map(
        (change) =>
          `event: next\ndata: ${JSON.stringify("errors" in change ? change : { data: { feedChanged: change } })}\n\n`,
      );
      controller!.enqueue(new TextEncoder().encode(frames.join("")));
    },
    end() {
      over = true;
      controller?.close();
    },
    aborted: () => init.signal?.aborted ?? false,
  };
}

/** A page that can be hidden. */
export function fakePage() {
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  return {
    page: { document },
    show(state: "visible" | "hidden") {
      document.visibilityState = state;
      document.dispatchEvent(new Event("visibilitychange"));
    },
  };
}

/** Lets everything happen that needs no time. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 12; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
};

/** A feed and the server that it asks. */
export function feedWithServer(options: Partial<FeedOptions> = {}, surroundings: Partial<FeedSurroundings> = {}) {
  const clock = manualClock();
  const asked: Asked[] = [];
  const send = ((_url: URL, init: RequestInit) =>
    new Promise<Response>((resolve, reject) => asked.push(askedBy(init, resolve, reject)))) as unknown as typeof fetch;
  const { page, show } = fakePage();
  const feed = createFeedWithin(
    { url: "http://knock.test", token: "t0", fetch: send, ...options },
    { clock, random: () => 0.5, visibility: visibilityOf(page), ...surroundings },
  );
  /** The next request that nobody has looked at. */
  async function next(kind: Asked["kind"]): Promise<Asked> {
    await settle();
    const at = asked.findIndex((one) => one.kind === kind);
    if (at < 0)
      throw new Error(`nobody asked for a ${kind}; there are ${asked.map((one) => one.kind).join(", ") || "none"}`);
    return asked.splice(at, 1)[0]!;
  }
  let told = 0;
  const change = (reason: string, more: object = {}) => ({
    reason,
    item: null,
    counts: counts(0),
    cursor: `c${++told}`,
    ...more,
  });
  const pageOf = (items: FeedItem[], more: object = {}, hasNextPage = false) => ({
    viewer: {
      feed: {
        edges: items.map((node) => ({ node })),
        pageInfo: { hasNextPage, endCursor: items.at(-1)?.id ?? null },
        ...counts(items.length, items.filter(({ readAt }) => readAt === null).length),
        ...more,
      },
    },
  });
  /** Subscribes, and answers with these items. */
  async function opened(items: FeedItem[], more: object = {}, hasNextPage = false) {
    const stop = feed.subscribe(() => {});
    const stream = await next("stream");
    stream.tell(change("READY", { counts: counts(items.length) }));
    (await next("page")).answer(pageOf(items, more, hasNextPage));
    await settle();
    return { stream, stop };
  }
  const ids = () => feed.getSnapshot().items.map(({ id }) => id);
  return { feed, clock, asked, next, change, pageOf, opened, ids, show };
}
