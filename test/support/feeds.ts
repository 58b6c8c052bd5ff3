// Feeds without an engine: items as rows, and what a plain count says.
import { sql } from "drizzle-orm";
import type { JsonObject } from "../../src/base/canonical-json.ts";
import { newId } from "../../src/base/ids.ts";
import { type Executor, rows } from "../../src/store/executor.ts";
import type { FeedSelection } from "../../src/store/reads/feed-filter.ts";
import type { FeedCounts } from "../../src/store/reads/feed.ts";
import { START } from "./engine.ts";

/** An item to come. */
export interface NewItem {
  id?: string;
  recipientId?: string;
  tenantId?: string | null;
  workflow?: string;
  channel?: string;
  data?: JsonObject;
  at?: Date;
  seenAt?: Date | null;
  readAt?: Date | null;
  archivedAt?: Date | null;
}

/** Lets items come into feeds, each of a notification of its own. Answers their ids. */
export async function arrive(db: Executor, items: readonly NewItem[]): Promise<string[]> {
  const full = items.map((item) => {
    const { at = START, id = newId(at), workflow = "w", recipientId = "ada", channel = "feed", data = {} } = item;
    const message = { id, notificationId: newId(at), runId: newId(at), workflow, recipientId, channel, data, at };
    const { tenantId = null, seenAt = null, readAt = null, archivedAt = null } = item;
    return { ...message, tenantId, seenAt, readAt, archivedAt };
  });
  await rows(
    db,
    sql`with given as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(full)}::text::jsonb) as given (id uuid, "notificationId" uuid, "runId" uuid,
        workflow text, "recipientId" text, "tenantId" text, channel text, data jsonb, at timestamptz, "seenAt" timestamptz,
        "readAt" timestamptz, "archivedAt" timestamptz)
    ),
    notified as (
      insert into knock.notifications (id, workflow, version_id, data, recipients, lists, created_at)
      select "notificationId", workflow, "notificationId", data, '{}', '{}', at from given
    )
    insert into knock.messages (id, run_id, notification_id, workflow, step, recipient_id, tenant_id, channel, channel_type, content,
      status, created_at, delivered_at, seen_at, read_at, archived_at, arrived_xid)
    select id, "runId", "notificationId", workflow, 'step', "recipientId", "tenantId", channel, 'inApp', '{"body": "Hi"}', 'delivered',
      at, at, "seenAt", "readAt", "archivedAt", pg_current_xact_id() from given`,
  );
  return full.map(({ id }) => id);
}

/** A selection that asks for everything that is not archived. */
export const selection = (given: Partial<FeedSelection> = {}): FeedSelection => ({
  recipientId: "ada",
  tenants: null,
  tenant: null,
  hasTenant: null,
  status: null,
  archived: "exclude",
  workflows: null,
  data: null,
  channel: null,
  ...given,
});

/** The counts of a feed, or of some tenants in it, counted one by one. */
export async function plainCounts(
  db: Executor,
  recipientId = "ada",
  tenants: readonly string[] | null = null,
): Promise<FeedCounts> {
  const [counts] = await rows<FeedCounts>(
    db,
    sql`select count(*)::int as "totalCount", (count(*) filter (where read_at is null))::int as "unreadCount",
      (count(*) filter (where seen_at is null))::int as "unseenCount"
    from knock.messages where recipient_id = ${recipientId} and arrived_xid is not null and archived_at is null
      and (${tenants === null} or tenant_id is null or tenant_id = any(${sql.param(tenants ?? [])}::text[]))`,
  );
  return counts!;
}
