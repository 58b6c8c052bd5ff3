// A system that runs what is deployed: it takes each deploy over as a whole.
import { authenticateFor } from "../support/graphql.ts";
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createGraphql } from "../../src/api/graphql/yoga.ts";
import { rollback } from "../../src/deploy/rollback.ts";
import { accept } from "../../src/engine/notify/accept.ts";
import { prepare } from "../../src/engine/notify/prepare.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted } from "../support/engine.ts";
import { at, deploy, follow, HOUR, look, notify, says, texts, versionOf } from "../support/following.ts";
import { ask, decisions, runsOf } from "../support/inspect.ts";
import { deployContext, deployed } from "../support/releases.ts";

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

test("a deploy reaches a running system within half a second: calls, texts, versions; and a rollback, too", async () => {
  await deploy(database, { w: at("one") });
  const system = await follow(database);
  expect(await versionOf(database, await notify(system, "ada"))).toBe(1);
  await deploy(database, { w: at("two") });
  await look(system);
  // Of the same structure, and still another version.
  expect(await versionOf(database, await notify(system, "bob"))).toBe(2);
  deployed(await rollback(deployContext(database), { workflow: "w", version: null, author: null }));
  await look(system);
  expect(await versionOf(database, await notify(system, "cy"))).toBe(1);
  expect(await texts(database)).toEqual(["ada feed one", "bob feed two", "cy feed one"]);
  expect(system.log.filter(({ level }) => level !== "info")).toEqual([]);
});

test("the GraphQL schema follows, and one request meets one deploy", async () => {
  await deploy(database, { w: at("one") });
  const system = await follow(database);
  const handle = createGraphql({
    engine: system.knock.engine,
    authenticate: authenticateFor(system.knock.engine, { required: false }),
    dev: true,
  });
  const fieldsOf = async () => {
    const body = JSON.stringify({ query: '{ __type(name: "NotifyWorkflowInput") { inputFields { name } } }' });
    const request = new Request("http://localhost/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const { data } = (await (await handle(request)).json()) as {
      data: { __type: { inputFields: { name: string }[] } };
    };
    return data.__type.inputFields.map(({ name }) => name);
  };
  expect(await fieldsOf()).toEqual(["w"]);
  await deploy(database, { w: at("one"), added: at("more") });
  await look(system);
  expect(await fieldsOf()).toEqual(["added", "w"]);
});

test("a run keeps its structure and says what is deployed when it wakes; a ref that is gone is retired", async () => {
  await deploy(database, { w: says("one", '.inApp("gone", { body: () => "x" }).inApp("fixed", { body: "fixed" })') });
  const system = await follow(database);
  await notify(system, "ada");
  await deploy(database, { w: says("two", '.inApp("late", { body: () => "late" })') }, { allowBreaking: true });
  await look(system);
  await notify(system, "bob");
  await system.advance(HOUR);
  expect(await decisions(database, "ada")).toEqual(["grace done", "feed done", "gone skipped RETIRED", "fixed done"]);
  expect(await texts(database)).toEqual(["ada feed two", "ada fixed fixed", "bob feed two", "bob late late"]);
});

test("a call that was prepared before a deploy is stored in the version that parsed it", async () => {
  await deploy(database, { w: at("one") });
  const system = await follow(database);
  const { internals } = system.knock.engine;
  const prepared = await prepare({ workflow: "w", recipients: ["ada"] }, internals);
  await deploy(
    database,
    { w: `{ data: z.object({ must: z.string() }) }).sms("other", { body: "b" })` },
    { allowBreaking: true },
  );
  await look(system);
  if (!prepared.ok) throw prepared.error;
  const [outcome] = await database.transaction((tx) => accept(internals, { tx, send: async () => {} }, [prepared]));
  expect(await versionOf(database, accepted(outcome!).notification.id)).toBe(1);
});

test("what another process accepted already in a newer version waits until this one has it", async () => {
  await deploy(database, { w: at("one") });
  const [server, worker] = [await follow(database), await follow(database)];
  await deploy(database, { w: `${at("two")}.inApp("second", { body: () => "only in two" })` });
  await look(server);
  accepted(await server.knock.engine.notify({ workflow: "w", recipients: ["ada"] }));
  const job = server.jobs.take("express")!;
  await worker.knock.engine.handlers.express(job.data);
  expect(await runsOf(database)).toEqual([]);
  await expect.poll(() => worker.knock.following!.deploy, { timeout: 5_000 }).toBe(server.knock.following!.deploy);
  await worker.settle();
  expect(await texts(database)).toEqual(["ada feed two", "ada second only in two"]);
});

