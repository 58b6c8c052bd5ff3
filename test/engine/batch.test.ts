import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven } from "../support/engine.ts";
import { ask, count, decisions, messagesOf, runsOf } from "../support/inspect.ts";

const data = z.object({ n: z.number(), page: z.string().default("p"), until: z.string().optional() });
const shown = ({ steps: { batch } }: { steps: { batch: object } }) => JSON.stringify(batch);

const fixed = workflow("fixed", { data })
  .batch("batch", { window: "1h", key: ({ data: d }) => d.page, take: 2 })
  .inApp("feed", { body: shown });
const latest = workflow("latest", { data })
  .batch("batch", { window: "1h", order: "desc", take: 2 })
  .inApp("feed", { body: shown });
const sliding = workflow("sliding", { data })
  .batch("batch", { window: "12h", sliding: { limit: "24h" } })
  .inApp("feed", { body: shown });
const impatient = workflow("impatient", { data })
  .batch("batch", { window: "12h", sliding: { limit: "5h" } })
  .inApp("feed", { body: shown });
const three = workflow("three", { data }).batch("batch", { window: "1h", maxItems: 3 }).inApp("feed", { body: shown });
const flushing = workflow("flushing", { data })
  .batch("batch", { window: "1h", flushLeading: true })
  .delay("later", "2h")
  .inApp("feed", { body: shown });
const dated = workflow("dated", { data })
  .batch("batch", { window: { until: ({ data: d }) => d.until } })
  .inApp("feed", { body: shown });
const twice = workflow("twice", { data })
  .batch("first", { window: "1h" })
  .batch("batch", { window: "1h" })
  .inApp("feed", { body: ({ steps }) => `${steps.first.count} ${steps.batch.count}` });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  const handles = [fixed, latest, sliding, impatient, three, flushing, dated, twice];
  driven = await drive({ database, handles });
});

async function notify(key: string, given: z.input<typeof data>, call: Partial<NotifyCall> = {}): Promise<string> {
  const outcome = await driven.knock.engine.notify({ workflow: key, recipients: ["ada"], data: given, ...call });
  const { id } = accepted(outcome).notification;
  await driven.settle();
  return id;
}

interface Shown {
  skipped: boolean;
  count: number;
  actorCount: number;
  activities: { id: string; data: { n: number }; actor: { id: string } | null; at: string }[];
  actors: { id: string }[];
  firstActor: { id: string } | null;
  flushed: boolean;
}

/** What the messages say of the batch, in the order in which they were made. */
async function batches(): Promise<Shown[]> {
  const found = await ask<{ body: string }>(
    database,
    sql`select content->>'body' as body from knock.messages order by created_at, id`,
  );
  return found.map(({ body }) => JSON.parse(body) as Shown);
}

const numbers = async () => (await batches()).map(({ activities }) => activities.map(({ data: { n } }) => n));
const minutes = (n: number) => driven.advance(`${n}m`);

