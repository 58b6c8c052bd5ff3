// Messages and their delivery.
import { sql } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { storableJson } from "../base/stored-json.ts";
import type { ChannelType } from "../channels/messages.ts";
import { rows, type Executor } from "./executor.ts";
import type { MessageStatus } from "./schema/messages.ts";

/** A message to be stored. */
export interface MessageRow {
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
  address: JsonObject;
  status: MessageStatus;
}

/** Stores messages; one that exists already stays as it is. */
export async function insertMessages(db: Executor, messages: readonly MessageRow[], now: Date): Promise<void> {
  const at = sql`${now.toISOString()}::timestamptz`;
  const reached = sql`case when status = 'delivered' then ${at} end`;
  await rows(
    db,
    sql`insert into knock.messages (id, run_id, notification_id, workflow, step, recipient_id, tenant_id, channel, channel_type,
      content, address, status, created_at, sent_at, delivered_at)
    select id, "runId", "notificationId", workflow, step, "recipientId", "tenantId", channel, "channelType", content, address,
      status, ${at}, ${reached}, ${reached}
    from jsonb_to_recordset(${storableJson(messages)}::text::jsonb) as given (id uuid, "runId" uuid, "notificationId" uuid,
      workflow text, step text, "recipientId" text, "tenantId" text, channel text, "channelType" text, content jsonb,
      address jsonb, status text)
    on conflict (id) do nothing`,
  );
}

/** Where the messages of earlier steps stand. */
export interface MessageState extends Record<string, unknown> {
  id: string;
  status: MessageStatus;
  seen: boolean;
  read: boolean;
  interacted: boolean;
  clicked: boolean;
  archived: boolean;
}

/** The state of messages by id. */
export const messageStates = (db: Executor, ids: readonly string[]): Promise<MessageState[]> =>
  rows<MessageState>(
    db,
    sql`select id, status, seen_at is not null as seen, read_at is not null as read, interacted_at is not null as interacted,
      clicked_at is not null as clicked, archived_at is not null as archived
    from knock.messages where id = any(${sql.param(ids)}::uuid[])`,
  );

/** A message that is to be handed to a provider. */
export interface Sendable extends Record<string, unknown> {
  id: string;
  workflow: string;
  recipientId: string;
  tenantId: string | null;
  channel: string;
  content: JsonObject;
  address: JsonObject;
  attempts: number;
  /** When it was made, as milliseconds since 1970: no retry waits beyond a day from then. */
  madeAt: number;
}

const sendable = sql`id, workflow, recipient_id as "recipientId", tenant_id as "tenantId", channel, content, address,
  attempts::int as attempts, (extract(epoch from created_at) * 1000)::float8 as "madeAt"`;

/** Messages that have not been tried yet. */
export const findUntried = (db: Executor, ids: readonly string[]): Promise<Sendable[]> =>
  rows<Sendable>(
    db,
    sql`select ${sendable} from knock.messages
    where id = any(${sql.param(ids)}::uuid[]) and status = 'queued' and next_attempt_at is null`,
  );

/** Takes retries that are due until `leaseUntil`: when this process dies before it writes an outcome, another tries again then. */
export const leaseDueRetries = (
  db: Executor,
  { now, leaseUntil, limit }: { now: Date; leaseUntil: Date; limit: number },
): Promise<Sendable[]> =>
  rows<Sendable>(
    db,
    sql`update knock.messages set next_attempt_at = ${leaseUntil.toISOString()}::timestamptz
    where id in (
      select id from knock.messages where next_attempt_at <= ${now.toISOString()}::timestamptz
      order by next_attempt_at limit ${limit} for update skip locked
    )
    returning ${sendable}`,
  );

/** What came of one attempt. */
export interface AttemptRow {
  messageId: string;
  /** Attempts that count, with this one. */
  attempts: number;
  status: MessageStatus;
  reason: string | null;
  providerMessageId: string | null;
  nextAttemptAt: Date | null;
  provider: string;
  outcome: string;
  statusCode: number | null;
  startedAt: Date;
  finishedAt: Date;
}

/**
 * Writes outcomes: the message moves, the attempt is kept. A message that is no longer queued is left
 * alone, so a chunk that is worked on twice records once.
 */
export async function recordAttempts(db: Executor, attempts: readonly AttemptRow[]): Promise<void> {
  await rows(
    db,
    sql`with given as (
      select * from jsonb_to_recordset(${storableJson(attempts)}::text::jsonb) as given ("messageId" uuid, attempts int, status text,
        reason text, "providerMessageId" text, "nextAttemptAt" timestamptz, provider text, outcome text, "statusCode" int,
        "startedAt" timestamptz, "finishedAt" timestamptz)
    ),
    moved as (
      update knock.messages as message set status = given.status, reason = given.reason, attempts = given.attempts,
        provider_message_id = given."providerMessageId", next_attempt_at = given."nextAttemptAt",
        sent_at = case when given.status in ('sent', 'delivered') then given."finishedAt" end,
        delivered_at = case when given.status = 'delivered' then given."finishedAt" end
      from given where message.id = given."messageId" and message.status = 'queued'
      returning message.id
    )
    insert into knock.delivery_attempts (message_id, number, provider, outcome, status_code, reason, started_at, finished_at)
    select id, 1 + (select count(*) from knock.delivery_attempts as earlier where earlier.message_id = id),
      provider, outcome, "statusCode", reason, "startedAt", "finishedAt"
    from given join moved on id = "messageId"
    on conflict do nothing`,
  );
}
