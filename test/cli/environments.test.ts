// The environments of a config: where they are, what is wrong with them, and that no secret is printed.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { testPostgresUrl } from "../support/database.ts";
import { checkoutOn, linesOf } from "./support/checkout.ts";
import { knock } from "./support/command.ts";
import { feedWorkflow, type Files, soundProject, temporary } from "./support/project.ts";

const withEnvironments = (environments: string): Files => ({
  ...soundProject,
  "knock.config.ts": soundProject["knock.config.ts"]!.replace(
    "workflows,",
    `workflows, environments: { ${environments} },`,
  ),
});

test("environments have their own databases, and the commit comes along", async () => {
  const url = await testPostgresUrl();
  const files = withEnvironments('staging: { database: env("STAGING_URL") }');
  const checkout = await checkoutOn({ STAGING_URL: url, DATABASE_URL: await testPostgresUrl() }, files);
  const git = (...args: string[]) => promisify(execFile)("git", ["-C", checkout.root, ...args]);
  await git("init", "-q");
  await git("config", "user.name", "Grace");
  await git("config", "user.email", "grace@example.com");
  checkout.write(".gitignore", "node_modules\n");
  await git("add", ".");
  await git("commit", "-qm", "first");
  const { stdout: head } = await git("rev-parse", "HEAD");

  const synced = await checkout.knock("sync", "--env", "staging");
  expect(synced, synced.stderr).toMatchObject({ code: 0 });
  expect(synced.stdout).toMatch(/^✓ 2 workflows deployed to staging \(PostgreSQL /);
  expect(synced.stdout).toContain(`commit ${head.slice(0, 7)}\n`);
  expect(synced.stdout).toContain("by Grace");
  expect(synced.stdout + synced.stderr).not.toContain(url);
  // Elsewhere there is nothing of it.
  expect((await checkout.knock("status", "--env", "staging")).code).toBe(0);
  const own = await checkout.knock("status");
  expect(own.code).toBe(2);
  expect(own.stdout).toContain("nothing was ever deployed");

  checkout.write("workflows/greeting.ts", feedWorkflow("greeting", "title: z.string()", "Good morning"));
  expect(await checkout.json("sync", "--env", "staging")).toMatchObject({
    environment: "staging",
    commit: `${head.trim()}-dirty`,
    author: "Grace",
  });
}, 60_000);

test("what is wrong with an environment is told before anything is done, without its secrets", async () => {
  const files = withEnvironments(`
    staging: { database: env("STAGING_URL") },
    production: { url: "https://knock.example.com", apiKey: env("DEPLOY_KEY"), signingKey: env("SIGNING_KEY") },
    open: { url: "https://knock.example.com", apiKey: "sk_hush" as never },
    nowhere: {},
    both: { url: "https://knock.example.com", apiKey: env("DEPLOY_KEY"), database: env("STAGING_URL") },
    keyless: { url: "https://knock.example.com" },
    odd: { url: "knock.example.com", apiKey: env("DEPLOY_KEY") },
  `);
  const { root: cwd } = temporary(files);
  const run = (...args: string[]) => knock(args, { cwd, env: { DEPLOY_KEY: "sk_secret" } });
  const outputs: string[] = [];
  const failure = async (name: string) => {
    const { code, stderr, stdout } = await run("sync", "--env", name);
    outputs.push(stderr + stdout);
    expect(code).toBe(1);
    return stderr;
  };
  expect(await failure("stagin")).toContain('Did you mean "staging"?');
  expect(await failure("prod")).toContain('Did you mean "production"?');
  const unknown = await failure("constructor");
  expect(unknown).toContain('The config names no environment "constructor"');
  expect(unknown).toContain("There are staging, production, open, nowhere, both, keyless, odd.");
  expect(await failure("staging")).toContain("the environment variable STAGING_URL is not set");
  expect(await failure("production")).toContain("the environment variable SIGNING_KEY is not set");
  expect(await failure("open")).toContain('environment "open" has its apiKey in the config itself');
  expect(await failure("nowhere")).toContain('environment "nowhere" has neither a url nor a database');
  expect(await failure("both")).toContain('environment "both" has a url and a database');
  expect(await failure("keyless")).toContain('environment "keyless" has a url and no apiKey');
  expect(await failure("odd")).toContain('environment "odd" has a url that is none');

  const listed = await run("env", "list");
  outputs.push(listed.stdout);
  expect(listed).toMatchObject({ code: 0, stderr: "" });
  expect(linesOf(listed.stdout)).toEqual(
    expect.arrayContaining([
      "staging database STAGING_URL",
      "! not set here: STAGING_URL",
      "production https://knock.example.com signed",
      "! not set here: SIGNING_KEY",
      '✗ environment "nowhere" has neither a url nor a database',
    ]),
  );
  const { environments } = JSON.parse((await run("env", "list", "--json")).stdout) as { environments: object[] };
  expect(environments[0]).toEqual({
    name: "staging",
    url: null,
    database: "STAGING_URL",
    signed: false,
    missing: ["STAGING_URL"],
    problem: null,
  });
  expect(outputs.join("\n")).not.toMatch(/sk_hush|sk_secret/);
  const none = await knock(["env", "list"], { cwd: temporary().root });
  expect(none.stdout).toContain("the config names no environments");
}, 60_000);
