import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../src/store/database.ts";
import { rows } from "../../src/store/executor.ts";
import type { TraceEntry } from "../../src/store/schema/runs.ts";

/** Rows of any statement. */
export const ask = <Row extends Record<string, unknown>>({ db }: Pick<Database, "db">, query: SQL): Promise<Row[]> =>
  rows<Row>(db, query);

/** How many rows a table of ours has. */
export async function count(database: Pick<Database, "db">, table: string): Promise<number> {
  const [row] = await ask<{ count: number }>(
    database,
    sql`select count(*)::int as count from ${sql.raw(`knock.${table}`)}`,
  );
  return row!.count;
}

export interface SeenRun extends Record<string, unknown> {
  recipient: string;
  status: string;
  step: string | null;
  state: Record<string, unknown>;
  trace: TraceEntry[];
}

/** All runs, by recipient. */
export const runsOf = (database: Pick<Database, "db">): Promise<SeenRun[]> =>
  ask<SeenRun>(
    database,
    sql`select recipient_id as recipient, status, step, state, trace from knock.runs order by recipient_id, created_at, id`,
  );

/** The decisions of one recipient's only run: `ref outcome CODE`. */
export async function decisions(database: Pick<Database, "db">, recipient: string): Promise<string[]> {
  const run = (await runsOf(database)).find((each) => each.recipient === recipient);
  return (run?.trace ?? []).map(({ ref, outcome, code }) => [ref, outcome, code].filter(Boolean).join(" "));
}

export interface SeenMessage extends Record<string, unknown> {
  id: string;
  recipient: string;
  step: string;
  status: string;
  attempts: number;
  reason: string | null;
  content: Record<string, unknown>;
}

/** All messages, by recipient and step. */
export const messagesOf = (database: Pick<Database, "db">): Promise<SeenMessage[]> =>
  ask<SeenMessage>(
    database,
    sql`select id, recipient_id as recipient, step, status, attempts::int as attempts, reason, content
    from knock.messages order by recipient_id, step`,
  );

/** What a call that failed must leave: nothing at all. */
export async function footprint(database: Pick<Database, "db">): Promise<Record<string, number>> {
  const tables = ["notifications", "idempotency_keys", "runs", "messages", "users", "fan_out_chunks"];
  const counts: Record<string, number> = {};
  for (const table of tables) counts[table] = await count(database, table);
  return counts;
}

export const NOTHING = { notifications: 0, idempotency_keys: 0, runs: 0, messages: 0, users: 0, fan_out_chunks: 0 };

/** Every row of every table of ours, as one hash per table: what is refused must leave all of them as they were. */
export async function fingerprints(database: Pick<Database, "db">): Promise<Record<string, string>> {
  const tables = await ask<{ name: string }>(
    database,
    sql`select tablename as name from pg_tables where schemaname = 'knock' order by 1`,
  );
  const hashes: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await ask<{ hash: string }>(
      database,
      sql`select count(*) || ' ' || md5(coalesce(string_agg(row::text, ',' order by row::text), '')) as hash
      from knock.${sql.identifier(name)} as row`,
    );
    hashes[name] = row!.hash;
  }
  return hashes;
}
