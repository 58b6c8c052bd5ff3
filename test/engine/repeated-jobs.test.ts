// Any job may come twice: after a crash between its commit and its completion, or to two processes.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import type { JobData, JobKind } from "../../src/engine/jobs/port.ts";
import type { Database } from "../../src/store/database.ts";
import { addListMembers, removeListMembers } from "../../src/store/lists.ts";
import { upsertUsers } from "../../src/store/users.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, captured, drive, type Driven, START } from "../support/engine.ts";
import { ask, count, messagesOf, runsOf } from "../support/inspect.ts";

const plain = workflow("plain", { data: z.object({}) })
  .inApp("feed", { body: ({ recipient }) => `${recipient.id} ${String(recipient.membership?.list ?? "")}` })
  .email("mail", { subject: "s", body: "b" });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [plain] });
});

const id = (index: number) => `u${String(index).padStart(5, "0")}`;
const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => id(from + index));
async function fill(list: string, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 10_000) {
    const members = ids(start, Math.min(to, start + 10_000)).map((userId) => ({ userId, properties: { list } }));
    await addListMembers(database.db, { list, members }, START);
  }
}
const notify = async (call: object) =>
  accepted(await driven.knock.engine.notify({ workflow: "plain", ...call })).notification.id;
const jobOf = <K extends JobKind>(kind: K, data: JobData[K]) => driven.knock.engine.handlers[kind](data);
const state = async () => [await runsOf(database), await messagesOf(database)];

test("an express job that comes twice, one after the other or at once, changes nothing", async () => {
  const notifications = [await notify({ recipients: ["a", "b"] }), await notify({ recipients: ["b"] })];
  await Promise.all([jobOf("express", { notifications }), jobOf("express", { notifications })]);
  const planned = () => ask(database, sql`select id, planned_at from knock.notifications order by id`);
  const before = [await state(), await planned()];
  expect(before[0]![0]).toHaveLength(3);
  await driven.clock.advance(60_000);
  await jobOf("express", { notifications });
  await jobOf("express", { notifications: notifications.toReversed() });
  expect([await state(), await planned()]).toEqual(before);
});

test("planning and chunks that come twice, in any order or at once, change nothing", async () => {
  await fill("all", 0, 2_300);
  const notification = await notify({ recipients: ids(0, 150), lists: ["all"] });
  const parts = [
    { notification, number: 0, list: -1, after: null },
    { notification, number: 1, list: 0, after: null },
  ];
  for (const part of [...parts, ...parts]) await jobOf("fanOut", part);
  await Promise.all(parts.map((part) => jobOf("fanOut", part)));
  expect(await count(database, "fan_out_chunks")).toBe(4);
  for (const number of [3, 0, 1, 2, 3, 0]) await jobOf("chunk", { notification, number });
  const before = await state();
  expect(before.map(({ length }) => length)).toEqual([2_300, 2_300]);
  await Promise.all([0, 1, 2, 3].map((number) => jobOf("chunk", { notification, number })));
  await jobOf("chunk", { notification, number: 17 });
  expect(await state()).toEqual(before);
});

test("planning that comes twice with other members in between keeps nobody out", { timeout: 60_000 }, async () => {
  await fill("first", 0, 3_000);
  await fill("second", 90_000, 91_500);
  const notification = await notify({ lists: ["first", "second"] });
  await jobOf("fanOut", { notification, number: 0, list: -1, after: null });
  await jobOf("fanOut", { notification, number: 0, list: 0, after: null });
  await fill("first", 3_000, 5_000);
  await removeListMembers(database.db, { list: "first", userIds: ids(0, 900) }, START);
  await jobOf("fanOut", { notification, number: 0, list: 0, after: null });
  await driven.settle();
  // Whoever was a member all the time has a run; the newcomers may or may not.
  const reached = new Set((await runsOf(database)).map(({ recipient }) => recipient));
  expect([...ids(900, 3_000), ...ids(90_000, 91_500)].filter((each) => !reached.has(each))).toEqual([]);
});

test("the rest of a plan that was made twice takes no numbers from the first one", { timeout: 60_000 }, async () => {
  await fill("first", 0, 5_000);
  await fill("second", 90_000, 94_000);
  const notification = await notify({ lists: ["first", "second"] });
  await jobOf("fanOut", { notification, number: 0, list: 0, after: null });
  await removeListMembers(database.db, { list: "first", userIds: ids(0, 2_000) }, START);
  await jobOf("fanOut", { notification, number: 0, list: 0, after: null });
  // What the second plan would hand on to; its numbers belong to the first list by now.
  await jobOf("fanOut", { notification, number: 3, list: 1, after: null });
  await driven.settle();
  expect(await count(database, "runs")).toBe(3_000 + 4_000);
});

