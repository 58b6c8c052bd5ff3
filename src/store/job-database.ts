import type { PGlite } from "@electric-sql/pglite";
import type { Connection, Settings } from "./connection.ts";
import { connectionPool } from "./connection-pool.ts";

/** What pg-boss is constructed with: `new PgBoss({ db, … })`. */
export interface JobDatabase {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  listen?(
    channel: string,
    onPayload: (payload: string) => void,
    onSubscribed: () => void,
  ): Promise<{ close(): Promise<void> }>;
}

/** Blocks that open a transaction themselves. */
const OPENS_TRANSACTION = /^\s*begin\b/i;

/** JSON as node-postgres treats it, which pg-boss is written for: text is JSON already. */
const json = {
  to: 114,
  from: [114, 3802],
  serialize: (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value)),
  parse: (text: string): unknown => JSON.parse(text),
};

function parameter(value: unknown): unknown {
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return value !== null && typeof value === "object" && !Array.isArray(value) ? JSON.stringify(value) : value;
}

/** Several statements give an array of results, one gives its rows: both become one flat list. */
function flatten(result: unknown): { rows: Record<string, unknown>[] } {
  return { rows: (result as Record<string, unknown>[]).flat() };
}

async function runBlock(connection: Connection, text: string) {
  try {
    return flatten(await connection.send(text));
  } catch (error) {
    // Without it the next user of this connection would find an aborted transaction.
    if (!connection.lost) await connection.send("rollback").catch(() => {});
    throw error;
  }
}

/**
 * pg-boss on connections of its own, whose types are those that it is written for. Statements are prepared,
 * which makes single sends almost twice as fast.
 */
export function postgresJobDatabase(
  url: string,
  { connections, ...settings }: Settings & { connections: number },
  listen: NonNullable<JobDatabase["listen"]>,
): JobDatabase & { close(): Promise<void> } {
  const pool = connectionPool(url, { ...settings, types: { json } }, connections);
  return {
    executeSql: (text, values) =>
      pool.lend(async (connection) => {
        if (!values?.length) return runBlock(connection, text);
        return { rows: [...(await connection.send(text, values.map(parameter), true))] };
      }),
    listen,
    close: pool.close,
  };
}

/** pg-boss on the embedded database, through pg-boss's own adapter. */
export async function pgliteJobDatabase(pglite: PGlite): Promise<JobDatabase> {
  const { fromPglite } = await import("pg-boss");
  return fromPglite({
    query: (text, values) => pglite.query(text, values),
    // A block that fails would leave the one session in an aborted transaction until the adapter's own
    // rollback comes; another statement could slip in between and fail for nothing. Inside `transaction`
    // the session is ours until PGlite has rolled back. The block's own COMMIT ends the transaction.
    exec: (text) => (OPENS_TRANSACTION.test(text) ? pglite.transaction((tx) => tx.exec(text)) : pglite.exec(text)),
    listen: (channel, onPayload) => pglite.listen(channel, onPayload),
  });
}
