// Which items belong to a feed, as conditions of SQL.
import { type SQL, sql } from "drizzle-orm";
import type { JsonObject } from "../../base/canonical-json.ts";

/** Which items of whose feed. `null` asks for any. */
export interface FeedSelection {
  recipientId: string;
  /** Tenants whose items are reached, beside those that belong to none. */
  tenants: readonly string[] | null;
  /** Items of this tenant and items that belong to none. */
  tenant: string | null;
  /** Whether items belong to a tenant. */
  hasTenant: boolean | null;
  status: "unseen" | "unread" | "seen" | "read" | null;
  archived: "exclude" | "include" | "only";
  workflows: readonly string[] | null;
  /** Members that the notification's data must have. */
  data: JsonObject | null;
  /** Key of an in-app channel. */
  channel: string | null;
}

/** Bounds of when items came: from, after, up to, before. */
export interface ArrivalRange {
  gte?: Date | null | undefined;
  gt?: Date | null | undefined;
  lte?: Date | null | undefined;
  lt?: Date | null | undefined;
}

const operators = { gte: sql`>=`, gt: sql`>`, lte: sql`<=`, lt: sql`<` } as const;

/** Items that came in a time. */
export const inRange = (range: ArrivalRange): SQL[] =>
  Object.entries(operators).flatMap(([name, operator]) => {
    const bound = range[name as keyof ArrivalRange];
    return bound ? [sql`message.delivered_at ${operator} ${bound.toISOString()}::text::timestamptz`] : [];
  });

const statuses = {
  unseen: sql`message.seen_at is null`,
  unread: sql`message.read_at is null`,
  seen: sql`message.seen_at is not null`,
  read: sql`message.read_at is not null`,
} as const;

const shelves = {
  exclude: [sql`message.archived_at is null`],
  include: [],
  only: [sql`message.archived_at is not null`],
} as const;

const anyOf = (texts: readonly string[]) => sql`any(${sql.param(texts)}::text[])`;

function ofTenants({ tenants, tenant, hasTenant }: FeedSelection): SQL[] {
  return [
    ...(tenants === null ? [] : [sql`(message.tenant_id is null or message.tenant_id = ${anyOf(tenants)})`]),
    ...(tenant === null ? [] : [sql`(message.tenant_id is null or message.tenant_id = ${tenant})`]),
    ...(hasTenant === null ? [] : [hasTenant ? sql`message.tenant_id is not null` : sql`message.tenant_id is null`]),
  ];
}

/** The conditions on `knock.messages as message` that a selection makes. */
export function selecting(selection: FeedSelection): SQL[] {
  const { recipientId, status, archived, workflows, data, channel } = selection;
  return [
    sql`message.recipient_id = ${recipientId} and message.arrived_xid is not null`,
    ...ofTenants(selection),
    ...(status === null ? [] : [statuses[status]]),
    ...shelves[archived],
    ...(workflows === null ? [] : [sql`message.workflow = ${anyOf(workflows)}`]),
    ...(channel === null ? [] : [sql`message.channel = ${channel}`]),
    ...(data === null
      ? []
      : [
          sql`exists (select from knock.notifications as notification
            where notification.id = message.notification_id and notification.data @> ${JSON.stringify(data)}::text::jsonb)`,
        ]),
  ];
}

/** Selections as rows of one statement, `given`, each with its number. */
export const givenSelections = (selections: readonly FeedSelection[]): SQL => {
  const numbered = selections.map((selection, number) => ({ ...selection, number, plain: isPlain(selection) }));
  return sql`select * from jsonb_to_recordset(${JSON.stringify(numbered)}::text::jsonb) as given (number int,
    "recipientId" text, tenants text[], tenant text, "hasTenant" boolean, archived text, workflows text[], data jsonb,
    channel text, plain boolean)`;
};

/** Whether a selection asks for nothing but tenants, so that counts that are kept by tenant answer it. */
export const isPlain = ({ archived, workflows, data, channel }: FeedSelection): boolean =>
  archived === "exclude" && workflows === null && data === null && channel === null;

/** Whether the tenant of a row, `null` for none, is one that `given` asks for. */
export const givenTenant = (tenant: SQL): SQL =>
  sql`((given.tenants is null or ${tenant} is null or ${tenant} = any(given.tenants))
    and (given.tenant is null or ${tenant} is null or ${tenant} = given.tenant)
    and (given."hasTenant" is null or given."hasTenant" = (${tenant} is not null)))`;

/** Whether a row of `knock.messages as message` is one that `given` asks for, but for its recipient and status. */
export const givenItem: SQL = sql`${givenTenant(sql`message.tenant_id`)}
  and case given.archived when 'exclude' then message.archived_at is null when 'only' then message.archived_at is not null
    else true end
  and (given.workflows is null or message.workflow = any(given.workflows))
  and (given.channel is null or message.channel = given.channel)
  and case when given.data is null then true else exists (select from knock.notifications as notification
    where notification.id = message.notification_id and notification.data @> given.data) end`;
