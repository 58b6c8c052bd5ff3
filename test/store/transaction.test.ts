import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import { drizzle as drizzlePostgres } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { afterAll, describe, expect, test } from "vitest";
import { newId } from "../../src/base/ids.ts";
import { rows } from "../../src/store/executor.ts";
import { claimKeys, findKeys } from "../../src/store/idempotency.ts";
import { addListMembers, findList, pageMembers, upsertList } from "../../src/store/lists.ts";
import { preparedDirectory } from "../../src/store/prepared-directory.ts";
import { wrapTransaction } from "../../src/store/transaction.ts";
import { findUsers, upsertUsers } from "../../src/store/users.ts";
import { driver, testPostgresUrl } from "../support/database.ts";

interface NodePostgresClient {
  connect(): Promise<void>;
  end(): Promise<void>;
  query(text: string, params?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** Runs `work` in a caller's own transaction, made in one of the ways that callers have. */
type Caller = <Result>(work: (tx: unknown) => Promise<Result>) => Promise<Result>;

const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

async function postgresCallers(): Promise<Record<string, Caller>> {
  const url = await testPostgresUrl();
  const plain = postgres(url, { onnotice: () => {} });
  const client = postgres(url, { onnotice: () => {} });
  const db = drizzlePostgres({ client });
  // The package comes with pg-boss; it has no types here.
  const { default: pg } = (await import("pg" as string)) as {
    default: { Client: new (options: object) => NodePostgresClient };
  };
  const nodePostgres = new pg.Client({ connectionString: url });
  await nodePostgres.connect();
  closers.push(
    () => plain.end(),
    () => client.end(),
    () => nodePostgres.end(),
  );
  return {
    "drizzle on postgres.js": (work) => db.transaction(work),
    "postgres.js": (work) => plain.begin((tx) => work(tx)) as Promise<never>,
    async "node-postgres"(work) {
      await nodePostgres.query("begin");
      try {
        const result = await work(nodePostgres);
        await nodePostgres.query("commit");
        return result;
      } catch (error) {
        await nodePostgres.query("rollback");
        throw error;
      }
    },
  };
}

async function pgliteCallers(): Promise<Record<string, Caller>> {
  const pglite = await PGlite.create({ loadDataDir: await preparedDirectory() });
  const db = drizzlePglite({ client: pglite });
  closers.push(() => pglite.close());
  return {
    "drizzle on PGlite": (work) => db.transaction(work),
    PGlite: (work) => pglite.transaction(work),
    // Earlier versions of drizzle have other classes, and the client in the same place.
    "another drizzle": (work) => pglite.transaction((client) => work({ session: { client }, query: {} })),
  };
}

const now = new Date("2026-01-05T09:00:00.123Z");
const properties = { text: 'quote " and \\', list: [1, null, "ü"], deep: { a: true } };

describe.each(Object.entries(driver === "postgres" ? await postgresCallers() : await pgliteCallers()))(
  "%s",
  (_name, caller) => {
    test("store functions work on it as on our own", async () => {
      const id = newId(now);
      await caller(async (tx) => {
        const db = wrapTransaction(tx);
        await upsertUsers(db, [{ id, email: null, properties }], now);
        await upsertList(db, { name: `l.${id}`, properties }, now);
        await addListMembers(db, { list: `l.${id}`, members: [{ userId: id, properties }] }, now);
        await claimKeys(db, [{ key: id, notificationId: id, inputHash: "h" }], now);
      });
      await caller(async (tx) => {
        const db = wrapTransaction(tx);
        expect((await findUsers(db, [id])).get(id)).toMatchObject({ email: null, properties, createdAt: now });
        expect(await findList(db, `l.${id}`)).toEqual({ name: `l.${id}`, properties, createdAt: now, updatedAt: now });
        expect((await pageMembers(db, `l.${id}`, {})).nodes).toEqual([
          { list: `l.${id}`, userId: id, properties, createdAt: now },
        ]);
        expect((await findKeys(db, [id])).get(id)).toEqual({
          key: id,
          notificationId: id,
          inputHash: "h",
          requestId: null,
          createdAt: now,
        });
      });
    });

    test("what is done in it vanishes with it", async () => {
      const id = newId(now);
      const failing = caller(async (tx) => {
        await upsertUsers(wrapTransaction(tx), [{ id }], now);
        throw new Error("rolled back");
      });
      await expect(failing).rejects.toThrow("rolled back");
      await caller(async (tx) => expect((await findUsers(wrapTransaction(tx), [id])).size).toBe(0));
    });

    test("errors keep their SQLSTATE", async () => {
      const failing = caller((tx) => rows(wrapTransaction(tx), sql`select ${"x"}::text::int`));
      await expect(failing).rejects.toMatchObject({ cause: { code: "22P02" } });
    });
  },
);

test.each([null, undefined, 1, "tx", {}, { query: "no function" }, () => {}, { session: {} }])(
  "%s is no transaction",
  (tx) => {
    expect(() => wrapTransaction(tx)).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  },
);
