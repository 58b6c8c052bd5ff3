// What people did with their messages.
import { sql } from "drizzle-orm";
import { rows, type Executor } from "./executor.ts";

type Time = "seen_at" | "read_at" | "interacted_at" | "archived_at";

/** A change of the engagement times: what is set when it is not yet, what is emptied. */
export interface Engagement {
  set: readonly Time[];
  empty: readonly Time[];
}

/** The changes there are. */
export const engagements = {
  SEEN: { set: ["seen_at"], empty: [] },
  UNSEEN: { set: [], empty: ["seen_at"] },
  READ: { set: ["seen_at", "read_at"], empty: [] },
  UNREAD: { set: [], empty: ["read_at"] },
  INTERACTED: { set: ["seen_at", "read_at", "interacted_at"], empty: [] },
  ARCHIVED: { set: ["archived_at"], empty: [] },
  UNARCHIVED: { set: [], empty: ["archived_at"] },
} as const satisfies Record<string, Engagement>;

/** Changes the engagement of messages; says how many of them there are. */
export async function mark(
  db: Executor,
  { ids, engagement, now }: { ids: readonly string[]; engagement: Engagement; now: Date },
): Promise<number> {
  const at = sql`${now.toISOString()}::text::timestamptz`;
  const changes = [
    ...engagement.set.map((time) => sql`${sql.identifier(time)} = coalesce(message.${sql.identifier(time)}, ${at})`),
    ...engagement.empty.map((time) => sql`${sql.identifier(time)} = null`),
  ];
  // Locked in the order of the ids first, so that two calls at once wait for each other in one direction.
  const marked = await rows(
    db,
    sql`with locked as materialized (
        select id from knock.messages where id = any(${sql.param(ids)}::uuid[]) order by id for no key update
      )
      update knock.messages as message set ${sql.join(changes, sql`, `)} from locked where message.id = locked.id returning message.id`,
  );
  return marked.length;
}
