// A feed that a client has joined: what happens in it is told as counts, and the client fetches what is new.
import type { Clock } from "../../base/clock.ts";
import type { FeedEvent, FeedHub, FeedQuestion } from "../../engine/feed/contract.ts";
import type { Viewer } from "../../engine/viewer/viewer.ts";
import type { FeedCounts } from "../../store/reads/feed.ts";
import { presentCounts } from "../rest/shapes/feed.ts";
import type { FeedTopic, FeedView } from "./feed-topic.ts";

/** What is pushed to a client. */
export type FeedPush = Readonly<Record<string, unknown>>;

/** A feed that somebody looks at. */
export interface JoinedFeed {
  leave(): void;
}

interface JoinOptions {
  feeds: FeedHub;
  clock: Clock;
  topic: FeedTopic;
  viewer: Viewer | null;
  views: readonly FeedView[];
  /** The client was here before, and may have missed something: it is told the counts at once. */
  returning: boolean;
  push(payload: FeedPush): void;
  /** The feed has ended although nobody left. */
  onEnd(): void;
}

/**
 * How long events are gathered before a push. A client drops pushes while it fetches, so one that follows the other at
 * once would be lost; and a burst costs it one request.
 */
const GATHER_MS = 80;

/** The push for views with their counts. Old clients read `metadata`, newer ones what stands under their name. */
function newMessage(views: ReadonlyMap<string | null, FeedCounts>): FeedPush {
  const named = [...views].flatMap(([name, counts]) => (name === null ? [] : [[name, presentCounts(counts)] as const]));
  const [first] = views.values();
  return {
    event: "new-message",
    metadata: first && presentCounts(first),
    attn: named.map(([name]) => name),
    data: Object.fromEntries(named.map(([name, metadata]) => [name, { metadata }])),
  };
}

/** Pushes of several views as one, a moment after the first. */
function gatherer({ clock, push }: JoinOptions) {
  const pending = new Map<string | null, FeedCounts>();
  let cancel: (() => void) | null = null;
  return {
    add(name: string | null, counts: FeedCounts) {
      pending.set(name, counts);
      cancel ??= clock.after(GATHER_MS, () => {
        cancel = null;
        push(newMessage(pending));
        pending.clear();
      });
    },
    stop: () => cancel?.(),
  };
}

/**
 * Joins a feed with all the views that a page has of it. Resolves when each of them looks on, so that nothing that happens
 * after the answer is missed. Errors: `INVALID_INPUT` for a filter that is none.
 */
export async function joinFeed(options: JoinOptions): Promise<JoinedFeed> {
  const { feeds, topic, viewer, views, returning } = options;
  const controller = new AbortController();
  const gathered = gatherer(options);

  async function follow(name: string | null, events: AsyncIterator<FeedEvent>): Promise<void> {
    for (;;) {
      const { done, value } = await events.next();
      if (done || controller.signal.aborted) return;
      gathered.add(name, value.counts);
    }
  }

  async function begin({ name, filter }: FeedView): Promise<() => void> {
    const question: FeedQuestion = { userId: topic.userId, viewer, filter: { ...filter, channel: topic.channel } };
    const events = feeds.subscribe(question, { signal: controller.signal });
    const { done, value } = await events.next();
    if (!done && returning) gathered.add(name, value.counts);
    return () => {
      const ended = () => {
        if (!controller.signal.aborted) options.onEnd();
      };
      follow(name, events).then(ended, ended);
    };
  }

  const leave = () => {
    controller.abort();
    gathered.stop();
  };
  try {
    const begun = await Promise.all(views.map(begin));
    for (const go of begun) go();
    return { leave };
  } catch (error) {
    leave();
    throw error;
  }
}
