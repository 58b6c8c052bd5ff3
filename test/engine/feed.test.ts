// Feeds of real notifications: what they hold, and when it comes.
import { sql } from "drizzle-orm";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { durationMs } from "../../src/base/duration.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { deleteUser, upsertUser } from "../../src/engine/directory/users.ts";
import { markFeed, markMessages } from "../../src/engine/directory/engagement.ts";
import { countFeed, readFeed } from "../../src/engine/feed/read-feed.ts";
import { purge } from "../../src/engine/retention.ts";
import type { Database } from "../../src/store/database.ts";
import { countFeeds } from "../../src/store/feed-counts.ts";
import { openOn } from "../../src/definition/send-window.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven } from "../support/engine.ts";
import { arrive, selection } from "../support/feeds.ts";
import { ask, count } from "../support/inspect.ts";
import { feedOf, lookAt } from "../support/looking.ts";

const data = z.object({ n: z.number() });
const plain = workflow("plain", { data, category: "news" }).inApp("feed", { body: "now" });
const delayed = workflow("delayed", { data }).delay("wait", "1d").inApp("feed", { body: "later" });
const held = workflow("held", { data }).inApp("feed", { body: "held", sendWindow: openOn("18:00", "19:00") });
const digest = workflow("digest", { data, category: "news" })
  .batch("hour", { window: "1h" })
  .inApp("feed", { body: ({ steps }) => String(steps.hour.count) });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({
    database,
    handles: [plain, delayed, held, digest],
    retention: { messages: "30d", runs: "30d" },
  });
});
afterEach(() => driven.knock.stop());

async function notify(key: string, given: { n?: number; actor?: string; tenant?: string } = {}): Promise<void> {
  const { n = 1, ...rest } = given;
  if (given.actor) await upsertUser(driven.knock.engine.context, { id: given.actor });
  accepted(await driven.knock.engine.notify({ workflow: key, recipients: ["ada"], data: { n }, ...rest }));
  await driven.settle();
}

const page = async (filter: Parameters<typeof feedOf>[1] = {}) =>
  (await readFeed(driven.knock.engine.context, feedOf("ada", filter), { first: 10 })).nodes;

test("what waited for days comes on top, when it comes", async () => {
  await notify("delayed");
  await driven.advance("12h");
  await notify("plain");
  const ada = lookAt(driven.knock.engine.feeds, feedOf("ada"));
  await ada.next();
  await driven.advance("12h");
  const [event] = await ada.take(1);
  expect(event).toMatchObject({ reason: "ARRIVED", item: { workflow: "delayed" }, counts: { totalCount: 2 } });
  expect((await page()).map((item) => item.workflow)).toEqual(["delayed", "plain"]);
});

test("a message in the feed is there when its window opens, not before, and who looks is told then", async () => {
  const ada = lookAt(driven.knock.engine.feeds, feedOf("ada"));
  await ada.next();
  await notify("held");
  expect(await page()).toEqual([]);
  expect(await countFeed(driven.knock.engine.context, feedOf("ada"))).toMatchObject({ totalCount: 0 });
  await driven.advance("10h");
  const [event] = await ada.take(1);
  const [item] = await page();
  expect(event!.item).toEqual(item);
  expect(item!.arrivedAt.getUTCHours()).toBe(18);
});

test("an item of a batch tells of its activities, whoever did them", async () => {
  await notify("digest", { n: 1, actor: "zoe" });
  await notify("digest", { n: 2, actor: "bob" });
  await notify("digest", { n: 3, actor: "zoe" });
  await notify("digest", { n: 4 });
  await driven.advance("1h");
  const [item] = await page();
  expect(item).toMatchObject({ activityCount: 4, actorCount: 2, actorIds: ["zoe", "bob"], data: { n: 1 } });
  const [batch] = await ask<{ id: string }>(database, sql`select id from knock.batches`);
  expect(item!.batchId).toBe(batch!.id);
  await notify("plain", { n: 5, actor: "zoe", tenant: "acme" });
  expect((await page())[0]).toMatchObject({
    activityCount: 1,
    actorCount: 1,
    actorIds: ["zoe"],
    batchId: null,
    data: { n: 5 },
    tenantId: "acme",
    step: "feed",
    content: { body: "now" },
  });
});

