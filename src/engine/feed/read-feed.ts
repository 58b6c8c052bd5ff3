// Reading feeds.
import { countFeed as count } from "../../store/feed-counts.ts";
import type { Page } from "../../store/paging.ts";
import { type FeedCounts, type FeedItem, type FeedPageArguments, pageFeed } from "../../store/reads/feed.ts";
import type { EngineContext } from "../engine.ts";
import type { FeedQuestion } from "./contract.ts";
import { selectionOf } from "./selection.ts";

type Context = Pick<EngineContext, "database" | "clock" | "registry">;

/**
 * One page of a feed, newest arrivals first: `after` a cursor are older items, `before` it newer ones.
 *
 * @throws KnockError `INVALID_INPUT` for a filter, a cursor or a size that is none.
 */
export const readFeed = async (
  { database, registry }: Context,
  question: FeedQuestion,
  args: FeedPageArguments,
): Promise<Page<FeedItem>> => pageFeed(database.db, selectionOf(question, registry()), args);

/**
 * How much is in a feed; the filter's `status` does not matter.
 *
 * @throws KnockError `INVALID_INPUT` for a filter that is none.
 */
export const countFeed = async ({ database, registry, clock }: Context, question: FeedQuestion): Promise<FeedCounts> =>
  count(database, selectionOf(question, registry()), { now: clock.now() });
