import { z } from "zod";
import type { StoredBulkOperation } from "../../../engine/directory/bulk.ts";
import { shape, timestamp } from "./shape.ts";

/** Work on many things. It is done before the call that asks for it answers. */
export const bulkOperationShape = shape(
  "BulkOperation",
  z.strictObject({
    __typename: z.literal("BulkOperation"),
    id: z.uuid(),
    name: z.string(),
    status: z.enum(["queued", "processing", "completed", "failed"]),
    estimated_total_rows: z.int(),
    processed_rows: z.int(),
    success_count: z.int(),
    error_count: z.int(),
    error_items: z.array(z.strictObject({ id: z.string(), message: z.string() })),
    progress_path: z.string(),
    inserted_at: timestamp,
    updated_at: timestamp,
    started_at: timestamp,
    completed_at: timestamp.nullable(),
    failed_at: timestamp.nullable(),
  }),
);

/** Work on many things as clients know it. */
export function presentBulkOperation(operation: StoredBulkOperation): z.output<typeof bulkOperationShape> {
  const { id, name, status, total, succeeded, failed, errors, createdAt, finishedAt } = operation;
  const finished = finishedAt.toISOString();
  return {
    __typename: "BulkOperation",
    id,
    name,
    status,
    estimated_total_rows: total,
    processed_rows: succeeded + failed,
    success_count: succeeded,
    error_count: failed,
    error_items: errors,
    progress_path: `/v1/bulk_operations/${id}`,
    inserted_at: createdAt.toISOString(),
    updated_at: finished,
    started_at: createdAt.toISOString(),
    completed_at: status === "completed" ? finished : null,
    failed_at: status === "failed" ? finished : null,
  };
}