test("the first ten of many who did something are named, in the order in which they did it", async () => {
  for (let actor = 0; actor < 12; actor++) await notify("digest", { actor: `user_${12 - actor}` });
  await driven.advance("1h");
  const [item] = await page();
  expect(item).toMatchObject({ activityCount: 12, actorCount: 12 });
  expect(item!.actorIds).toEqual(Array.from({ length: 10 }, (_, index) => `user_${12 - index}`));
});

test("categories are those of the workflows as they are now", async () => {
  await notify("plain");
  await notify("held");
  await driven.advance("10h");
  expect(await page({ filter: { categories: ["news"] } })).toHaveLength(1);
  expect(await page({ filter: { categories: ["news"], workflows: ["held"] } })).toEqual([]);
  expect(await page({ filter: { categories: ["none"] } })).toEqual([]);
});

test("a filter by something that has members is refused", async () => {
  await expect(page({ filter: { data: { n: { deep: 1 } } } })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  const outcome = await markFeed(driven.knock.engine.context, {
    question: feedOf("ada", { filter: { data: { n: [1] } } }),
    as: "READ",
  });
  expect(outcome).toMatchObject({ ok: false, error: { code: "INVALID_INPUT" } });
});

test("a person marks own messages of granted tenants; others are as those that do not exist", async () => {
  const { context } = driven.knock.engine;
  const ids = await arrive(database.db, [{}, { tenantId: "a" }, { tenantId: "b" }, { recipientId: "bob" }]);
  const mark = (by: { userId: string; tenants: string[] | null }) => markMessages(context, { ids, as: "READ", by });
  expect(await mark({ userId: "ada", tenants: ["a"] })).toEqual({ ok: true, marked: 2 });
  expect(await mark({ userId: "ada", tenants: null })).toEqual({ ok: true, marked: 3 });
  expect(await mark({ userId: "nobody", tenants: null })).toEqual({ ok: true, marked: 0 });
  expect(await mark({ userId: "a\0", tenants: null })).toEqual({ ok: true, marked: 0 });
  expect(await countFeed(context, feedOf("bob"))).toMatchObject({ unreadCount: 1 });
  const all = (tenants: string[]) =>
    markFeed(context, { question: feedOf("ada", { viewer: { tenants } }), as: "ARCHIVED" });
  expect(await all(["a"])).toEqual({ ok: true, marked: 2 });
  expect(await all(["a"])).toEqual({ ok: true, marked: 0 });
});

test("counts that are kept go with what they counted; marks are kept for a day", async () => {
  const { context, internals } = driven.knock.engine;
  const counted = async (recipientId = "ada") =>
    (await countFeeds(database, [selection({ recipientId })], { now: driven.clock.now(), worthKeeping: 1 }))[0]!
      .totalCount;
  await arrive(database.db, [{}, {}, { recipientId: "bob" }, { recipientId: "bob" }]);
  await driven.clock.advance(durationMs("30d") - durationMs("1h"));
  const young = await arrive(database.db, [{ at: driven.clock.now() }]);
  await markMessages(context, { ids: young, as: "READ" });
  expect([await counted(), await counted("bob")]).toEqual([3, 2]);
  expect(await count(database, "feed_counts")).toBe(2);
  await driven.clock.advance(durationMs("2h"));
  expect(await purge(internals)).toMatchObject({ messages: 4, feedChanges: 0 });
  expect([await counted(), await counted("bob")]).toEqual([1, 0]);
  await driven.clock.advance(durationMs("1d"));
  expect(await purge(internals)).toMatchObject({ feedChanges: 1 });
  await arrive(database.db, [{}, {}]);
  await ask(database, sql`insert into knock.users (id, created_at, updated_at) values ('ada', now(), now())`);
  await counted();
  await markMessages(context, { ids: young, as: "UNREAD" });
  await deleteUser(context, "ada");
  expect([await count(database, "feed_counts"), await count(database, "feed_changes")]).toEqual([0, 0]);
  expect(await counted()).toBe(0);
});
