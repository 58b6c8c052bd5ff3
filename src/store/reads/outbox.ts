// Everything that was sent or stored for people, in the order in which it was made: for tests and tools
// that look at a whole small database.
import { sql } from "drizzle-orm";
import type { JsonObject } from "../../base/canonical-json.ts";
import type { ChannelType } from "../../channels/messages.ts";
import { rows, type Executor } from "../executor.ts";
import type { MessageStatus } from "../schema/messages.ts";
import type { RunStatus, TraceEntry } from "../schema/runs.ts";

/** A message as its recipient would see it. */
export interface OutboxMessage extends Record<string, unknown> {
  id: string;
  workflow: string;
  step: string;
  recipientId: string;
  channel: string;
  channelType: ChannelType;
  status: MessageStatus;
  content: JsonObject;
  address: JsonObject | null;
}

/** All messages, oldest first. */
export const allMessages = (db: Executor): Promise<OutboxMessage[]> =>
  rows<OutboxMessage>(
    db,
    sql`select id, workflow, step, recipient_id as "recipientId", channel, channel_type as "channelType", status, content, address
    from knock.messages order by created_at, id`,
  );

/** Ids of what stands in a person's feed. */
export async function feedOf(db: Executor, userId: string): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    sql`select id from knock.messages
    where recipient_id = ${userId} and channel_type = 'inApp' and status = 'delivered' order by id`,
  );
  return found.map(({ id }) => id);
}

/** A batch as its story tells it. */
export interface BatchStory extends Record<string, unknown> {
  workflow: string;
  step: string;
  recipientId: string;
  key: string;
  count: number;
  closesAt: string;
  closed: boolean;
}

/** All batches, oldest first. */
export const allBatches = (db: Executor): Promise<BatchStory[]> =>
  rows<BatchStory>(
    db,
    sql`select workflow, step, recipient_id as "recipientId", key, count, closes_at as "closesAt", closed_at is not null as closed
    from knock.batches order by opened_at, id`,
  );

/** A run as its story tells it. */
export interface RunStory extends Record<string, unknown> {
  workflow: string;
  recipientId: string;
  status: RunStatus;
  wakeAt: string | null;
  trace: TraceEntry[];
}

/** All runs, oldest first. */
export const allRuns = (db: Executor): Promise<RunStory[]> =>
  rows<RunStory>(
    db,
    sql`select n.workflow, r.recipient_id as "recipientId", r.status, r.wake_at as "wakeAt", r.trace
    from knock.runs r join knock.notifications n on n.id = r.notification_id order by r.created_at, r.id`,
  );
