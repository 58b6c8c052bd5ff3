// Every recipient and every step of a notification to 10,000 people has a reason that a person can read.
import { sql } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { explainMany } from "../../src/engine/explain/explain.ts";
import type { ExplainedStep, Explanation } from "../../src/engine/explain/explanation.ts";
import { explanationText } from "../../src/engine/explain/text.ts";
import { planOf } from "../../src/registry/plan.ts";
import { readVersions } from "../../src/store/reads/explain.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { ask } from "../support/inspect.ts";
import { PEOPLE, SECOND, tellEverybody } from "./explain-fixture.ts";

/** What nobody may be told. */
const NO_REASON = /unknown|undefined|\[object|NaN|because \.|: \.|^\s*$/;

let database: Database;
let all: Explanation[];
let refs: string[];

beforeAll(async () => {
  database = await testDatabase();
  await emptyTables(database);
  const { driven, notifications } = await tellEverybody(database);
  const runs = await ask<{ notificationId: string; userId: string; version: string }>(
    database,
    sql`select notification_id as "notificationId", recipient_id as "userId", version_id as version from knock.runs
    where notification_id = any(${sql.param(notifications)}::uuid[]) order by notification_id, recipient_id`,
  );
  const version = runs[0]!.version;
  const { structure } = (await readVersions(database.db, [version])).get(version)!;
  refs = ["when", ...planOf(structure).byRef.keys()];
  all = await explainMany(driven.knock.engine.context, runs);
}, 300_000);

const every = (outcome: ExplainedStep["outcome"], code: string | null) =>
  all.flatMap(({ steps }) => steps).filter((step) => step.outcome === outcome && step.code === code);

test("all recipients have a reason for each step of the workflow", () => {
  expect(all).toHaveLength(PEOPLE + SECOND);
  expect(refs).toHaveLength(24);
  const without: string[] = [];
  for (const { userId, reach, steps } of all) {
    const told = new Map(steps.map((step) => [step.ref, step]));
    if (!reach.recipient || NO_REASON.test(reach.reason)) without.push(`${userId}: ${reach.reason}`);
    for (const ref of refs) if (!told.has(ref)) without.push(`${userId} ${ref}: nothing`);
    for (const { ref, outcome, code, reason, at } of steps) {
      const plain = outcome === "done" || outcome === "waiting" || outcome === "joined";
      if (NO_REASON.test(reason)) without.push(`${userId} ${ref}: ${reason}`);
      if (ref !== "when" && !plain && code === null) without.push(`${userId} ${ref}: no code`);
      if ((at === null) !== (outcome === "unreached")) without.push(`${userId} ${ref}: no time`);
    }
  }
  expect(without).toEqual([]);
});

test("and so does what people read, a paragraph for each step", () => {
  const without = all.flatMap((explanation) => {
    const text = explanationText(explanation);
    if (text.length !== explanation.steps.length + 3) return [`${explanation.userId}: ${text.length} paragraphs`];
    return text.filter((paragraph) => NO_REASON.test(paragraph) || !paragraph.endsWith("."));
  });
  expect(without).toEqual([]);
});

test("there is something of everything among them", () => {
  const seen = new Set(all.flatMap(({ steps }) => steps.map(({ outcome, code }) => `${outcome} ${code}`)));
  expect([...seen].toSorted()).toEqual([
    "cancelled CANCELLED",
    "done THROTTLED",
    "done null",
    "failed STEP_FAILED",
    "halted THROTTLED",
    "halted null",
    "joined null",
    "skipped CHANNEL_NOT_CONFIGURED",
    "skipped CONDITION",
    "skipped MISSING_ADDRESS",
    "skipped PREFERENCES",
    "skipped RETIRED",
    "skipped WINDOW_MISSING",
    "unreached LEFT_OUT",
    "unreached NOT_YET",
    "unreached NO_FAILURE",
    "unreached RUN_ENDED",
    "unreached WAY_NOT_TAKEN",
    "waiting null",
  ]);
  const statuses = new Set(all.map(({ run }) => run!.status));
  expect([...statuses].toSorted()).toEqual(["cancelled", "completed", "failed", "halted", "waiting"]);
});

test("who opted out is told by which of all sets, and who got a mail what the provider said", () => {
  const refusals = every("skipped", "PREFERENCES");
  expect(refusals.every(({ preferences: [first] }) => first?.allowed === false)).toBe(true);
  const layers = new Set(refusals.map(({ preferences }) => preferences[0]!.layer));
  expect([...layers].toSorted()).toEqual(["environment", "recipient", "recipientTenant", "tenant"]);
  const mails = every("done", null).filter(({ ref }) => ref === "mail");
  expect(mails.every(({ message }) => message && message.attempts.length > 0)).toBe(true);
  const statuses = new Set(mails.map(({ message }) => message!.status));
  expect([...statuses].toSorted()).toEqual(["bounced", "delivered", "undelivered"]);
});

test("who joined a batch is told which run goes on with it", () => {
  const joined = every("joined", null);
  expect(joined.length).toBeGreaterThan(0);
  for (const { batch } of joined) expect(batch).toMatchObject({ count: 2, carrier: { own: false, status: "waiting" } });
});
