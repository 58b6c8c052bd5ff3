import { sql } from "drizzle-orm";
import { fromDrizzle, type Db } from "pg-boss";
import type { Executor } from "./executor.ts";

/** The `db` option of pg-boss for jobs that belong to a transaction of ours or of a caller. */
export const jobExecutor = (tx: Executor): Pick<Db, "executeSql"> =>
  fromDrizzle(tx as unknown as Parameters<typeof fromDrizzle>[0], sql);
