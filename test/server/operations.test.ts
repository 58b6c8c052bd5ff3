// What a process tells those who operate it.
import { beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { createHash } from "node:crypto";
import { z } from "zod";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { capture } from "../../src/channels/providers/capture.ts";
import { inApp } from "../../src/channels/providers/in-app.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { createKnock, type Knock } from "../../src/knock.ts";
import { createMetrics, type Metrics } from "../../src/server/metrics.ts";
import { serveOperations } from "../../src/server/operations.ts";
import { insertApiKey } from "../../src/store/api-keys.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { eventually } from "../support/engine.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";

const plain = workflow("plain", { data: z.object({}) })
  .inApp("feed", { body: "b" })
  .email("mail", { subject: "s", body: "b" });

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

async function started(metrics: Metrics): Promise<Knock> {
  const config = { workflows: { plain }, channels: { feed: inApp() } };
  const feed = { key: "feed", type: "inApp" as const, provider: inApp(), sandbox: false };
  const mail = { key: "mail", type: "email" as const, provider: capture("email"), sandbox: false };
  const channels = new Map<string, typeof feed | typeof mail>([
    ["feed", feed],
    ["mail", mail],
  ]);
  const { listeners } = metrics;
  const knock = await createKnock({ config, db: database, logger: silentLogger, listeners, channels });
  await knock.start();
  onTestFinished(() => knock.stop());
  return knock;
}

async function listening(metrics = createMetrics()) {
  const shared = { database, metrics, clock: systemClock, logger: silentLogger };
  const server = await serveOperations({ ...shared, host: "127.0.0.1", port: 0 });
  onTestFinished(() => server.close());
  return server;
}

async function key(scope: string): Promise<string> {
  const secret = `sk_${"x".repeat(20)}_${scope}`;
  const hash = createHash("sha256").update(secret).digest("hex");
  const now = new Date();
  await insertApiKey(database.db, {
    id: newId(now),
    name: scope,
    prefix: "sk_x",
    hash,
    scopes: [scope],
    createdAt: now,
  });
  return secret;
}

/** The numbers of a scrape, by name and labels. */
const numbersOf = (text: string): Record<string, number> =>
  Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );

test("calls, runs and deliveries are counted, and nothing names a person", async () => {
  const metrics = createMetrics();
  const knock = await started(metrics);
  const identify = [{ id: "ada", email: "ada@example.com" }];
  await knock.notify(plain, { recipients: ["ada", "bob"], identify, data: {} });
  await knock.notify(plain, { recipients: [], data: {} });
  const text = () => metrics.text({ database, clock: systemClock });
  const numbers = await eventually(
    async () => numbersOf(await text()),
    (found) => found['knock_deliveries_total{channel="mail",provider="capture",outcome="delivered"}'] === 1,
  );
  expect(numbers).toMatchObject({
    'knock_notifications_accepted_total{workflow="plain"}': 1,
    'knock_runs_total{workflow="plain",outcome="completed"}': 2,
    'knock_delivery_seconds_count{channel="mail",provider="capture"}': 1,
    knock_database_up: 1,
    knock_timekeeper_lag_seconds: 0,
  });
  expect(await text()).not.toMatch(/ada|bob/);
  // Another system in the same process counts for itself.
  expect(numbersOf(await createMetrics().text({ database, clock: systemClock }))).not.toHaveProperty(
    'knock_notifications_accepted_total{workflow="plain"}',
  );
});

test("queues are read from the database, at most every five seconds", async () => {
  const config = { workflows: { plain }, channels: { feed: inApp() } };
  const knock = await createKnock({ config, db: database, logger: silentLogger });
  await knock.start({ work: false });
  onTestFinished(() => knock.stop());
  const metrics = createMetrics();
  const clock = virtualClock(new Date());
  const waiting = async () =>
    numbersOf(await metrics.text({ database, clock }))['knock_queue_jobs{kind="express",state="waiting"}'];
  const before = (await waiting()) ?? 0;
  await knock.notify(plain, { recipients: ["a"], data: {} });
  expect((await waiting()) ?? 0).toBe(before);
  await clock.advance(5_000);
  expect(await waiting()).toBe(before + 1);
  const oldest = numbersOf(await metrics.text({ database, clock }))['knock_queue_oldest_seconds{kind="express"}'];
  expect(oldest).toBeGreaterThanOrEqual(0);
});

test("while the database is away, its numbers are missing and the others are there", async () => {
  const metrics = createMetrics();
  metrics.listeners.onAccepted?.({ workflow: "plain" });
  const db = new Proxy({} as Database["db"], {
    get: () => {
      throw new Error("away");
    },
  });
  const numbers = numbersOf(await metrics.text({ database: { db }, clock: systemClock }));
  expect(numbers).toEqual({
    'knock_notifications_accepted_total{workflow="plain"}': 1,
    knock_database_up: 0,
    knock_deploy_refused: 0,
  });
});

test("a worker says whether it lives and can work, until it ends", async () => {
  const server = await listening();
  expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: "alive", service: "knock" });
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  server.ending();
  const ready = await fetch(`${server.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { status: "not ready", reason: "this process is ending" }]);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${server.url}/graphql`, { method: "POST", body: "{}" })).status).toBe(404);
});

test("metrics need no key where nobody has one, and the scope read elsewhere", async () => {
  const open = await listening();
  const scrape = await fetch(`${open.url}/metrics`);
  expect([scrape.status, scrape.headers.get("content-type")]).toEqual([200, expect.stringContaining("text/plain")]);
  const refused = serveOperations({
    database,
    metrics: createMetrics(),
    clock: systemClock,
    logger: silentLogger,
    host: "0.0.0.0",
    port: 0,
  });
  await expect(refused).rejects.toMatchObject({ code: "UNSAFE_BIND" });
  const [read, notify] = [await key("read"), await key("notify")];
  const { url } = await listening();
  const status = async (authorization?: string) =>
    (await fetch(`${url}/metrics`, { headers: { ...(authorization && { authorization }) } })).status;
  expect(await status()).toBe(401);
  expect(await status("Bearer sk_unknown_unknown_unknown")).toBe(401);
  expect(await status(`Bearer ${notify}`)).toBe(403);
  expect(await status(`Bearer ${read}`)).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});
