// Workflows that vanish while something of them is under way.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { deployRelease } from "../../src/deploy/deploy.ts";
import type { DeployOptions } from "../../src/deploy/release.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven, refused } from "../support/engine.ts";
import { ask, count, decisions, fingerprints, messagesOf, runsOf } from "../support/inspect.ts";
import { current, deployContext, deployed, planOf, releaseOf } from "../support/releases.ts";

const both = {
  keep: `{ data: z.object({}) }).inApp("feed", { body: "kept" })`,
  later: `{ data: z.object({}) }).delay("grace", "1m").inApp("feed", { body: () => "from code" }).inApp("text", { body: "fixed" })`,
  digest: `{ data: z.object({}) }).batch("all", { window: "2m" }).inApp("feed", { body: ({ steps }) => String(steps.all.count) })`,
  asks: `{ data: z.object({}) }).waitFor("answer", { event: "paid", timeout: "3m", onTimeout: "continue" }).inApp("feed", { body: "b" })`,
};
const { keep } = both;

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

async function begun(): Promise<Driven> {
  const context = deployContext(database);
  deployed(await deployRelease(context, await releaseOf(both)));
  const driven = await drive({ database, clock: context.clock, content: "deployed" });
  for (const workflow of ["later", "asks"])
    accepted(await driven.knock.engine.notify({ workflow, recipients: ["ada", "bob"] }));
  for (let index = 0; index < 3; index++)
    accepted(await driven.knock.engine.notify({ workflow: "digest", recipients: ["ada"] }));
  await driven.settle();
  return driven;
}

const leave = async ({ clock }: Driven, options: DeployOptions = {}) =>
  deployRelease(deployContext(database, { clock }), await releaseOf({ keep }), options);

const statuses = async () =>
  ask<{ workflow: string; status: string; runs: number }>(
    database,
    sql`select notification.workflow, run.status, count(*)::int as runs from knock.runs as run
    join knock.notifications as notification on notification.id = run.notification_id group by 1, 2 order by 1, 2`,
  );

test("a workflow with open runs is not archived until it is said what becomes of them", async () => {
  const driven = await begun();
  const before = await fingerprints(database);
  const outcome = await leave(driven);
  expect(outcome).toMatchObject({
    ok: false,
    error: {
      code: "OPEN_RUNS",
      details: {
        workflows: [
          { workflow: "asks", runs: 2 },
          { workflow: "digest", runs: 1 },
          { workflow: "later", runs: 2 },
        ],
      },
    },
  });
  expect(planOf(outcome.plan!, "later")).toMatchObject({
    change: "archived",
    waiting: [
      {
        version: 1,
        step: "grace",
        kind: "delay",
        runs: 2,
        effect: "they finish in v1, or end, as --archive-open says",
      },
    ],
  });
  expect(planOf(outcome.plan!, "digest")).toMatchObject({ openBatches: 1 });
  expect(await fingerprints(database)).toEqual(before);
});

test("a notification whose runs do not exist yet counts as open", async () => {
  const context = deployContext(database);
  deployed(await deployRelease(context, await releaseOf(both)));
  const driven = await drive({ database, clock: context.clock, content: "deployed" });
  accepted(await driven.knock.engine.notify({ workflow: "later", recipients: ["ada", "bob"] }));
  const outcome = await leave(driven);
  expect(outcome).toMatchObject({ ok: false, error: { details: { workflows: [{ workflow: "later", runs: 1 }] } } });
  deployed(await leave(driven, { archiveOpen: "cancel" }));
  await driven.advance("4m");
  expect(await messagesOf(database)).toEqual([]);
  expect((await runsOf(database)).filter(({ status }) => status === "waiting")).toEqual([]);
});

test("finish: runs go on to their end with the texts that they had, and calls are refused", async () => {
  const driven = await begun();
  deployed(await leave(driven, { archiveOpen: "finish" }));
  expect(await current(database)).toEqual(["asks@1 archived", "digest@1 archived", "keep@1", "later@1 archived"]);
  const after = await drive({ database, clock: driven.clock, content: "deployed" });
  refused(await after.knock.engine.notify({ workflow: "later", recipients: ["ada"] }), "UNKNOWN_WORKFLOW");
  await after.advance("4m");
  expect(await decisions(database, "bob")).toBeDefined();
  expect(await statuses()).toEqual([
    { workflow: "asks", status: "completed", runs: 2 },
    { workflow: "digest", status: "completed", runs: 3 },
    { workflow: "later", status: "completed", runs: 2 },
  ]);
  const texts = (await messagesOf(database)).map(({ content }) => content["body"]);
  expect(texts.toSorted()).toEqual(["3", "b", "b", "fixed", "fixed", "from code", "from code"]);
});

test("a process that still has an archived workflow is refused its calls, and cannot switch it on", async () => {
  const driven = await begun();
  deployed(await leave(driven, { archiveOpen: "finish" }));
  refused(await driven.knock.engine.notify({ workflow: "later", recipients: ["ada"] }), "WORKFLOW_INACTIVE");
  expect(await driven.knock.engine.setWorkflowStatus("later", "active")).toMatchObject({ code: "UNKNOWN_WORKFLOW" });
});

test("cancel: open runs and open batches end with the workflow, as by a cancel", async () => {
  const driven = await begun();
  deployed(await leave(driven, { archiveOpen: "cancel" }));
  const open = await ask(database, sql`select id from knock.batches where closed_at is null`);
  expect(open).toEqual([]);
  expect(await count(database, "batch_activities")).toBe(0);
  expect(await count(database, "waits")).toBe(0);
  expect(await statuses()).toEqual([
    { workflow: "asks", status: "cancelled", runs: 2 },
    { workflow: "digest", status: "cancelled", runs: 3 },
    { workflow: "later", status: "cancelled", runs: 2 },
  ]);
  for (const { trace } of await runsOf(database)) {
    const at = driven.clock.now().toISOString();
    expect(trace.at(-1)).toEqual({
      ref: "cancel",
      kind: "cancel",
      outcome: "cancelled",
      code: "CANCELLED",
      reason: "its workflow was archived",
      at,
    });
  }
  const marked = await ask(database, sql`select id from knock.notifications where cancelled_at is null`);
  expect(marked).toEqual([]);
  await driven.advance("4m");
  expect(await messagesOf(database)).toEqual([]);
});

test("cancel leaves the runs of other workflows alone, and those that are finished", async () => {
  const driven = await begun();
  await driven.advance("1m");
  const release = await releaseOf({ keep, digest: both.digest });
  deployed(await deployRelease(deployContext(database, { clock: driven.clock }), release, { archiveOpen: "cancel" }));
  expect(await statuses()).toEqual([
    { workflow: "asks", status: "cancelled", runs: 2 },
    { workflow: "digest", status: "completed", runs: 2 },
    { workflow: "digest", status: "waiting", runs: 1 },
    { workflow: "later", status: "completed", runs: 2 },
  ]);
});

test("schedules of a workflow that is archived are told, and do not keep it", async () => {
  const context = deployContext(database);
  deployed(await deployRelease(context, await releaseOf(both)));
  const { knock } = await drive({ database, clock: context.clock, content: "deployed" });
  const schedule = { recipients: ["ada", "bob"], data: {}, recurrence: "0 9 * * *" };
  expect(await knock.schedules.create({ key: "later" } as never, schedule)).toMatchObject({ ok: true });
  const { plan } = deployed(await deployRelease(context, await releaseOf({ keep })));
  expect(planOf(plan, "later").stored).toEqual([
    { of: "schedules", misfits: 2, looked: 2, problem: "the workflow is archived: they notify nobody" },
  ]);
});
