// Teams that deploy images: processes with different checkouts on one database.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { Logger } from "../../src/base/logger.ts";
import { code } from "../../src/definition/code.ts";
import { workflow, type WorkflowHandle } from "../../src/definition/workflow.ts";
import { workflowsNow } from "../../src/engine/lacking.ts";
import { examine } from "../../src/engine/examine.ts";
import { createKnock, type Knock } from "../../src/knock.ts";
import type { Database } from "../../src/store/database.ts";
import { stubFetch } from "../../src/testing/stub-fetch.ts";
import { emptyTables, testPool, testPostgresUrl } from "../support/database.ts";
import { accepted, channelsOf, drive, eventually, moduleOf } from "../support/engine.ts";
import { ask, count, decisions } from "../support/inspect.ts";

const data = z.object({ n: z.number().default(0) });
const before = workflow("w", { data })
  .delay("grace", "1h")
  .inApp("feed", { body: () => "old" });
const after = workflow("w", { data })
  .delay("grace", "1h")
  .inApp("feed", { body: () => "new" })
  .inApp("more", { body: ({ data: { n } }) => `more ${n}` });
const both = workflow("both", { data }).inApp("feed", { body: "b" });

let url: string;
let database: Database;
beforeAll(async () => {
  url = await testPostgresUrl();
  database = await testPool(url);
});
beforeEach(() => emptyTables(database));

const bodies = () =>
  ask<{ body: string }>(
    database,
    sql`select content->>'body' as body from knock.messages order by created_at, step`,
  ).then((found) => found.map(({ body }) => body));

describe("a process whose checkout lacks what the current version has", () => {
  const notify = async (knock: Knock, ...calls: [workflow: string, recipient: string][]) => {
    for (const [key, recipient] of calls)
      accepted(await knock.engine.notify({ workflow: key, recipients: [recipient] }));
  };

  test("does not hold its due runs, goes on with all others, and says so once", async () => {
    const warned: object[] = [];
    const older = await drive({ database, handles: [before, both] });
    const logger: Logger = {
      info() {},
      error() {},
      warn: (message, fields) => void warned.push({ message, ...fields }),
    };
    Object.assign(older.knock.engine.internals, { logger });
    await notify(older.knock, ["w", "ada"]);
    await older.settle();
    const newer = await drive({ database, clock: older.clock, handles: [after, both] });
    await older.advance("2h");
    expect(await decisions(database, "ada")).toEqual(["grace waiting"]);
    await notify(older.knock, ["both", "bob"]);
    await older.settle();
    expect(await decisions(database, "bob")).toEqual(["feed done"]);
    expect(warned).toEqual([
      { message: "work of a workflow is left to a process that has all of it", workflow: "w", lacks: ['step "more"'] },
    ]);
    const examined = await examine({ database, clock: older.clock, registry: older.knock.engine.context.registry() });
    expect(examined.find(({ check }) => check === "workflows")).toMatchObject({
      state: "warn",
      message: 'workers with this checkout leave to others what they lack something for: w (step "more")',
    });
    await newer.settle();
    // In the structure with which it began, with the content of now.
    expect(await decisions(database, "ada")).toEqual(["grace done", "feed done"]);
    expect(await bodies()).toEqual(["b", "new"]);
  });

  test("gives jobs back, those of other workflows done, and takes them up again when it has all", async () => {
    const newer = await drive({
      database,
      handles: [before, both, workflow("x", { data }).inApp("f", { body: () => "x" })],
    });
    const older = await drive({ database, clock: newer.clock, handles: [both] });
    // As a process with all of it took them: the jobs of three calls in one.
    await notify(newer.knock, ["w", "ada"], ["both", "bob"], ["x", "cy"]);
    const ids = await ask<{ id: string }>(database, sql`select id from knock.notifications`);
    await older.knock.engine.handlers.express({ notifications: ids.map(({ id }) => id) });
    expect(await decisions(database, "bob")).toEqual(["feed done"]);
    expect(await count(database, "runs")).toBe(1);
    expect(older.jobs.waiting()).toMatchObject([{ kind: "express", after: 1_000 }]);
    for (let turn = 0; turn < 20; turn++) await older.jobs.drain();
    expect(older.jobs.waiting()).toHaveLength(1);
    await older.knock.reload({
      workflows: moduleOf([before, both, workflow("x", { data }).inApp("f", { body: () => "x" })]),
      channels: {},
    });
    await older.jobs.drain();
    expect(await count(database, "runs")).toBe(3);
    expect(older.jobs.waiting()).toEqual([]);
  });

  test.each([
    [
      "a label in a condition",
      after,
      after.inApp("last", { when: code("is odd", () => true), body: "b" }),
      'code "is odd"',
    ],
    ["a workflow that a step notifies", after, after.notify("go", both, {}), 'workflow "both"'],
    [
      "another kind of step under the ref",
      after,
      workflow("w", { data }).email("feed", { subject: "s", body: () => "b" }),
      'step "feed"',
    ],
  ])("lacks also %s", async (_what, own, current, lack) => {
    await drive({ database, handles: [current as WorkflowHandle, both] });
    const warned: object[] = [];
    const knock = await createKnock({
      config: { workflows: moduleOf([own]), channels: {} },
      db: database,
      channels: channelsOf(),
      logger: { info() {}, error() {}, warn: (_message, fields) => void warned.push({ ...fields }) },
      jobs: () => ({ start: async () => {}, stop: async () => {} }) as never,
    });
    const { left } = await workflowsNow(knock.engine.internals, database.db);
    expect([...left]).toContain("w");
    expect(warned).toContainEqual({ workflow: "w", lacks: expect.arrayContaining([lack]) });
  });

  test("leaves chunks, fetches and schedules alone, and nothing is asked again and again", async () => {
    const asking = workflow("ask", { data })
      .fetch("call", { url: () => "http://example.test/", response: z.object({}) })
      .inApp("feed", { body: "b" });
    const newer = await drive({
      database,
      handles: [asking, both],
      fetchClient: stubFetch(() => Response.json({})),
    } as never);
    await newer.knock.engine.notify({ workflow: "ask", recipients: ["ada"] });
    await newer.jobs.drain(1);
    const fetching = newer.jobs.take("fetch")!;
    await newer.knock.schedules.create(asking, { recipients: ["eve"], data: {}, recurrence: "0 * * * *" } as never);
    const people = Array.from({ length: 101 }, (_, index) => `p${index}`);
    await newer.knock.engine.notify({ workflow: "ask", recipients: people });
    const older = await drive({ database, clock: newer.clock, handles: [both] });
    await older.knock.engine.handlers.fetch(fetching.data);
    await older.advance("2h");
    expect(older.jobs.waiting()).toMatchObject([{ kind: "fetch", after: 1_000 }]);
    const [schedule] = await ask<{ count: number; problem: string | null }>(
      database,
      sql`select count::int as count, problem from knock.schedules`,
    );
    expect(schedule).toEqual({ count: 0, problem: null });
  });

  test("ends its runs all the same when the workflow is switched off", async () => {
    const older = await drive({ database, handles: [before] });
    await notify(older.knock, ["w", "ada"]);
    await older.settle();
    await drive({ database, clock: older.clock, handles: [after] });
    await older.advance("2h");
    await older.knock.engine.setWorkflowStatus("w", "inactive");
    await older.settle();
    expect(await decisions(database, "ada")).toEqual(["grace halted WORKFLOW_INACTIVE"]);
  });
});

