// Steps that start other workflows.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { derivedId } from "../../src/base/ids.ts";
import { workflow } from "../../src/definition/workflow.ts";
import type { Database } from "../../src/store/database.ts";
import { addListMembers } from "../../src/store/lists.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven, START } from "../support/engine.ts";
import { ask, decisions, messagesOf, runsOf } from "../support/inspect.ts";

const data = z.object({ title: z.string().default("T"), to: z.unknown().optional() });
const target = workflow("target", { data: z.object({ title: z.string().max(10) }) })
  .inApp("feed", { body: ({ data: { title }, actor, tenant }) => [title, actor?.id, tenant?.id].join(" ") })
  .delay("pause", "1h")
  .inApp("end", { body: "end" });
const tell = workflow("tell", { data })
  .notify("tell", target, { data: ({ data: { title } }) => ({ title }) })
  .inApp("after", { body: ({ steps }) => JSON.stringify(steps.tell) });
const others = workflow("others", { data }).notify("tell", target, {
  data: { title: "list" },
  lists: ["team"],
  recipients: ["eve"],
  actor: "eve",
  tenant: null,
  cancellationKey: null,
});
const some = workflow("some", { data }).notify("tell", target, {
  data: { title: "some" },
  recipients: ({ data: { to } }) => to as string[],
});
const round = workflow("round", { data });
const endless = round.inApp("feed", { body: "b" }).notify("again", round, {});

interface Made extends Record<string, unknown> {
  id: string;
  workflow: string;
  recipients: string[];
  actor: string | null;
  tenant: string | null;
  key: string | null;
  source: object | null;
}

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [target, tell, others, some, endless] });
});

const call = { recipients: ["ada"], actor: { id: "eve" }, tenant: "acme", cancellationKey: "c", data: {} };
async function begin(key: string, given: object = {}): Promise<void> {
  accepted(await driven.knock.engine.notify({ ...call, workflow: key, ...given }));
  await driven.settle();
}
const made = () =>
  ask<Made>(
    database,
    sql`select id, workflow, recipients, actor_id as actor, tenant_id as tenant, cancellation_key as key, source
    from knock.notifications where source is not null order by created_at, id`,
  );
const runId = async (workflow: string) =>
  (
    await ask<{ id: string }>(
      database,
      sql`select run.id from knock.runs as run join knock.notifications as n on n.id = run.notification_id
      where n.workflow = ${workflow}`,
    )
  )[0]!.id;

test("it goes to the recipient of the run, from the same actor, in the same tenant, under the same key", async () => {
  await begin("tell", { data: { title: "Hello" } });
  const from = await runId("tell");
  const id = derivedId(from, "tell");
  expect(await made()).toEqual([
    {
      id,
      workflow: "target",
      recipients: ["ada"],
      actor: "eve",
      tenant: "acme",
      key: "c",
      source: { kind: "step", id: from, via: ["tell"] },
    },
  ]);
  const contents = (await messagesOf(database)).map(({ step, content }) => [step, content.body]);
  expect(contents).toEqual([
    ["after", JSON.stringify({ notification: id, skipped: false })],
    ["feed", "Hello eve acme"],
  ]);
  expect((await driven.knock.cancel("c")).runs).toBe(1);
});

test("or to whom it says", async () => {
  await addListMembers(database.db, { list: "team", members: [{ userId: "bob" }, { userId: "cyd" }] }, START);
  await begin("others");
  expect(await made()).toMatchObject([{ recipients: ["eve"], actor: "eve", tenant: null, key: null }]);
  expect((await messagesOf(database)).map(({ recipient }) => recipient)).toEqual(["bob", "cyd", "eve"]);
});

test("to nobody is left out", async () => {
  await begin("some", { data: { to: [] } });
  expect(await decisions(database, "ada")).toEqual(["tell skipped NO_RECIPIENTS"]);
  expect(await made()).toEqual([]);
});

test("a workflow that is switched off is left out", async () => {
  await driven.knock.engine.setWorkflowStatus("target", "inactive");
  await begin("tell");
  expect(await decisions(database, "ada")).toEqual(["tell skipped WORKFLOW_INACTIVE", "after done"]);
  expect(await made()).toEqual([]);
});

