import { sql } from "drizzle-orm";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { KnockError } from "../../src/base/errors.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { markFeed, markMessages } from "../../src/engine/directory/engagement.ts";
import { ringFeeds } from "../../src/engine/feed/bell.ts";
import type { FeedHub } from "../../src/engine/feed/contract.ts";
import { createFeedHub } from "../../src/engine/feed/hub.ts";
import type { Database } from "../../src/store/database.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { START } from "../support/engine.ts";
import { arrive, type NewItem } from "../support/feeds.ts";
import { ask } from "../support/inspect.ts";
import { feedOf, type Looking, lookAt, toldOf } from "../support/looking.ts";

let database: Database;
let hub: FeedHub;
const clock = virtualClock(START);
const registry = () => new Map();
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  hub = createFeedHub({ database, clock, logger: silentLogger, registry });
});
afterEach(() => hub.close());

/** Items come, and word of it is given. */
async function come(items: readonly NewItem[]): Promise<string[]> {
  const ids = await arrive(database.db, items);
  ringFeeds(database);
  return ids;
}

const mark = async (ids: readonly string[], as: "READ" | "SEEN" | "ARCHIVED" = "READ") =>
  markMessages({ database, clock }, { ids, as });

/** Somebody who has been told where the subscription begins. */
async function looking(...args: Parameters<typeof lookAt> extends [unknown, ...infer Rest] ? Rest : never) {
  const one = lookAt(hub, ...args);
  const ready = await one.next();
  expect(ready.reason).toBe("READY");
  return { ...one, ready };
}

test("tells what arrives and what is marked, with the item and the counts as they are", async () => {
  const [first] = await come([{}]);
  const ada = await looking(feedOf("ada"));
  expect(ada.ready).toMatchObject({ item: null, counts: { totalCount: 1, unreadCount: 1, unseenCount: 1 } });
  const [second] = await come([{ recipientId: "ada" }, { recipientId: "bob" }]);
  expect(await ada.next()).toMatchObject({ reason: "ARRIVED", item: { id: second }, counts: { totalCount: 2 } });
  await mark([first!, second!]);
  expect(toldOf(await ada.take(2))).toEqual(
    expect.arrayContaining([
      ["MARKED", first],
      ["MARKED", second],
    ]),
  );
  await mark([first!]);
  await mark([first!], "ARCHIVED");
  const counts = { totalCount: 1, unreadCount: 0, unseenCount: 0 };
  expect(await ada.next()).toMatchObject({ reason: "MARKED", item: { id: first, archivedAt: START }, counts });
});

test("several who look at one feed are each told everything once", async () => {
  const all = await Promise.all([1, 2, 3].map(() => looking(feedOf("ada"))));
  expect(hub.subscribers).toBe(3);
  const ids = await come([{}, { at: new Date(START.getTime() + 1) }]);
  for (const one of all) expect(toldOf(await one.take(2))).toEqual(ids.map((id) => ["ARRIVED", id]));
  await Promise.all(all.map((one) => one.end()));
  expect(hub.subscribers).toBe(0);
});

test("goes on from every cursor, also one in the middle of what was read at once", async () => {
  const begun = await looking(feedOf("ada"));
  await come(Array.from({ length: 5 }, (_, index) => ({ at: new Date(START.getTime() + index) })));
  const told = await begun.take(5);
  // What was told of the first read is not looked at again, whatever has become of it.
  const [last] = await come([{ at: new Date(START.getTime() + 9) }]);
  told.push(...(await begun.take(1)));
  expect(told.at(-1)!.item!.id).toBe(last);
  for (const [index, { cursor }] of [begun.ready, ...told].entries()) {
    const again = await looking(feedOf("ada"), cursor);
    expect(again.ready.cursor).toBe(cursor);
    expect(toldOf(await again.take(told.length - index))).toEqual(toldOf(told.slice(index)));
    await again.end();
  }
});

