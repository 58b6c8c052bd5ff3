import { type SQL, sql } from "drizzle-orm";
import { fromDrizzle, type Db } from "pg-boss";
import { rows, type Executor } from "./executor.ts";

/**
 * The `db` option of pg-boss for jobs that belong to a transaction of ours or of a caller. Its statements are
 * long: prepared, the server reads them once per connection.
 */
export const jobExecutor = (tx: Executor): Pick<Db, "executeSql"> =>
  fromDrizzle({ execute: (query: unknown) => rows(tx, query as SQL) }, sql);
