import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import type { Database } from "../../src/store/database.ts";
import { addListMembers } from "../../src/store/lists.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, captured, drive, type Driven, START } from "../support/engine.ts";
import { ask, count, runsOf } from "../support/inspect.ts";

const slow = workflow("slow", { data: z.object({}) })
  .inApp("feed", { body: "now" })
  .delay("grace", "1h")
  .sms("text", { body: "later" });
const quick = workflow("quick", { data: z.object({}) }).inApp("feed", { body: "now" });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [slow, quick] });
});

const people = ["ada", "bob", "cyd"].map((id) => ({ id, phoneNumber: "+41790000000" }));
const notify = async (call: object = {}) =>
  accepted(await driven.knock.engine.notify({ workflow: "slow", recipients: people, cancellationKey: "c", ...call }))
    .notification.id;
const cancel = (key: string, recipients?: readonly string[]) => driven.knock.engine.cancel(key, recipients);
const statuses = async () =>
  Object.fromEntries((await runsOf(database)).map(({ recipient, status }) => [recipient, status]));

test("a cancel ends every unfinished run of its key, for all of its notifications, and says so", async () => {
  const ids = [await notify(), await notify()].toSorted();
  const other = await notify({ cancellationKey: "other" });
  await driven.settle();
  const ended = await cancel("c");
  expect([ended.notifications.toSorted(), ended.runs]).toEqual([ids, 6]);
  const trace = await ask<{ trace: object[] }>(
    database,
    sql`select trace from knock.runs where status = 'cancelled' limit 1`,
  );
  expect(trace[0]!.trace).toMatchObject([
    { ref: "feed" },
    { ref: "grace" },
    { ref: "cancel", outcome: "cancelled", code: "CANCELLED" },
  ]);
  await driven.advance("2h");
  expect(captured(driven, "sms").messages).toHaveLength(3);
  const left = await ask<{ id: string }>(
    database,
    sql`select distinct notification_id as id from knock.runs where status = 'completed'`,
  );
  expect(left.map(({ id }) => id)).toEqual([other]);
});

test("it ends the runs of some recipients only, again and again, also of those not yet begun", async () => {
  await notify();
  expect((await cancel("c", ["ada"])).runs).toBe(0);
  await driven.settle();
  expect(await statuses()).toEqual({ ada: "cancelled", bob: "waiting", cyd: "waiting" });
  expect(await cancel("c", ["bob", "nobody"])).toMatchObject({ runs: 1 });
  await driven.advance("2h");
  expect(await statuses()).toEqual({ ada: "cancelled", bob: "cancelled", cyd: "completed" });
  expect(captured(driven, "sms").messages).toHaveLength(1);
  expect(await cancel("c", ["cyd"])).toEqual({ notifications: [], runs: 0 });
});

test("cancelled before its runs began, a notification makes none", async () => {
  const id = await notify();
  expect(await cancel("c")).toEqual({ notifications: [id], runs: 0 });
  await driven.advance("2h");
  expect(await count(database, "messages")).toBe(0);
  expect((await runsOf(database)).every(({ status }) => status === "cancelled")).toBe(true);
});

test("what is finished stays as it is, and what comes later is not affected", async () => {
  await notify({ workflow: "quick" });
  await driven.settle();
  expect(await cancel("c")).toEqual({ notifications: [], runs: 0 });
  expect(await statuses()).toEqual({ ada: "completed", bob: "completed", cyd: "completed" });
  await notify();
  await driven.advance("2h");
  expect(captured(driven, "sms").messages).toHaveLength(3);
});

test("a list is cancelled in the middle of its fan-out: chunks that come later make no runs", async () => {
  const members = Array.from({ length: 2_500 }, (_, index) => ({ userId: `u${String(index).padStart(4, "0")}` }));
  await addListMembers(database.db, { list: "all", members }, START);
  const id = await notify({ recipients: [], lists: ["all"] });
  const { handlers } = driven.knock.engine;
  await handlers.fanOut({ notification: id, number: 0, list: -1, after: null });
  await handlers.fanOut({ notification: id, number: 0, list: 0, after: null });
  await handlers.chunk({ notification: id, number: 1 });
  expect(await cancel("c", ["u0000", "u1000"])).toEqual({ notifications: [id], runs: 1 });
  expect(await cancel("c")).toEqual({ notifications: [id], runs: 999 });
  await driven.advance("2h");
  const counts = await ask(database, sql`select status, count(*)::int as runs from knock.runs group by status`);
  expect(counts).toEqual([{ status: "cancelled", runs: 1_000 }]);
});

test("a list is cancelled when it is cut into chunks and none of them is done", async () => {
  await addListMembers(database.db, { list: "all", members: [{ userId: "ada" }, { userId: "bob" }] }, START);
  const { handlers } = driven.knock.engine;
  const some = await notify({ recipients: [], lists: ["all"], cancellationKey: "some" });
  const all = await notify({ recipients: [], lists: ["all"], cancellationKey: "all" });
  for (const notification of [some, all]) await handlers.fanOut({ notification, number: 0, list: 0, after: null });
  expect(await cancel("some", ["ada"])).toEqual({ notifications: [some], runs: 0 });
  expect(await cancel("all")).toEqual({ notifications: [all], runs: 0 });
  await driven.advance("2h");
  expect((await runsOf(database)).map(({ recipient, status }) => [recipient, status])).toEqual([
    ["ada", "cancelled"],
    ["bob", "completed"],
  ]);
});

test("a list is cancelled for some in the middle of its fan-out: they alone get nothing", async () => {
  const members = Array.from({ length: 2_500 }, (_, index) => ({ userId: `u${String(index).padStart(4, "0")}` }));
  await addListMembers(database.db, { list: "all", members }, START);
  const id = await notify({ recipients: [], lists: ["all"] });
  const { handlers } = driven.knock.engine;
  await handlers.fanOut({ notification: id, number: 0, list: 0, after: null });
  await handlers.chunk({ notification: id, number: 1 });
  await cancel("c", ["u0000", "u1000", "u2499"]);
  await driven.settle();
  const cancelled = (await runsOf(database)).filter(({ status }) => status === "cancelled");
  expect(cancelled.map(({ recipient }) => recipient)).toEqual(["u0000", "u1000", "u2499"]);
  expect(await count(database, "messages")).toBe(2_500 - 2);
});

test.each<[string, string, readonly string[] | undefined]>([
  ["an unknown key", "nothing", undefined],
  ["an empty key", "", undefined],
  ["a key that cannot be stored", "\0", undefined],
  ["no recipients", "c", []],
  ["recipients that cannot be stored", "c", ["\0", "\ud800"]],
])("%s cancels nothing", async (_name, key, recipients) => {
  await notify();
  expect(await cancel(key, recipients)).toEqual({ notifications: [], runs: 0 });
  await driven.advance("2h");
  expect(captured(driven, "sms").messages).toHaveLength(3);
});
