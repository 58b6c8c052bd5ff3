// Work on many things at once, with a record that the caller may ask for later.
import { newId } from "../../base/ids.ts";
import { type BulkError, insertBulkOperation, type StoredBulkOperation } from "../../store/bulk-operations.ts";
import type { Executor } from "../../store/executor.ts";
import { type Directory, inOneTransaction } from "./directory.ts";

export type { StoredBulkOperation };

/** What became of the things of one call. */
export interface BulkResult {
  succeeded: number;
  /** Those that could not be done; the others were. Default: none. */
  errors?: BulkError[];
}

/** Errors that a record spells out. */
const ERRORS_IN_FULL = 100;

/**
 * Does work on many things in one transaction and records it in the same. The work does what it can and says which
 * things it could not do; it has failed when there were none that it could. What it throws undoes everything, the record
 * too.
 *
 * @example await inBulk(directory, { name: "users.identify", total: users.length }, async (db) => ({ succeeded: await … }))
 */
export function inBulk(
  directory: Directory,
  { name, total }: { name: string; total: number },
  work: (db: Executor) => Promise<BulkResult>,
): Promise<StoredBulkOperation> {
  const createdAt = directory.clock.now();
  return inOneTransaction(directory, {}, async (db) => {
    const { succeeded, errors = [] } = await work(db);
    const operation: StoredBulkOperation = {
      id: newId(createdAt),
      name,
      status: errors.length > 0 && succeeded === 0 ? "failed" : "completed",
      total,
      succeeded,
      failed: errors.length,
      errors: errors.slice(0, ERRORS_IN_FULL),
      createdAt,
      finishedAt: directory.clock.now(),
    };
    await insertBulkOperation(db, operation);
    return operation;
  });
}
