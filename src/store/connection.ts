import postgres from "postgres";
import { stopwatch } from "../base/clock.ts";
import { arrayTypes } from "./array-types.ts";
import { databaseUnreachable } from "./unreachable.ts";

/** Settings of a postgres.js client. */
export type Settings = postgres.Options<Record<string, postgres.PostgresType>>;

/** A statement of the driver: a promise of its rows, or with `values()` of rows as arrays. */
export type Statement = ReturnType<postgres.Sql["unsafe"]>;

/** Milliseconds after an answer in which a connection is taken to be alive. */
const ALIVE = 1_000;

/** A failure for a statement that was not sent, because its connection had been closed before. */
export const connectionClosed = () =>
  Object.assign(new Error("the connection was closed"), { code: "CONNECTION_CLOSED" });

/**
 * One connection of postgres.js, lent to one user at a time.
 *
 * The driver's own pool does not survive a server that goes away: a statement that is sent between the error
 * and the end of a socket is never answered; the ROLLBACK of a lost transaction goes to a socket that is gone,
 * which ends the whole process; and until the caller notices, further statements of that transaction run on
 * whatever connection comes next, outside any transaction. So each connection is a client with room for one,
 * which is thrown away at the first sign of loss.
 */
export class Connection {
  readonly #url: string;
  readonly #settings: Settings;
  #client: postgres.Sql;
  #lost = false;
  /** Milliseconds since it last answered. */
  #sinceAnswer = () => Infinity;

  constructor(url: string, settings: Settings) {
    this.#url = url;
    this.#settings = settings;
    this.#client = this.#connect();
  }

  #connect(): postgres.Sql {
    const client: postgres.Sql = postgres(this.#url, {
      ...this.#settings,
      types: { ...arrayTypes, ...this.#settings.types },
      fetch_types: false,
      max: 1,
      // Either would end the connection between two statements of a transaction.
      max_lifetime: null,
      idle_timeout: 0,
      onclose: () => {
        if (client === this.#client) this.#lost = true;
      },
    });
    return client;
  }

  /** Whether it was lost since it was last renewed. Nothing may be sent then. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Replaces a lost connection; the next statement connects. */
  renew(): void {
    if (!this.#lost) return;
    void this.#client.end({ timeout: 0 }).catch(() => {});
    this.#client = this.#connect();
    this.#lost = false;
    this.#sinceAnswer = () => Infinity;
  }

  /** Sends a statement at once. */
  send(text: string, parameters: unknown[] = [], prepare = false): Statement {
    const statement = this.#client.unsafe(text, parameters as postgres.ParameterOrJSON<never>[], { prepare });
    // Attached first, so the loss is known before anyone who waits for the statement goes on.
    statement.then(
      () => (this.#sinceAnswer = stopwatch()),
      (error: unknown) => {
        if (databaseUnreachable(error) !== null) this.#lost = true;
      },
    );
    return statement;
  }

  /**
   * Sends a first statement that may safely be sent twice: a connection that ended while it was idle says so only
   * then. One that has answered a moment ago is alive, and its answer is not waited for.
   */
  async begin(text: string): Promise<void> {
    this.renew();
    if (this.#sinceAnswer() < ALIVE) {
      this.send(text);
      return;
    }
    try {
      await this.send(text);
    } catch (error) {
      if (!this.#lost) throw error;
      this.renew();
      await this.send(text);
    }
  }

  /** Ends it; a statement that is still running gets so many seconds. */
  end(seconds: number): Promise<void> {
    return this.#client.end({ timeout: seconds });
  }
}
