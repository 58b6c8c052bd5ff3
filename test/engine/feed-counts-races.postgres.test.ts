// Counts that are kept, while everything happens at once: at every moment they are what a plain count says.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { markFeed, type Marking, markMessages } from "../../src/engine/directory/engagement.ts";
import { lowestId } from "../../src/base/id-range.ts";
import { newId } from "../../src/base/ids.ts";
import { untilAlone } from "../../src/store/conflict.ts";
import type { Database } from "../../src/store/database.ts";
import type { Executor } from "../../src/store/executor.ts";
import { countFeeds } from "../../src/store/feed-counts.ts";
import { deleteMessages } from "../../src/store/retention.ts";
import { deleteUser } from "../../src/store/users.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { emptyTables, testPool, testPostgresUrl } from "../support/database.ts";
import { START } from "../support/engine.ts";
import { arrive, plainCounts, selection } from "../support/feeds.ts";
import { ask, count } from "../support/inspect.ts";
import { feedOf } from "../support/looking.ts";

let pools: Database[];
const clock = virtualClock(START);
beforeAll(async () => {
  const url = await testPostgresUrl();
  pools = [await testPool(url, 12), await testPool(url, 12)];
});
beforeEach(() => emptyTables(pools[0]!));

const people = ["ada", "bob"];
const tenants = [null, "a", "b"];
const markings: Marking[] = ["SEEN", "UNSEEN", "READ", "UNREAD", "INTERACTED", "ARCHIVED", "UNARCHIVED"];
const KEPT = { now: START, worthKeeping: 5 };

const any = <Value>(values: readonly Value[]): Value => values[Math.floor(Math.random() * values.length)]!;
const asked = people.flatMap((recipientId) =>
  [null, ["a"], []].map((granted) => selection({ recipientId, tenants: granted })),
);

/** Items come, some in transactions that take their time. */
async function arriving(database: Database, ids: string[]): Promise<void> {
  const items = Array.from({ length: 1 + Math.floor(Math.random() * 4) }, () => ({
    recipientId: any(people),
    tenantId: any(tenants),
  }));
  const come = await database.transaction(async (tx) => {
    const made = await arrive(tx, items);
    if (Math.random() < 0.3) await ask({ db: tx }, sql`select pg_sleep(0.02)`);
    return made;
  });
  ids.push(...come);
}

/** The retention takes some items, whatever their age. */
const deleting = (database: Database, ids: readonly string[]) =>
  database.transaction(async (tx) => {
    const first = ids.length === 0 ? newId(START) : any(ids);
    const olderThan = new Date(START.getTime() + 1);
    await deleteMessages(tx, { after: first, before: lowestId(new Date(START.getTime() + 1)), limit: 3, olderThan });
  });

const marking = (database: Database, ids: readonly string[]) =>
  markMessages({ database, clock }, { ids: Array.from({ length: 8 }, () => any(ids)), as: any(markings) });

/** In one snapshot, what is kept and what a plain count says; `more` is what has been added to what is kept. */
async function expectExact(database: Database, more = 0): Promise<void> {
  await database.transaction(async (tx) => {
    await ask({ db: tx }, sql`set transaction isolation level repeatable read`);
    const reading = { db: tx, transaction: <Result>(work: (db: Executor) => Promise<Result>) => work(tx) };
    const kept = await countFeeds(reading, asked, { now: START, worthKeeping: Number.MAX_SAFE_INTEGER });
    for (const [index, { recipientId, tenants: granted }] of asked.entries()) {
      const { totalCount, ...rest } = await plainCounts(tx, recipientId, granted);
      expect(kept[index]).toEqual({ ...rest, totalCount: totalCount + more });
    }
  });
}

test("under concurrent marks, arrivals, deletions and counting, every count is exact at every moment", async () => {
  let checkpoints = 0;
  for (let round = 0; round < 8; round++) {
    const ids: string[] = [];
    await Promise.all(pools.map((database) => arriving(database, ids)));
    const workers = Array.from({ length: 16 }, async (_, worker) => {
      const database = pools[worker % 2]!;
      for (let step = 0; step < 12; step++) {
        const chance = Math.random();
        if (worker < 2) await expectExact(database);
        else if (chance < 0.3) await arriving(database, ids);
        else if (chance < 0.6) await marking(database, ids);
        else if (chance < 0.65) await untilAlone(() => deleting(database, ids));
        else if (chance < 0.75) {
          const question = feedOf(any(people), {
            filter: { tenant: any(tenants), archived: any(["include", "exclude"]) },
          });
          await markFeed({ database, clock, registry: () => new Map() }, { question, as: any(markings) });
        } else if (chance < 0.76) {
          await untilAlone(() => database.transaction((tx) => deleteUser(tx, any(people), START)));
        } else await countFeeds(database, asked, KEPT);
      }
    });
    await Promise.all(workers);
    await countFeeds(pools[0]!, asked, KEPT);
    checkpoints += await count(pools[0]!, "feed_counts");
    await expectExact(pools[0]!);
  }
  // Else nothing has been shown.
  expect(checkpoints).toBeGreaterThan(12);
});

test("a checkpoint that moves on, again and again, counts every mark once", async () => {
  const MORE = 1_000_000;
  const [database] = pools as [Database];
  const ids: string[] = [];
  for (const recipientId of people)
    ids.push(
      ...(await arrive(
        database.db,
        Array.from({ length: 10 }, () => ({ recipientId })),
      )),
    );
  await countFeeds(database, asked, KEPT);
  // Who counts a feed as a whole would lose it: so whatever is counted has gone on from the first checkpoint.
  await ask(database, sql`update knock.feed_counts set total = total + ${MORE}::int where tenant_id = ''`);
  const snapshots = new Set<string>();
  const workers = Array.from({ length: 16 }, async (_, worker) => {
    const own = pools[worker % 2]!;
    // Until it has moved on often enough: it does not while something is being marked.
    for (let step = 0; step < 25 || snapshots.size < 10; step++) {
      const chance = Math.random();
      if (worker < 2) await expectExact(own, MORE);
      else if (chance < 0.2) await arriving(own, ids);
      else if (chance < 0.3) await marking(own, ids);
      else await countFeeds(own, asked, { now: START, worthKeeping: 0 });
      for (const { snapshot } of await ask<{ snapshot: string }>(own, sql`select snapshot from knock.feed_counts`))
        snapshots.add(snapshot);
    }
  });
  await Promise.all(workers);
  await expectExact(database, MORE);
});

test("marking a feed of thousands takes every item once, beside others who mark the same", async () => {
  const [database, other] = pools as [Database, Database];
  await arrive(
    database.db,
    Array.from({ length: 4_500 }, () => ({})),
  );
  await countFeeds(database, [selection()], KEPT);
  const context = (of: Database) => ({ database: of, clock, registry: () => new Map() });
  const outcomes = await Promise.all([
    markFeed(context(database), { question: feedOf("ada"), as: "READ" }),
    markFeed(context(other), { question: feedOf("ada"), as: "READ" }),
    markFeed(context(other), { question: feedOf("ada", { filter: { status: "unseen" } }), as: "SEEN" }),
  ]);
  const [read, again] = outcomes.map((outcome) => (outcome.ok ? outcome.marked : Number.NaN));
  expect(read! + again!).toBe(4_500);
  await expectExact(database);
  const [counts] = await countFeeds(database, [selection()], KEPT);
  expect(counts).toEqual({ totalCount: 4_500, unreadCount: 0, unseenCount: 0 });
});