describe("what is refused fails the step at once, with the reason of the call", () => {
  test.each([
    ["data that do not fit", "tell", { title: "longer than that" }, 'does not fit the schema of workflow "target"'],
    ["bad recipients", "some", { to: ["x".repeat(300)] }, "A user id is longer than 256 characters"],
    ["recipients that are none", "some", { to: "ada" }, "recipients must be an array"],
  ])("%s", async (_what, key, given, why) => {
    await begin(key, { data: given });
    const [run] = await runsOf(database);
    expect(run).toMatchObject({ status: "failed", step: "tell" });
    expect(run!.trace[0]!.reason).toContain(why);
    expect(await made()).toEqual([]);
  });

  test("an actor who is gone", async () => {
    const slow = workflow("slow", { data }).notify("tell", target, { data: { title: "t" }, actor: "nobody" });
    driven = await drive({ database, handles: [target, slow] });
    await begin("slow");
    expect((await runsOf(database))[0]!.trace[0]!.reason).toContain('There is no user "nobody" to be the actor');
  });
});

test("one that is refused takes no other with it", async () => {
  await begin("some", { recipients: ["ada", "bob", "cyd"], data: { to: ["dan"] } });
  expect(await made()).toHaveLength(3);
  expect((await messagesOf(database)).map(({ recipient }) => recipient)).toEqual(["dan", "dan", "dan"]);
});

describe("what is the fault of one run is not that of the others of its passage:", () => {
  const text = z.object({ title: z.string() });
  const strict = workflow("strict", {
    data: text.refine(({ title }) => {
      if (title === "odd") throw new Error("the schema is broken");
      return true;
    }),
  }).inApp("feed", { body: "b" });
  const short = workflow("short", {
    data: z.object({ title: z.string().overwrite((title) => title.slice(0, 3)) }),
  }).inApp("feed", { body: ({ data: { title } }) => title });
  const before = workflow("before", { data }).notify("tell", strict, {
    data: ({ recipient }) => ({ title: recipient.id }),
  });
  const after = workflow("after", { data })
    .delay("pause", "1h")
    .notify("tell", strict, { data: ({ recipient }) => ({ title: recipient.id }) });
  const cut = workflow("cut", { data }).notify("tell", short, { data: ({ data: { title } }) => ({ title }) });

  test.each(["before", "after"])("a schema that throws, %s a delay", async (key) => {
    driven = await drive({ database, handles: [strict, before, after] });
    await begin(key, { recipients: ["ada", "odd", "bob"] });
    await driven.advance("2h");
    expect((await messagesOf(database)).map(({ recipient }) => recipient)).toEqual(["ada", "bob"]);
    const failed = (await runsOf(database)).filter(({ status }) => status === "failed");
    expect(failed).toHaveLength(1);
    expect(failed[0]!.trace.at(-1)!.reason).toContain("data: The schema fails on this data: the schema is broken");
  });

  test("half a character that a schema leaves", async () => {
    driven = await drive({ database, handles: [short, cut] });
    await begin("cut", { data: { title: "ab\u{1F600}" } });
    expect(await messagesOf(database)).toMatchObject([{ content: { body: "ab\ufffd" } }]);
  });
});

test("a circle ends after ten levels, and says so", async () => {
  await begin("round");
  const runs = await runsOf(database);
  expect(runs).toHaveLength(11);
  expect(runs.filter(({ status }) => status === "completed")).toHaveLength(10);
  const last = runs.find(({ status }) => status === "failed")!;
  expect(last.trace.at(-1)!.reason).toContain("a circle without end");
  const depths = (await made()).map(({ source }) => (source as { via: string[] }).via.length);
  expect(depths.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, index) => index + 1));
});

test("a circle through a list would multiply, and is not begun", async () => {
  const crowd = workflow("crowd", { data });
  const all = crowd.inApp("feed", { body: "b" }).notify("again", crowd, { lists: ["team"] });
  driven = await drive({ database, handles: [all] });
  await addListMembers(database.db, { list: "team", members: ["ada", "bob"].map((userId) => ({ userId })) }, START);
  await begin("crowd", { actor: null });
  const runs = await runsOf(database);
  expect(runs.map(({ status }) => status)).toEqual(["failed"]);
  expect(runs[0]!.trace.at(-1)!.reason).toBe(
    '"crowd" is not started: it is one of those that led here (crowd), and a circle may notify one recipient only',
  );
});

test("a passage that is done again makes the same notification, once", async () => {
  await begin("tell");
  const before = await made();
  const { handlers } = driven.knock.engine;
  const [first] = await ask<{ id: string }>(database, sql`select id from knock.notifications where source is null`);
  await ask(database, sql`update knock.notifications set planned_at = null where id = ${first!.id}`);
  await handlers.express({ notifications: [first!.id] });
  await driven.settle();
  expect(await made()).toEqual(before);
  expect(await messagesOf(database)).toHaveLength(2);
});
