// Work whose job is gone is put back, once, and goes on where it stood.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { keepHouse } from "../../src/engine/maintenance.ts";
import { createRecovery, type Recovered, type Recovery } from "../../src/engine/recovery.ts";
import type { Database } from "../../src/store/database.ts";
import { tryAlone } from "../../src/store/recovery.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, captured, drive, type Driven, eventually, START } from "../support/engine.ts";
import { ask, count } from "../support/inspect.ts";

const plain = workflow("plain", { data: z.object({}) })
  .inApp("feed", { body: "b" })
  .email("mail", { subject: "s", body: "b" });

const NOTHING: Recovered = { dead: 0, chunks: 0, notifications: 0, messages: 0 };

let database: Database;
let driven: Driven;
let recovery: Recovery;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [plain] });
  recovery = createRecovery(driven.knock.engine.internals);
});

const notify = async (call: object) =>
  accepted(await driven.knock.engine.notify({ workflow: "plain", ...call })).notification.id;
async function fill(list: string, size: number): Promise<void> {
  await ask(database, sql`insert into knock.lists (name, created_at, updated_at) values (${list}, now(), now())`);
  await ask(
    database,
    sql`insert into knock.list_members (list, user_id, created_at)
    select ${list}, 'u' || lpad(n::text, 5, '0'), now() from generate_series(1, ${size}::int) as n`,
  );
}
/** Executes so many jobs of those that wait. */
const execute = (jobs: number) => driven.jobs.drain(jobs);
/** Executes planning jobs alone. */
async function plan(most = Number.POSITIVE_INFINITY): Promise<void> {
  for (let done = 0; done < most; done++) {
    const job = driven.jobs.take("fanOut");
    if (!job) return;
    await driven.knock.engine.handlers.fanOut(job.data);
  }
}
/** As if somebody had emptied the queues. */
const lose = () => driven.jobs.clear();
const later = () => driven.clock.advance(11 * 60_000);

test("a notification whose job is gone is planned and sent, once", async () => {
  await notify({ recipients: ["a", "b"] });
  lose();
  // It might still be in a transaction of its caller.
  expect(await recovery.pass()).toEqual(NOTHING);
  await later();
  expect(await recovery.pass()).toEqual({ ...NOTHING, notifications: 1 });
  expect(await recovery.pass()).toEqual(NOTHING);
  await driven.settle();
  expect(await count(database, "runs")).toBe(2);
  expect(await recovery.pass()).toEqual(NOTHING);
});

test("what still has its job is left to it, however late it is", async () => {
  await fill("all", 2_500);
  await notify({ recipients: ["a"] });
  await notify({ lists: ["all"] });
  await execute(2);
  await later();
  expect(await recovery.pass()).toEqual(NOTHING);
});

test.each([1, 2])(
  "planning that is lost after %i of its 3 jobs goes on where it stood",
  async (jobs) => {
    await fill("all", 52_500);
    await notify({ recipients: Array.from({ length: 1_500 }, (_, index) => `x${index}`), lists: ["all"] });
    await plan(jobs);
    const chunks = await count(database, "fan_out_chunks");
    lose();
    await later();
    const recovered = await recovery.pass();
    expect(recovered).toEqual({ ...NOTHING, chunks, notifications: 1 });
    await plan();
    expect(await count(database, "fan_out_chunks")).toBe(55);
    const [ranges] = await ask<{ numbers: number; ends: number }>(
      database,
      sql`select count(distinct number)::int as numbers, count(distinct (list, up_to))::int as ends from knock.fan_out_chunks`,
    );
    expect(ranges).toEqual({ numbers: 55, ends: 55 });
    // Each chunk has one job again.
    expect(driven.jobs.waiting().filter(({ kind }) => kind === "chunk")).toHaveLength(55);
  },
  60_000,
);

test("chunks whose job is gone become runs", async () => {
  await fill("all", 3_200);
  await notify({ lists: ["all"] });
  await plan();
  await execute(1);
  lose();
  await later();
  expect(await recovery.pass()).toEqual({ ...NOTHING, chunks: 3 });
  expect(await recovery.pass()).toEqual(NOTHING);
  await driven.settle();
  expect(await count(database, "runs")).toBe(3_200);
});

test("messages whose job is gone are found when everything is looked at, and sent once", async () => {
  await ask(
    database,
    sql`insert into knock.users (id, email, created_at, updated_at)
    select 'u' || n, n || '@example.com', now(), now() from generate_series(0, 99) as n`,
  );
  await notify({ recipients: Array.from({ length: 100 }, (_, index) => `u${index}`) });
  await execute(1);
  lose();
  await later();
  expect(await recovery.all({ since: START })).toEqual({ ...NOTHING, messages: 100 });
  expect(await recovery.all({ since: START })).toEqual(NOTHING);
  await driven.settle();
  expect(captured(driven, "email").messages).toHaveLength(100);
  expect(await recovery.all({ since: START })).toEqual(NOTHING);
});

test("a cancelled notification is not brought back", async () => {
  await notify({ recipients: ["a"], cancellationKey: "c" });
  await driven.knock.cancel("c");
  lose();
  await later();
  expect(await recovery.pass()).toEqual(NOTHING);
});

test("notifications that stay unplanned are watched without hiding later ones", async () => {
  await notify({ recipients: ["a"] });
  await later();
  expect(await recovery.pass()).toEqual(NOTHING);
  lose();
  await notify({ recipients: ["b"] });
  lose();
  await later();
  expect(await recovery.pass()).toEqual({ ...NOTHING, notifications: 2 });
});

test("a process that works looks by itself, every half minute", async () => {
  const { internals } = driven.knock.engine;
  const ending = new AbortController();
  const keeping = keepHouse(internals, ending.signal);
  const planning = () => driven.jobs.waiting().filter(({ kind }) => kind === "fanOut").length;
  await notify({ recipients: ["a"] });
  lose();
  for (let minute = 0; minute < 12; minute++) await driven.clock.advance(60_000);
  await eventually(
    async () => (await driven.clock.advance(30_000), planning()),
    (jobs) => jobs === 1,
  );
  ending.abort();
  await keeping;
});

test("one process at a time looks; others pass by", async () => {
  await notify({ recipients: ["a"] });
  lose();
  await later();
  if (database.driver === "pglite") return;
  await database.transaction(async (tx) => {
    expect(await tryAlone(tx, "recovery")).toBe(true);
    expect(await recovery.pass()).toBeNull();
  });
  expect(await recovery.pass()).toEqual({ ...NOTHING, notifications: 1 });
});
