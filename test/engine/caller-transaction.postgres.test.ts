// The caller's own transaction on PostgreSQL, with the job engine that production has: jobs too are
// there only when the caller commits.
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { silentLogger } from "../../src/base/logger.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { type CallerTransaction, createKnock, type Knock } from "../../src/knock.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testPool, testPostgresUrl } from "../support/database.ts";
import { accepted, channelsOf, eventually, moduleOf } from "../support/engine.ts";
import { ask, count, footprint, NOTHING } from "../support/inspect.ts";

const plain = workflow("plain", { data: z.object({}) })
  .inApp("feed", { body: "x" })
  .email("mail", { subject: "s", body: "b" });

let database: Database;
let knock: Knock;
let client: postgres.Sql;
beforeAll(async () => {
  const url = await testPostgresUrl();
  database = await testPool(url, 6);
  client = postgres(url, { max: 3, onnotice: () => {} });
  knock = await createKnock({
    config: { workflows: moduleOf([plain]), channels: {} },
    db: database,
    logger: silentLogger,
    channels: channelsOf(),
  });
  await knock.start();
});
afterAll(async () => {
  await knock.stop();
  await client.end();
});
beforeEach(async () => {
  await emptyTables(database);
  await knock.engine.deploy(knock.engine.context.registry());
});

type Begin = (work: (tx: CallerTransaction) => Promise<void>) => Promise<unknown>;

/** A structural interface over one connection, as node-postgres has it. */
async function byHand(work: (tx: CallerTransaction) => Promise<void>): Promise<void> {
  const connection = await client.reserve();
  try {
    await connection.unsafe("begin");
    await work({ query: async (text, params) => ({ rows: [...(await connection.unsafe(text, params as never[]))] }) });
    await connection.unsafe("commit");
  } catch (error) {
    await connection.unsafe("rollback");
    throw error;
  } finally {
    connection.release();
  }
}

const ways: [string, Begin][] = [
  ["drizzle on postgres.js", (work) => drizzle({ client }).transaction((tx) => work(tx))],
  ["postgres.js itself", (work) => client.begin((tx) => work(tx))],
  ["anything with query()", byHand],
  ["knock's own database", (work) => database.transaction((tx) => work(tx))],
];

const call = { recipients: [{ id: "ada", email: "ada@example.com" }], data: {}, idempotencyKey: "k" };
const jobs = async () =>
  (
    await ask<{ count: number }>(
      database,
      sql`select count(*)::int as count from knock_jobs.job where state < 'completed'`,
    )
  )[0]!.count;

test.each(ways)("%s: rolled back, nothing is left, no job and no used key", async (_name, begin) => {
  await eventually(jobs, (open) => open === 0);
  const failing = begin(async (tx) => {
    accepted(await knock.notify(plain, { ...call, tx }));
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  expect(await footprint(database)).toEqual(NOTHING);
  expect(await jobs()).toBe(0);
  accepted(await knock.notify(plain, call));
});

test.each(ways)("%s: committed, it is delivered", async (_name, begin) => {
  await begin(async (tx) => {
    accepted(await knock.notify(plain, { ...call, tx }));
    expect(await count(database, "notifications")).toBe(0);
  });
  await eventually(
    () => footprint(database),
    ({ runs, messages }) => runs === 1 && messages === 2,
  );
  expect(await footprint(database)).toMatchObject({ notifications: 1, idempotency_keys: 1, users: 1 });
});

test("a key that an open transaction has used makes others wait, and is theirs when it rolls back", async () => {
  const used = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const first = client.begin(async (tx) => {
    accepted(await knock.notify(plain, { ...call, tx }));
    used.resolve();
    await end.promise;
    throw new Error("rolled back");
  });
  await used.promise;
  const second = knock.notify(plain, call);
  const waits = sql`select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await eventually(
    async () => (await ask<{ count: number }>(database, waits))[0]!.count,
    (waiting) => waiting === 1,
  );
  end.resolve();
  await expect(first).rejects.toThrow("rolled back");
  accepted(await second);
});
