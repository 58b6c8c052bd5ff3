// What is said on one socket: frames in, frames out. Knows nothing of connections.
import type { Clock } from "../../base/clock.ts";
import { KnockError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { FeedHub } from "../../engine/feed/contract.ts";
import { reachesTenant, type Viewer } from "../../engine/viewer/viewer.ts";
import { feedTopic, type FeedTopic, type FeedView, viewsOf } from "./feed-topic.ts";
import { encodeFrame, type Frame, parseFrame, replyTo } from "./frame.ts";
import { joinFeed, type JoinedFeed } from "./joined-feed.ts";

/** Whom a socket belongs to, and what it reaches. */
export interface ConversationOptions {
  feeds: FeedHub;
  clock: Clock;
  logger: Logger;
  /** Who looks; `null` for a server, or anybody in development: they may look at every feed. */
  viewer: Viewer | null;
  /** The key of the in-app channel that a client means; `null` when there is none. */
  channelOf(given: string): string | null;
  /** Sends a text to the client. */
  send(text: string): void;
}

/** A socket's conversation. */
export interface Conversation {
  /** Takes what the client says. Never throws; what is no frame is passed over. */
  receive(text: string): Promise<void>;
  /** Leaves everything that was joined. */
  end(): void;
}

/** More feeds than any page looks at. */
const TOPICS = 16;
/**
 * A client counts what it says and goes on counting when it connects again; the first thing that a new page says has at
 * most this number, as the client takes some for itself.
 */
const FIRST_REFS = 7;

const refused = (reason: string) => ({ reason });

/** Why a feed cannot be joined, or what is to be looked at. */
function understand({ topic, payload }: Frame, { viewer, channelOf }: ConversationOptions) {
  const feed = feedTopic(topic);
  if (!feed) return refused("unmatched topic");
  if (viewer && feed.userId !== viewer.userId) return refused("unauthorized");
  const channel = channelOf(feed.channel);
  if (channel === null) return refused("unknown channel");
  const views = viewsOf(payload);
  if (!Array.isArray(views)) return refused(views.problem);
  const closed = views.some(({ filter }) => filter.tenant && !reachesTenant(viewer, filter.tenant));
  return closed ? refused("unauthorized") : { topic: { userId: feed.userId, channel }, views };
}

interface Joined {
  joinRef: string | null;
  feed: JoinedFeed | null;
}

/** Begins a conversation. */
export function createConversation(options: ConversationOptions): Conversation {
  const joined = new Map<string, Joined>();
  let ended = false;
  let firstRef: number | null = null;

  const say = (frame: Frame) => {
    if (!ended) options.send(encodeFrame(frame));
  };

  /** Leaves a topic; tells the client where it has not asked for that itself. */
  function leave(topic: string, told: "phx_close" | "phx_error" | null): void {
    const entry = joined.get(topic);
    if (!entry) return;
    joined.delete(topic);
    entry.feed?.leave();
    if (told) say({ joinRef: entry.joinRef, ref: entry.joinRef, topic, event: told, payload: {} });
  }

  async function open(frame: Frame, entry: Joined, asked: { topic: FeedTopic; views: FeedView[] }): Promise<void> {
    const { topic, joinRef } = frame;
    const stillWanted = () => !ended && joined.get(topic) === entry;
    const feed = await joinFeed({
      ...options,
      ...asked,
      returning: (firstRef ?? 0) > FIRST_REFS,
      push: (payload) => {
        if (stillWanted()) say({ joinRef, ref: null, topic, event: "new-message", payload });
      },
      onEnd: () => {
        if (stillWanted()) leave(topic, "phx_error");
      },
    });
    if (!stillWanted()) return feed.leave();
    entry.feed = feed;
    say(replyTo(frame, "ok"));
  }

  async function join(frame: Frame): Promise<void> {
    // A topic is joined anew with the union of its views; what was pushed for the earlier join is meant for nobody.
    leave(frame.topic, "phx_close");
    const asked = understand(frame, options);
    if ("reason" in asked) return say(replyTo(frame, "error", asked));
    if (joined.size >= TOPICS) return say(replyTo(frame, "error", refused(`At most ${TOPICS} topics.`)));
    const entry: Joined = { joinRef: frame.joinRef, feed: null };
    joined.set(frame.topic, entry);
    try {
      await open(frame, entry, asked);
    } catch (error) {
      if (joined.get(frame.topic) === entry) joined.delete(frame.topic);
      const expected = KnockError.is(error);
      if (!expected) options.logger.error("a feed could not be joined", { error });
      say(replyTo(frame, "error", refused(expected ? error.message : "something went wrong")));
    }
  }

  function part(frame: Frame): void {
    const entry = joined.get(frame.topic);
    say(replyTo(frame, "ok"));
    // The leave of an earlier join of the topic does not end the present one.
    if (entry && entry.joinRef === frame.joinRef) leave(frame.topic, "phx_close");
  }

  return {
    async receive(text) {
      const frame = parseFrame(text);
      if (!frame || ended) return;
      firstRef ??= Number(frame.ref);
      if (frame.topic === "phoenix" && frame.event === "heartbeat") return say(replyTo(frame, "ok"));
      if (frame.event === "phx_join") return join(frame);
      if (frame.event === "phx_leave") return part(frame);
      say(replyTo(frame, "error", refused(joined.has(frame.topic) ? "unknown event" : "unmatched topic")));
    },
    end() {
      ended = true;
      for (const topic of joined.keys()) leave(topic, null);
    },
  };
}
