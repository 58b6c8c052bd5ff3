// Real servers and workers that run what is deployed, while somebody deploys.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { deployRelease } from "../../src/deploy/deploy.ts";
import { rollback } from "../../src/deploy/rollback.ts";
import type { Database } from "../../src/store/database.ts";
import { latestDeploy } from "../../src/store/deploys.ts";
import { graphql, knock, startTemporarily, type Running } from "../cli/support/command.ts";
import { feedWorkflow, soundProject, temporary, type Files } from "../cli/support/project.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { eventually } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";
import { deployContext, deployed, releaseOf } from "../support/releases.ts";

const NOTIFY = `mutation ($workflow: String!, $to: ID!) { notifyDynamic(input: { workflow: $workflow, recipients: [$to], data: { title: "x" } }) {
  __typename ... on Error { code message } } }`;
const FIELDS = '{ __type(name: "NotifyWorkflowInput") { inputFields { name } } }';

const SMTP_URL = "smtp://127.0.0.1:9";

let url: string;
let database: Database;
let env: Record<string, string>;
beforeEach(async () => {
  url = await testPostgresUrl();
  database = await testPool(url, 4);
  env = { DATABASE_URL: url, SMTP_URL };
});

const DATA = "{ data: z.object({ title: z.string() }) }";
const greeting = (text: string) => `${DATA}).inApp("feed", { body: () => ${JSON.stringify(text)} })`;
const context = () => deployContext(database, { clock: { now: () => new Date(), after: () => () => {} } } as never);
const deploy = async (files: Record<string, string>) =>
  deployed(await deployRelease(context(), await releaseOf(files), { allowBreaking: true, archiveOpen: "finish" }));

const started = async (running: Running) => (await running.waitFor(/"url":"(http:[^"]+)"/))[1]!;

const notify = async (at: string, to: string, workflow = "greeting") => {
  const { data, errors } = await graphql<{ notifyDynamic: { __typename: string; code?: string } }>(at, NOTIFY, {
    variables: { workflow, to },
  });
  if (errors) throw new Error(errors[0]!.message);
  return data.notifyDynamic.code ?? data.notifyDynamic.__typename;
};

const textFor = async (to: string) =>
  (
    await ask<{ body: string }>(
      database,
      sql`select content->>'body' as body from knock.messages where recipient_id = ${to}`,
    )
  )[0]?.body;

const arrives = (to: string) =>
  eventually(
    () => textFor(to),
    (text) => text !== undefined,
    { tries: 1_000, every: 10 },
  );

/** Notifies one after the other until a message has the text; how long that took, and what the others said. */
async function untilText(at: string, text: string, name: string): Promise<{ milliseconds: number; others: string[] }> {
  const began = performance.now();
  const others: string[] = [];
  for (let index = 0; index < 100; index++) {
    await notify(at, `${name}${index}`);
    const found = (await arrives(`${name}${index}`))!;
    if (found === text) return { milliseconds: performance.now() - began, others };
    others.push(found);
  }
  throw new Error(`${text} never came, but ${[...new Set(others)].join(", ")}`);
}