describe("a fixed window", () => {
  test("collects what comes; the first run goes on with all, the others end there", async () => {
    const ids = [await notify("fixed", { n: 1 })];
    await minutes(30);
    ids.push(await notify("fixed", { n: 2 }));
    await minutes(29);
    expect(await count(database, "messages")).toBe(0);
    await minutes(1);
    const [first, second] = await runsOf(database);
    expect(first!.trace).toMatchObject([
      { ref: "batch", kind: "batch", outcome: "done", reason: "2 activities" },
      { ref: "feed", outcome: "done" },
    ]);
    expect(second).toMatchObject({ status: "completed", step: null });
    expect(second!.trace).toMatchObject([
      { ref: "batch", outcome: "joined", values: { batch: expect.any(String) as string } },
    ]);
    const [batch] = await batches();
    expect(batch).toMatchObject({ skipped: false, count: 2, flushed: false });
    expect(batch!.activities.map(({ id, at }) => [id, at])).toEqual([
      [ids[0], "2026-01-05T09:00:00.000Z"],
      [ids[1], "2026-01-05T09:30:00.000Z"],
    ]);
    await driven.advance("1d");
    expect(await count(database, "messages")).toBe(1);
  });

  test("one of many recipients and keys each", async () => {
    const both = { recipients: ["ada", "bob"] };
    for (const n of [1, 2]) await notify("fixed", { n, page: "x" }, both);
    await notify("fixed", { n: 3, page: "y" }, both);
    await notify("latest", { n: 4 });
    await minutes(60);
    const found = (await batches()).map(({ activities }) => activities.map(({ data: { n } }) => n).join());
    expect(found.toSorted()).toEqual(["1,2", "1,2", "3", "3", "4"]);
  });

  test("keys that no index could take are kept apart", async () => {
    const long = Array.from({ length: 20_000 }, (_, index) => `${index}`).join();
    await notify("fixed", { n: 1, page: `${long}a` });
    await notify("fixed", { n: 2, page: `${long}b` });
    await notify("fixed", { n: 3, page: `${long}a` });
    await minutes(60);
    expect((await numbers()).toSorted()).toEqual([[1, 3], [2]]);
  });

  test("begins anew after its end", async () => {
    await notify("fixed", { n: 1 });
    await minutes(60);
    await notify("fixed", { n: 2 });
    await minutes(59);
    await notify("fixed", { n: 3 });
    await minutes(1);
    expect(await numbers()).toEqual([[1], [2, 3]]);
  });

  test("past its end, but not collected as no worker was there, it is complete; what comes now is another", async () => {
    await notify("fixed", { n: 1 });
    await notify("fixed", { n: 2 });
    await driven.clock.advance(3_600_000);
    const outcome = await driven.knock.engine.notify({ workflow: "fixed", recipients: ["ada"], data: { n: 3 } });
    accepted(outcome);
    await driven.jobs.drain();
    expect(await count(database, "batches")).toBe(2);
    await minutes(60);
    expect(await numbers()).toEqual([[1, 2], [3]]);
  });
});

describe("what content sees", () => {
  test.each([
    ["fixed", [0, 1]],
    ["latest", [3, 4]],
  ])("%s: so many activities as are taken, the counts of all, each actor once", async (key, seen) => {
    const actors = ["zoe", "max", "zoe", "eve", "eve"];
    for (const [n, id] of actors.entries()) {
      await minutes(1);
      await notify(key, { n }, { actor: { id, name: id.toUpperCase() } });
    }
    await minutes(60);
    const [batch] = await batches();
    expect(batch).toMatchObject({ count: 5, actorCount: 3, firstActor: { id: "zoe", name: "ZOE" } });
    expect(batch!.activities.map(({ data: { n } }) => n)).toEqual(seen);
    expect(batch!.activities.map(({ actor }) => actor?.id)).toEqual(seen.map((n) => actors[n]));
    expect(batch!.actors.map(({ id }) => id)).toEqual([...new Set(seen.map((n) => actors[n]))]);
  });

  test("later steps see the same, also after another wait", async () => {
    await notify("flushing", { n: 1 }, { actor: { id: "zoe" } });
    await notify("flushing", { n: 2 });
    await notify("flushing", { n: 3 });
    await driven.advance("4h");
    expect(await numbers()).toEqual([[1], [2, 3]]);
    const [alone, batch] = await batches();
    expect(alone).toMatchObject({ flushed: true, count: 1, actorCount: 1, actors: [{ id: "zoe" }] });
    expect(batch).toMatchObject({ flushed: false, count: 2, actorCount: 0, firstActor: null, skipped: false });
  });

  test("in a second batch the first is one activity", async () => {
    await notify("twice", { n: 1 });
    await notify("twice", { n: 2 });
    await driven.advance("3h");
    expect((await messagesOf(database)).map(({ content }) => content.body)).toEqual(["2 1"]);
  });
});

