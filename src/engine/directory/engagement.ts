import type { Issue } from "../../base/errors.ts";
import { isId } from "../../base/ids.ts";
import { engagements, mark, type Engagement } from "../../store/engagement.ts";
import type { MessageMoment } from "../../registry/structure.ts";
import { wakeReached } from "../../store/waits.ts";
import { eventOf } from "../moments.ts";
import { attempt, type Directory, type InTransaction, invalid, type Outcome } from "./directory.ts";

/** The most messages of one call. */
export const MAX_MESSAGES_PER_CALL = 10_000;

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

/**
 * Marks messages. What was read has been seen, what was interacted with has been read and seen; undoing
 * takes away only what it names. Marking again keeps the first time. Ids that are no message are left
 * out; `marked` says how many were there. Errors: `INVALID_INPUT`.
 */
export async function markMessages(
  directory: Directory,
  input: { ids: readonly string[]; as: Marking },
  options: InTransaction = {},
): Promise<Outcome<{ marked: number }>> {
  const tooMany: Issue[] = [
    { path: ["ids"], message: `One call marks at most ${MAX_MESSAGES_PER_CALL} messages.`, code: "too_big" },
  ];
  if (input.ids.length > MAX_MESSAGES_PER_CALL) return invalid("The call", tooMany);
  const engagement: Engagement = engagements[input.as];
  const ids = [...new Set(input.ids.filter(isId).map((id) => id.toLowerCase()))];
  return attempt(directory, options, async (db) => {
    const now = directory.clock.now();
    const marked = await mark(db, { ids, engagement, now });
    const events = MOMENTS[input.as].map(eventOf);
    if (marked > 0)
      await wakeReached(
        db,
        ids.map((messageId) => ({ messageId, events })),
        now,
      );
    return { marked };
  });
}
