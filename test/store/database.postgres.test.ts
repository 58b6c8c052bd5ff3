import { sql } from "drizzle-orm";
import { expect, test, vi } from "vitest";
import type { KnockError } from "../../src/base/errors.ts";
import { openDatabase } from "../../src/store/database.ts";
import { rows } from "../../src/store/executor.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { databaseName, runOn } from "../support/postgres.ts";

/** Ends every session of a database but the one that asks, as a restart of the server would. */
const endSessions = (url: string) =>
  runOn(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${databaseName(url)}' and pid <> pg_backend_pid()`,
  );

test("a server that is not there is named by host and port, never with the password", async () => {
  const opening = openDatabase({ url: "postgres://ada:hunter2@127.0.0.1:1/knock" });
  await expect(opening).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE", details: { address: "127.0.0.1:1" } });
  const error = (await opening.catch((caught: unknown) => caught)) as KnockError;
  expect(error.message).toBe("PostgreSQL at 127.0.0.1:1 cannot be reached: nothing listens there.");
  expect(JSON.stringify([error, error.cause, error.stack, String(error.cause)])).not.toContain("hunter2");
});

test("a database or a user that is not there is named", async () => {
  const url = new URL(await testPostgresUrl());
  url.pathname = "/no_such_database";
  await expect(openDatabase({ url: "postgres://ada:hunter2@no-such-host.invalid/knock" })).rejects.toThrow(
    /^PostgreSQL at no-such-host\.invalid(:5432)? cannot be reached: the host name /,
  );
  await expect(openDatabase({ url: url.href })).rejects.toMatchObject({
    message: expect.stringContaining('database "no_such_database" does not exist'),
    hint: expect.stringContaining("createdb"),
  });
});

test.each(["", "mysql://ada:hunter2@h/d", "postgres://ada:hunter2@h:notaport/d", "hunter2"])(
  "text that is no connection string is refused without echoing it: %#",
  async (url) => {
    const error = (await openDatabase({ url }).catch((caught: unknown) => caught)) as KnockError;
    expect(error).toMatchObject({ code: "INVALID_CONFIG" });
    expect(`${error.message} ${error.hint} ${JSON.stringify(error)}`).not.toContain("hunter2");
  },
);

test("a pool outlives the end of all its connections", async () => {
  const url = await testPostgresUrl();
  const database = await testPool(url);
  const refused = expect(rows(database.db, sql`select pg_sleep(20)`)).rejects.toMatchObject({
    code: "DATABASE_UNREACHABLE",
  });
  const sleeping = `select 1 from pg_stat_activity where query like '%pg_sleep(20)%' and pid <> pg_backend_pid()`;
  await vi.waitFor(async () => expect(await runOn(url, sleeping)).toHaveLength(1));
  await endSessions(url);
  await refused;
  const interrupted = database.transaction(async (tx) => {
    await rows(tx, sql`select 1`);
    await endSessions(url);
    return rows(tx, sql`select 1`);
  });
  await expect(interrupted).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
  // Each connection finds out by itself that it was ended; what it carried then has failed.
  await vi.waitFor(async () => expect(await rows(database.db, sql`select 1 as one`)).toEqual([{ one: 1 }]));
  expect(await database.transaction((tx) => rows(tx, sql`select 2 as two`))).toEqual([{ two: 2 }]);
});

test("statements that are sent while connections end are all answered", async () => {
  const url = await testPostgresUrl();
  const database = await testPool(url, 4);
  let stopped = false;
  const outcomes = { done: 0, failed: 0 };
  const run = async () => {
    while (!stopped) {
      await database
        .transaction((tx) => rows(tx, sql`select ${1}::int`))
        .then(
          () => outcomes.done++,
          () => outcomes.failed++,
        );
      await rows(database.db, sql`select ${2}::int`).then(
        () => outcomes.done++,
        () => outcomes.failed++,
      );
    }
  };
  const running = Array.from({ length: 8 }, run);
  for (let round = 0; round < 20; round++) await endSessions(url);
  stopped = true;
  await Promise.all(running);
  expect(outcomes.done).toBeGreaterThan(0);
});

test("a transaction that lost its connection runs nothing more, not even what its work still asks for", async () => {
  const url = await testPostgresUrl();
  const database = await testPool(url, 1);
  const insert = (name: string) =>
    sql`insert into knock.lists (name, created_at, updated_at) values (${name}::text, now(), now())`;
  const interrupted = database.transaction(async (tx) => {
    await rows(tx, insert("before"));
    await endSessions(url);
    await rows(tx, insert("noticing")).catch(() => {});
    await rows(tx, insert("after")).catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    await rows(tx, insert("later")).catch(() => {});
  });
  await expect(interrupted).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
  await vi.waitFor(async () => expect(await rows(database.db, sql`select name from knock.lists`)).toEqual([]));
});

test("a failed statement fails its transaction even when it is caught", async () => {
  const database = await testPool(await testPostgresUrl());
  const failing = database.transaction(async (tx) => {
    await rows(tx, sql`insert into knock.lists (name, created_at, updated_at) values ('undone', now(), now())`);
    await rows(tx, sql`select 1 / 0`).catch(() => {});
  });
  await expect(failing).rejects.toMatchObject({ code: "22012" });
  expect(await rows(database.db, sql`select name from knock.lists`)).toEqual([]);
});

test("a transaction that is over cannot be used", async () => {
  const database = await testPool(await testPostgresUrl());
  const kept = await database.transaction(async (tx) => tx);
  await expect(rows(kept, sql`select 1`)).rejects.toMatchObject({ cause: { message: "the transaction is over" } });
});

test("more transactions than connections wait their turn", async () => {
  const database = await testPool(await testPostgresUrl(), 2);
  let open = 0;
  let most = 0;
  const work = Array.from({ length: 20 }, () =>
    database.transaction(async (tx) => {
      most = Math.max(most, ++open);
      await rows(tx, sql`select pg_sleep(0.02)`);
      open--;
    }),
  );
  await Promise.all(work);
  expect(most).toBe(2);
});

test("a listener subscribes again when its connection was lost", async () => {
  const url = await testPostgresUrl();
  const database = await testPool(url);
  const heard = Promise.withResolvers<string>();
  const again = Promise.withResolvers<void>();
  let subscribed = 0;
  await database.listen("news", heard.resolve, () => {
    if (++subscribed === 2) again.resolve();
  });
  await endSessions(url);
  await again.promise;
  await database.notify("news", "after the restart");
  expect(await heard.promise).toBe("after the restart");
});

test("statements are prepared", async () => {
  const database = await testPool(await testPostgresUrl(), 1);
  await rows(database.db, sql`select ${1}::int as again`);
  await rows(database.db, sql`select ${2}::int as again`);
  const found = await rows(
    database.db,
    sql`select statement from pg_prepared_statements where statement like '%as again%' and statement not like '%pg_prepared%'`,
  );
  expect(found).toHaveLength(1);
});
