// Waiting for events.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { eq } from "../../src/definition/condition-builders.ts";
import { workflow } from "../../src/definition/workflow.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, captured, drive, type Driven } from "../support/engine.ts";
import { ask, count, decisions, messagesOf, runsOf } from "../support/inspect.ts";

const data = z.object({ order: z.string().default("A-7"), until: z.string().optional() });
const tell = ({ steps }: { steps: { paid: object } }) => JSON.stringify(steps.paid);
const paid = workflow("paid", { data })
  .waitFor("paid", {
    event: "order.paid",
    match: ({ data: { order }, recipient }) => ({ order, person: recipient.id, kind: "full" }),
    timeout: "3d",
  })
  .inApp("feed", { body: tell });
const halts = workflow("halts", { data })
  .waitFor("paid", { event: "order.paid", match: ({ data: { order } }) => ({ order }), timeout: "3d", onMatch: "halt" })
  .inApp("feed", { body: "pay!" });
const gives = workflow("gives", { data })
  .waitFor("paid", { event: "order.paid", timeout: "1h", onTimeout: "halt" })
  .inApp("feed", { body: "thanks" });
const ways = workflow("ways", { data })
  .waitFor("paid", { event: "order.paid", timeout: "1h", timedOut: (w) => w.inApp("remind", { body: "pay!" }) })
  .inApp("feed", { body: tell });
const dated = workflow("dated", { data })
  .waitFor("paid", { event: "order.paid", timeout: { until: ({ data: { until } }) => until } })
  .inApp("feed", { body: tell });
const twice = workflow("twice", { data })
  .waitFor("paid", { event: "tick", timeout: "1h" })
  .waitFor("again", { event: "tick", timeout: "1h" })
  .inApp("feed", { body: ({ steps }) => JSON.stringify([steps.paid.event, steps.again.event]) });
const when = workflow("when", { data })
  .waitFor("paid", { event: "tick", timeout: "1h", when: ({ data: { order } }) => eq(order, "none") })
  .inApp("feed", { body: tell });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [paid, halts, gives, ways, dated, twice, when] });
});

async function begin(key: string, given: object = {}, recipients: object[] = [{ id: "ada" }]): Promise<void> {
  accepted(await driven.knock.engine.notify({ workflow: key, recipients: recipients as never, data: given }));
  await driven.settle();
}
const signal = async (name: string, match?: object, event?: object) => {
  const outcome = await driven.knock.signalEvent(name, match as never, event as never);
  if (!outcome.ok) throw outcome.error;
  await driven.settle();
  return outcome.runs;
};
const bodies = async () =>
  (await messagesOf(database)).map(({ step, content }) => `${step}: ${content.body as string}`);
const whole = { order: "A-7", person: "ada", kind: "full" };

test("an event whose match is equal lets the run go on with its data; the order of keys does not matter", async () => {
  await begin("paid");
  expect(await runsOf(database)).toMatchObject([{ status: "waiting", step: "paid" }]);
  expect(await signal("order.paid", { person: "ada", kind: "full", order: "A-7" }, { amount: 20 })).toBe(1);
  expect(await decisions(database, "ada")).toEqual(["paid done", "feed done"]);
  const event = { matched: true, timedOut: false, event: { amount: 20 }, skipped: false };
  expect(await bodies()).toEqual([`feed: ${JSON.stringify(event)}`]);
  expect(await count(database, "waits")).toBe(0);
  expect(await signal("order.paid", whole)).toBe(0);
});

test.each([
  ["another name", "order.lost", whole],
  ["another value", "order.paid", { ...whole, order: "A-8" }],
  ["fewer members", "order.paid", { order: "A-7" }],
  ["more members", "order.paid", { ...whole, more: null }],
  ["another type", "order.paid", { ...whole, order: 7 }],
  ["nothing", "order.paid", undefined],
])("%s is another event", async (_what, name, match) => {
  await begin("paid");
  expect(await signal(name, match)).toBe(0);
  expect(await runsOf(database)).toMatchObject([{ status: "waiting" }]);
});

test("an event that came before the wait began does not count", async () => {
  expect(await signal("order.paid", whole)).toBe(0);
  await begin("paid");
  expect(await runsOf(database)).toMatchObject([{ status: "waiting" }]);
});

test("matches longer than an index entry are told apart, too", async () => {
  const order = "x".repeat(3_000);
  await begin("halts", { order });
  expect(await signal("order.paid", { order: `${order}y` })).toBe(0);
  expect(await signal("order.paid", { order })).toBe(1);
  expect(await decisions(database, "ada")).toEqual(["paid halted MATCHED"]);
  expect(await runsOf(database)).toMatchObject([{ status: "halted" }]);
});

