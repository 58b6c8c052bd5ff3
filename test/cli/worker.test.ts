import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { sql } from "drizzle-orm";
import { expect, onTestFinished, test } from "vitest";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { eventually } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";
import { knock, startTemporarily } from "./support/command.ts";
import { soundProject, temporary } from "./support/project.ts";

const SMTP_URL = "smtp://127.0.0.1:9";
const PEOPLE = 600;

/** A receiver that takes its time and writes down the key of each request. */
async function slowReceiver(milliseconds: number): Promise<{ url: string; keys: string[] }> {
  const keys: string[] = [];
  const server = createServer((request, response) => {
    keys.push(String(request.headers["idempotency-key"]));
    request.resume();
    setTimeout(() => response.end("{}"), milliseconds);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, keys };
}

test("a worker tells how it is on a port of its own", async () => {
  const { root: cwd } = temporary();
  const env = { DATABASE_URL: await testPostgresUrl(), SMTP_URL };
  const worker = startTemporarily(["worker", "--port", "0"], { cwd, env });
  const url = (await worker.waitFor(/"health":"(http:[^"]+)"/))[1]!;
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: "ready" });
  await knock(["notify", "greeting", "-r", "user_1", "-d", '{"title":"Hi"}'], { cwd, env });
  await expect
    .poll(async () => (await fetch(`${url}/metrics`)).text(), { timeout: 20_000 })
    .toContain('knock_runs_total{workflow="greeting",outcome="completed"} 1');
  expect((await fetch(`${url}/graphql`, { method: "POST", body: "{}" })).status).toBe(404);
  const exposed = await knock(["worker", "--host", "0.0.0.0", "--port", "0"], { cwd, env });
  expect(exposed.stderr).toContain("would be reachable at 0.0.0.0 without any key");
  worker.signal("SIGTERM");
  expect(await worker.ended).toBe(0);
});

test("on SIGTERM a worker finishes what is at hand and hands back the rest: nothing is sent twice", async () => {
  const receiver = await slowReceiver(150);
  const { root: cwd } = temporary({
    "package.json": soundProject["package.json"]!,
    "knock.config.ts": `
import { defineConfig } from "knock";
import { webhook } from "knock/providers/webhook";
import * as workflows from "./workflows/index.ts";

const secret = "0123456789abcdef0123456789abcdef";
export default defineConfig({
  workflows,
  channels: { hook: webhook({ url: "${receiver.url}", secret, allowPrivateNetwork: true }) },
});
`,
    "workflows/index.ts": 'export { default as hook } from "./hook.ts";',
    "workflows/hook.ts": `
import { workflow } from "knock";
import { z } from "zod";

export default workflow("hook", { data: z.object({}) }).webhook("call", { body: { hello: "world" } });
`,
  });
  const url = await testPostgresUrl();
  const env = { DATABASE_URL: url };
  const database = await testPool(url, 2);
  const people = Array.from({ length: PEOPLE }, (_, index) => ["-r", `user_${index}`]).flat();
  const called = await knock(["notify", "hook", ...people], { cwd, env });
  expect(called).toMatchObject({ code: 0, stderr: "" });
  const first = startTemporarily(["worker", "--port", "0"], { cwd, env });
  const health = (await first.waitFor(/"health":"(http:[^"]+)"/))[1]!;
  await eventually(
    async () => receiver.keys.length,
    (sent) => sent >= 30,
  );
  first.signal("SIGTERM");
  await first.waitFor(/"message":"stopping"/);
  const ready = await fetch(`${health}/readyz`).then(
    ({ status }) => status,
    () => 0,
  );
  expect([0, 503]).toContain(ready);
  expect(await first.ended).toBe(0);
  const sent = receiver.keys.length;
  expect(sent).toBeLessThan(PEOPLE);
  // All outcomes are written, nothing is left in its hands.
  const [state] = await ask<{ sent: number; held: number }>(
    database,
    sql`select (select count(*)::int from knock.messages where status <> 'queued') as sent,
      (select count(*)::int from knock_jobs.job where state = 'active') as held`,
  );
  expect(state).toEqual({ sent, held: 0 });
  const second = startTemporarily(["worker"], { cwd, env });
  await eventually(
    async () => new Set(receiver.keys).size,
    (different) => different === PEOPLE,
    { tries: 800, every: 50 },
  );
  second.signal("SIGTERM");
  expect(await second.ended).toBe(0);
  expect(receiver.keys).toHaveLength(PEOPLE);
});
