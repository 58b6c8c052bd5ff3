// A run that cannot be stored, whatever the reason, keeps no other from going on.
import { sql } from "drizzle-orm";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven } from "../support/engine.ts";
import { ask, messagesOf, runsOf } from "../support/inspect.ts";

const data = z.object({});
const slow = workflow("slow", { data }).delay("pause", "1h").inApp("feed", { body: "b" });
const quick = workflow("quick", { data }).inApp("feed", { body: "b" });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
const allow = () => ask(database, sql`alter table knock.messages drop constraint if exists none_for_odd`);
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [slow, quick] });
  await ask(database, sql`alter table knock.messages add constraint none_for_odd check (recipient_id <> 'odd')`);
});
afterEach(allow);

const notify = async (key: string, recipients: string[]) =>
  accepted(await driven.knock.engine.notify({ workflow: key, recipients, data: {} })).notification.id;
const reached = async () => (await messagesOf(database)).map(({ recipient }) => recipient);

test("of runs that are due together it alone is put off, and goes on when it can", async () => {
  const others = Array.from({ length: 20 }, (_, index) => `r${String(index).padStart(2, "0")}`);
  await notify("slow", [...others.slice(0, 11), "odd", ...others.slice(11)]);
  await driven.settle();
  await driven.clock.advance(3_600_000);
  await driven.settle();
  expect(await reached()).toEqual(others);
  expect((await runsOf(database)).filter(({ status }) => status === "waiting")).toHaveLength(1);
  await allow();
  await driven.advance("1m");
  expect(await reached()).toEqual(["odd", ...others]);
});

test("of notifications in one job it alone has no runs, until the job is tried again", async () => {
  const notifications = [
    await notify("quick", ["ada"]),
    await notify("quick", ["odd"]),
    await notify("quick", ["bob"]),
  ];
  driven.jobs.clear();
  const { express } = driven.knock.engine.handlers;
  await expect(express({ notifications })).rejects.toThrow();
  expect(await reached()).toEqual(["ada", "bob"]);
  await allow();
  await express({ notifications });
  expect(await reached()).toEqual(["ada", "bob", "odd"]);
});

test("of a chunk it alone has no run, until the job is tried again", async () => {
  const others = Array.from({ length: 200 }, (_, index) => `r${String(index).padStart(3, "0")}`);
  const notification = await notify("quick", [...others.slice(0, 77), "odd", ...others.slice(77)]);
  const { handlers } = driven.knock.engine;
  await handlers.fanOut(driven.jobs.take("fanOut")!.data);
  driven.jobs.clear();
  await expect(handlers.chunk({ notification, number: 0 })).rejects.toThrow();
  expect(await reached()).toEqual(others);
  await allow();
  await handlers.chunk({ notification, number: 0 });
  expect(await reached()).toEqual(["odd", ...others]);
  await handlers.chunk({ notification, number: 0 });
  expect(await ask(database, sql`select done_at is not null as done from knock.fan_out_chunks`)).toEqual([
    { done: true },
  ]);
});
