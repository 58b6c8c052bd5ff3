// Events, marks, cancels and the end of the time meet runs that wait, over two processes' connections.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { markMessages } from "../../src/engine/directory/engagement.ts";
import { resumeDue } from "../../src/engine/resume.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testPool, testPostgresUrl } from "../support/database.ts";
import { accepted, drive, type Driven } from "../support/engine.ts";
import { ask, count, messagesOf } from "../support/inspect.ts";

const data = z.object({});
const event = workflow("event", { data }).waitFor("paid", { event: "paid", timeout: "1h" }).inApp("end", { body: "b" });
const look = workflow("look", { data })
  .inApp("feed", { body: "b" })
  .delay("pause", "1h")
  .waitFor("seen", { message: "feed", status: "seen", timeout: "1h" })
  .waitFor("read", { message: "feed", status: "read", timeout: "1h" });

let pools: [Database, Database];
let engines: [Driven, Driven];
beforeAll(async () => {
  const url = await testPostgresUrl();
  pools = [await testPool(url, 6), await testPool(url, 6)];
});
beforeEach(async () => {
  await emptyTables(pools[0]);
  const first = await drive({ database: pools[0], handles: [event, look] });
  engines = [first, await drive({ database: pools[1], handles: [event, look], clock: first.clock })];
});

async function begin(key: string, people: number): Promise<void> {
  const recipients = Array.from({ length: people }, (_, index) => `u${index}`);
  accepted(await engines[0].knock.engine.notify({ workflow: key, recipients, cancellationKey: "c" }));
  await engines[0].settle();
}
async function signal(by: Driven): Promise<number> {
  const outcome = await by.knock.signalEvent("paid", {}, { from: "signal" });
  if (!outcome.ok) throw outcome.error;
  return outcome.runs;
}
async function resumeAll({ knock }: Driven): Promise<void> {
  while ((await resumeDue(knock.engine.internals)) > 0);
}
async function mark(as: "SEEN" | "READ", by: Driven, ids: readonly string[]): Promise<void> {
  const outcome = await markMessages(by.knock.engine.context, { ids, as });
  if (!outcome.ok) throw outcome.error;
}
const results = async (ref: string) => {
  const [found] = await ask<Record<string, number>>(
    pools[0],
    sql`select (count(*) filter (where result->'matched' = 'true'))::int as matched,
      (count(*) filter (where result->'timedOut' = 'true'))::int as "timedOut",
      (count(*) filter (where status = 'cancelled'))::int as cancelled,
      (count(*) filter (where status = 'waiting'))::int as waiting
    from (select status, state->'results'->${ref} as result from knock.runs) as run`,
  );
  return found!;
};

test("an event that is told twice at once wakes each of thousands of runs once", async () => {
  await begin("event", 2_500);
  expect(await count(pools[0], "waits")).toBe(2_500);
  const woken = await Promise.all([signal(engines[0]), signal(engines[1]), signal(engines[0])]);
  expect(woken.reduce((sum, runs) => sum + runs)).toBe(2_500);
  await engines[0].settle();
  expect(await results("paid")).toEqual({ matched: 2_500, timedOut: 0, cancelled: 0, waiting: 0 });
  expect(await count(pools[0], "messages")).toBe(2_500);
  expect(await count(pools[0], "waits")).toBe(0);
});

test.each([1, 2, 3, 4])("an event beside the end of the time: each run knows one of both, round %i", async () => {
  await begin("event", 1_200);
  await engines[0].clock.advance(3_600_000);
  const resumed = Promise.all(engines.map(resumeAll));
  const runs = await signal(engines[1]);
  await resumed;
  await engines[0].settle();
  const { matched, timedOut, waiting } = await results("paid");
  expect({ matched, both: matched! + timedOut!, waiting }).toEqual({ matched: runs, both: 1_200, waiting: 0 });
  expect(await count(pools[0], "messages")).toBe(1_200);
  expect(await count(pools[0], "waits")).toBe(0);
});

test.each([1, 2, 3])("an event beside a cancel: no cancelled run goes on, round %i", async () => {
  await begin("event", 1_200);
  const [{ runs: cancelled }] = await Promise.all([engines[0].knock.cancel("c"), signal(engines[1])]);
  await engines[0].settle();
  expect(await results("paid")).toMatchObject({ matched: 1_200 - cancelled, cancelled, waiting: 0 });
  expect(await count(pools[0], "messages")).toBe(1_200 - cancelled);
  expect(await count(pools[0], "waits")).toBe(0);
});

test.each([1, 2, 3, 4])("marks while waits begin: none is missed, round %i", async () => {
  await begin("look", 1_000);
  const ids = (await messagesOf(pools[0])).map(({ id }) => id);
  await engines[0].clock.advance(3_600_000);
  const halves = [ids.slice(0, 500), ids.slice(500)] as const;
  await Promise.all([
    resumeAll(engines[0]),
    mark("SEEN", engines[1], halves[0]),
    mark("READ", engines[1], halves[1]),
    mark("SEEN", engines[0], halves[1].toReversed()),
  ]);
  await mark("READ", engines[0], halves[0]);
  await engines[0].settle();
  expect(await results("seen")).toEqual({ matched: 1_000, timedOut: 0, cancelled: 0, waiting: 0 });
  expect(await results("read")).toEqual({ matched: 1_000, timedOut: 0, cancelled: 0, waiting: 0 });
  expect(await count(pools[0], "waits")).toBe(0);
});

test.each([1, 2, 3])("marks beside the end of the time: what is marked by then counts, round %i", async () => {
  await begin("look", 1_000);
  const ids = (await messagesOf(pools[0])).map(({ id }) => id);
  await engines[0].advance("1h");
  expect(await count(pools[0], "waits")).toBe(1_000);
  await engines[0].clock.advance(3_600_000);
  await Promise.all([resumeAll(engines[0]), resumeAll(engines[1]), mark("READ", engines[1], ids)]);
  await engines[0].settle();
  const { matched, timedOut, waiting } = await results("seen");
  expect([matched! + timedOut!, waiting]).toEqual([1_000, 0]);
  // Whoever timed out at the first wait found the mark at the second.
  expect(await results("read")).toMatchObject({ matched: 1_000 });
  expect(await count(pools[0], "waits")).toBe(0);
});
