// Jobs that failed for good come back by themselves, ever more rarely, and what lost its job gets a new one.
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { systemClock } from "../../src/base/clock.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { inApp } from "../../src/channels/providers/in-app.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { pgBossJobs } from "../../src/engine/jobs/pg-boss.ts";
import type { JobHandlers } from "../../src/engine/jobs/port.ts";
import { createRecovery, type Recovered } from "../../src/engine/recovery.ts";
import { createKnock, type Knock } from "../../src/knock.ts";
import type { Database } from "../../src/store/database.ts";
import { deadLetters, queueDepths, queuesMadeAt } from "../../src/store/jobs.ts";
import { testDatabase } from "../support/database.ts";
import { eventually } from "../support/engine.ts";
import { ask, count } from "../support/inspect.ts";

const plain = workflow("plain", { data: z.object({}) }).inApp("feed", { body: "b" });
const NOTHING: Recovered = { dead: 0, chunks: 0, notifications: 0, messages: 0 };

let database: Database;
let knock: Knock;
beforeEach(async () => {
  database = await testDatabase();
  const config = { workflows: { plain }, channels: { feed: inApp() } };
  knock = await createKnock({ config, db: database, logger: silentLogger });
  await knock.start({ work: false });
});
afterEach(() => knock.stop());

const recovery = () => createRecovery(knock.engine.internals);
const notify = () => knock.engine.notify({ workflow: "plain", recipients: ["a"] });
const age = (minutes: number) =>
  ask(
    database,
    sql`update knock_jobs.job set created_on = created_on - make_interval(mins => ${minutes}::int) where name = 'dead'`,
  );

/** Lets the job that waits fail for good, as it does after its last try. */
async function failForGood(): Promise<void> {
  await ask(database, sql`update knock_jobs.job set retry_limit = 0`);
  const broken = pgBossJobs({ database, clock: systemClock, logger: silentLogger });
  const fail = () => Promise.reject(new Error("a column is missing"));
  await broken.start();
  await broken.work(
    Object.fromEntries(Object.keys(knock.engine.handlers).map((kind) => [kind, fail])) as unknown as JobHandlers,
  );
  await eventually(
    () => deadLetters(database.db),
    (found) => found.length === 1,
  );
  await broken.stop();
}

test("a job that failed for good is tried again after a minute, then later and later, until it works", async () => {
  await notify();
  await failForGood();
  expect(await deadLetters(database.db)).toMatchObject([
    { kind: "express", jobs: 1, reason: "Error: a column is missing" },
  ]);
  expect(await queueDepths(database.db)).toMatchObject([{ kind: "express", state: "dead", jobs: 1 }]);
  expect(await recovery().pass()).toEqual(NOTHING);
  await age(1);
  expect(await recovery().pass()).toEqual({ ...NOTHING, dead: 1 });
  expect(await queueDepths(database.db)).toMatchObject([{ kind: "express", state: "waiting", jobs: 1 }]);
  await failForGood();
  await age(1);
  expect(await recovery().pass()).toEqual(NOTHING);
  await age(3);
  expect(await recovery().pass()).toEqual({ ...NOTHING, dead: 1 });
  await knock.stop();
  await knock.start({ work: true });
  await eventually(
    () => count(database, "runs"),
    (runs) => runs === 1,
  );
});

test("somebody who asks gets all of them back at once", async () => {
  await notify();
  await failForGood();
  expect(await recovery().all({ since: new Date(0) })).toEqual({ ...NOTHING, dead: 1 });
  expect(await recovery().all({ since: new Date(0) })).toEqual(NOTHING);
});

test("queues that were emptied, or dropped, are filled again from the rows", async () => {
  await notify();
  const late = { ...knock.engine.internals, clock: { ...systemClock, now: () => new Date(Date.now() + 660_000) } };
  const later = createRecovery(late);
  expect(await later.pass()).toEqual(NOTHING);
  await ask(database, sql`delete from knock_jobs.job`);
  expect(await later.pass()).toEqual({ ...NOTHING, notifications: 1 });
  expect(await later.pass()).toEqual(NOTHING);
  await knock.stop();
  await ask(database, sql`drop schema knock_jobs cascade`);
  expect(await queueDepths(database.db)).toEqual([]);
  expect(await queuesMadeAt(database.db)).toBeNull();
  await knock.start({ work: false });
  expect(await createRecovery(late).pass()).toEqual({ ...NOTHING, notifications: 1 });
});

test("a job that waits is never too old", async () => {
  const [job] = await ask<{ days: number }>(
    database,
    sql`select min(retention_seconds)::int / 86400 as days from knock_jobs.queue where name <> '__pgboss__send-it'`,
  );
  expect(job!.days).toBeGreaterThan(3_000);
});
