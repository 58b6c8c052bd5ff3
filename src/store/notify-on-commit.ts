import { sql } from "drizzle-orm";
import { rows, type Executor } from "./executor.ts";

/** Sends notices that go out if and when the transaction commits. */
export async function notifyOnCommit(tx: Executor, channel: string, payloads: readonly string[]): Promise<void> {
  await rows(tx, sql`select pg_notify(${channel}, payload) from unnest(${sql.param(payloads)}::text[]) as payload`);
}
