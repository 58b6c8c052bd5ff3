import fc from "fast-check";
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import type { Executor } from "../../src/store/executor.ts";
import { countFeeds } from "../../src/store/feed-counts.ts";
import type { FeedSelection } from "../../src/store/reads/feed-filter.ts";
import { feedCursor, type FeedItem, pageFeed, readFeedItems } from "../../src/store/reads/feed.ts";
import type { PageArguments } from "../../src/store/paging.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { START } from "../support/engine.ts";
import { arrive, type NewItem, selection } from "../support/feeds.ts";
import { ask } from "../support/inspect.ts";

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

const later = (minutes: number) => new Date(START.getTime() + minutes * 60_000);

const page = async (args: Parameters<typeof pageFeed>[2], given: Partial<FeedSelection> = {}) =>
  pageFeed(database.db, selection(given), args);

const idsOf = (items: readonly FeedItem[]) => items.map(({ id }) => id);

test("a feed is in the order of arrival, whatever the age of what it tells of", async () => {
  const [late] = await arrive(database.db, [{ at: later(30) }]);
  const [early] = await arrive(database.db, [{ at: later(10) }]);
  expect(idsOf((await page({ first: 10 })).nodes)).toEqual([late, early]);
});

test("before the newest item of a page are newer ones, nearest first when there are many, newest on top", async () => {
  const ids = await arrive(
    database.db,
    Array.from({ length: 6 }, (_, index) => ({ at: later(index) })),
  );
  const [head] = (await page({ first: 10, after: feedCursor({ id: ids[3]!, arrivedAt: later(3) }) })).nodes;
  expect(head!.id).toBe(ids[2]);
  const newer = await page({ before: feedCursor(head!), last: 2 });
  expect(idsOf(newer.nodes)).toEqual([ids[4], ids[3]]);
  expect(newer).toMatchObject({ hasPreviousPage: true, hasNextPage: true });
});

test("items of the same moment are walked through once each, in both directions", async () => {
  const ids = await arrive(
    database.db,
    Array.from({ length: 7 }, (_, index) => ({ at: later(index % 2) })),
  );
  for (const size of [1, 2, 3]) {
    for (const backward of [false, true]) {
      const met: string[] = [];
      let cursor: string | null = null;
      do {
        const args: PageArguments = backward ? { last: size, before: cursor } : { first: size, after: cursor };
        const part = await page(args);
        met.push(...idsOf(backward ? part.nodes.toReversed() : part.nodes));
        cursor = backward ? (part.hasPreviousPage ? part.startCursor : null) : part.hasNextPage ? part.endCursor : null;
      } while (cursor !== null);
      const whole = idsOf((await page({ first: 100 })).nodes);
      expect(backward ? met.toReversed() : met).toEqual(whole);
      expect(whole.toSorted()).toEqual(ids.toSorted());
    }
  }
});

test("times bound what is paged", async () => {
  const ids = await arrive(
    database.db,
    Array.from({ length: 4 }, (_, index) => ({ at: later(index) })),
  );
  const within = async (arrived: Record<string, Date>) => idsOf((await page({ first: 10, arrived })).nodes);
  expect(await within({ gt: later(1), lte: later(2) })).toEqual([ids[2]]);
  expect(await within({ gte: later(1), lt: later(3) })).toEqual([ids[2], ids[1]]);
});

