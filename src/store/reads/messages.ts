// What people and programs read of messages and their delivery.
import { type SQL, sql } from "drizzle-orm";
import type { JsonObject } from "../../base/canonical-json.ts";
import { isId } from "../../base/ids.ts";
import type { ChannelType } from "../../channels/messages.ts";
import { instant, rows, type Executor } from "../executor.ts";
import { type Page, type PageArguments, pageBy } from "../paging.ts";
import type { MessageStatus } from "../schema/messages.ts";
import { type MessageSelection, selectingMessages } from "./message-filter.ts";
import { messageIdRange, where } from "./notifications.ts";

const times = [
  "createdAt",
  "sentAt",
  "deliveredAt",
  "seenAt",
  "readAt",
  "interactedAt",
  "clickedAt",
  "archivedAt",
  "nextAttemptAt",
  "scheduledAt",
] as const;

interface Stored {
  id: string;
  runId: string;
  notificationId: string;
  workflow: string;
  step: string;
  recipientId: string;
  tenantId: string | null;
  channel: string;
  channelType: ChannelType;
  content: JsonObject;
  address: JsonObject | null;
  status: MessageStatus;
  reason: string | null;
  providerMessageId: string | null;
  attempts: number;
}

/** A message as it is read. */
export type MessageRead = Stored & { createdAt: Date } & {
  [Time in Exclude<(typeof times)[number], "createdAt">]: Date | null;
};

type Raw = Stored & Record<(typeof times)[number], string | null> & Record<string, unknown>;

const columns = sql`id, run_id as "runId", notification_id as "notificationId", workflow, step, recipient_id as "recipientId",
  tenant_id as "tenantId", channel, channel_type as "channelType", content, address, status, reason,
  provider_message_id as "providerMessageId", attempts::int as attempts, created_at as "createdAt", sent_at as "sentAt",
  delivered_at as "deliveredAt", seen_at as "seenAt", read_at as "readAt", interacted_at as "interactedAt",
  clicked_at as "clickedAt", archived_at as "archivedAt", next_attempt_at as "nextAttemptAt",
  scheduled_at as "scheduledAt"`;

const fromRaw = (raw: Raw): MessageRead =>
  ({ ...raw, ...Object.fromEntries(times.map((time) => [time, instant(raw[time])])) }) as unknown as MessageRead;

/** Messages by id. */
export async function readMessages(db: Executor, ids: readonly string[]): Promise<Map<string, MessageRead>> {
  const found = await rows<Raw>(
    db,
    sql`select ${columns} from knock.messages where id = any(${sql.param(ids)}::uuid[])`,
  );
  return new Map(found.map((raw) => [raw.id, fromRaw(raw)]));
}

/** Which messages to list. Absent members ask for any. */
export interface MessageFilter {
  recipientId?: string | null | undefined;
  notificationId?: string | null | undefined;
  workflow?: string | null | undefined;
  channel?: string | null | undefined;
  channelType?: ChannelType | null | undefined;
  status?: MessageStatus | null | undefined;
  tenantId?: string | null | undefined;
}

const filterColumns = {
  recipientId: "recipient_id",
  workflow: "workflow",
  channel: "channel",
  channelType: "channel_type",
  status: "status",
  tenantId: "tenant_id",
} as const satisfies Record<Exclude<keyof MessageFilter, "notificationId">, string>;

function ofNotification(id: string | null | undefined): SQL[] {
  if (id === undefined || id === null) return [];
  if (!isId(id)) return [sql`false`];
  const [first, last] = messageIdRange(id);
  return [sql`id between ${first}::uuid and ${last}::uuid and notification_id = ${id}::uuid`];
}

function matching({ notificationId, ...filter }: MessageFilter): SQL[] {
  const given = Object.entries(filterColumns).flatMap(([member, column]) => {
    const wanted = filter[member as keyof typeof filterColumns];
    return wanted === undefined || wanted === null ? [] : [sql`${sql.identifier(column)} = ${wanted}`];
  });
  return [...ofNotification(notificationId), ...given];
}

async function page(db: Executor, conditions: readonly SQL[], args: PageArguments): Promise<Page<MessageRead>> {
  const keyset = pageBy({ column: sql`id`, key: "id", descending: true }, args);
  const found = await rows<Raw>(
    db,
    sql`select ${columns} from knock.messages ${where([...conditions, keyset.where])}
    order by ${keyset.orderBy} limit ${keyset.limit}::int`,
  );
  return keyset.page(found.map(fromRaw), ({ id }) => id);
}

/** One page of the messages, those of the newest notification first. */
export const pageMessages = (db: Executor, filter: MessageFilter, args: PageArguments): Promise<Page<MessageRead>> =>
  page(db, matching(filter), args);

/** One page of the messages of a selection, those of the newest notification first. */
export const pageSelectedMessages = (
  db: Executor,
  selection: MessageSelection,
  args: PageArguments,
): Promise<Page<MessageRead>> => page(db, selectingMessages(selection), args);

/** One try of handing a message to a provider. */
export interface AttemptRead {
  messageId: string;
  number: number;
  provider: string;
  outcome: string;
  statusCode: number | null;
  reason: string | null;
  startedAt: Date;
  finishedAt: Date;
}

type RawAttempt = Omit<AttemptRead, "startedAt" | "finishedAt"> &
  Record<"startedAt" | "finishedAt", string> &
  Record<string, unknown>;

/** The attempts of messages, first to last, by message. */
export async function readAttempts(db: Executor, messages: readonly string[]): Promise<Map<string, AttemptRead[]>> {
  const found = await rows<RawAttempt>(
    db,
    sql`select message_id as "messageId", number, provider, outcome, status_code as "statusCode", reason,
      started_at as "startedAt", finished_at as "finishedAt"
    from knock.delivery_attempts where message_id = any(${sql.param(messages)}::uuid[]) order by message_id, number`,
  );
  const read = found.map((raw) => ({ ...raw, startedAt: instant(raw.startedAt), finishedAt: instant(raw.finishedAt) }));
  return Map.groupBy(read, (attempt) => attempt.messageId);
}
