import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { testPostgresUrl } from "../support/database.ts";
import { graphql, knock, startTemporarily } from "./support/command.ts";
import { soundProject, temporary } from "./support/project.ts";

const NOTIFY = `mutation ($input: NotifyDynamicInput!) { notifyDynamic(input: $input) { __typename ... on NotifySuccess { notification { id } } ... on Error { code } } }`;
const STATUS = `query ($id: ID!) { notification(id: $id) { status } }`;

/** Nothing is sent in these tests, so nothing has to listen there. */
const SMTP_URL = "smtp://127.0.0.1:9";

/** A log line of a process without a terminal. */
const logged = (output: string, message: string): Record<string, unknown> | undefined =>
  output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .find((line) => line.message === message);

async function served(url: string, id: string): Promise<string> {
  const { data } = await graphql<{ notification: { status: string } }>(url, STATUS, { variables: { id } });
  return data.notification.status;
}

async function notifyGreeting(url: string, key?: string) {
  const variables = { input: { workflow: "greeting", recipients: ["user_1"], data: { title: "Hi" } } };
  const { status, data, errors } = await graphql<{ notifyDynamic: { notification: { id: string } } }>(url, NOTIFY, {
    variables,
    ...(key && { key }),
  });
  return { status, id: data?.notifyDynamic?.notification.id, code: errors?.[0]?.extensions?.code };
}

test("a server that accepts and a worker that executes, with keys, on one PostgreSQL", async () => {
  const { root: cwd } = temporary();
  const env = { DATABASE_URL: await testPostgresUrl(), SMTP_URL };

  const exposed = await knock(["start", "--host", "0.0.0.0", "--port", "0"], { cwd, env });
  expect(exposed.code).toBe(1);
  expect(exposed.stderr).toContain("would be reachable at 0.0.0.0 without any key");

  const created = await knock(
    ["keys", "create", "--name", "backend", "--scope", "notify", "--scope", "read", "--json"],
    { cwd, env },
  );
  const { id, secret, scopes } = JSON.parse(created.stdout) as { id: string; secret: string; scopes: string[] };
  expect(secret).toMatch(/^sk_[\w-]{32}$/);
  expect(scopes).toEqual(["notify", "read"]);

  const server = startTemporarily(["start", "--no-worker", "--host", "0.0.0.0", "--port", "0"], { cwd, env });
  const url = (await server.waitFor(/"url":"(http:[^"]+)"/))[1]!;
  expect(logged(server.output(), "started")).toMatchObject({ level: "info", works: false, workflows: 2 });
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: "ready" });
  expect((await fetch(url)).status).toBe(404);

  expect(await notifyGreeting(url)).toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
  const { id: notification } = await notifyGreeting(url, secret);
  const status = async () =>
    (await graphql<{ notification: { status: string } }>(url, STATUS, { variables: { id: notification }, key: secret }))
      .data.notification.status;
  expect(await status()).toBe("ACCEPTED");

  const worker = startTemporarily(["worker"], { cwd, env });
  await worker.waitFor(/"message":"started"/);
  expect(logged(worker.output(), "started")).toMatchObject({ works: true, url: null });
  await expect.poll(status, { timeout: 20_000 }).toBe("COMPLETED");

  expect((await knock(["keys", "revoke", id], { cwd, env })).code).toBe(0);
  expect((await knock(["keys", "revoke", id], { cwd, env })).stderr).toContain(`There is no valid key "${id}"`);
  expect(await notifyGreeting(url, secret)).toMatchObject({ status: 401 });
  const listed = JSON.parse((await knock(["keys", "list", "--json"], { cwd, env })).stdout) as Record<
    string,
    unknown
  >[];
  expect(listed).toMatchObject([{ id, name: "backend", revokedAt: expect.any(String) }]);
  expect(JSON.stringify(listed)).not.toContain(secret);

  for (const running of [worker, server]) {
    running.signal("SIGTERM");
    expect(await running.ended).toBe(0);
    expect(logged(running.output(), "stopped")).toBeDefined();
  }
});

test("on its own address and without keys a server answers this machine, and says so", async () => {
  const { root: cwd } = temporary();
  const env = { DATABASE_URL: await testPostgresUrl(), SMTP_URL };
  const server = startTemporarily(["start", "--port", "0"], { cwd, env });
  const url = (await server.waitFor(/"url":"(http:[^"]+)"/))[1]!;
  await server.waitFor(/there is no API key: only this machine is answered/);
  const { id } = await notifyGreeting(url);
  await expect.poll(() => served(url, id!), { timeout: 20_000 }).toBe("COMPLETED");
  // The same call, given up by the caller at once: the server does not mind.
  await expect(fetch(`${url}/graphql`, { method: "POST", body: "{}", signal: AbortSignal.abort() })).rejects.toThrow();
  server.signal("SIGTERM");
  expect(await server.ended).toBe(0);
});

