import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { rows, type Executor } from "./executor.ts";

/**
 * Reads with several statements what the database was like at one moment. The database itself refuses a statement
 * that would write.
 *
 * @example const [users, lists] = await readOnly(database, async (tx) => [await findUsers(tx, ids), await existingLists(tx, names)]);
 */
export const readOnly = <Result>(
  { transaction }: Pick<Database, "transaction">,
  work: (tx: Executor) => Promise<Result>,
): Promise<Result> =>
  transaction(async (tx) => {
    await rows(tx, sql`set transaction isolation level repeatable read, read only`);
    return work(tx);
  });