test("who comes back is told of marks since, and of an item that came and was marked once", async () => {
  const ids = await come([{}, {}, {}]);
  const begun = await looking(feedOf("ada"));
  await mark(ids.slice(0, 2));
  const told = await begun.take(2);
  const [fresh] = await come([{}]);
  await mark([fresh!]);
  const marked = toldOf(told);
  const again = await looking(feedOf("ada"), told[0]!.cursor);
  expect(toldOf(await again.take(2))).toEqual([marked[1], ["ARRIVED", fresh]]);
  const whole = await looking(feedOf("ada"), begun.ready.cursor);
  const events = await whole.take(3);
  expect(toldOf(events)).toEqual([["ARRIVED", fresh], ...marked]);
  expect(events[0]!.item!.readAt).toEqual(START);
});

test("a filter leaves out what belongs to others, and tells what marks have taken out of it", async () => {
  const granted: Looking = await looking(feedOf("ada", { viewer: { tenants: ["a"] } }));
  const kinds: Looking = await looking(feedOf("ada", { filter: { data: { kind: "x" }, status: "unread" } }));
  const [other, mine] = await come([
    { tenantId: "b", data: { kind: "x" } },
    { tenantId: "a", at: new Date(START.getTime() + 1) },
  ]);
  expect(toldOf(await granted.take(1))).toEqual([["ARRIVED", mine]]);
  expect(toldOf(await kinds.take(1))).toEqual([["ARRIVED", other]]);
  await mark([mine!, other!], "ARCHIVED");
  expect(await granted.next()).toMatchObject({ reason: "MARKED", item: { id: mine }, counts: { totalCount: 0 } });
  expect(await kinds.next()).toMatchObject({ reason: "MARKED", item: { id: other }, counts: { totalCount: 0 } });
});

test("more than can be told one by one is told as such", async () => {
  const ada = await looking(feedOf("ada"));
  await come(Array.from({ length: 101 }, () => ({})));
  const reset = await ada.next();
  expect(reset).toMatchObject({ reason: "RESET", item: null, counts: { totalCount: 101, unreadCount: 101 } });
  const all = await markFeed({ database, clock, registry }, { question: feedOf("ada"), as: "READ" });
  expect(all).toEqual({ ok: true, marked: 101 });
  expect(await ada.next()).toMatchObject({ reason: "RESET", counts: { unreadCount: 0 } });
  const [one] = await come([{}]);
  const again = await looking(feedOf("ada"), reset.cursor);
  expect(toldOf([await again.next()])).toEqual([["RESET", undefined]]);
  expect(toldOf(await ada.take(1))).toEqual([["ARRIVED", one]]);
});

test("who takes nothing is told to read again, and goes on from there", async () => {
  const slow = await looking(feedOf("ada"));
  const quick = await looking(feedOf("ada"));
  for (let round = 0; round < 3; round++) {
    await come(Array.from({ length: 80 }, () => ({})));
    await quick.take(80);
  }
  expect(await slow.next()).toMatchObject({ reason: "RESET", counts: { totalCount: 240 } });
  const [id] = await come([{}]);
  expect(toldOf([await slow.next()])).toEqual([["ARRIVED", id]]);
});

test("a cursor of long ago, or of another database, is told to read again", async () => {
  const { ready } = await looking(feedOf("ada"));
  const parts = JSON.parse(Buffer.from(ready.cursor, "base64url").toString()) as [string, number];
  const cursor = (from: string, at: number) => Buffer.from(JSON.stringify([from, at])).toString("base64url");
  const day = 24 * 60 * 60 * 1_000;
  for (const bad of [cursor(parts[0], parts[1] - day), cursor("4000000000:4000000000:", parts[1])]) {
    const again = await looking(feedOf("ada"), bad);
    expect((await again.next()).reason).toBe("RESET");
    const [id] = await come([{}]);
    expect(toldOf(await again.take(1))).toEqual([["ARRIVED", id]]);
    await again.end();
  }
  await looking(feedOf("ada"), cursor(parts[0], parts[1] - day + 60_000));
});

// As one reader looks for everybody, a question that the database cannot be asked would stop it for all.
test("whose feed cannot exist takes nothing from the others", async () => {
  const ada = await looking(feedOf("ada"));
  const nobody = await looking(feedOf("a\0da"));
  const [id] = await come([{}]);
  expect(toldOf(await ada.take(1))).toEqual([["ARRIVED", id]]);
  await nobody.end();
});

