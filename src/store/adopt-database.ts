// A database that the caller has open already, for use inside the caller's own process.
import { PGlite } from "@electric-sql/pglite";
import type { Sql } from "postgres";
import { systemClock, type Clock } from "../base/clock.ts";
import { KnockError } from "../base/errors.ts";
import type { Database } from "./database.ts";
import { embeddedDatabase } from "./pglite.ts";
import { openPostgres } from "./postgres.ts";

/** A PGlite of any version, by what it is recognized. */
export interface EmbeddedClient {
  dumpDataDir(...options: never[]): Promise<unknown>;
}

/** A postgres.js of any version, by what it is recognized. */
export interface PostgresClient {
  unsafe(text: string): PromiseLike<unknown>;
  options: object;
}

/** What a caller may have open: PGlite, postgres.js, or drizzle on either. */
export type OpenClient = EmbeddedClient | PostgresClient | { $client: EmbeddedClient | PostgresClient };

const isPglite = (client: unknown): client is PGlite =>
  client instanceof PGlite || (typeof client === "object" && client !== null && "dumpDataDir" in client);

const isPostgres = (client: unknown): client is Sql => typeof client === "function" && "unsafe" in client;

/** The connection string of a postgres.js client, for connections of our own beside the caller's. */
function urlOf({ options }: Sql): string {
  const { host, port, user, pass, database } = options;
  if (typeof pass === "function") {
    throw new KnockError("INVALID_CONFIG", {
      problem: "the password of the given client is a function",
      fix: "Give createKnock the PostgreSQL URL instead of the client.",
    });
  }
  const credentials = `${encodeURIComponent(user)}${pass ? `:${encodeURIComponent(pass)}` : ""}`;
  return `postgres://${credentials}@${host[0]}:${port[0]}/${encodeURIComponent(database)}`;
}

/**
 * The `Database` of a client that the caller has open. PGlite is shared, as there is only one session, and
 * stays open when we are done; beside postgres.js we open connections of our own.
 *
 * Errors: `INVALID_CONFIG` when it is neither.
 */
export async function adoptDatabase(given: OpenClient, clock: Clock = systemClock): Promise<Database> {
  const client = "$client" in given ? given.$client : given;
  if (isPglite(client)) return { ...embeddedDatabase(client, "the given PGlite", null), close: async () => {} };
  if (isPostgres(client)) return openPostgres({ url: urlOf(client) }, clock);
  throw new KnockError("INVALID_CONFIG", {
    problem: "`db` is not a database that knock knows",
    fix: "Give a PostgreSQL URL, a PGlite, a postgres.js client, or drizzle on one of them.",
  });
}
