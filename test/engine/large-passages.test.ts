// Runs that are due together and read more than fits into memory go on in several passages.
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { resumeDue } from "../../src/engine/resume.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven } from "../support/engine.ts";
import { count, runsOf } from "../support/inspect.ts";

const slow = workflow("slow", { data: z.object({ text: z.string() }) })
  .delay("pause", "1h")
  .inApp("feed", { body: ({ data }) => String(data.text.length) });

const MEGABYTES = 1024 * 1024;

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [slow] });
});

async function begin(calls: number, recipients: string[], length: number): Promise<void> {
  const data = { text: "x".repeat(length) };
  for (let index = 0; index < calls; index++)
    accepted(await driven.knock.engine.notify({ workflow: "slow", recipients, data }));
  await driven.settle();
  await driven.clock.advance(3_600_000);
}
const resume = () => resumeDue(driven.knock.engine.internals);
const waiting = async () => (await runsOf(database)).filter(({ status }) => status === "waiting").length;

test("of data that are large only so many are read at once, and all runs end", async () => {
  await begin(4, ["ada"], 9 * MEGABYTES);
  expect(await resume()).toBe(3);
  expect(await waiting()).toBe(1);
  expect([await resume(), await resume()]).toEqual([1, 0]);
  expect(await waiting()).toBe(0);
  expect(await count(database, "messages")).toBe(4);
});

test("data that several runs read count once", async () => {
  await begin(1, ["ada", "bob", "cyd", "dan"], 9 * MEGABYTES);
  expect([await resume(), await waiting()]).toEqual([4, 0]);
});
