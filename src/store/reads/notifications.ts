// What people and programs read of notifications. Lists are paged by key; a nested level is one query
// for all parents.
import { type SQL, sql } from "drizzle-orm";
import type { JsonObject } from "../../base/canonical-json.ts";
import { instant, rows, type Executor } from "../executor.ts";
import { type Page, type PageArguments, pageBy } from "../paging.ts";
import type { NotificationSource, Warning } from "../schema/notifications.ts";

/** A notification as it is read. */
export interface NotificationRead {
  id: string;
  workflow: string;
  versionId: string;
  data: JsonObject;
  actorId: string | null;
  tenantId: string | null;
  recipients: string[];
  lists: string[];
  idempotencyKey: string | null;
  cancellationKey: string | null;
  warnings: Warning[];
  source: NotificationSource | null;
  createdAt: Date;
  plannedAt: Date | null;
  cancelledAt: Date | null;
}

type Raw = Omit<NotificationRead, "createdAt" | "plannedAt" | "cancelledAt"> &
  Record<"createdAt", string> &
  Record<"plannedAt" | "cancelledAt", string | null>;

const columns = sql`id, workflow, version_id as "versionId", data, actor_id as "actorId", tenant_id as "tenantId", recipients,
  lists, idempotency_key as "idempotencyKey", cancellation_key as "cancellationKey", warnings, source, created_at as "createdAt",
  planned_at as "plannedAt", cancelled_at as "cancelledAt"`;

const fromRaw = (raw: Raw): NotificationRead => ({
  ...raw,
  createdAt: instant(raw.createdAt),
  plannedAt: instant(raw.plannedAt),
  cancelledAt: instant(raw.cancelledAt),
});

/** Notifications by id. */
export async function readNotifications(db: Executor, ids: readonly string[]): Promise<Map<string, NotificationRead>> {
  const found = await rows<Raw & Record<string, unknown>>(
    db,
    sql`select ${columns} from knock.notifications where id = any(${sql.param(ids)}::uuid[])`,
  );
  return new Map(found.map((raw) => [raw.id, fromRaw(raw)]));
}

/** `where` and the conditions that there are, joined by `and`. */
export function where(conditions: readonly (SQL | undefined)[]): SQL {
  const given = conditions.filter((condition) => condition !== undefined);
  return given.length === 0 ? sql`` : sql`where ${sql.join(given, sql` and `)}`;
}

/** One page of the notifications, newest first, of one workflow when given. */
export async function pageNotifications(
  db: Executor,
  workflow: string | null,
  args: PageArguments,
): Promise<Page<NotificationRead>> {
  const keyset = pageBy({ column: sql`id`, key: "id", descending: true }, args);
  const found = await rows<Raw & Record<string, unknown>>(
    db,
    sql`select ${columns} from knock.notifications
    ${where([workflow === null ? undefined : sql`workflow = ${workflow}`, keyset.where])}
    order by ${keyset.orderBy} limit ${keyset.limit}::int`,
  );
  return keyset.page(found.map(fromRaw), ({ id }) => id);
}

/** How far the runs of a notification are. */
export interface Progress {
  total: number;
  completed: number;
  halted: number;
  cancelled: number;
  failed: number;
  waiting: number;
  /** Parts of the recipients that have no runs yet. */
  openChunks: number;
}

/** The progress of notifications by id. */
export async function readProgress(db: Executor, ids: readonly string[]): Promise<Map<string, Progress>> {
  const found = await rows<Progress & { id: string } & Record<string, unknown>>(
    db,
    sql`select parent.id, runs.*, chunks.*
    from unnest(${sql.param(ids)}::uuid[]) as parent (id)
    cross join lateral (
      select count(*)::int as total,
        (count(*) filter (where status = 'completed'))::int as completed,
        (count(*) filter (where status = 'halted'))::int as halted,
        (count(*) filter (where status = 'cancelled'))::int as cancelled,
        (count(*) filter (where status = 'failed'))::int as failed,
        (count(*) filter (where status = 'waiting'))::int as waiting
      from knock.runs where notification_id = parent.id
    ) as runs
    cross join lateral (
      select (count(*) filter (where done_at is null))::int as "openChunks"
      from knock.fan_out_chunks where notification_id = parent.id
    ) as chunks`,
  );
  return new Map(found.map(({ id, ...progress }) => [id, progress]));
}

/**
 * The ids that messages of a notification can have. They begin with its time, so a range of the primary
 * key holds them all and no index on the notification is needed.
 */
export const messageIdRange = (notificationId: string): [first: string, last: string] => [
  `${notificationId.slice(0, 13)}-0000-0000-000000000000`,
  `${notificationId.slice(0, 13)}-ffff-ffff-ffffffffffff`,
];

/** How many messages notifications have. */
export async function countMessages(db: Executor, ids: readonly string[]): Promise<Map<string, number>> {
  const ranges = ids.map(messageIdRange);
  const found = await rows<{ id: string; messages: number }>(
    db,
    sql`select parent.id, (
      select count(*)::int from knock.messages as message
      where message.id between parent.first and parent.last and message.notification_id = parent.id
    ) as messages
    from unnest(
      ${sql.param(ids)}::uuid[], ${sql.param(ranges.map(([first]) => first))}::uuid[], ${sql.param(ranges.map(([, last]) => last))}::uuid[]
    ) as parent (id, first, last)`,
  );
  return new Map(found.map(({ id, messages }) => [id, messages]));
}

/** Where a notification stands. */
export function statusOf(
  notification: Pick<NotificationRead, "plannedAt" | "cancelledAt">,
  progress: Progress,
): "accepted" | "processing" | "waiting" | "completed" | "cancelled" {
  if (notification.cancelledAt) return "cancelled";
  if (!notification.plannedAt) return progress.total === 0 ? "accepted" : "processing";
  if (progress.openChunks > 0) return "processing";
  return progress.waiting > 0 ? "waiting" : "completed";
}
