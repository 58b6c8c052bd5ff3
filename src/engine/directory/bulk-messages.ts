// Marks and deletes all messages that a filter asks for.
import { type MessageSelection, nextMessageIds } from "../../store/reads/message-filter.ts";
import { removeMessages } from "../../store/remove-messages.ts";
import { ringFeeds } from "../feed/bell.ts";
import { type Directory, inOneTransaction, type Outcome } from "./directory.ts";
import { type Marking, markMessages } from "./engagement.ts";

/** Messages of one transaction. */
const SLICE = 5_000;

/** What is left to do after a marking: messages that are not so marked yet. */
const LEFT: Record<Marking, NonNullable<MessageSelection["engagement"]>[number][]> = {
  SEEN: ["unseen"],
  UNSEEN: ["seen"],
  READ: ["unread"],
  UNREAD: ["read"],
  INTERACTED: [],
  ARCHIVED: ["unarchived"],
  UNARCHIVED: ["archived"],
};

/** Does something to all messages of a selection in slices, newest first, so that what comes meanwhile is left out. */
async function inSlices(
  directory: Directory,
  selection: MessageSelection,
  work: (ids: readonly string[]) => Promise<Outcome<{ done: number }>>,
): Promise<Outcome<{ done: number }>> {
  let done = 0;
  for (let after: string | null = null; ;) {
    const ids: string[] = await nextMessageIds(directory.database.db, selection, { after, limit: SLICE });
    const outcome = ids.length > 0 ? await work(ids) : { ok: true as const, done: 0 };
    if (!outcome.ok) return outcome;
    done += outcome.done;
    if (ids.length < SLICE) return { ok: true, done };
    after = ids.at(-1)!;
  }
}

/** Marks all messages of a selection that are not so marked yet; says how many those were. */
export const markSelected = (
  directory: Directory,
  { selection, as }: { selection: MessageSelection; as: Marking },
): Promise<Outcome<{ done: number }>> => {
  const engagement = [...(selection.engagement ?? []), ...LEFT[as]];
  return inSlices(directory, { ...selection, engagement }, async (ids) => {
    const outcome = await markMessages(directory, { ids, as });
    return outcome.ok ? { ok: true, done: outcome.marked } : outcome;
  });
};

/** Deletes all messages of a selection but those that are still to be sent; says how many those were. */
export const removeSelected = (directory: Directory, selection: MessageSelection): Promise<Outcome<{ done: number }>> =>
  inSlices(directory, selection, async (ids) => {
    const now = directory.clock.now();
    const done = await inOneTransaction(directory, {}, (tx) => removeMessages(tx, ids, now));
    if (done > 0) ringFeeds(directory.database);
    return { ok: true, done };
  });
