import { type Clock, systemClock } from "../base/clock.ts";
import type { Executor } from "./executor.ts";
import type { JobDatabase } from "./job-database.ts";

/** One session of a database, for what belongs to a session, such as advisory locks. */
export type Session = Pick<Database, "db" | "transaction">;

/** An open database: the embedded one or PostgreSQL. */
export interface Database {
  readonly driver: "pglite" | "postgres";
  /** Where it is, for people: a directory, or host, port and database. Holds no password. */
  readonly address: string;
  /** For statements outside a transaction. */
  readonly db: Executor;
  /**
   * Runs `work` in one transaction. A throw rolls it back, and so does a failed statement, caught or not.
   * A lost connection becomes `DATABASE_UNREACHABLE`: nothing is stored then, unless it was lost during the
   * commit itself, whose outcome nobody can know.
   */
  transaction<Result>(work: (tx: Executor) => Promise<Result>): Promise<Result>;
  /** Lends one session: its statements and its transactions run on one and the same connection. */
  session<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;
  /**
   * Calls `onPayload` for each notice on the channel, until the answer is called. A lost connection is
   * replaced; `onSubscribed` tells when, as notices sent meanwhile are lost.
   */
  listen(
    channel: string,
    onPayload: (payload: string) => void,
    onSubscribed?: () => void,
  ): Promise<() => Promise<void>>;
  /** Sends a notice to every listener of the channel, in every process. At most 7,999 bytes. */
  notify(channel: string, payload: string): Promise<void>;
  /** The `db` option for pg-boss, on a connection pool of its own. Closed with the database. */
  jobDatabase(): Promise<JobDatabase>;
  /** Tells a second process, which finds the embedded database in use, where this one can be reached. */
  announce(url: string): Promise<void>;
  /** Throws `DATABASE_UNREACHABLE` when no statement gets through. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Which database to open. */
export type DatabaseTarget =
  /** PostgreSQL 15 or newer. At most `connections` (default 10) carry transactions, half as many single statements. */
  | { url: string; connections?: number }
  /** The embedded database, kept in this directory, which is made when absent. */
  | { directory: string }
  /** The embedded database, gone when closed. */
  | { memory: true };

export interface OpenOptions {
  /** Rules reconnecting; default the machine's clock. */
  clock?: Clock;
  /** A prepared data directory (a tar) to begin a new embedded database with: see `preparedDirectory`. */
  loadFrom?: Blob;
}

/**
 * Opens a database and makes sure that it answers. Tables are not touched: see `migrate`.
 *
 * Errors: `DATABASE_LOCKED` when another process has the embedded database open, `DIRECTORY_UNUSABLE` when it
 * cannot be kept there, `DATABASE_UNREACHABLE`, `INVALID_CONFIG` when the url is none.
 *
 * @example
 * const database = await openDatabase({ directory: ".knock" });
 */
export async function openDatabase(target: DatabaseTarget, options: OpenOptions = {}): Promise<Database> {
  const clock = options.clock ?? systemClock;
  // Each driver is loaded only when it is used: PGlite alone costs a tenth of a second.
  if ("url" in target) {
    const { openPostgres } = await import("./postgres.ts");
    return openPostgres(target, clock);
  }
  const { openPglite } = await import("./pglite.ts");
  return openPglite("directory" in target ? target.directory : null, options.loadFrom);
}
