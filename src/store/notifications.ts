// Accepting notifications and fanning them out.
import { sql } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { storableJson } from "../base/stored-json.ts";
import { rows, type Executor } from "./executor.ts";
import type { NotificationSource, Warning } from "./schema/notifications.ts";

/** A notification to be stored. */
export interface NewNotification {
  id: string;
  workflow: string;
  versionId: string;
  data: JsonObject;
  actorId: string | null;
  tenantId: string | null;
  recipients: readonly string[];
  lists: readonly string[];
  idempotencyKey: string | null;
  cancellationKey: string | null;
  warnings: readonly Warning[];
  source: NotificationSource | null;
  /** W3C trace context of the call. */
  traceParent: string | null;
}

/** Stores notifications in one statement. */
export async function insertNotifications(db: Executor, given: readonly NewNotification[], now: Date): Promise<void> {
  const column = <T>(read: (notification: NewNotification) => T) => sql.param(given.map(read));
  await rows(
    db,
    sql`insert into knock.notifications
      (id, workflow, version_id, data, actor_id, tenant_id, recipients, lists, idempotency_key, cancellation_key, warnings, source, trace_parent, created_at)
    select id, workflow, version_id, data::jsonb, actor_id, tenant_id,
      array(select jsonb_array_elements_text(recipients::jsonb)), array(select jsonb_array_elements_text(lists::jsonb)),
      idempotency_key, cancellation_key, warnings::jsonb, source::jsonb, trace_parent, ${now.toISOString()}::timestamptz
    from unnest(
      ${column(({ id }) => id)}::uuid[], ${column(({ workflow }) => workflow)}::text[],
      ${column(({ versionId }) => versionId)}::uuid[], ${column(({ data }) => storableJson(data))}::text[],
      ${column(({ actorId }) => actorId)}::text[], ${column(({ tenantId }) => tenantId)}::text[],
      ${column(({ recipients }) => JSON.stringify(recipients))}::text[], ${column(({ lists }) => JSON.stringify(lists))}::text[],
      ${column(({ idempotencyKey }) => idempotencyKey)}::text[], ${column(({ cancellationKey }) => cancellationKey)}::text[],
      ${column(({ warnings }) => storableJson(warnings))}::text[],
      ${column(({ source }) => source && JSON.stringify(source))}::text[],
      ${column(({ traceParent }) => traceParent)}::text[]
    ) as given (id, workflow, version_id, data, actor_id, tenant_id, recipients, lists, idempotency_key, cancellation_key, warnings, source, trace_parent)
    -- A group whose commit got no answer is tried again, with the same ids.
    on conflict (id) do nothing`,
  );
}

/** A notification as its runs need it. */
export interface StoredNotification extends Record<string, unknown> {
  id: string;
  workflow: string;
  versionId: string;
  data: JsonObject;
  actorId: string | null;
  tenantId: string | null;
  lists: string[];
  recipientCount: number;
  cancelled: boolean;
  cancelledRecipients: string[];
  cancellationKey: string | null;
  source: NotificationSource | null;
}

const stored = sql`id, workflow, version_id as "versionId", data, actor_id as "actorId", tenant_id as "tenantId", lists,
  cardinality(recipients) as "recipientCount", cancelled_at is not null as cancelled,
  cancelled_recipients as "cancelledRecipients", cancellation_key as "cancellationKey", source`;

/** Notifications by id. */
export const findNotifications = (db: Executor, ids: readonly string[]): Promise<StoredNotification[]> =>
  rows<StoredNotification>(
    db,
    sql`select ${stored} from knock.notifications where id = any(${sql.param(ids)}::uuid[])`,
  );

/**
 * Locks that chunks share and a cancel has alone. Row locks would not do: whoever shares one goes ahead of
 * a cancel that waits for it, so a broadcast whose chunks overlap could not be stopped before its end.
 */
export const lockNotifications = (db: Executor, ids: readonly string[], how: "shared" | "alone") => {
  const lock = how === "shared" ? sql`pg_advisory_xact_lock_shared` : sql`pg_advisory_xact_lock`;
  return rows(
    db,
    sql`select ${lock}(hashtext('knock.notification'), hashtext(id::text))
    from (select unnest(${sql.param(ids)}::uuid[]) as id order by 1) as given`,
  );
};

/**
 * Notifications by id, held against cancellation until the transaction ends: a cancel either comes
 * before and is seen, or comes after and sees the runs that this transaction makes.
 */
export async function holdNotifications(db: Executor, ids: readonly string[]): Promise<StoredNotification[]> {
  await lockNotifications(db, ids, "shared");
  // A statement of its own, so that it sees what a cancel has written meanwhile.
  return findNotifications(db, ids);
}

/** An explicit recipient of a notification. */
export interface ExplicitRecipient extends Record<string, unknown> {
  notificationId: string;
  recipientId: string;
}

/** The explicit recipients of notifications, each person once per notification. */
export const explicitRecipients = (db: Executor, ids: readonly string[]): Promise<ExplicitRecipient[]> =>
  rows<ExplicitRecipient>(
    db,
    sql`select distinct id as "notificationId", recipient as "recipientId"
    from knock.notifications, unnest(recipients) as recipient
    where id = any(${sql.param(ids)}::uuid[]) order by 1, 2`,
  );

/** Marks notifications as planned: every recipient has a run, or a chunk that will make it. Answers those that were not. */
export async function markPlanned(db: Executor, ids: readonly string[], now: Date): Promise<string[]> {
  const marked = await rows<{ id: string }>(
    db,
    sql`update knock.notifications set planned_at = ${now.toISOString()}::timestamptz
    where id = any(${sql.param(ids)}::uuid[]) and planned_at is null returning id`,
  );
  return marked.map(({ id }) => id);
}

/** What is needed to accept a group of calls. */
export interface Acceptance {
  /** Which of the asked users, lists and inactive workflows exist. */
  users: Set<string>;
  lists: Set<string>;
  inactive: Set<string>;
}

/** Reads in one statement what accepting a group of calls depends on. */
export async function loadAcceptance(
  db: Executor,
  asked: { users: readonly string[]; lists: readonly string[]; workflows: readonly string[] },
): Promise<Acceptance> {
  const found = await rows<{ kind: string; id: string }>(
    db,
    sql`select 'user' as kind, id from knock.users where id = any(${sql.param(asked.users)}::text[])
    union all select 'list', name from knock.lists where name = any(${sql.param(asked.lists)}::text[])
    union all select 'inactive', key from knock.workflows where key = any(${sql.param(asked.workflows)}::text[]) and status <> 'active'`,
  );
  const of = (kind: string) => new Set(found.filter((row) => row.kind === kind).map(({ id }) => id));
  return { users: of("user"), lists: of("list"), inactive: of("inactive") };
}
