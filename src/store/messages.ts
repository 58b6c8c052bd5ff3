// Messages and their delivery.
import { sql, type SQL } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import type { ChannelType } from "../channels/messages.ts";
import { column, jsonColumn, shapesOf, textColumn } from "./columns.ts";
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
  /** When the send window opens: until then it is neither sent nor seen. */
  scheduledAt: Date | null;
}

/** What the messages of one step of a notification have in common. */
const shapeOf = (message: MessageRow): string => {
  const { notificationId, step, status, tenantId, channel, scheduledAt } = message;
  return JSON.stringify([notificationId, step, status, tenantId, channel, scheduledAt]);
};

/** Stores messages; one that exists already stays as it is. */
export async function insertMessages(db: Executor, messages: readonly MessageRow[], now: Date): Promise<void> {
  const { firsts, numbers } = shapesOf(messages, shapeOf);
  const ids = (read: (message: MessageRow) => string) => column("uuid", messages.map(read));
  const json = (read: (message: MessageRow) => JsonObject) =>
    jsonColumn(messages.map((message) => JSON.stringify(read(message))));
  const shared = (read: (message: MessageRow) => string | null) => textColumn(firsts.map(read));
  const at = sql`${now.toISOString()}::timestamptz`;
  const reached = sql`case when status = 'delivered' then ${at} end`;
  await rows(
    db,
    sql`insert into knock.messages (id, run_id, notification_id, workflow, step, recipient_id, tenant_id, channel, channel_type,
      content, address, status, scheduled_at, next_attempt_at, created_at, sent_at, delivered_at, arrived_xid)
    select id, run_id, notification_id, workflow, step, recipient_id, tenant_id, channel, channel_type,
      content::jsonb, address::jsonb, status, scheduled_at, scheduled_at, ${at}, ${reached}, ${reached},
      case when status = 'delivered' and channel_type = 'inApp' then pg_current_xact_id() end
    from unnest(${ids(({ id }) => id)}, ${ids(({ runId }) => runId)}, ${textColumn(messages.map((message) => message.recipientId))},
      ${json(({ content }) => content)}, ${json(({ address }) => address)}, ${column("integer", numbers)})
      as given (id, run_id, recipient_id, content, address, number)
    join unnest(${column(
      "uuid",
      firsts.map(({ notificationId }) => notificationId),
    )},
      ${shared(({ workflow }) => workflow)}, ${shared(({ step }) => step)}, ${shared(({ tenantId }) => tenantId)},
      ${shared(({ channel }) => channel)}, ${shared(({ channelType }) => channelType)}, ${shared(({ status }) => status)},
      ${column(
        "timestamptz",
        firsts.map(({ scheduledAt }) => scheduledAt),
      )}) with ordinality
      as shape (notification_id, workflow, step, tenant_id, channel, channel_type, status, scheduled_at, number) using (number)
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

const state = sql`id, status, seen_at is not null as seen, read_at is not null as read, interacted_at is not null as interacted,
  clicked_at is not null as clicked, archived_at is not null as archived`;

/** The state of messages by id. */
export const messageStates = (db: Executor, ids: readonly string[]): Promise<MessageState[]> =>
  rows<MessageState>(db, sql`select ${state} from knock.messages where id = any(${sql.param(ids)}::uuid[])`);

/** The state of messages by id, which nobody can change until the transaction ends. */
export const holdMessages = (tx: Executor, ids: readonly string[]): Promise<MessageState[]> =>
  rows<MessageState>(
    tx,
    sql`select ${state} from knock.messages where id = any(${sql.param(ids)}::uuid[]) order by id for share`,
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
  /** No attempt of it was kept when it was read. */
  first: boolean;
  /** When it was made, as milliseconds since 1970: no retry waits beyond a day from then. */
  madeAt: number;
}

const sendable = sql`id, workflow, recipient_id as "recipientId", tenant_id as "tenantId", channel, content, address,
  attempts::int as attempts, next_attempt_at is null as first, (extract(epoch from created_at) * 1000)::float8 as "madeAt"`;

/** Which of the messages have not been tried yet. */
export async function stillUntried(db: Executor, ids: readonly string[]): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    sql`select id from knock.messages where id = any(${column("uuid", ids)}) and status = 'queued' and next_attempt_at is null`,
  );
  return found.map(({ id }) => id);
}

/** Messages that have not been tried yet. */
export const findUntried = (db: Executor, ids: readonly string[]): Promise<Sendable[]> =>
  rows<Sendable>(
    db,
    sql`select ${sendable} from knock.messages
    where id = any(${column("uuid", ids)}) and status = 'queued' and next_attempt_at is null`,
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

/** Prolongs leases, known by the moments at which they end, of messages whose outcome is not written yet. */
export async function prolongLeases(
  db: Executor,
  { ids, ends, leaseUntil }: { ids: readonly string[]; ends: readonly Date[]; leaseUntil: Date },
): Promise<void> {
  await rows(
    db,
    sql`update knock.messages set next_attempt_at = ${leaseUntil.toISOString()}::timestamptz
    where id = any(${column("uuid", ids)}) and status = 'queued' and next_attempt_at = any(${column("timestamptz", ends)})`,
  );
}

/** What came of one attempt. */
export interface AttemptRow {
  messageId: string;
  /** No earlier one was kept. */
  first: boolean;
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

const outcomeOf = ({ first, attempts, status, reason, provider, outcome, statusCode }: AttemptRow): string =>
  JSON.stringify([first, attempts, status, reason, provider, outcome, statusCode]);

/** Outcomes as rows of a statement. Most are the same but for the message, the provider's id and the times. */
function given(attempts: readonly AttemptRow[]): SQL {
  const { firsts, numbers } = shapesOf(attempts, outcomeOf);
  const times = (read: (attempt: AttemptRow) => Date | null) => column("timestamptz", attempts.map(read));
  const shared = (read: (attempt: AttemptRow) => string | null) => textColumn(firsts.map(read));
  return sql`unnest(${column(
    "uuid",
    attempts.map(({ messageId }) => messageId),
  )},
      ${textColumn(attempts.map(({ providerMessageId }) => providerMessageId))}, ${times(({ nextAttemptAt }) => nextAttemptAt)},
      ${times(({ startedAt }) => startedAt)}, ${times(({ finishedAt }) => finishedAt)}, ${column("integer", numbers)})
      as given (message_id, provider_message_id, next_attempt_at, started_at, finished_at, shape)
    join unnest(${textColumn(firsts.map(({ first }) => String(first)))}::boolean[], ${column(
      "smallint",
      firsts.map((attempt) => attempt.attempts),
    )}, ${shared(({ status }) => status)},
      ${shared(({ reason }) => reason)}, ${shared(({ provider }) => provider)}, ${shared(({ outcome }) => outcome)},
      ${column(
        "smallint",
        firsts.map(({ statusCode }) => statusCode),
      )}) with ordinality
      as shape (first, attempts, status, reason, provider, outcome, status_code, shape) using (shape)`;
}

/**
 * Writes outcomes: the message moves, the attempt is kept. A message that is no longer queued is left
 * alone, so a chunk that is worked on twice records once.
 */
export async function recordAttempts(db: Executor, attempts: readonly AttemptRow[]): Promise<void> {
  await rows(
    db,
    sql`with given as materialized (select * from ${given(attempts)}),
    moved as (
      update knock.messages as message set status = given.status, reason = given.reason, attempts = given.attempts,
        provider_message_id = given.provider_message_id, next_attempt_at = given.next_attempt_at,
        sent_at = case when given.status in ('sent', 'delivered') then given.finished_at end,
        delivered_at = case when given.status = 'delivered' then given.finished_at end,
        arrived_xid = case when given.status = 'delivered' and message.channel_type = 'inApp' then pg_current_xact_id() end
      from given where message.id = given.message_id and message.status = 'queued'
      returning given.*
    )
    insert into knock.delivery_attempts (message_id, number, provider, outcome, status_code, reason, started_at, finished_at)
    select message_id, case when first then 1
        else 1 + (select count(*) from knock.delivery_attempts as earlier where earlier.message_id = moved.message_id) end,
      provider, outcome, status_code, reason, started_at, finished_at
    from moved
    on conflict do nothing`,
  );
}