describe("other windows", () => {
  test("sliding: the timeline of 12 hours, at most 24", async () => {
    for (const [n, hours] of [0, 6, 7, 3].entries()) {
      await driven.advance(`${hours}h`);
      await notify("sliding", { n });
    }
    expect((await runsOf(database))[0]!.trace).toMatchObject([
      { outcome: "waiting", reason: expect.stringContaining("the window slid") as string },
    ]);
    await driven.advance("479m");
    expect(await numbers()).toEqual([]);
    await minutes(1);
    expect(await numbers()).toEqual([[0, 1, 2, 3]]);
  });

  test("a limit shorter than the window: the second pulls the end to it", async () => {
    await notify("impatient", { n: 1 });
    await notify("impatient", { n: 2 });
    await minutes(299);
    expect(await numbers()).toEqual([]);
    await minutes(1);
    expect(await numbers()).toEqual([[1, 2]]);
  });

  test("a limit that has passed when the second comes: it closes at once", async () => {
    await notify("impatient", { n: 1 });
    await minutes(360);
    await notify("impatient", { n: 2 });
    expect(await numbers()).toEqual([[1, 2]]);
  });

  test("maxItems: the third closes it at once, also when all come in one call", async () => {
    for (const n of [1, 2, 3, 4]) await notify("three", { n });
    expect(await numbers()).toEqual([[1, 2, 3]]);
    await minutes(60);
    expect(await numbers()).toEqual([[1, 2, 3], [4]]);
    const calls = [5, 6, 7, 8, 9, 10, 11].map((n) => ({ workflow: "three", recipients: ["ada"], data: { n } }));
    await driven.knock.engine.notifyMany(calls);
    await driven.settle();
    const sizes = (await batches()).map((batch) => batch.count);
    expect(sizes).toEqual([3, 1, 3, 3]);
    await minutes(60);
    expect((await batches()).map((batch) => batch.count)).toEqual([3, 1, 3, 3, 1]);
    expect((await numbers()).flat().toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test("flushLeading: the first goes on at once; a window in which nothing else came does nothing", async () => {
    await notify("flushing", { n: 1 });
    expect(await decisions(database, "ada")).toEqual(["batch done", "later waiting"]);
    await driven.advance("3h");
    expect(await numbers()).toEqual([[1]]);
    await notify("flushing", { n: 2 });
    await driven.advance("3h");
    expect(await numbers()).toEqual([[1], [2]]);
    expect(await count(database, "batch_activities")).toBe(0);
  });

  test.each([
    [undefined, "WINDOW_MISSING"],
    ["soon", "WINDOW_INVALID"],
    ["2026-01-05T08:00:00Z", "WINDOW_PAST"],
    ["2036-01-05T08:00:00Z", "WINDOW_TOO_FAR"],
  ])("from the data, where it says %s: the run goes on alone", async (until, code) => {
    const call = { actor: { id: "zoe" } };
    const id = await notify("dated", { n: 1, ...(until !== undefined && { until }) }, call);
    expect(await decisions(database, "ada")).toEqual([`batch skipped ${code}`, "feed done"]);
    expect((await batches())[0]).toMatchObject({
      skipped: true,
      flushed: false,
      count: 1,
      actorCount: 1,
      firstActor: { id: "zoe" },
      activities: [{ id, data: { n: 1 }, actor: { id: "zoe" } }],
    });
    expect(await count(database, "batches")).toBe(0);
  });

  test("from the data: what the first says counts", async () => {
    await notify("dated", { n: 1, until: "2026-01-05T10:00:00Z" });
    await notify("dated", { n: 2, until: "2026-01-05T09:30:00Z" });
    await minutes(59);
    expect(await numbers()).toEqual([]);
    await minutes(1);
    expect(await numbers()).toEqual([[1, 2]]);
  });
});

describe("a workflow that is switched off", () => {
  const status = (value: "active" | "inactive") => driven.knock.engine.setWorkflowStatus("sliding", value);

  test("when the batch closes: its run ends, and what comes after it is on again is collected anew", async () => {
    await notify("sliding", { n: 1 });
    await driven.advance("6h");
    await notify("sliding", { n: 2 });
    await status("inactive");
    // The run wakes at the end that it knows, before the end that the second moved.
    await driven.advance("6h");
    await status("active");
    await notify("sliding", { n: 3 });
    await driven.advance("12h");
    expect(await numbers()).toEqual([[3]]);
    const first = (await runsOf(database))[0]!;
    expect(first.trace).toMatchObject([{ ref: "batch", outcome: "halted", code: "WORKFLOW_INACTIVE" }]);
  });

  test("and on again before that: nothing is lost", async () => {
    await notify("sliding", { n: 1 });
    await status("inactive");
    await driven.advance("6h");
    await status("active");
    await notify("sliding", { n: 2 });
    await driven.advance("12h");
    expect(await numbers()).toEqual([[1, 2]]);
  });
});
