// Transactions over postgres.js, on connections of their own.
//
// The driver's own `begin` and `reserve` do not survive a server that goes away: they send the ROLLBACK to a
// socket that is gone, which ends the whole process, and until the caller notices, its statements run on
// whatever connection comes next, outside any transaction. Here each connection is a client with room for
// one, which tells when it is lost; from then on the transaction refuses every statement.

import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import type { Executor } from "./executor.ts";
import { databaseUnreachable } from "./unreachable.ts";

type Settings = postgres.Options<Record<string, postgres.PostgresType>>;
type Work<Result> = (tx: Executor) => Promise<Result>;

/** One connection, and whether the transaction on it has lost it. */
interface Connection {
  client: postgres.Sql;
  lost: boolean;
}

export interface TransactionPool {
  transaction<Result>(work: Work<Result>): Promise<Result>;
  /** Lends one session outside a transaction, and transactions on that same session. */
  session<Result>(
    work: (session: { db: Executor; transaction: TransactionPool["transaction"] }) => Promise<Result>,
  ): Promise<Result>;
  close(): Promise<void>;
}

/** What is still running when the pool is closed gets so long to end. */
const CLOSE_TIMEOUT_SECONDS = 2;

function connect(url: string, settings: Settings): Connection {
  const connection: Connection = {
    lost: false,
    client: postgres(url, {
      ...settings,
      max: 1,
      // Either would end the connection between two statements of a transaction.
      max_lifetime: null,
      idle_timeout: 0,
      onclose: () => (connection.lost = true),
    }),
  };
  return connection;
}

/** Refuses statements once the connection is lost or the transaction over, and keeps the first failure. */
class Guard {
  #over: string | null = null;
  #failure: { error: unknown } | null = null;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get failure(): { error: unknown } | null {
    return this.#failure;
  }

  end(): void {
    this.#over = "the transaction is over";
  }

  /** drizzle on the guarded connection; it needs no more of a client than these two members. */
  executor(): Executor {
    const { client } = this.#connection;
    const unsafe: postgres.Sql["unsafe"] = (text, parameters, options) => {
      const refusal = this.#over ?? (this.#connection.lost ? "the connection was closed" : null);
      if (refusal) throw Object.assign(new Error(refusal), { code: this.#over ? "25P01" : "CONNECTION_CLOSED" });
      const statement = client.unsafe(text, parameters, options);
      statement.catch((error: unknown) => (this.#failure ??= { error }));
      return statement as never;
    };
    return drizzle({ client: { options: client.options, unsafe } as unknown as postgres.Sql });
  }
}

/** Starts afresh. A connection that was ended while it was idle says so only when it is used: then once more. */
async function begin(connection: Connection, statement: string): Promise<void> {
  try {
    await connection.client.unsafe(statement);
  } catch (error) {
    if (databaseUnreachable(error) === null) throw error;
    await connection.client.unsafe(statement);
  }
  connection.lost = false;
}

async function run<Result>(connection: Connection, work: Work<Result>): Promise<Result> {
  const { client } = connection;
  await begin(connection, "begin");
  const guard = new Guard(connection);
  try {
    const result = await work(guard.executor());
    // The server answers COMMIT of an aborted transaction with ROLLBACK, and no error.
    if (guard.failure) throw guard.failure.error;
    guard.end();
    if (connection.lost) throw Object.assign(new Error("the connection was closed"), { code: "CONNECTION_CLOSED" });
    await client.unsafe("commit");
    return result;
  } catch (error) {
    guard.end();
    if (!connection.lost) await client.unsafe("rollback").catch(() => {});
    throw error;
  }
}

/** Opens connections as they are needed, at most `most`; who comes later waits for one, in order. */
export function transactionPool(url: string, settings: Settings, most: number): TransactionPool {
  const all: Connection[] = [];
  const idle: Connection[] = [];
  const waiting: ((connection: Connection) => void)[] = [];

  async function lend<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    let connection = idle.pop();
    if (!connection && all.length < most) all.push((connection = connect(url, settings)));
    connection ??= await new Promise<Connection>((resolve) => waiting.push(resolve));
    try {
      return await work(connection);
    } finally {
      const next = waiting.shift();
      if (next) next(connection);
      else idle.push(connection);
    }
  }

  return {
    transaction: (work) => lend((connection) => run(connection, work)),
    session: (work) =>
      lend(async (connection) => {
        await begin(connection, "select 1");
        const guard = new Guard(connection);
        try {
          return await work({ db: guard.executor(), transaction: (inner) => run(connection, inner) });
        } finally {
          guard.end();
        }
      }),
    close: async () => {
      // A client that has lost its connection believes for ever that its last statement is still running.
      const timeout = (connection: Connection) => (idle.includes(connection) ? 0 : CLOSE_TIMEOUT_SECONDS);
      await Promise.all(all.map((connection) => connection.client.end({ timeout: timeout(connection) })));
    },
  };
}
