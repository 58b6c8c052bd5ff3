import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { deployRelease } from "../../src/deploy/deploy.ts";
import { rollback } from "../../src/deploy/rollback.ts";
import { registryOf } from "../../src/registry/compile.ts";
import type { Database } from "../../src/store/database.ts";
import { pageDeploys } from "../../src/store/reads/deploys.ts";
import { deployVersions } from "../../src/store/workflow-versions.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { fingerprints } from "../support/inspect.ts";
import { current, deployContext, deployed, planOf, releaseOf } from "../support/releases.ts";

const welcome = (text: string, data = "z.object({ name: z.string() })") => ({
  welcome: `{ data: ${data}, examples: { ada: { name: "Ada", age: 1 } } }).inApp("feed", { body: ({ data }) => "${text} " + data.name })`,
});
const caller = (target: string) => ({
  caller: `{ data: z.object({}) }).notify("tell", workflow("${target}", { data: z.object({}) }).inApp("feed", { body: "b" }), { data: () => ({}) })`,
});
const leaf = { leaf: `{ data: z.object({}) }).inApp("feed", { body: "b" })` };

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

const context = () => deployContext(database);
const sync = async (...releases: Record<string, string>[]) => {
  for (const files of releases)
    deployed(await deployRelease(context(), await releaseOf(files), { allowBreaking: true }));
};
const back = (version: number | null = null, allowBreaking = false) =>
  rollback(context(), { workflow: "welcome", version, author: "ada", allowBreaking });

test("a rollback brings the version that was current before, and its content", async () => {
  await sync(welcome("Hi"), welcome("Hello"));
  const { plan, id } = deployed(await back());
  expect(plan.workflows).toHaveLength(1);
  expect(planOf(plan, "welcome")).toMatchObject({
    change: "changed",
    from: 2,
    to: 1,
    content: [{ step: "feed", slot: "body", example: "ada", before: "Hello Ada", after: "Hi Ada" }],
  });
  expect(await current(database)).toEqual(["welcome@1"]);
  const { nodes } = await pageDeploys(database.db, { first: 1 });
  expect(nodes).toMatchObject([
    { id, kind: "rollback", author: "ada", commit: null, changes: [{ workflow: "welcome", from: 2, to: 1 }] },
  ]);
});

test("before is what was current before, not the number before; again it goes back and forth", async () => {
  await sync(welcome("one"), welcome("two"), welcome("one"), welcome("three"));
  expect(await current(database)).toEqual(["welcome@3"]);
  deployed(await back());
  expect(await current(database)).toEqual(["welcome@1"]);
  // What was current before version 1 became so is version 3, which has just been left.
  deployed(await back());
  expect(await current(database)).toEqual(["welcome@3"]);
  deployed(await back(2));
  expect(await current(database)).toEqual(["welcome@2"]);
  deployed(await back());
  expect(await current(database)).toEqual(["welcome@3"]);
});

test("a rollback to the current version changes nothing", async () => {
  await sync(welcome("one"), welcome("two"));
  const before = await fingerprints(database);
  expect(await back(2)).toMatchObject({ ok: true, id: null, plan: { changes: false } });
  expect(await fingerprints(database)).toEqual(before);
});

test("the others stay as they are", async () => {
  await sync({ ...welcome("one"), ...leaf, ...caller("leaf") }, { ...welcome("two"), ...leaf, ...caller("leaf") });
  deployed(await back());
  expect(await current(database)).toEqual(["caller@1", "leaf@1", "welcome@1"]);
});

test("a rollback that breaks callers is refused unless it is allowed", async () => {
  await sync(welcome("one"), welcome("two", "z.object({ name: z.string(), age: z.number() })"), welcome("three"));
  const before = await fingerprints(database);
  expect(await back(2)).toMatchObject({ ok: false, error: { code: "BREAKING_CHANGE" } });
  expect(await fingerprints(database)).toEqual(before);
  deployed(await back(2, true));
  expect(await current(database)).toEqual(["welcome@2"]);
});

test.each([4, 0, -1, 1.5, 2 ** 40, Number.NaN])("there is no version %s", async (version) => {
  await sync(welcome("one"), welcome("two"));
  const before = await fingerprints(database);
  expect(await back(version)).toMatchObject({ ok: false, error: { code: "UNKNOWN_VERSION" }, plan: null });
  expect(await fingerprints(database)).toEqual(before);
});

test("the first version has none before it, and a workflow that does not exist has none at all", async () => {
  await sync(welcome("one"));
  expect(await back()).toMatchObject({ ok: false, error: { code: "UNKNOWN_VERSION", details: { version: null } } });
  const asked = { version: null, author: null };
  expect(await rollback(context(), { ...asked, workflow: "welcom" })).toMatchObject({
    ok: false,
    error: { code: "UNKNOWN_WORKFLOW", details: { nearest: "welcome" } },
  });
  expect(await rollback(context(), { ...asked, workflow: "\0" })).toMatchObject({ ok: false });
});

test("a version that processes took from their own checkout cannot be brought back", async () => {
  const handle = workflow("welcome", { data: z.object({ name: z.string() }) }).inApp("feed", { body: "own" });
  const { structure, hash } = registryOf({ handle }, { users: null, channels: [] }).get("welcome")!;
  const own = { key: "welcome", structure, hash, fingerprint: null, id: "019b8d62-7a80-748e-b9a4-38b847fc2a11" };
  await database.transaction((tx) => deployVersions(tx, [own], new Date(0)));
  expect(await current(database)).toEqual(["welcome@1"]);
  await sync(welcome("one"));
  expect(await current(database)).toEqual(["welcome@2"]);
  expect(await back()).toMatchObject({ ok: false, error: { code: "UNKNOWN_VERSION", details: { version: 1 } } });
  // A local start does not move what was deployed.
  await database.transaction((tx) => deployVersions(tx, [own], new Date(0)));
  expect(await current(database)).toEqual(["welcome@2"]);
});

test.each([1, undefined])("a workflow that was archived comes back by a rollback (to %s)", async (version) => {
  await sync({ ...welcome("one"), ...leaf }, leaf);
  expect(await current(database)).toEqual(["leaf@1", "welcome@1 archived"]);
  const { plan } = deployed(await back(version));
  expect(planOf(plan, "welcome")).toMatchObject({ change: "restored", to: 1 });
  expect(await current(database)).toEqual(["leaf@1", "welcome@1"]);
});

test("a version that calls a workflow which is gone does not come back", async () => {
  await sync({ ...leaf, ...caller("leaf"), ...welcome("one") });
  await sync({ caller: leaf.leaf, ...welcome("one") });
  const before = await fingerprints(database);
  const outcome = await rollback(context(), { workflow: "caller", version: 1, author: null, allowBreaking: true });
  expect(outcome).toMatchObject({ ok: false, error: { code: "INVALID_WORKFLOW" } });
  expect(await fingerprints(database)).toEqual(before);
});
