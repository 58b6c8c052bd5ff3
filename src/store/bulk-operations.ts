import { sql } from "drizzle-orm";
import { isId } from "../base/ids.ts";
import { storableJson } from "../base/stored-json.ts";
import { type Executor, prepared, rows } from "./executor.ts";
import { bulkOperations, type BulkError } from "./schema/bulk-operations.ts";

/** Work on many things, as it was recorded. */
export type StoredBulkOperation = typeof bulkOperations.$inferSelect;

export type { BulkError };

/** Records work on many things. */
export async function insertBulkOperation(db: Executor, operation: StoredBulkOperation): Promise<void> {
  const { id, name, status, total, succeeded, failed, errors, createdAt, finishedAt } = operation;
  await rows(
    db,
    sql`insert into ${bulkOperations} (id, name, status, total, succeeded, failed, errors, created_at, finished_at)
      values (${id}::uuid, ${name}::text, ${status}::text, ${total}::int, ${succeeded}::int, ${failed}::int,
        ${storableJson(errors)}::text::jsonb, ${createdAt.toISOString()}::text::timestamptz, ${finishedAt.toISOString()}::text::timestamptz)`,
  );
}

/** The work with this id; `null` when there is none, or none any more. */
export async function findBulkOperation(db: Executor, id: string): Promise<StoredBulkOperation | null> {
  if (!isId(id)) return null;
  const found = await prepared(
    db
      .select()
      .from(bulkOperations)
      .where(sql`${bulkOperations.id} = ${id}::uuid`),
  );
  return found[0] ?? null;
}
