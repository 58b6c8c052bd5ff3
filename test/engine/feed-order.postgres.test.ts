// What happens in feeds is told once and all of it, in whatever order transactions are committed, to whichever process.
import { sql } from "drizzle-orm";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../src/base/logger.ts";
import { markMessages } from "../../src/engine/directory/engagement.ts";
import { ringFeeds } from "../../src/engine/feed/bell.ts";
import type { FeedHub } from "../../src/engine/feed/contract.ts";
import { createFeedHub } from "../../src/engine/feed/hub.ts";
import type { Database } from "../../src/store/database.ts";
import type { Executor } from "../../src/store/executor.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { emptyTables, testPool, testPostgresUrl } from "../support/database.ts";
import { eventually, START } from "../support/engine.ts";
import { arrive } from "../support/feeds.ts";
import { ask } from "../support/inspect.ts";
import { feedOf, lookAt, toldOf } from "../support/looking.ts";

let pools: [Database, Database];
let hubs: [FeedHub, FeedHub];
const clock = virtualClock(START);
beforeAll(async () => {
  const url = await testPostgresUrl();
  pools = [await testPool(url), await testPool(url)];
});
beforeEach(async () => {
  await emptyTables(pools[0]);
  const hubOn = (database: Database) =>
    createFeedHub({ database, clock, logger: silentLogger, registry: () => new Map() });
  hubs = [hubOn(pools[0]), hubOn(pools[1])];
});
afterEach(() => Promise.all(hubs.map((hub) => hub.close())));

/** A transaction that has done something and is committed when told. */
async function open<Result>(database: Database, work: (tx: Executor) => Promise<Result>) {
  const done = Promise.withResolvers<Result>();
  const end = Promise.withResolvers<void>();
  const over = database.transaction(async (tx) => {
    done.resolve(await work(tx));
    await end.promise;
  });
  const result = await done.promise;
  return {
    result,
    async commit() {
      end.resolve();
      await over;
      ringFeeds(database);
    },
  };
}

test("of two transactions at once the later one is told first when it is committed first, and each once", async () => {
  const ada = lookAt(hubs[0], feedOf("ada"));
  await ada.next();
  const early = await open(pools[1], (tx) => arrive(tx, [{}]));
  const late = await open(pools[1], (tx) => arrive(tx, [{}]));
  await late.commit();
  const first = await ada.next();
  expect(toldOf([first])).toEqual([["ARRIVED", late.result[0]]]);
  await early.commit();
  expect(toldOf([await ada.next()])).toEqual([["ARRIVED", early.result[0]]]);
  // In another process, from where the first one was told.
  const again = lookAt(hubs[1], feedOf("ada"), first.cursor);
  expect(toldOf(await again.take(1))).toEqual([["ARRIVED", early.result[0]]]);
  const [next] = await arrive(pools[0].db, [{}]);
  ringFeeds(pools[0]);
  expect(toldOf([await ada.next(), await again.next()])).toEqual([
    ["ARRIVED", next],
    ["ARRIVED", next],
  ]);
});

test("a transaction of somebody else that stays open holds up nothing", async () => {
  const ada = lookAt(hubs[0], feedOf("ada"));
  await ada.next();
  const foreign = await open(pools[1], (tx) => ask({ db: tx }, sql`select pg_current_xact_id()::text`));
  for (let round = 0; round < 3; round++) {
    const [id] = await arrive(pools[1].db, [{}]);
    ringFeeds(pools[1]);
    const event = await ada.next();
    expect(toldOf([event])).toEqual([["ARRIVED", id]]);
    const marked = await markMessages({ database: pools[1], clock }, { ids: [id!], as: "READ" });
    expect(marked).toEqual({ ok: true, marked: 1 });
    expect(toldOf([await ada.next()])).toEqual([["MARKED", id]]);
  }
  await foreign.commit();
});

test("without any notice, and with connections that break, everything is told", async () => {
  const ada = lookAt(hubs[0], feedOf("ada"));
  await ada.next();
  const [quiet] = await arrive(pools[1].db, [{}]);
  expect(toldOf([await ada.next()])).toEqual([["ARRIVED", quiet]]);
  await ask(
    pools[1],
    sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  const [id] = await eventually(
    () => arrive(pools[1].db, [{}]),
    () => true,
  );
  expect(toldOf([await ada.next()])).toEqual([["ARRIVED", id]]);
});

test("who comes back again and again, to either process, is told each item exactly once", async () => {
  const READERS = 6;
  const WRITERS = 4;
  const ROUNDS = 12;
  const people = ["ada", "bob"];
  const written: string[] = [];
  // All look on before anything comes: what was there before is not told.
  const begun = await Promise.all(
    Array.from({ length: READERS }, async (_, reader) => {
      const question = feedOf(people[reader % 2]!);
      const looks = lookAt(hubs[reader % 2]!, question);
      return { question, looks, cursor: (await looks.next()).cursor };
    }),
  );
  const writing = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let round = 0; round < ROUNDS; round++) {
      const database = pools[writer % 2]!;
      const ids = await database.transaction(async (tx) => {
        const made = await arrive(
          tx,
          people.flatMap((recipientId) => [{ recipientId }, { recipientId }]),
        );
        await ask({ db: tx }, sql`select pg_sleep(${Math.random() * 0.03})`);
        return made;
      });
      written.push(...ids);
      ringFeeds(database);
      await markMessages({ database, clock }, { ids: ids.slice(0, 2), as: "SEEN" });
    }
  });
  const reading = begun.map(async ({ question, ...start }) => {
    const arrived: string[] = [];
    let { looks, cursor } = start;
    for (let events = 0; arrived.length < WRITERS * ROUNDS * 2; events++) {
      const event = await looks.next();
      cursor = event.cursor;
      if (event.reason === "ARRIVED") arrived.push(event.item!.id);
      if (event.reason === "RESET") throw new Error("there was too much to tell");
      if (Math.random() < 0.2) {
        await looks.end();
        looks = lookAt(hubs[events % 2]!, question, cursor);
      }
    }
    return { arrived, looks };
  });
  await Promise.all(writing);
  const read = await Promise.all(reading);
  expect(written).toHaveLength(WRITERS * ROUNDS * 4);
  for (const { arrived } of read) expect(new Set(arrived).size).toBe(arrived.length);
  // Nothing comes after that but what is new.
  const last = await Promise.all(people.map(async (recipientId) => (await arrive(pools[0].db, [{ recipientId }]))[0]));
  ringFeeds(pools[0]);
  for (const [index, { looks, arrived }] of read.entries()) {
    let event = await looks.next();
    while (event.reason !== "ARRIVED") event = await looks.next();
    expect(event.item!.id).toBe(last[index % 2]);
    expect(event.counts.totalCount).toBe(arrived.length + 1);
  }
});
