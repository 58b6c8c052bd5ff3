import type { PGlite } from "@electric-sql/pglite";
import type { Db } from "pg-boss";
import postgres from "postgres";

/** What pg-boss is constructed with: `new PgBoss({ db, … })`. */
export type JobDatabase = Pick<Db, "executeSql" | "listen">;

type Settings = postgres.Options<Record<string, postgres.PostgresType>>;

const CLOSE_TIMEOUT_SECONDS = 2;

/** Blocks that open a transaction themselves; postgres.js refuses them on a pool. */
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

/**
 * pg-boss on a postgres.js client of its own, so that neither disturbs the other's handling of types.
 * Statements are prepared, which makes single sends almost twice as fast.
 */
export function postgresJobDatabase(
  url: string,
  settings: Settings,
  listen: NonNullable<JobDatabase["listen"]>,
): JobDatabase & { close(): Promise<void> } {
  const client = postgres(url, { ...settings, types: { json } });
  // Blocks run one after the other, on a connection that nothing else uses: on a shared one, or on one lent
  // by `reserve`, a failed block or a lost connection would hurt whoever comes next.
  const blocks = postgres(url, { ...settings, max: 1, types: { json } });
  let last: Promise<unknown> = Promise.resolve();

  async function runBlock(text: string) {
    try {
      return flatten(await blocks.unsafe(text));
    } catch (error) {
      await blocks.unsafe("rollback").catch(() => {});
      throw error;
    }
  }
  const block = (text: string) => {
    const running = last.then(() => runBlock(text));
    last = running.catch(() => {});
    return running;
  };

  return {
    async executeSql(text, values) {
      if (!values?.length) return OPENS_TRANSACTION.test(text) ? block(text) : flatten(await client.unsafe(text));
      const parameters = values.map(parameter) as postgres.ParameterOrJSON<never>[];
      return { rows: [...(await client.unsafe(text, parameters, { prepare: true }))] };
    },
    listen,
    close: async () =>
      void (await Promise.all([client, blocks].map((each) => each.end({ timeout: CLOSE_TIMEOUT_SECONDS })))),
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