describe("a server and a worker whose checkout is older than what is deployed", () => {
  test("take each deploy over within a second, without restart, and a rollback", { timeout: 120_000 }, async () => {
    const { root: cwd } = temporary();
    const server = startTemporarily(["start", "--no-worker", "--port", "0"], { cwd, env });
    const at = await started(server);
    expect(server.output()).toContain("nothing was deployed yet: this checkout is now");
    const worker = startTemporarily(["worker", "--port", "0"], { cwd, env });
    const health = (await worker.waitFor(/"health":"(http:[^"]+)"/))[1]!;
    expect(worker.output()).not.toContain("nothing was deployed yet");
    await notify(at, "first");
    expect(await arrives("first")).toBe("Hello");

    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      await deploy({ greeting: greeting(`round ${round}`), added: greeting("added") });
      const { milliseconds, others } = await untilText(at, `round ${round}`, `r${round}-`);
      times.push(milliseconds);
      expect(new Set(others).size).toBeLessThanOrEqual(1);
    }
    expect(Math.max(...times)).toBeLessThan(1_500);
    const { data } = await graphql<{ __type: { inputFields: { name: string }[] } }>(at, FIELDS);
    expect(data.__type.inputFields.map(({ name }) => name)).toEqual(["added", "greeting"]);
    expect(await notify(at, "x", "report")).toBe("UNKNOWN_WORKFLOW");

    deployed(await rollback(context(), { workflow: "greeting", version: 1, author: "me", allowBreaking: true }));
    await untilText(at, "Hello", "back-");
    await eventually(
      async () => (await fetch(`${health}/metrics`)).text(),
      (text) => text.includes('knock_deploys_total{outcome="taken"} 6') && text.includes("knock_deploy_refused 0"),
    );

    // One that starts now says that its files are others.
    const late = startTemporarily(["worker"], { cwd, env });
    await late.waitFor(/"message":"started"/);
    const warning = (await late.waitFor(/this checkout is not what is deployed \(([^)]*)\): see knock status/))[1];
    expect(warning).toBe("not deployed: report; not here: added");
    expect(late.output()).toMatch(/"deployed":"2 workflows, deploy [0-9a-f-]{36}"/);
    for (const running of [late, worker, server]) {
      running.signal("SIGTERM");
      expect(await running.ended).toBe(0);
      expect(running.output()).not.toContain('"level":"error"');
    }
  });

  test("refuse an artifact that was tampered with, and go on with the old one", { timeout: 120_000 }, async () => {
    const { root: cwd } = temporary();
    const server = startTemporarily(["start", "--port", "0"], { cwd, env });
    const at = await started(server);
    // In one transaction with the deploy, so that no process sees it sound.
    const release = await releaseOf({ greeting: greeting("true") });
    await ask(
      database,
      sql`create function knock.tamper() returns trigger language plpgsql as $$
        begin new.code := replace(new.code, 'true', 'evil'); return new; end $$`,
    );
    await ask(
      database,
      sql`create trigger tamper before insert on knock.artifacts for each row execute function knock.tamper()`,
    );
    deployed(await deployRelease(context(), release, { allowBreaking: true, archiveOpen: "finish" }));
    const refusal = await server.waitFor(/"message":"a deploy is refused here[^\n]*/);
    expect(refusal[0]).toContain("does not have this hash");
    await notify(at, "ada");
    expect(await arrives("ada")).toBe("Hello");
    const ready = await fetch(`${at}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ status: "ready", warning: expect.stringContaining("is refused") });
    expect(await (await fetch(`${at}/metrics`)).text()).toContain("knock_deploy_refused 1");
    const doctor = await knock(["doctor"], { cwd, env });
    expect(doctor).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/✗ deploy .*is refused.*does not have this hash/),
    });
    const another = await knock(["worker"], { cwd, env });
    expect(another).toMatchObject({ code: 1, stderr: expect.stringContaining("does not have this hash") });

    await ask(database, sql`drop trigger tamper on knock.artifacts`);
    await deploy({ greeting: greeting("good again") });
    await untilText(at, "good again", "later");
    expect(await (await fetch(`${at}/readyz`)).json()).toEqual({ status: "ready" });
    expect((await knock(["doctor"], { cwd, env })).stdout).toMatch(
      /✓ deploy .*1 workflow, deploy .*this checkout differs/,
    );
  });
});

test("two processes that start at once on an empty database both run the same", { timeout: 60_000 }, async () => {
  const { root: cwd } = temporary();
  const servers = Array.from({ length: 2 }, () => startTemporarily(["start", "--port", "0"], { cwd, env }));
  const urls = await Promise.all(servers.map(started));
  const [found] = await ask<{ deploys: number; versions: number }>(
    database,
    sql`select (select count(*)::int from knock.deploys) as deploys, (select count(*)::int from knock.workflow_versions) as versions`,
  );
  expect(found).toEqual({ deploys: 1, versions: 2 });
  for (const [index, at] of urls.entries()) {
    await notify(at, `u${index}`);
    expect(await arrives(`u${index}`)).toBe("Hello");
  }
  for (const server of servers) expect(server.output()).not.toContain('"level":"error"');
});

test(
  "two that start at once with different checkouts: one of them is deployed, and both run it",
  { timeout: 60_000 },
  async () => {
    const other = { ...soundProject, "workflows/greeting.ts": feedWorkflow("greeting", "other: z.string()", "Other") };
    const projects = [temporary(), temporary(other)];
    const servers = projects.map(({ root: cwd }) =>
      startTemporarily(["start", "--no-worker", "--port", "0"], { cwd, env }),
    );
    await Promise.all(servers.map(started));
    const [found] = await ask<{ deploys: number }>(database, sql`select count(*)::int as deploys from knock.deploys`);
    expect(found).toEqual({ deploys: 1 });
    for (const server of servers) await server.waitFor(/"deployed":"2 workflows/);
    const differ = () => servers.filter((server) => server.output().includes("this checkout is not what is deployed"));
    await eventually(
      async () => differ().length,
      (count) => count === 1,
    );
  },
);

test(
  "somebody who deploys is killed in the middle: what ran goes on, and the next deploy does it",
  { timeout: 120_000 },
  async () => {
    const { root: cwd } = temporary();
    const server = startTemporarily(["start", "--port", "0"], { cwd, env });
    const at = await started(server);
    const before = await latestDeploy(database.db);
    const script = fileURLToPath(new URL("processes/deploying.ts", import.meta.url));
    const outcomes = new Set<string>();
    for (const wait of [0, 5, 10, 20, 40, 80, 160]) {
      const text = `killed after ${wait}`;
      const release = await releaseOf({ greeting: greeting(text) });
      const child = fork(script, [url], { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
      child.send(release);
      await once(child, "message");
      setTimeout(() => child.kill("SIGKILL"), wait);
      await once(child, "exit");
      await notify(at, `k${wait}`);
      outcomes.add((await arrives(`k${wait}`))!);
      // Nothing is half there: every current version has its artifacts.
      const broken = await ask(
        database,
        sql`select version.id from knock.workflows as workflow join knock.workflow_versions as version on version.id = workflow.version_id
      where not exists (select from knock.artifacts where hash = version.artifact)`,
      );
      expect(broken).toEqual([]);
    }
    for (const text of outcomes) expect(text).toMatch(/^(Hello|killed after \d+)$/);
    await deploy({ greeting: greeting("whole") });
    await untilText(at, "whole", "w");
    expect(await latestDeploy(database.db)).not.toBe(before);
    expect(server.output()).not.toContain('"level":"error"');
  },
);

test("with content local nothing is followed, and knock dev never does", { timeout: 60_000 }, async () => {
  const local: Files = {
    ...soundProject,
    "knock.config.ts": soundProject["knock.config.ts"]!.replace("workflows,", 'workflows, content: "local",'),
  };
  const { root: cwd, write } = temporary(local);
  write("workflows/greeting.ts", feedWorkflow("greeting", "title: z.string()", "From the files"));
  await deploy({ greeting: greeting("deployed") });
  const server = startTemporarily(["start", "--port", "0"], { cwd, env });
  const at = await started(server);
  await notify(at, "ada");
  expect(await arrives("ada")).toBe("From the files");
  expect(server.output()).not.toContain("knock status");
});
