// Cancelling what is in open batches.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven } from "../support/engine.ts";
import { ask, runsOf } from "../support/inspect.ts";

const data = z.object({ n: z.number() });
const listed = ({ steps: { batch } }: { steps: { batch: { activities: { data: { n: number } }[] } } }) =>
  batch.activities.map(({ data: { n } }) => n).join();
const digest = workflow("digest", { data })
  .batch("batch", { window: "1h" })
  .delay("grace", "1h")
  .inApp("feed", { body: listed });
const full = workflow("full", { data }).batch("batch", { window: "1h", maxItems: 3 }).inApp("feed", { body: listed });
const flushing = workflow("flushing", { data })
  .batch("batch", { window: "1h", flushLeading: true })
  .inApp("feed", { body: listed });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [digest, full, flushing] });
});

/** Notifies with the number as cancellation key, a minute after the one before. */
async function notify(n: number, key = "digest", recipients = ["ada"]): Promise<string> {
  const call = { workflow: key, recipients, data: { n }, cancellationKey: `${n}` };
  const { id } = accepted(await driven.knock.engine.notify(call)).notification;
  await driven.settle();
  await driven.advance("1m");
  return id;
}

const cancel = (key: number, recipients?: string[]) => driven.knock.engine.cancel(`${key}`, recipients);

const bodies = async () =>
  (
    await ask<{ body: string }>(
      database,
      sql`select content->>'body' as body from knock.messages order by created_at, id`,
    )
  ).map(({ body }) => body);

const outcomes = async () =>
  (await runsOf(database)).map(({ status, trace }) => `${status}: ${trace.map(({ outcome }) => outcome).join(" ")}`);

test("an activity that had joined is taken out, and its run is cancelled", async () => {
  const ids = [];
  for (const n of [1, 2, 3]) ids.push(await notify(n));
  expect(await cancel(2)).toEqual({ notifications: [ids[1]], runs: 1 });
  expect(await cancel(2)).toEqual({ notifications: [], runs: 0 });
  expect(await outcomes()).toEqual(["waiting: waiting", "cancelled: joined cancelled", "completed: joined"]);
  await driven.advance("2h");
  expect(await bodies()).toEqual(["1,3"]);
  expect((await runsOf(database))[0]!.trace[0]).toMatchObject({ outcome: "done", reason: "2 activities" });
});

test("the run that opened it is cancelled: the earliest that is left goes on with the rest, at the same time", async () => {
  for (const n of [1, 2, 3]) await notify(n);
  expect(await cancel(1)).toMatchObject({ runs: 1 });
  expect(await outcomes()).toEqual(["cancelled: waiting cancelled", "waiting: waiting", "completed: joined"]);
  await notify(4);
  await driven.advance("115m");
  expect(await bodies()).toEqual([]);
  await driven.advance("1m");
  expect(await bodies()).toEqual(["2,3,4"]);
  expect(await outcomes()).toEqual([
    "cancelled: waiting cancelled",
    "completed: done done done",
    "completed: joined",
    "completed: joined",
  ]);
});

test("one after the other: whoever carries the batch can be cancelled; it is passed on to the last", async () => {
  for (const n of [1, 2, 3]) await notify(n);
  for (const n of [1, 2]) expect(await cancel(n)).toMatchObject({ runs: 1 });
  await driven.advance("2h");
  expect(await bodies()).toEqual(["3"]);
});

test("all are cancelled: the window stays, and what comes before its end still goes into it", async () => {
  for (const n of [1, 2]) await notify(n);
  for (const n of [2, 1]) await cancel(n);
  await driven.advance("28m");
  await notify(3);
  expect((await runsOf(database))[2]).toMatchObject({ status: "waiting" });
  await driven.advance("29m");
  expect((await runsOf(database))[2]!.trace[0]).toMatchObject({ outcome: "done", at: "2026-01-05T10:00:00.000Z" });
  await driven.advance("1h");
  expect(await bodies()).toEqual(["3"]);
});

test("all are cancelled and nothing else comes: nobody gets anything", async () => {
  for (const n of [1, 2]) await notify(n);
  for (const n of [1, 2]) await cancel(n);
  await driven.advance("3h");
  expect(await bodies()).toEqual([]);
  await notify(3);
  await driven.advance("2h");
  expect(await bodies()).toEqual(["3"]);
});

test("after the close only the key of the run that goes on counts", async () => {
  for (const n of [1, 2]) await notify(n);
  await driven.advance("1h");
  expect(await cancel(2)).toEqual({ notifications: [], runs: 0 });
  await notify(3);
  await notify(4);
  expect(await cancel(1)).toMatchObject({ runs: 1 });
  await driven.advance("3h");
  expect(await bodies()).toEqual(["3,4"]);
});

test("closed by one that came after the end, but not yet collected: the rest goes on all the same", async () => {
  for (const n of [1, 2, 3]) await notify(n);
  await driven.clock.advance(3_600_000);
  accepted(await driven.knock.engine.notify({ workflow: "digest", recipients: ["ada"], data: { n: 4 } }));
  await driven.jobs.drain();
  expect(await ask(database, sql`select id from knock.batches where closed_at is not null`)).toHaveLength(1);
  expect([await cancel(1), await cancel(3)]).toMatchObject([{ runs: 1 }, { runs: 1 }]);
  await driven.advance("3h");
  expect(await bodies()).toEqual(["2", "4"]);
});

test("for some recipients: the others keep theirs", async () => {
  for (const n of [1, 2]) await notify(n, "digest", ["ada", "bob"]);
  expect(await cancel(1, ["bob"])).toMatchObject({ runs: 1 });
  expect(await cancel(2, ["bob", "nobody"])).toMatchObject({ runs: 1 });
  await driven.advance("3h");
  expect(await bodies()).toEqual(["1,2"]);
});

test("several notifications of one key, in one batch and in several, with the one that opened it", async () => {
  const call = (workflowKey: string, n: number, cancellationKey: string) => ({
    workflow: workflowKey,
    recipients: ["ada", "bob"],
    data: { n },
    cancellationKey,
  });
  const calls = [call("digest", 1, "c"), call("digest", 2, "c"), call("digest", 3, "d"), call("full", 4, "c")];
  await driven.knock.engine.notifyMany(calls);
  await driven.settle();
  expect((await driven.knock.engine.cancel("c")).runs).toBe(6);
  await driven.advance("3h");
  expect(await bodies()).toEqual(["3", "3"]);
});

test("what was taken out makes room again, and fills no batch", async () => {
  for (const n of [1, 2]) await notify(n, "full");
  await cancel(2);
  await notify(3, "full");
  expect(await bodies()).toEqual([]);
  await notify(4, "full");
  expect(await bodies()).toEqual(["1,3,4"]);
});

test("the one that went on at once has nothing in the batch", async () => {
  for (const n of [1, 2, 3]) await notify(n, "flushing");
  expect(await cancel(1)).toEqual({ notifications: [], runs: 0 });
  expect(await cancel(2)).toMatchObject({ runs: 1 });
  await driven.advance("1h");
  expect(await bodies()).toEqual(["1", "3"]);
});
