// Which messages, as conditions of SQL.
import { type SQL, sql } from "drizzle-orm";
import type { JsonObject } from "../../base/canonical-json.ts";
import { type Executor, rows } from "../executor.ts";
import { messageIdRange, where } from "./notifications.ts";

const operators = { gt: sql`>`, gte: sql`>=`, lt: sql`<`, lte: sql`<=` } as const;

/** Which messages. Absent members ask for any; `null` is the same. */
export interface MessageSelection {
  ids?: readonly string[] | null | undefined;
  recipientIds?: readonly string[] | null | undefined;
  notificationId?: string | null | undefined;
  runId?: string | null | undefined;
  /** Keys of workflows: messages of any of them. */
  workflows?: readonly string[] | null | undefined;
  /** Key of the channel. */
  channel?: string | null | undefined;
  /** Messages that belong to any of these. */
  tenantIds?: readonly string[] | null | undefined;
  /** With `tenantIds`: those that belong to none as well, as feeds show them. Default: no. */
  withoutTenant?: boolean | undefined;
  hasTenant?: boolean | null | undefined;
  /** Any of these. `delivery_attempted` is what waits for its next try. */
  statuses?: readonly string[] | null | undefined;
  /** All of these. */
  engagement?: readonly EngagementCondition[] | null | undefined;
  archived?: "exclude" | "include" | "only" | null | undefined;
  /** Members that the notification's data must have. */
  data?: JsonObject | null | undefined;
  createdAt?: { [Bound in keyof typeof operators]?: Date | undefined } | null | undefined;
}

const engagementConditions = {
  seen: sql`seen_at is not null`,
  unseen: sql`seen_at is null`,
  read: sql`read_at is not null`,
  unread: sql`read_at is null`,
  archived: sql`archived_at is not null`,
  unarchived: sql`archived_at is null`,
  link_clicked: sql`clicked_at is not null`,
  interacted: sql`interacted_at is not null`,
} as const;

/** What people did with messages, or did not. */
export type EngagementCondition = keyof typeof engagementConditions;

function created(range: NonNullable<MessageSelection["createdAt"]>): SQL[] {
  return Object.entries(operators).flatMap(([name, operator]) => {
    const bound = range[name as keyof typeof range];
    return bound ? [sql`created_at ${operator} ${bound.toISOString()}::text::timestamptz`] : [];
  });
}

const anyOf = (column: SQL, texts: readonly string[]) => sql`${column} = any(${sql.param(texts)}::text[])`;

function ofTenants({ tenantIds, withoutTenant = false, hasTenant }: MessageSelection): SQL[] {
  return [
    ...(tenantIds ? [sql`(${anyOf(sql`tenant_id`, tenantIds)} or (${withoutTenant} and tenant_id is null))`] : []),
    ...(hasTenant == null ? [] : [hasTenant ? sql`tenant_id is not null` : sql`tenant_id is null`]),
  ];
}

function ofState({ statuses, engagement, archived }: MessageSelection): SQL[] {
  const told = sql`case when status = 'queued' and attempts > 0 then 'delivery_attempted' else status end`;
  return [
    ...(statuses ? [anyOf(told, statuses)] : []),
    ...(engagement ?? []).map((condition) => engagementConditions[condition]),
    ...(archived === "exclude" ? [engagementConditions.unarchived] : []),
    ...(archived === "only" ? [engagementConditions.archived] : []),
  ];
}

/** Ids of messages begin with the time of their notification, as those of their runs do: a range of them is looked at. */
function ofParent(column: SQL, id: string): SQL {
  const [first, last] = messageIdRange(id);
  return sql`id between ${first}::uuid and ${last}::uuid and ${column} = ${id}::uuid`;
}

/** The conditions on `knock.messages` that a selection makes. Ids have to be ids. */
export function selectingMessages(selection: MessageSelection): SQL[] {
  const { ids, recipientIds, notificationId, runId, workflows, channel, data, createdAt } = selection;
  return [
    ...(ids ? [sql`id = any(${sql.param(ids)}::uuid[])`] : []),
    ...(recipientIds ? [anyOf(sql`recipient_id`, recipientIds)] : []),
    ...(notificationId ? [ofParent(sql`notification_id`, notificationId)] : []),
    ...(runId ? [ofParent(sql`run_id`, runId)] : []),
    ...(workflows ? [anyOf(sql`workflow`, workflows)] : []),
    ...(channel ? [sql`channel = ${channel}`] : []),
    ...ofTenants(selection),
    ...ofState(selection),
    ...(createdAt ? created(createdAt) : []),
    ...(data
      ? [
          sql`exists (select from knock.notifications as notification
            where notification.id = notification_id and notification.data @> ${JSON.stringify(data)}::text::jsonb)`,
        ]
      : []),
  ];
}

/** The next messages of a selection, newest first: at most `limit`, beyond the one that was looked at last. */
export async function nextMessageIds(
  db: Executor,
  selection: MessageSelection,
  { after, limit }: { after: string | null; limit: number },
): Promise<string[]> {
  const beyond = after === null ? undefined : sql`id < ${after}::uuid`;
  const found = await rows<{ id: string }>(
    db,
    sql`select id from knock.messages ${where([...selectingMessages(selection), beyond])}
    order by id desc limit ${limit}::int`,
  );
  return found.map(({ id }) => id);
}