test("a chunk that was done reaches nobody who came later", async () => {
  await fill("all", 0, 3);
  await fill("all", 4, 5);
  const notification = await notify({ lists: ["all"] });
  await driven.settle();
  await fill("all", 3, 4);
  await jobOf("chunk", { notification, number: 0 });
  await driven.settle();
  expect(await count(database, "runs")).toBe(4);
});

test("whoever changes lists during the fan-out, and is always in one of them, is reached once", async () => {
  await fill("one", 0, 3);
  await fill("two", 2, 5);
  const notification = await notify({ lists: ["one", "two"] });
  await jobOf("fanOut", { notification, number: 0, list: -1, after: null });
  await jobOf("fanOut", { notification, number: 0, list: 0, after: null });
  await jobOf("fanOut", { notification, number: 1, list: 1, after: null });
  await jobOf("chunk", { notification, number: 0 });
  // Too late for the first list, and now it would hide the membership of the second.
  await fill("one", 4, 5);
  await jobOf("chunk", { notification, number: 1 });
  expect((await runsOf(database)).map(({ recipient }) => recipient)).toEqual(ids(0, 5));
});

test("the second list's chunk may come first: who is in both is reached through the first one", async () => {
  await fill("one", 0, 3);
  await fill("two", 2, 5);
  const begun: string[] = [];
  driven = await drive({
    database,
    handles: [plain],
    listeners: { onRun: ({ recipientId, entry }) => entry.ref === "feed" && begun.push(recipientId) },
  });
  const notification = await notify({ recipients: [id(3)], lists: ["one", "two"] });
  await jobOf("fanOut", { notification, number: 0, list: 0, after: null });
  await jobOf("fanOut", { notification, number: 1, list: 1, after: null });
  await jobOf("chunk", { notification, number: 1 });
  await jobOf("chunk", { notification, number: 0 });
  expect((await runsOf(database)).map(({ recipient }) => recipient)).toEqual([0, 1, 2, 4].map(id));
  await driven.jobs.drain();
  await jobOf("fanOut", { notification, number: 2, list: -1, after: null });
  await driven.settle();
  expect(begun.toSorted()).toEqual(ids(0, 5));
  const through = (await runsOf(database)).map(({ recipient, state: { list } }) => [recipient, list]);
  expect(through).toEqual([
    [id(0), "one"],
    [id(1), "one"],
    [id(2), "one"],
    [id(3), undefined],
    [id(4), "two"],
  ]);
});

test("a delivery that comes twice sends once, and one at the same time records once", async () => {
  await upsertUsers(
    database.db,
    ids(0, 5).map((each) => ({ id: each, email: `${each}@example.com` })),
    START,
  );
  const notification = await notify({ recipients: ids(0, 5) });
  await jobOf("express", { notifications: [notification] });
  const messages = (await messagesOf(database)).filter(({ step }) => step === "mail").map((message) => message.id);
  await jobOf("deliver", { messages });
  await jobOf("deliver", { messages });
  expect(captured(driven, "email").messages).toHaveLength(5);
  await database.db.execute(sql`update knock.messages set status = 'queued', attempts = 0 where step = 'mail'`);
  await database.db.execute(sql`delete from knock.delivery_attempts`);
  await Promise.all([jobOf("deliver", { messages }), jobOf("deliverExpress", { messages: messages.toReversed() })]);
  const attempts = await ask<{ id: string }>(database, sql`select message_id as id from knock.delivery_attempts`);
  expect(attempts.map((attempt) => attempt.id).toSorted()).toEqual(messages.toSorted());
  expect(new Set(captured(driven, "email").messages.map(({ idempotencyKey }) => idempotencyKey))).toEqual(
    new Set(messages),
  );
});

test("jobs that point at nothing do nothing", async () => {
  const nobody = "019b8d62-7a80-748e-b9a4-38b847fc2a11";
  await jobOf("express", { notifications: [nobody] });
  await jobOf("fanOut", { notification: nobody, number: 0, list: -1, after: null });
  await jobOf("chunk", { notification: nobody, number: 0 });
  await jobOf("deliver", { messages: [nobody] });
  expect(await count(database, "runs")).toBe(0);
});

test("two processes that resume the same due runs at once take each of them once", async () => {
  const slow = workflow("slow", { data: z.object({}) })
    .delay("grace", "1h")
    .inApp("feed", { body: "x" });
  driven = await drive({ database, handles: [slow] });
  const second = await drive({ database, handles: [slow], clock: driven.clock });
  accepted(await driven.knock.engine.notify({ workflow: "slow", recipients: ids(0, 90) }));
  await driven.settle();
  await driven.clock.advance(3_600_000);
  await Promise.all([driven.settle(), second.settle(), driven.settle()]);
  expect(await count(database, "messages")).toBe(90);
  for (const { trace } of await runsOf(database)) expect(trace.map(({ ref }) => ref)).toEqual(["grace", "feed"]);
});
