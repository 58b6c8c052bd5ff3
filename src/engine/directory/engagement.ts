import type { Issue } from "../../base/errors.ts";
import { isId } from "../../base/ids.ts";
import { findUnstorable } from "../../base/text.ts";
import type { MessageMoment } from "../../registry/structure.ts";
import {
  engagements,
  mark,
  type MarkedBy,
  type MarkedMessages,
  markNext,
  type Passed,
} from "../../store/engagement.ts";
import type { Executor } from "../../store/executor.ts";
import { notifyOnCommit } from "../../store/notify-on-commit.ts";
import type { FeedSelection } from "../../store/reads/feed-filter.ts";
import { wakeReached } from "../../store/waits.ts";
import type { EngineContext } from "../engine.ts";
import { FEED_CHANNEL, ringFeeds } from "../feed/bell.ts";
import type { FeedQuestion } from "../feed/contract.ts";
import { selectionOf } from "../feed/selection.ts";
import { eventOf } from "../moments.ts";
import { attempt, type Directory, type InTransaction, invalid, type Outcome } from "./directory.ts";

/** The most messages of one call. */
export const MAX_MESSAGES_PER_CALL = 10_000;

/** Items of a feed that one transaction marks. */
const ITEMS_PER_TRANSACTION = 2_000;

/** What messages can be marked as. */
export type Marking = keyof typeof engagements;

/** What runs can wait for, of each marking. Undoing one is nothing that happens to a message. */
const MOMENTS: Record<Marking, readonly MessageMoment[]> = {
  SEEN: ["seen"],
  UNSEEN: [],
  READ: ["seen", "read"],
  UNREAD: [],
  INTERACTED: ["seen", "read", "interacted"],
  ARCHIVED: ["archived"],
  UNARCHIVED: [],
};

/** Does what follows from marks: runs that wait for them go on, and in a caller's transaction its commit tells. */
async function follow(
  directory: Directory,
  { changed, as, db, tx }: { changed: readonly string[]; as: Marking; db: Executor } & InTransaction,
): Promise<void> {
  if (changed.length === 0) return;
  const events = MOMENTS[as].map(eventOf);
  const reached = changed.map((messageId) => ({ messageId, events }));
  await wakeReached(db, reached, directory.clock.now());
  if (tx) await notifyOnCommit(tx, FEED_CHANNEL, [""]);
}

/**
 * Marks messages. What was read has been seen, what was interacted with has been read and seen; undoing takes away only
 * what it names. Marking again keeps the first time. Ids that are no message, or, with `by`, not one of this person and
 * these tenants, are left out; `marked` says how many were there. Errors: `INVALID_INPUT`.
 *
 * @example await markMessages(directory, { ids: [message.id], as: "READ", by: { userId: "ada", tenants: null } })
 */
export async function markMessages(
  directory: Directory,
  { ids: given, as, by = null }: { ids: readonly string[]; as: Marking; by?: MarkedBy | null },
  { tx }: InTransaction = {},
): Promise<Outcome<{ marked: number }>> {
  const tooMany: Issue[] = [
    { path: ["ids"], message: `One call marks at most ${MAX_MESSAGES_PER_CALL} messages.`, code: "too_big" },
  ];
  if (given.length > MAX_MESSAGES_PER_CALL) return invalid("The call", tooMany);
  if (findUnstorable(by) !== null) return { ok: true, marked: 0 };
  const ids = [...new Set(given.filter(isId).map((id) => id.toLowerCase()))];
  const outcome = await attempt(directory, { tx }, async (db) => {
    const marked = await mark(db, { ids, by, engagement: engagements[as], now: directory.clock.now() });
    await follow(directory, { changed: marked.changed, as, db, tx });
    return marked;
  });
  if (!outcome.ok) return outcome;
  if (!tx && outcome.changed.length > 0) ringFeeds(directory.database);
  return { ok: true, marked: outcome.found };
}

type Slice = MarkedMessages & { last: Passed | null };

/**
 * Marks all items of a feed that a question asks for and that are not so marked yet: `marked` says how many those were.
 * Large feeds are marked in several transactions, newest items first, and what arrives meanwhile is left out.
 * Errors: `INVALID_INPUT`.
 *
 * @example await markFeed(context, { question: { userId: "ada", viewer, filter: { status: "unread" } }, as: "READ" })
 */
export async function markFeed(
  context: Directory & Pick<EngineContext, "registry">,
  { question, as }: { question: FeedQuestion; as: Marking },
  { tx }: InTransaction = {},
): Promise<Outcome<{ marked: number }>> {
  let selection: FeedSelection | undefined;
  let marked = 0;
  for (let after: Passed | null = null; ;) {
    const outcome: Outcome<Slice> = await attempt(context, { tx }, async (db) => {
      selection ??= selectionOf(question, context.registry());
      if (findUnstorable(selection) !== null) return { found: 0, changed: [], last: null };
      const options = { after, limit: ITEMS_PER_TRANSACTION, engagement: engagements[as], now: context.clock.now() };
      const slice = await markNext(db, selection, options);
      await follow(context, { changed: slice.changed, as, db, tx });
      return slice;
    });
    if (!outcome.ok) return outcome;
    if (!tx && outcome.changed.length > 0) ringFeeds(context.database);
    marked += outcome.changed.length;
    if (outcome.last === null) return { ok: true, marked };
    after = outcome.last;
  }
}
