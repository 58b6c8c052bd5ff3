// Failed runs that are run again.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { newId } from "../../src/base/ids.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { code } from "../../src/definition/code.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, captured, drive, type Driven } from "../support/engine.ts";
import { ask, decisions, messagesOf, runsOf } from "../support/inspect.ts";

let broken = true;
const fail = () => {
  if (broken) throw new Error("broken");
  return "whole";
};
const data = z.object({});
const wobbly = workflow("wobbly", { data })
  .sms("first", { body: "first" })
  .inApp("second", {
    body: ({ steps }) =>
      `${fail()} ${Object.values(steps)
        .map(({ skipped }) => skipped)
        .join()}`,
  })
  .sms("third", { body: ({ steps }) => JSON.stringify(Object.keys(steps)) });
const careful = workflow("careful", { data })
  .inApp("second", { body: fail })
  .onFailure((w) => w.sms("sorry", { body: "sorry" }));
const unsure = workflow("unsure", {
  data,
  when: code("sure", () => fail() === "whole"),
}).inApp("second", { body: "b" });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  broken = true;
  driven = await drive({ database, handles: [wobbly, careful, unsure] });
});

async function failing(key: string, ids: string[] = ["ada"]): Promise<string[]> {
  const recipients = ids.map((id) => ({ id, phoneNumber: "+41790000000" }));
  accepted(await driven.knock.engine.notify({ workflow: key, recipients }));
  await driven.advance("1h");
  return (await ask<{ id: string }>(database, sql`select id from knock.runs order by recipient_id`)).map(
    ({ id }) => id,
  );
}

async function finished(): Promise<string | null> {
  const [run] = await ask<{ at: string | null }>(database, sql`select finished_at as at from knock.runs`);
  return run!.at;
}

test("a failed run goes on at the step that failed; what was done is not done again", async () => {
  const ids = await failing("wobbly");
  expect(await runsOf(database)).toMatchObject([{ status: "failed", step: "second" }]);
  broken = false;
  expect(await driven.knock.rerun(ids)).toEqual([{ ok: true, id: ids[0] }]);
  expect(await runsOf(database)).toMatchObject([{ status: "waiting", step: "second", state: {} }]);
  expect(await finished()).toBeNull();
  await driven.settle();
  expect(await decisions(database, "ada")).toEqual([
    "first done",
    "second failed STEP_FAILED",
    "second done RERUN",
    "second done",
    "third done",
  ]);
  expect(await finished()).not.toBeNull();
  expect((await messagesOf(database))[1]!.content.body).toBe("whole false,true");
  expect(captured(driven, "sms").messages.map(({ message }) => message.body)).toEqual(["first", '["first","second"]']);
});

test("it has all its tries again, and may fail and be run again", async () => {
  const ids = await failing("wobbly");
  for (let times = 0; times < 2; times++) {
    await driven.knock.rerun(ids);
    await driven.advance("1h");
    expect((await runsOf(database))[0]).toMatchObject({ status: "failed", state: { failure: { step: "second" } } });
    expect((await runsOf(database))[0]!.trace.at(-1)!.reason).toContain("attempt 3 of 3");
  }
  broken = false;
  await driven.knock.rerun(ids);
  await driven.settle();
  expect(await runsOf(database)).toMatchObject([{ status: "completed", state: {} }]);
});

test("a workflow's own condition is asked again", async () => {
  const ids = await failing("unsure");
  expect(await runsOf(database)).toMatchObject([{ status: "failed", step: "when" }]);
  broken = false;
  await driven.knock.rerun(ids);
  await driven.settle();
  expect(await runsOf(database)).toMatchObject([{ status: "completed" }]);
  expect(await messagesOf(database)).toMatchObject([{ step: "second" }]);
});

test("what was done after the failure is not sent a second time", async () => {
  const ids = await failing("careful");
  expect(captured(driven, "sms").messages).toHaveLength(1);
  await driven.knock.rerun(ids);
  await driven.advance("1h");
  expect(captured(driven, "sms").messages).toHaveLength(1);
  broken = false;
  await driven.knock.rerun(ids);
  await driven.settle();
  expect(await runsOf(database)).toMatchObject([{ status: "completed" }]);
  expect(await messagesOf(database)).toMatchObject([{ step: "second" }, { step: "sorry" }]);
});

test("each id has its own answer", async () => {
  const [failed, second] = await failing("wobbly", ["ada", "bob"]);
  broken = false;
  await driven.knock.rerun([second!]);
  await driven.settle();
  const unknown = newId(driven.clock.now());
  const answers = await driven.knock.rerun([failed!.toUpperCase(), second!, unknown, "nonsense"]);
  expect(answers).toMatchObject([
    { ok: true },
    { ok: false, error: { code: "RUN_NOT_FAILED", details: { id: second, status: "completed" } } },
    { ok: false, error: { code: "NOT_FOUND", details: { what: "run", id: unknown } } },
    { ok: false, error: { code: "NOT_FOUND", details: { what: "run", id: "nonsense" } } },
  ]);
  expect((await runsOf(database)).map(({ status }) => status)).toEqual(["waiting", "completed"]);
  expect(await driven.knock.rerun([])).toEqual([]);
  expect(await driven.knock.rerun([failed!])).toMatchObject([{ ok: false, error: { details: { status: "waiting" } } }]);
});
