// Trace contexts that calls left with their notifications.
import { sql } from "drizzle-orm";
import { type Executor, rows } from "./executor.ts";

/** The trace parents of notifications that have one. */
export async function traceParentsOfNotifications(db: Executor, ids: readonly string[]): Promise<string[]> {
  const found = await rows<{ parent: string }>(
    db,
    sql`select trace_parent as parent from knock.notifications
    where id = any(${sql.param(ids)}::uuid[]) and trace_parent is not null order by id`,
  );
  return found.map(({ parent }) => parent);
}

/** The trace parents of messages whose notification has one, by the message's id. */
export async function traceParentsOfMessages(db: Executor, ids: readonly string[]): Promise<Map<string, string>> {
  const found = await rows<{ id: string; parent: string }>(
    db,
    sql`select message.id, trace_parent as parent from knock.messages as message
      join knock.notifications as notification on notification.id = notification_id
    where message.id = any(${sql.param(ids)}::uuid[]) and trace_parent is not null`,
  );
  return new Map(found.map(({ id, parent }) => [id, parent]));
}
