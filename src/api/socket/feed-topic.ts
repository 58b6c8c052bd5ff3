// What a client asks for when it joins a feed: which feed, and what each of its views of it shows.
import { z } from "zod";
import { userIdProblem } from "../../base/text.ts";
import type { FeedFilter } from "../../engine/feed/contract.ts";
import { feedFilterOf, feedOptions } from "../rest/feed-options.ts";

/** Which feed a topic means: `feeds:<channel id>:<user id>`. */
export interface FeedTopic {
  /** As the client knows the channel. */
  channel: string;
  userId: string;
}

/** One view of a feed on a page. */
export interface FeedView {
  /** What the client calls it; `null` for old clients, which have one view per feed. */
  name: string | null;
  filter: FeedFilter;
}

/** What names of views begin with. */
const VIEW = "client_";
/** More views of one feed than any page shows. */
const VIEWS = 32;

/** The feed of a topic; `null` when it is none. Ids of users may hold colons. */
export function feedTopic(topic: string): FeedTopic | null {
  const [, channel, userId] = /^feeds:([^:]+):(.+)$/s.exec(topic) ?? [];
  // One id that the database cannot hold would keep it from telling what happens in all other feeds.
  return channel && userId && userIdProblem(userId) === null ? { channel, userId } : null;
}

const viewOptions = z.looseObject(feedOptions.shape);

/** Why a payload cannot be joined with. */
export interface RefusedViews {
  problem: string;
}

/**
 * The views that a payload of a join describes: one per member `client_…`, or the payload as a whole, as clients before
 * May 2025 send it.
 */
export function viewsOf(payload: Readonly<Record<string, unknown>>): FeedView[] | RefusedViews {
  const named = Object.entries(payload).filter(
    ([name, options]) => name.startsWith(VIEW) && typeof options === "object",
  );
  if (named.length > VIEWS) return { problem: `One feed has at most ${VIEWS} views.` };
  const given: [string | null, unknown][] = named.length > 0 ? named : [[null, payload]];
  const views: FeedView[] = [];
  for (const [name, options] of given) {
    const parsed = viewOptions.safeParse(options);
    if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
    views.push({ name, filter: feedFilterOf(parsed.data) });
  }
  return views;
}
