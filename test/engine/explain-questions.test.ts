// What can be asked about who got what: a workflow and a time, and what cannot be asked.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { newId } from "../../src/base/ids.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { explain, MOST_EXPLANATIONS } from "../../src/engine/explain/explain.ts";
import type { ExplainQuestion } from "../../src/engine/explain/question.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven, START } from "../support/engine.ts";

const data = z.object({});
const news = workflow("news", { data }).inApp("feed", { body: "b" });
const digest = workflow("digest", { data }).inApp("feed", { body: "b" });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [news, digest] });
});

const notify = async (call: object) =>
  accepted(await driven.knock.engine.notify({ workflow: "news", ...call })).notification.id;

async function ask(question: ExplainQuestion) {
  const outcome = await explain(driven.knock.engine.context, question);
  if (!outcome.ok) throw outcome.error;
  return outcome;
}

describe("the notifications of a workflow in a time", () => {
  test("calls that name 100,000 people are searched for somebody once, not once for each part of them", async () => {
    for (let n = 0; n < 5; n++) await notify({ recipients: ["ada"] });
    await driven.settle();
    const chunks = sql`select id, n, (n * 500)::text, ((n + 1) * 500)::text, now() from knock.notifications, generate_series(0, 199) as n`;
    await database.db.execute(sql`update knock.notifications set recipients = (
      select array_agg('u' || n order by n) from generate_series(1, 100000) as n)`);
    await database.db.execute(
      sql`insert into knock.fan_out_chunks (notification_id, number, after, up_to, done_at) ${chunks}`,
    );
    const started = performance.now();
    const { explanations } = await ask({ userId: "u99999", workflow: "news" });
    expect(explanations.map(({ reach }) => reach.code)).toEqual(Array(5).fill("RUN_GONE"));
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  test("those that have to do with the person, newest first, and whether there are more", async () => {
    const ids: string[] = [];
    for (let n = 0; n <= MOST_EXPLANATIONS; n++) {
      ids.unshift(await notify({ recipients: ["ada"] }));
      await notify({ recipients: ["bob"] });
      await driven.advance("1m");
    }
    const told = async (question: Partial<ExplainQuestion> = {}) => {
      const { explanations, more } = await ask({ userId: "ada", workflow: "news", ...question });
      return [explanations.map(({ notification }) => notification.id), more];
    };
    expect(await told()).toEqual([ids.slice(0, MOST_EXPLANATIONS), true]);
    const from = new Date(START.getTime() + 60_000);
    expect(await told({ from })).toEqual([ids.slice(0, MOST_EXPLANATIONS), false]);
    expect(await told({ until: from })).toEqual([ids.slice(-2).toSorted().toReversed(), false]);
    expect(await told({ from, until: from })).toEqual([[ids.at(-2)], false]);
  });

  test("where none has to do with them, the newest say why not; where there is none, that is said", async () => {
    const id = await notify({ recipients: ["bob"] });
    await driven.settle();
    const { explanations } = await ask({ userId: "ada", workflow: "news" });
    expect(explanations).toMatchObject([{ notification: { id }, reach: { code: "NOT_ADDRESSED" } }]);
    expect(await ask({ userId: "ada", workflow: "digest", from: new Date(0) })).toEqual({
      ok: true,
      explanations: [],
      more: false,
      reason: 'there is no notification of "digest" from 1970-01-01 00:00:00 UTC until 2026-01-05 09:00:00 UTC',
    });
  });
});

describe("what cannot be asked", () => {
  const long = "x".repeat(10_000);
  const id = newId(START);
  const at = new Date(START);
  test.each<[string, object, string[]]>([
    ["nothing", { userId: "ada" }, ["notificationId required"]],
    ["both", { userId: "ada", notificationId: id, workflow: "news" }, ["workflow conflict"]],
    ["a time for a notification", { userId: "ada", notificationId: id, until: at }, ["until conflict"]],
    ["an id of another form", { userId: "ada", notificationId: "42" }, ["notificationId invalid_id"]],
    ["a number as id", { userId: "ada", notificationId: 42 }, ["notificationId invalid_id"]],
    ["an empty user", { userId: "", workflow: "news" }, ["userId invalid_id"]],
    ["no text as user", { userId: 7, workflow: "news" }, ["userId invalid_id"]],
    ["10,000 characters", { userId: long, workflow: long }, ["userId invalid_id", "workflow invalid_key"]],
    ["what cannot be stored", { userId: "a\0", workflow: "a\0" }, ["userId invalid_id", "workflow invalid_key"]],
    ["an empty workflow", { userId: "ada", workflow: "" }, ["workflow invalid_key"]],
    [
      "times in the wrong order",
      { userId: "ada", workflow: "news", from: at, until: new Date(0) },
      ["until out_of_range"],
    ],
    [
      "no time",
      { userId: "ada", workflow: "news", from: new Date(NaN), until: "x" },
      ["from invalid_type", "until invalid_type"],
    ],
  ])("%s", async (_name, question, expected) => {
    const outcome = await explain(driven.knock.engine.context, question as ExplainQuestion);
    if (outcome.ok) throw new Error("answered");
    expect(outcome.error.code).toBe("INVALID_INPUT");
    const { issues } = outcome.error.details as { issues: { path: string[]; code: string }[] };
    expect(issues.map(({ path, code }) => `${path.join(".")} ${code}`)).toEqual(expected);
  });

  test("an unknown notification or workflow; times beyond any id are as far as ids go", async () => {
    const context = driven.knock.engine.context;
    expect(await explain(context, { userId: "ada", notificationId: id })).toMatchObject({
      ok: false,
      error: { code: "NOT_FOUND" },
    });
    expect(await explain(context, { userId: "ada", workflow: "new" })).toMatchObject({
      ok: false,
      error: { code: "UNKNOWN_WORKFLOW", details: { nearest: "news" } },
    });
    const question = { userId: "ada", workflow: "news", from: new Date(-8.64e15), until: new Date(8.64e15) };
    expect(await explain(context, question)).toMatchObject({ ok: true, explanations: [] });
  });
});
