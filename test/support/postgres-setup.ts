import type { TestProject } from "vitest/node";
import { migrate } from "../../src/store/migrate.ts";
import { openDatabase } from "../../src/store/database.ts";
import { type PostgresServer, databaseName, runOn, startPostgres } from "./postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    driver: "pglite" | "postgres";
    postgres: { url: string; template: string };
  }
}

interface Shared {
  users: number;
  server: Promise<{ server: PostgresServer; template: string }>;
}

// Two projects of one run use one server. Vitest loads this file once for each, so the module is no place for it.
const place = globalThis as typeof globalThis & { knockTestPostgres?: Shared | undefined };

async function start(): Promise<{ server: PostgresServer; template: string }> {
  const server = await startPostgres();
  console.log(server.description);
  const url = await server.create();
  const database = await openDatabase({ url });
  await migrate(database);
  await database.close();
  // A template that nobody can connect to is never "being accessed by other users", not even by autovacuum.
  const template = databaseName(url);
  await runOn(server.url, `alter database "${template}" with allow_connections false`);
  return { server, template };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (place.knockTestPostgres ??= { users: 0, server: start() });
  shared.users++;
  const { server, template } = await shared.server;
  project.provide("postgres", { url: server.url, template });
  return async () => {
    if (--shared.users > 0) return;
    place.knockTestPostgres = undefined;
    await server.drop(new URL(`/${template}`, server.url).href);
    await server.stop();
  };
}
