// Fetches and events with the real job engine and the real clock.
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { systemClock } from "../../src/base/clock.ts";
import { silentLogger } from "../../src/base/logger.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { createKnock, type Knock } from "../../src/knock.ts";
import type { Database } from "../../src/store/database.ts";
import { testDatabase } from "../support/database.ts";
import { channelsOf, eventually } from "../support/engine.ts";
import { type HttpServer, startHttpServer } from "../support/http-server.ts";
import { count, runsOf } from "../support/inspect.ts";

const look = workflow("look", { data: z.object({ url: z.string() }) })
  .fetch("plan", {
    url: ({ data: { url }, recipient }) => `${url}/${recipient.id}`,
    response: z.object({ path: z.string() }),
  })
  .waitFor("go", { event: "go", timeout: "1h" })
  .inApp("feed", { body: ({ steps }) => steps.plan.data?.path ?? "" });

let database: Database;
let server: HttpServer;
let knock: Knock;
beforeAll(async () => {
  database = await testDatabase();
  server = await startHttpServer();
  // Each answer takes a while, so that one after the other would take too long.
  server.answer = ({ path }, response) => {
    const body = JSON.stringify({ path });
    systemClock.after(20, () => response.writeHead(200, { "content-type": "application/json" }).end(body));
  };
  knock = await createKnock({
    config: { workflows: { look }, channels: {}, fetch: { allowPrivateAddresses: true } },
    db: database,
    environment: {},
    logger: silentLogger,
    channels: channelsOf(),
  });
  await knock.start();
});
afterAll(async () => {
  await knock.stop();
  await server.close();
});

test("a call for each of many runs, then one event for all of them", async () => {
  const alone = ["ada", "bob", "cyd"];
  const many = Array.from({ length: 300 }, (_, index) => `user_${index}`);
  for (const id of alone) await knock.notify(look, { recipients: [id], data: { url: server.url } });
  await knock.notify(look, { recipients: many, data: { url: server.url } });
  await eventually(
    () => count(database, "waits"),
    (waiting) => waiting === 303,
  );
  expect(server.seen).toHaveLength(303);
  expect(await knock.signalEvent("go")).toEqual({ ok: true, runs: 303 });
  await eventually(
    () => runsOf(database),
    (runs) => runs.every(({ status }) => status === "completed"),
  );
  for (const { recipient, state } of await runsOf(database)) {
    expect(state.results).toMatchObject({ plan: { data: { path: `/${recipient}` } }, go: { matched: true } });
  }
});
