import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow, type WorkflowHandle } from "../../src/definition/workflow.ts";
import { registryOf } from "../../src/registry/compile.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, captured, drive, type Driven, moduleOf } from "../support/engine.ts";
import { ask, decisions, runsOf } from "../support/inspect.ts";

const make = (body: string, wait: "1h" | "2h" = "1h", text: () => string = () => "code") =>
  workflow("w", { data: z.object({}) })
    .delay("grace", wait)
    .inApp("feed", { body })
    .inApp("said", { body: text });

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

const versions = () =>
  ask<{ workflow: string; number: number }>(
    database,
    sql`select workflow, number from knock.workflow_versions order by workflow, number`,
  );
const registry = (...handles: WorkflowHandle[]) => registryOf(moduleOf(handles), { users: null, channels: [] });
const begin = async ({ knock }: Driven) => accepted(await knock.engine.notify({ workflow: "w", recipients: ["ada"] }));

test("a structure that is deployed again keeps its number, a new one gets the next, an old one its old", async () => {
  const { knock } = await drive({ database, handles: [make("a")] });
  await knock.engine.deploy(registry(make("a")));
  expect(await versions()).toEqual([{ workflow: "w", number: 1 }]);
  await knock.engine.deploy(registry(make("b")));
  await knock.engine.deploy(registry(make("a", "1h", () => "other code")));
  expect(await versions()).toEqual([
    { workflow: "w", number: 1 },
    { workflow: "w", number: 2 },
  ]);
});

test("processes that deploy at once agree on every version", async () => {
  const driven = await drive({ database });
  const handles = ["a", "b", "c"].map((key) => workflow(key, { data: z.object({}) }).inApp("feed", { body: key }));
  const others = ["a", "b", "c"].map((key) => workflow(key, { data: z.object({}) }).inApp("feed", { body: `${key}2` }));
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      driven.knock.engine.deploy(registry(...(index % 2 === 0 ? handles : others))),
    ),
  );
  expect((await versions()).map((version) => `${version.workflow}${version.number}`)).toEqual([
    "a1",
    "a2",
    "b1",
    "b2",
    "c1",
    "c2",
  ]);
});

test("a waiting run keeps the structure it began with and says what is deployed when it wakes", async () => {
  const before = await drive({ database, handles: [make("fixed", "1h", () => "old code")] });
  await begin(before);
  await before.settle();
  const after = await drive({ database, clock: before.clock, handles: [make("new text", "2h", () => "new code")] });
  await begin(after);
  await after.settle();
  await after.advance("1h");
  const said = async () =>
    ask<{ body: string }>(database, sql`select content->>'body' as body from knock.messages order by created_at, step`);
  expect((await said()).map(({ body }) => body)).toEqual(["new text", "new code"]);
  await after.advance("1h");
  expect(await said()).toHaveLength(4);
});

test("a run whose workflow is no longer deployed sends its fixed texts and skips its code", async () => {
  const before = await drive({ database, handles: [make("fixed")] });
  await begin(before);
  await before.settle();
  await ask(database, sql`update knock.workflows set status = 'archived'`);
  const after = await drive({ database, clock: before.clock, handles: [] });
  await after.advance("1h");
  expect(await decisions(database, "ada")).toEqual(["grace done", "feed done", "said skipped RETIRED"]);
});

test("a reload serves new calls with the new version, and an invalid one changes nothing", async () => {
  const driven = await drive({ database, handles: [make("a")] });
  const bad = workflow("w", { data: z.object({}) });
  await expect(driven.knock.reload({ workflows: moduleOf([bad]), channels: {} })).rejects.toMatchObject({
    code: "INVALID_WORKFLOW",
  });
  await begin(driven);
  const quick = workflow("w", { data: z.object({}) }).inApp("now", { body: "b" });
  const other = workflow("other", { data: z.object({}) }).inApp("now", { body: "b" });
  const reloading = driven.knock.reload({ workflows: moduleOf([quick, other]), channels: {} });
  // In the middle of it a call meets either all of the old or all of the new.
  await begin(driven);
  await reloading;
  await begin(driven);
  accepted(await driven.knock.engine.notify({ workflow: "other", recipients: ["bob"] }));
  await driven.settle();
  const steps = (await runsOf(database)).map(({ recipient, trace }) =>
    [recipient, ...trace.map(({ ref }) => ref)].join(" "),
  );
  expect(steps.toSorted()).toEqual(["ada grace", "ada grace", "ada now", "bob now"]);
});

test("switched off while a run waits, the run ends when it wakes, and says why", async () => {
  const driven = await drive({ database, handles: [make("a")] });
  await begin(driven);
  await driven.settle();
  await driven.knock.engine.setWorkflowStatus("w", "inactive");
  await driven.advance("1h");
  expect(await decisions(database, "ada")).toEqual(["grace halted WORKFLOW_INACTIVE"]);
  expect(captured(driven, "inApp").messages).toEqual([]);
  expect((await runsOf(database))[0]!.status).toBe("halted");
});