describe("when nothing happens", () => {
  test("the run goes on at the end of the window, and knows it", async () => {
    await begin("paid");
    await driven.advance("3d");
    expect(await decisions(database, "ada")).toEqual(["paid done", "feed done"]);
    const event = { matched: false, timedOut: true, event: null, skipped: false };
    expect(await bodies()).toEqual([`feed: ${JSON.stringify(event)}`]);
    expect(await count(database, "waits")).toBe(0);
  });

  test("it can end there", async () => {
    await begin("gives");
    await driven.advance("1h");
    expect(await decisions(database, "ada")).toEqual(["paid halted TIMED_OUT"]);
    expect(await count(database, "waits")).toBe(0);
  });

  test("it can take another way, and comes back", async () => {
    await begin("ways");
    await driven.advance("1h");
    expect(await decisions(database, "ada")).toEqual(["paid done", "remind done", "feed done"]);
  });

  test("an event that comes in time leaves that way out", async () => {
    await begin("ways");
    await signal("order.paid");
    await driven.advance("2h");
    expect(await decisions(database, "ada")).toEqual(["paid done", "feed done"]);
  });
});

test("a window that has no end skips the wait, and the reason says why", async () => {
  await begin("dated");
  await begin("dated", { until: "2026-01-01T00:00:00Z" }, [{ id: "bob" }]);
  await begin("dated", { until: "2026-01-06T00:00:00Z" }, [{ id: "cyd" }]);
  expect(await decisions(database, "ada")).toEqual(["paid skipped WINDOW_MISSING", "feed done"]);
  expect(await decisions(database, "bob")).toEqual(["paid skipped WINDOW_PAST", "feed done"]);
  expect(await decisions(database, "cyd")).toEqual(["paid waiting"]);
  await begin("dated", { until: "2026-02-05T00:00:00Z" }, [{ id: "eve" }]);
  expect(await decisions(database, "eve")).toEqual(["paid skipped WINDOW_TOO_FAR", "feed done"]);
  const skipped = { matched: false, timedOut: false, event: null, skipped: true };
  expect((await bodies())[0]).toBe(`feed: ${JSON.stringify(skipped)}`);
  await begin("when", {}, [{ id: "dan" }]);
  expect(await decisions(database, "dan")).toEqual(["paid skipped CONDITION", "feed done"]);
});

test("one event ends one wait: the next one needs the next", async () => {
  await begin("twice");
  expect(await signal("tick", {}, { n: 1 })).toBe(1);
  expect(await runsOf(database)).toMatchObject([{ status: "waiting", step: "again" }]);
  expect(await signal("tick", {}, { n: 2 })).toBe(1);
  expect(await bodies()).toEqual(['feed: [{"n":1},{"n":2}]']);
});

test("two waits end in time, one after the other", async () => {
  await begin("twice");
  await driven.advance("1h");
  expect(await ask(database, sql`select step, event from knock.waits`)).toEqual([{ step: "again", event: "tick" }]);
  await driven.advance("1h");
  expect(await bodies()).toEqual(["feed: [null,null]"]);
});

test("who is cancelled waits no more", async () => {
  const call = { workflow: "gives", recipients: ["ada", "bob"], cancellationKey: "c" };
  accepted(await driven.knock.engine.notify(call));
  await driven.settle();
  await driven.knock.cancel("c", ["ada"]);
  expect(await count(database, "waits")).toBe(1);
  expect(await signal("order.paid")).toBe(1);
  expect(await decisions(database, "ada")).toEqual(["paid waiting", "cancel cancelled CANCELLED"]);
  expect(captured(driven, "email").messages).toEqual([]);
  expect(await messagesOf(database)).toMatchObject([{ recipient: "bob" }]);
});

test("a wait left by a run that ended otherwise wakes nobody", async () => {
  await begin("gives");
  await database.db.execute(sql`update knock.runs set status = 'cancelled', wake_at = null`);
  expect(await signal("order.paid")).toBe(0);
  expect(await count(database, "waits")).toBe(0);
  expect(await runsOf(database)).toMatchObject([{ status: "cancelled" }]);
});

describe("signals that cannot be", () => {
  test.each([
    ["an empty name", "", {}, {}],
    ["a name that is too long", "x".repeat(256), {}, {}],
    ["a name that cannot be stored", "a\0", {}, {}],
    ["a name of ours", "message.read", {}, {}],
    ["a match that is no object", "tick", ["a"], {}],
    ["a match that cannot be stored", "tick", { a: "\0" }, {}],
    ["data that is no object", "tick", {}, "text"],
    ["data that cannot be JSON", "tick", {}, { big: 1n }],
    ["data that is too large", "tick", {}, { text: "x".repeat(300_000) }],
  ])("%s is refused", async (_what, name, match, event) => {
    const outcome = await driven.knock.signalEvent(name, match as never, event as never);
    expect(outcome).toMatchObject({ ok: false, error: { code: "INVALID_INPUT" } });
  });
});
