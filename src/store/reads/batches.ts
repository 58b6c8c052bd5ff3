// What people and programs read of batches.
import { sql } from "drizzle-orm";
import type { BatchRow } from "../batches.ts";
import { instant, rows, type Executor } from "../executor.ts";
import { type Page, type PageArguments, pageBy } from "../paging.ts";

/** A batch as it is read. */
export type BatchRead = Omit<BatchRow, "limitAt">;

type Raw = Omit<BatchRead, "openedAt" | "closesAt" | "closedAt"> &
  Record<"openedAt" | "closesAt", string> &
  Record<"closedAt", string | null> &
  Record<string, unknown>;

/** Batches by id. */
export async function readBatches(db: Executor, ids: readonly string[]): Promise<Map<string, BatchRead>> {
  const found = await rows<Raw>(
    db,
    sql`select id, workflow, step, recipient_id as "recipientId", key, run_id as "runId", opened_at as "openedAt",
      closes_at as "closesAt", closed_at as "closedAt", count
    from knock.batches where id = any(${sql.param(ids)}::uuid[])`,
  );
  const read = found.map((raw): [string, BatchRead] => {
    const { openedAt, closesAt, closedAt } = raw;
    return [raw.id, { ...raw, openedAt: instant(openedAt), closesAt: instant(closesAt), closedAt: instant(closedAt) }];
  });
  return new Map(read);
}

/** One notification in a batch. */
export interface ActivityRead {
  batchId: string;
  notificationId: string;
  runId: string;
}

/** One page of the activities of each batch, oldest first, in one query. */
export async function pageActivitiesOf(
  db: Executor,
  batches: readonly string[],
  args: PageArguments,
): Promise<Map<string, Page<ActivityRead>>> {
  const keyset = pageBy({ column: sql`notification_id`, key: "id" }, args);
  const found = await rows<ActivityRead & Record<string, unknown>>(
    db,
    sql`select activity.* from unnest(${sql.param(batches)}::uuid[]) as parent (id)
    cross join lateral (
      select batch_id as "batchId", notification_id as "notificationId", run_id as "runId"
      from knock.batch_activities
      where batch_id = parent.id ${keyset.where ? sql`and ${keyset.where}` : sql``}
      order by ${keyset.orderBy} limit ${keyset.limit}::int
    ) as activity`,
  );
  const byBatch = Map.groupBy(found, ({ batchId }) => batchId);
  const keyOf = ({ notificationId }: ActivityRead) => notificationId;
  return new Map(batches.map((id) => [id, keyset.page(byBatch.get(id) ?? [], keyOf)]));
}