describe("archived", () => {
  const both = { w: says("one"), other: at("other") };

  test("takes no calls, and its runs finish with the content that it had", async () => {
    await deploy(database, both);
    const system = await follow(database);
    await notify(system, "ada");
    await deploy(database, { other: at("other") }, { archiveOpen: "finish", allowBreaking: true });
    const early = await system.knock.engine.notify({ workflow: "w", recipients: ["bob"] });
    expect(early).toMatchObject({ ok: false, error: { code: "WORKFLOW_INACTIVE" } });
    await look(system);
    const late = await system.knock.engine.notify({ workflow: "w", recipients: ["bob"] });
    expect(late).toMatchObject({ ok: false, error: { code: "UNKNOWN_WORKFLOW" } });
    await system.clock.advance(HOUR);
    await expect
      .poll(async () => (await system.settle(), texts(database)), { timeout: 5_000 })
      .toEqual(["ada feed one"]);
    expect((await runsOf(database))[0]).toMatchObject({ status: "completed" });
  });

  test("in a process that began only afterwards, too", async () => {
    await deploy(database, both);
    await notify(await follow(database), "ada");
    await deploy(database, { other: at("other") }, { archiveOpen: "finish", allowBreaking: true });
    const system = await follow(database);
    await system.clock.advance(2 * HOUR);
    await expect
      .poll(async () => (await system.settle(), texts(database)), { timeout: 5_000 })
      .toEqual(["ada feed one"]);
  });

  test("together with a workflow that it notifies, too", async () => {
    const caller = `{ data: z.object({}) }).delay("grace", "1h").inApp("feed", { body: () => "from caller" })
      .notify("tell", workflow("w", ${says("one")}, { recipients: ["bob"] })`;
    await deploy(database, { ...both, caller });
    const system = await follow(database);
    await notify(system, "ada", "caller");
    await deploy(database, { other: at("other") }, { archiveOpen: "finish", allowBreaking: true });
    await look(system);
    await system.clock.advance(HOUR);
    await expect
      .poll(async () => (await system.settle(), texts(database)), { timeout: 5_000 })
      .toEqual(["ada feed from caller"]);
    expect(await decisions(database, "ada")).toEqual(["grace done", "feed done", "tell failed STEP_FAILED"]);
    expect(system.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("without its artifact, sends what is fixed and says what was not", async () => {
    await deploy(database, { ...both, w: says("one", '.inApp("fixed", { body: "fixed" })') });
    await notify(await follow(database), "ada");
    await deploy(database, { other: at("other") }, { archiveOpen: "finish", allowBreaking: true });
    await ask(database, sql`update knock.workflow_versions set artifact = null where workflow = 'w'`);
    const system = await follow(database);
    await system.clock.advance(2 * HOUR);
    await expect
      .poll(async () => (await system.settle(), texts(database)), { timeout: 5_000 })
      .toEqual(["ada fixed fixed"]);
    expect(await decisions(database, "ada")).toEqual(["grace done", "feed skipped RETIRED", "fixed done"]);
  });
});

test("nothing deployed: it starts without workflows, says so, and takes the first deploy over", async () => {
  const system = await follow(database);
  expect(system.log).toMatchObject([{ level: "warn", message: expect.stringContaining("nothing is deployed yet") }]);
  expect(await system.knock.engine.notify({ workflow: "w", recipients: ["ada"] })).toMatchObject({
    error: { code: "UNKNOWN_WORKFLOW" },
  });
  await deploy(database, { w: at("first") });
  await look(system);
  await notify(system, "ada");
  expect(await texts(database)).toEqual(["ada feed first"]);
  await expect(system.knock.reload({ workflows: {}, channels: {} })).rejects.toMatchObject({ code: "INVALID_CONFIG" });
});

test("the config says it, too, and the workflows in it do not count", async () => {
  await deploy(database, { w: at("deployed") });
  const { knock } = await follow(database, {
    config: { workflows: { bad: {} as never }, channels: {}, content: "deployed" },
  });
  expect([...knock.engine.context.registry().keys()]).toEqual(["w"]);
  await expect(
    follow(database, { content: "local", config: { workflows: { bad: {} as never }, channels: {} } }),
  ).rejects.toMatchObject({
    code: "INVALID_WORKFLOW",
  });
});

test("a database that goes away and comes back keeps nothing from being followed", async () => {
  await deploy(database, { w: at("one") });
  let away = false;
  const db = new Proxy(database.db, {
    get(target, name, receiver) {
      if (away && name === "execute") throw Object.assign(new Error("gone"), { code: "CONNECTION_CLOSED" });
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  const system = await follow(database, {
    db: new Proxy(database, { get: (target, name) => (name === "db" ? db : (Reflect.get(target, name) as unknown)) }),
  });
  away = true;
  await deploy(database, { w: at("two") });
  for (let index = 0; index < 4; index++) await system.clock.advance(500);
  away = false;
  await look(system);
  await notify(system, "ada");
  expect(await texts(database)).toEqual(["ada feed two"]);
});