test("two working processes, the older one first: all is done by the newer one, nothing lost, nothing twice", async () => {
  const quick = (texts: Record<string, string>) => {
    let handle = workflow("w", { data }).delay("grace", "1s") as never as WorkflowHandle;
    for (const [ref, text] of Object.entries(texts))
      handle = (handle as never as typeof before).inApp(ref as "x", {
        body: ({ data: { n } }) => `${text} ${n}`,
      }) as never;
    return handle;
  };
  const start = async (handle: WorkflowHandle) => {
    const log: string[] = [];
    const write = (level: string) => (message: string) => void log.push(`${level} ${message}`);
    const knock = await createKnock({
      config: { workflows: moduleOf([handle]), channels: {} },
      db: url,
      environment: {},
      channels: channelsOf(),
      logger: { info: write("info"), warn: write("warn"), error: write("error") },
    });
    onTestFinished(() => knock.stop());
    await knock.start();
    return { knock, log };
  };
  const old = await start(quick({ a: "old" }));
  const many = async ({ knock }: { knock: Knock }, from: number, to: number) => {
    for (let n = from; n < to; n++)
      accepted(await knock.engine.notify({ workflow: "w", recipients: [`u${n}`], data: { n } }));
  };
  await many(old, 0, 20);
  const fresh = await start(quick({ a: "new", b: "added" }));
  await many(fresh, 20, 60);
  await many(old, 60, 80);
  accepted(
    await fresh.knock.engine.notify({
      workflow: "w",
      recipients: Array.from({ length: 300 }, (_, index) => `c${index}`),
      data: { n: 99 },
    }),
  );
  const finished = () =>
    ask<{ done: number }>(database, sql`select count(*)::int as done from knock.runs where status = 'completed'`);
  await eventually(finished, ([found]) => found!.done === 380, { tries: 600 });
  const found = await bodies();
  const counted = (pattern: RegExp) => found.filter((body) => pattern.test(body)).length;
  // Those of the first twenty that were due before the newer process began may have the old text.
  expect(counted(/^(old|new) \d+$/)).toBe(380);
  expect(counted(/^old ([2-9]\d)$/)).toBe(0);
  expect(counted(/^added \d+$/)).toBe(340);
  expect(new Set(found).size).toBe(80 + 40 + 2);
  const said = old.log.filter((line) => line.includes("left to a process"));
  expect(said).toHaveLength(1);
  expect(old.log.filter((line) => line.startsWith("error"))).toEqual([]);
  const [jobs] = await ask<{ left: number }>(
    database,
    sql`select count(*)::int as left from knock_jobs.job where state < 'completed' or state = 'failed'`,
  );
  expect(jobs!.left).toBe(0);
}, 60_000);