/** A count that is more than a number holds as soon as something comes: reading this feed fails because of its data. */
const spoil = (person: string) =>
  ask(
    database,
    sql`insert into knock.feed_counts (recipient_id, tenant_id, snapshot, total, unread, unseen, counted_at)
      values (${person}, '', pg_current_snapshot()::text, 2147483647, 0, 0, ${START.toISOString()}::text::timestamptz)`,
  );

test("who cannot be told anything is ended, once it is sure that it is they, and the others go on", async () => {
  const errors: unknown[] = [];
  const logger = { ...silentLogger, error: (_message: string, fields?: object) => void errors.push(fields) };
  await hub.close();
  hub = createFeedHub({ database, clock, logger, registry });
  const others = await Promise.all(["ada", "cleo", "dan", "eve"].map((person) => looking(feedOf(person))));
  const bob = await looking(feedOf("bob"));
  await spoil("bob");
  const people = ["ada", "bob", "cleo", "dan", "eve"];
  const [ada, , ...rest] = await come(people.map((recipientId) => ({ recipientId })));
  for (const [index, id] of [ada, ...rest].entries())
    expect(toldOf(await others[index]!.take(1))).toEqual([["ARRIVED", id]]);
  await expect(bob.next()).rejects.toThrow("the subscription has ended");
  expect(hub.subscribers).toBe(4);
  expect(errors).toMatchObject([{ user: "bob" }]);
  // Neither can it begin, which stops nobody either.
  const again = lookAt(hub, feedOf("bob"));
  const frank = await looking(feedOf("frank"));
  await expect(again.next()).rejects.toThrow("the subscription has ended");
  const [id] = await come([{}]);
  expect(toldOf(await others[0]!.take(1))).toEqual([["ARRIVED", id]]);
  await ask(database, sql`delete from knock.feed_counts`);
  const back = await looking(feedOf("bob"), bob.ready.cursor);
  expect(toldOf(await back.take(1))).toMatchObject([["ARRIVED", expect.any(String)]]);
  expect(errors).toHaveLength(2);
  await frank.end();
});

// One alone, as whoever fails alone is ended otherwise.
test("nobody is ended while the database is away", async () => {
  const away = Promise.withResolvers<void>();
  let isAway = false;
  const unreachable = new KnockError("DATABASE_UNREACHABLE", { address: "here", problem: "nothing listens there" });
  const lost = new Proxy(database, {
    get(target, name) {
      if (name !== "db" || !isAway) return Reflect.get(target, name) as unknown;
      away.resolve();
      throw unreachable;
    },
  });
  await hub.close();
  hub = createFeedHub({ database: lost, clock, logger: silentLogger, registry });
  const ada = await looking(feedOf("ada"));
  isAway = true;
  const [id] = await come([{}]);
  await away.promise;
  isAway = false;
  expect(toldOf(await ada.take(1))).toEqual([["ARRIVED", id]]);
  expect(hub.subscribers).toBe(1);
});

test.each([
  "",
  "x",
  "W10",
  Buffer.from('["5:6:",-1]').toString("base64url"),
  Buffer.from('["5:6:",-9007199254740991]').toString("base64url"),
  Buffer.from('["1:2:3",5]').toString("base64url"),
  Buffer.from('["5:6:",1,"x"]').toString("base64url"),
])("%s is no cursor", (after) => {
  expect(() => hub.subscribe(feedOf("ada"), { after })).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  expect(hub.subscribers).toBe(0);
});

test("a filter that is none is refused at once", () => {
  const bad = feedOf("ada", { filter: { data: { deep: { a: 1 } } } });
  expect(() => hub.subscribe(bad, {})).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
});

test("ends with its signal, with the hub, and at once when it was over before", async () => {
  const over = new AbortController();
  const events = hub.subscribe(feedOf("ada"), { signal: over.signal });
  await events.next();
  const waiting = events.next();
  over.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await hub.subscribe(feedOf("ada"), { signal: over.signal }).next()).toMatchObject({ done: true });
  expect(hub.subscribers).toBe(0);
  const other = hub.subscribe(feedOf("ada"), {});
  await other.next();
  const ending = other.next();
  await hub.close();
  expect(await ending).toMatchObject({ done: true });
  expect(await hub.subscribe(feedOf("ada"), {}).next()).toMatchObject({ done: true });
});