test.each([
  ["no cursor", Buffer.from("nonsense").toString("base64url")],
  ["a cursor of another list", Buffer.from(JSON.stringify(["ada"])).toString("base64url")],
  [
    "a time that is none",
    Buffer.from(JSON.stringify(["2026-99-01T00:00:00.000Z 019b8d62-7a80-748e-b9a4-38b847fc2a11"])).toString(
      "base64url",
    ),
  ],
])("%s is refused", async (_what, after) => {
  await expect(page({ first: 1, after })).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

test("names that nothing can have find nothing", async () => {
  await arrive(database.db, [{}]);
  expect((await page({ first: 10 }, { recipientId: "a\0" })).nodes).toEqual([]);
  expect((await page({ first: 10 }, { tenant: "\ud800" })).nodes).toEqual([]);
  const none = selection({ workflows: ["a\0"] });
  const [counts, others] = await countFeeds(database, [none, selection()], { now: START });
  expect(counts!.totalCount).toBe(0);
  expect(others!.totalCount).toBe(1);
});

const tenants = [null, "a", "b"];
const maybe = <Value>(values: readonly Value[]) => fc.constantFrom(null, ...values);
const times = (item: NewItem) => [item.seenAt, item.readAt, item.archivedAt].map((time) => time != null);

const items = fc.array(
  fc.record({
    recipientId: fc.constantFrom("ada", "bob"),
    tenantId: fc.constantFrom(...tenants),
    workflow: fc.constantFrom("v", "w"),
    channel: fc.constantFrom("feed", "other"),
    data: fc.constantFrom({}, { kind: "x" }, { kind: "x", n: 1 }, { kind: null }),
    seenAt: maybe([START]),
    readAt: maybe([START]),
    archivedAt: maybe([START]),
    at: fc.integer({ min: 0, max: 3 }).map(later),
  }),
  { minLength: 1, maxLength: 30 },
);

const selections = fc.record({
  recipientId: fc.constantFrom("ada", "bob", "nobody"),
  tenants: maybe([[], ["a"], ["a", "b"]]),
  tenant: maybe(["a", "b"]),
  hasTenant: maybe([true, false]),
  status: maybe(["unseen", "unread", "seen", "read"] as const),
  archived: fc.constantFrom("exclude" as const, "include" as const, "only" as const),
  workflows: maybe([[], ["v"], ["v", "w"]]),
  data: maybe([{ kind: "x" }, { kind: null }, { n: 1, kind: "x" }]),
  channel: maybe(["feed"]),
});

/** What the words of the filter say, in the simplest way. */
function asked(item: NewItem, wanted: FeedSelection, status = wanted.status): boolean {
  const [seen, read, archived] = times(item);
  const { tenantId = null, data = {} } = item;
  const shelf = { exclude: !archived, include: true, only: archived }[wanted.archived];
  const state = { unseen: !seen, unread: !read, seen, read };
  return (
    item.recipientId === wanted.recipientId &&
    (tenantId === null || wanted.tenants === null || wanted.tenants.includes(tenantId)) &&
    (tenantId === null || wanted.tenant === null || wanted.tenant === tenantId) &&
    (wanted.hasTenant === null || wanted.hasTenant === (tenantId !== null)) &&
    (status === null || state[status] === true) &&
    shelf === true &&
    (wanted.workflows === null || wanted.workflows.includes(item.workflow!)) &&
    (wanted.channel === null || wanted.channel === item.channel) &&
    Object.entries(wanted.data ?? {}).every(([name, value]) => name in data && data[name] === value)
  );
}

test("pages and counts hold what the filter says, also with counts that are kept", async () => {
  await fc.assert(
    fc.asyncProperty(items, fc.array(selections, { minLength: 1, maxLength: 8 }), async (given, wanted) => {
      await emptyTables(database);
      await arrive(database.db, given);
      const options = { now: START, worthKeeping: 2 };
      for (let round = 0; round < 2; round++) {
        const counts = await countFeeds(database, wanted, options);
        expect(counts).toEqual(
          wanted.map((each) => {
            const those = given.filter((item) => asked(item, each, null));
            const without = (which: "seenAt" | "readAt") => those.filter((item) => item[which] === null).length;
            return { totalCount: those.length, unreadCount: without("readAt"), unseenCount: without("seenAt") };
          }),
        );
      }
      for (const each of wanted) {
        const { nodes } = await pageFeed(database.db, each, { first: 100 });
        expect(nodes).toHaveLength(given.filter((item) => asked(item, each)).length);
      }
    }),
    { numRuns: 40 },
  );
});

test("what a checkpoint counted is not counted again, and it ends after a day", async () => {
  const counted = async (now: Date) =>
    (await countFeeds(database, [selection()], { now, worthKeeping: 2 }))[0]!.totalCount;
  await arrive(database.db, [{}, {}, {}]);
  expect(await counted(START)).toBe(3);
  // Something that only a plain count would notice shows that it was not counted plainly.
  await ask(database, sql`update knock.feed_counts set total = total + 10`);
  await arrive(database.db, [{ at: later(1) }]);
  expect(await counted(later(1))).toBe(14);
  expect(await counted(later(24 * 60))).toBe(4);
});

test("a checkpoint moves on when more has come or half a day has passed, and nothing is read again that it counted", async () => {
  const counted = async (now: Date, tenants: string[] | null = null) =>
    (await countFeeds(database, [selection({ tenants })], { now, worthKeeping: 2 }))[0]!.totalCount;
  const countedAt = async () =>
    (
      await ask<{ at: string }>(
        database,
        sql`select distinct extract(epoch from counted_at)::text as at from knock.feed_counts`,
      )
    ).map(({ at }) => Number(at) * 1_000);
  const [first] = await arrive(database.db, [{ tenantId: "a" }, { tenantId: "a" }, { tenantId: "b" }, {}]);
  expect(await counted(START)).toBe(4);
  // Something that only a plain count would notice.
  await ask(database, sql`update knock.feed_counts set total = total + 10 where tenant_id = 'a'`);
  await arrive(database.db, [
    { at: later(1) },
    { at: later(1), tenantId: "c" },
    { at: later(1), archivedAt: later(1) },
  ]);
  expect(await counted(later(2))).toBe(16);
  expect(await countedAt()).toEqual([later(2).getTime()]);
  expect(await counted(later(3), ["a"])).toBe(14);
  // What is deleted after it was counted is only missed by who reads it again.
  await ask(database, sql`delete from knock.messages where id = ${first!}::uuid`);
  await arrive(database.db, [{ at: later(60) }]);
  expect(await counted(later(12 * 60))).toBe(17);
  expect(await countedAt()).toEqual([later(2).getTime()]);
  expect(await counted(later(12 * 60 + 2))).toBe(17);
  expect(await countedAt()).toEqual([later(12 * 60 + 2).getTime()]);
  expect(await counted(later(24 * 60 + 10))).toBe(17);
});

test("the first count of a large feed is the one that is kept: it is read as a whole once", async () => {
  await arrive(database.db, [{ tenantId: "a" }, { tenantId: "b" }, { recipientId: "bob" }, {}]);
  let transactions = 0;
  const counting = {
    db: database.db,
    async transaction<Result>(work: (tx: Executor) => Promise<Result>): Promise<Result> {
      // Only who counts after it has this.
      await arrive(database.db, [{ tenantId: "a" }]);
      transactions += 1;
      return database.transaction(work);
    },
  };
  const asking = [selection({ tenants: ["a"] }), selection({ recipientId: "bob" }), selection({ hasTenant: true })];
  const counts = await countFeeds(counting, asking, { now: START, worthKeeping: 2 });
  expect(counts.map(({ totalCount }) => totalCount)).toEqual([3, 1, 3]);
  expect(transactions).toBe(1);
});

test("what came into no feed is no item", async () => {
  const [id] = await arrive(database.db, [{}]);
  expect([...(await readFeedItems(database.db, [id!])).keys()]).toEqual([id]);
  await ask(database, sql`update knock.messages set arrived_xid = null`);
  expect((await readFeedItems(database.db, [id!])).size).toBe(0);
  expect((await page({ first: 1 })).nodes).toEqual([]);
});
