import { drizzle } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import { Connection, connectionClosed, type Settings, type Statement } from "./connection.ts";
import type { Executor } from "./executor.ts";

type Work<Result> = (tx: Executor) => Promise<Result>;
type Send = (text: string, parameters: unknown[], prepare: boolean) => Statement;

/** Connections that are lent one user at a time. */
export interface ConnectionPool {
  /** For single statements, each on the next free connection. */
  executor: Executor;
  transaction<Result>(work: Work<Result>): Promise<Result>;
  /** Lends one session: its statements and transactions run on one and the same connection. */
  session<Result>(
    work: (session: { db: Executor; transaction: ConnectionPool["transaction"] }) => Promise<Result>,
  ): Promise<Result>;
  /** Lends a connection that is not known to be lost. */
  lend<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** What is still running when the pool is closed gets so long to end. */
const CLOSE_TIMEOUT_SECONDS = 2;

/** drizzle over anything that sends statements; it needs no more of a client than these two members. */
function executorOver(
  unsafe: (text: string, parameters: unknown[], options?: { prepare?: boolean }) => unknown,
): Executor {
  return drizzle({ client: { options: { parsers: {}, serializers: {} }, unsafe } as unknown as postgres.Sql });
}

/** The statements of one transaction or session: none once its connection is lost or it is over; the first failure is kept. */
class Guard {
  readonly executor: Executor;
  #over = false;
  #failure: { error: unknown } | null = null;

  constructor(connection: Connection, what: string) {
    const send: Send = (text, parameters, prepare) => {
      if (this.#over) throw Object.assign(new Error(`the ${what} is over`), { code: "25P01" });
      if (connection.lost) throw connectionClosed();
      const statement = connection.send(text, parameters, prepare);
      statement.catch((error: unknown) => (this.#failure ??= { error }));
      return statement;
    };
    this.executor = executorOver((text, parameters, options) => send(text, parameters, options?.prepare ?? false));
  }

  end(): void {
    this.#over = true;
  }

  /** Throws what a statement has failed with, even if it was caught: the server has given up the transaction. */
  rethrow(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

async function runTransaction<Result>(connection: Connection, work: Work<Result>): Promise<Result> {
  await connection.begin("begin");
  const guard = new Guard(connection, "transaction");
  try {
    const result = await work(guard.executor);
    // The server would answer COMMIT of a failed transaction with ROLLBACK, and no error.
    guard.rethrow();
    if (connection.lost) throw connectionClosed();
    guard.end();
    await connection.send("commit");
    return result;
  } catch (error) {
    guard.end();
    if (!connection.lost) await connection.send("rollback").catch(() => {});
    throw error;
  }
}

async function runSession<Result>(
  connection: Connection,
  work: Parameters<ConnectionPool["session"]>[0],
): Promise<Result> {
  await connection.begin("select 1");
  const guard = new Guard(connection, "session");
  try {
    return (await work({ db: guard.executor, transaction: (inner) => runTransaction(connection, inner) })) as Result;
  } finally {
    guard.end();
  }
}

/** Single statements: sent when drizzle asks for their rows, as objects or as arrays. */
function statements(lend: ConnectionPool["lend"]): Executor {
  return executorOver((text, parameters, options) => {
    const run = (form: (statement: Statement) => PromiseLike<unknown>) =>
      lend(async (connection) => form(connection.send(text, parameters, options?.prepare)));
    const objects = () => run((statement) => statement);
    return {
      // oxlint-disable-next-line unicorn/no-thenable -- what the driver gives drizzle is a thenable as well
      then: (...handlers: Parameters<Promise<unknown>["then"]>) => objects().then(...handlers),
      values: () => run((statement) => statement.values()),
    };
  });
}

/** Opens connections as they are needed, at most `most`; who comes later waits for one, in order. */
export function connectionPool(url: string, settings: Settings, most: number): ConnectionPool {
  const all: Connection[] = [];
  const idle: Connection[] = [];
  const waiting: ((connection: Connection) => void)[] = [];

  const lend: ConnectionPool["lend"] = async (work) => {
    let connection = idle.pop();
    if (!connection && all.length < most) all.push((connection = new Connection(url, settings)));
    connection ??= await new Promise<Connection>((resolve) => waiting.push(resolve));
    try {
      connection.renew();
      return await work(connection);
    } finally {
      const next = waiting.shift();
      if (next) next(connection);
      else idle.push(connection);
    }
  };

  return {
    lend,
    executor: statements(lend),
    transaction: (work) => lend((connection) => runTransaction(connection, work)),
    session: (work) => lend((connection) => runSession(connection, work)),
    close: async () => {
      // A client that has lost its connection may believe for ever that its last statement is still running.
      await Promise.all(all.map((connection) => connection.end(idle.includes(connection) ? 0 : CLOSE_TIMEOUT_SECONDS)));
    },
  };
}