test("a database that lacks migrations is refused until it is migrated", async () => {
  const { root: cwd } = temporary();
  const env = { DATABASE_URL: await testPostgresUrl({ migrated: false }), SMTP_URL };
  const refused = await knock(["start", "--port", "0"], { cwd, env });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("Run `knock migrate`.");
  const before = await knock(["migrate", "--check", "--json"], { cwd, env });
  expect({ code: before.code, state: (JSON.parse(before.stdout) as { state: string }).state }).toEqual({
    code: 1,
    state: "behind",
  });
  const migrated = await knock(["migrate"], { cwd, env });
  expect(migrated.code).toBe(0);
  expect(migrated.stdout).toMatch(/✓ \d+ migrations? applied to PostgreSQL /);
  expect(migrated.stdout).not.toMatch(/postgres:\/\//);
  expect((await knock(["migrate", "--check"], { cwd, env })).code).toBe(0);
});

test("what production needs and what is missing is told before anything starts", async () => {
  const { root: cwd } = temporary();
  const worker = await knock(["worker"], { cwd, env: { SMTP_URL } });
  expect(worker.code).toBe(1);
  expect(worker.stderr).toContain("a worker of its own needs PostgreSQL");
  const secretless = await knock(["start", "--port", "0"], { cwd });
  expect(secretless.code).toBe(1);
  expect(secretless.stderr).toContain("SMTP_URL");
  const away = await knock(["start", "--port", "0"], {
    cwd,
    env: { SMTP_URL, DATABASE_URL: "postgres://user:hush@127.0.0.1:9/x" },
  });
  expect(away.code).toBe(1);
  expect(away.stderr).toMatch(/PostgreSQL at 127\.0\.0\.1:9 cannot be reached: nothing listens there/);
  expect(away.stderr).not.toContain("hush");
  const named = temporary({
    ...soundProject,
    "knock.config.ts": soundProject["knock.config.ts"]!.replace(
      "workflows,",
      'workflows, database: env("MAIN_DATABASE"),',
    ),
  });
  const unset = await knock(["start", "--port", "0"], { cwd: named.root, env: { SMTP_URL } });
  expect(unset.code).toBe(1);
  expect(unset.stderr).toContain("MAIN_DATABASE");
});

test("variables in .env count, and those of the environment win", async () => {
  const url = await testPostgresUrl();
  const project = temporary({ ...soundProject, ".env": `DATABASE_URL=${url}\nSMTP_URL=${SMTP_URL}\n` });
  expect((await knock(["migrate", "--check"], { cwd: project.root })).stdout).toContain("PostgreSQL");
  const overruled = await knock(["migrate", "--check"], {
    cwd: project.root,
    env: { DATABASE_URL: "postgres://127.0.0.1:9/x" },
  });
  expect(overruled.stderr).toContain("127.0.0.1:9");
});

test("notify and cancel without any server, straight into the database", async () => {
  const { root: cwd } = temporary();
  const env = { DATABASE_URL: await testPostgresUrl() };
  const call = [
    "notify",
    "greeting",
    "-r",
    "user_1",
    "-d",
    "@data.json",
    "--cancellation-key",
    "c1",
    "--idempotency-key",
    "i1",
  ];
  const missing = await knock(call, { cwd, env });
  expect(missing.stderr).toContain("there is no readable file data.json");
  const nobody = await knock(["notify", "greeting"], { cwd, env });
  expect(nobody.stderr).toContain("--recipient <id>, or one list with --list <name>");
  const project = temporary({ ...soundProject, "data.json": '{ "title": "Hi" }' });
  const first = await knock(call, { cwd: project.root, env });
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/^✓ notification [0-9a-f-]{36} accepted, by PostgreSQL/);
  expect(first.stdout).toContain('There is no user "user_1"');
  const again = await knock([...call, "--json"], { cwd: project.root, env });
  expect({ code: again.code, answer: JSON.parse(again.stdout) }).toMatchObject({
    code: 1,
    answer: { error: { code: "DUPLICATE_NOTIFICATION" } },
  });
  const cancelled = await knock(["cancel", "c1", "--json"], { cwd: project.root, env });
  expect(JSON.parse(cancelled.stdout)).toMatchObject({ notifications: 1 });
  const other = createServer((_request, response) => response.end("hello")).listen(0, "127.0.0.1");
  await once(other, "listening");
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  expect((await knock(["cancel", "c1", "--url", url], { cwd: project.root })).stderr).toContain(
    `No knock server answers at ${url}: what answers is no knock`,
  );
  other.close();
  other.closeAllConnections();
  expect((await knock(["cancel", "c1", "--url", url], { cwd: project.root })).stderr).toContain(
    `No knock server answers at ${url}: nothing listens there`,
  );
});
