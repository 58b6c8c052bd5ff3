// Deploying from the command line, into a database: what it says, what it exits with, and that it says no secrets.
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { createSigningPair } from "../../src/deploy/artifacts/signature.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { ask } from "../support/inspect.ts";
import { checkoutOn, linesOf } from "./support/checkout.ts";
import { knock, startTemporarily } from "./support/command.ts";
import { feedWorkflow, soundProject, temporary } from "./support/project.ts";

const SMTP_URL = "smtp://127.0.0.1:9";

const indexWithout = 'export { default as report } from "./report.ts";\n';

test("a checkout is deployed, changed, refused, archived and brought back", async () => {
  const checkout = await checkoutOn({ DATABASE_URL: await testPostgresUrl() });
  const first = await checkout.knock("sync");
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout).toMatch(/^✓ 2 workflows deployed to /);
  expect(linesOf(first.stdout)).toEqual(expect.arrayContaining(["+ greeting added v1", "+ report added v1"]));
  // Complaint 10 of peers: what worked reads like it.
  expect(first.stdout).not.toMatch(/error|fail|warn|✗|!/i);
  const again = await checkout.knock("sync");
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^✓ nothing to do: .* has the same 2 workflows\n$/),
  });
  expect((await checkout.knock("sync", "--plan")).code).toBe(0);
  expect((await checkout.knock("status")).code).toBe(0);

  checkout.write("workflows/greeting.ts", feedWorkflow("greeting", "title: z.string()", "Good morning"));
  const planned = await checkout.knock("sync", "--plan", "--json");
  expect({ code: planned.code, ...JSON.parse(planned.stdout) }).toMatchObject({
    code: 2,
    environment: null,
    plan: {
      changes: true,
      breaking: false,
      workflows: [{ key: "greeting", change: "changed", from: 1, to: 2 }, { change: "unchanged" }],
    },
  });
  const drift = await checkout.knock("status");
  expect(drift.code).toBe(2);
  expect(drift.stdout).toMatch(/^! this checkout differs from .*: 1 workflow\n/);
  expect(await checkout.json("sync")).toMatchObject({ deploy: expect.any(String), plan: { breaking: false } });

  checkout.write(
    "workflows/greeting.ts",
    feedWorkflow("greeting", "title: z.string(), mood: z.string()", "Good morning"),
  );
  const breaking = await checkout.knock("sync", "--plan");
  expect(breaking).toMatchObject({ code: 3, stderr: "" });
  expect(breaking.stdout).toMatch(/^greeting {2}v2 → v3\n/);
  expect(linesOf(breaking.stdout)).toEqual(
    expect.arrayContaining([
      "✗ data.mood new required key breaks callers",
      expect.stringMatching(/^\+ input \w+: mood: String!$/),
      expect.stringMatching(/^Nothing was changed in PostgreSQL /),
    ]),
  );
  const markdown = await checkout.knock("sync", "--plan", "--markdown");
  expect(markdown).toMatchObject({ code: 3, stderr: "" });
  expect(markdown.stdout).toMatch(/^## Deploy plan for PostgreSQL [^]*\| `data\.mood` \| `new required key` \|/);
  const refused = await checkout.knock("sync");
  expect(refused.code).toBe(1);
  expect(linesOf(refused.stdout)).toEqual(
    expect.arrayContaining(["✗ greeting blocked v2 → v3 data", "= report unchanged v1"]),
  );
  expect(refused.stdout).toContain("Nothing was deployed");
  expect(refused.stderr).toMatch(/1 change breaks callers.*\n.*mood/);
  const machine = await checkout.knock("sync", "--json");
  expect({ code: machine.code, ...JSON.parse(machine.stdout) }).toMatchObject({
    code: 1,
    error: { code: "BREAKING_CHANGE" },
    plan: { breaking: true },
  });
  expect(await checkout.knock("sync", "--allow-breaking")).toMatchObject({ code: 0 });

  checkout.write("workflows/index.ts", indexWithout);
  checkout.remove("workflows/greeting.ts");
  const archived = await checkout.knock("sync", "--allow-breaking");
  expect(archived, archived.stderr).toMatchObject({ code: 0 });
  expect(linesOf(archived.stdout)).toContain("- greeting archived v3");

  const back = await checkout.knock("rollback", "greeting", "v2");
  expect(back, back.stderr).toMatchObject({ code: 0 });
  expect(back.stdout).toMatch(/^✓ greeting v2 is the current version again in /);
  const { versions } = (await checkout.json("versions", "greeting")) as unknown as { versions: object[] };
  expect(versions).toMatchObject([
    { number: 3, current: false, openRuns: 0 },
    { number: 2, current: true, deploys: [{ kind: "rollback" }, { kind: "sync" }] },
    { number: 1, current: false },
  ]);
  const text = await checkout.knock("versions", "greeting");
  expect(text.stdout.split("\n")).toMatchObject(
    [/^ {2}v3 /, /^● v2 .*rollback/, /^ {2}v1 /, ""].map((line) => expect.stringMatching(line)),
  );
  expect((await checkout.knock("status")).code).toBe(2);
}, 120_000);

test("the same on the embedded database, where nothing has to be set up", async () => {
  const checkout = await checkoutOn({});
  expect((await checkout.knock("sync")).stdout).toMatch(/^✓ 2 workflows deployed to embedded PostgreSQL \(\.knock\)\n/);
  checkout.write("workflows/greeting.ts", feedWorkflow("greeting", "title: z.string()", "Good morning"));
  expect((await checkout.knock("sync", "--plan")).code).toBe(2);
  expect(await checkout.json("sync")).toMatchObject({ environment: null, deploy: expect.any(String) });
  expect((await checkout.knock("rollback", "greeting")).stdout).toContain("greeting v1 is the current version again");
  expect((await checkout.knock("status")).code).toBe(2);
}, 90_000);

test("a plan needs no more than the right to read", async () => {
  const url = await testPostgresUrl();
  const checkout = await checkoutOn({ DATABASE_URL: url });
  expect((await checkout.knock("sync")).code).toBe(0);
  const owner = await testPool(url, 1);
  const role = `reader_${new URL(url).pathname.slice(1)}`.slice(0, 60);
  await ask(owner, sql.raw(`create role ${role} login password 'reader'`));
  for (const schema of ["knock", "knock_meta"]) {
    await ask(owner, sql.raw(`grant usage on schema ${schema} to ${role}`));
    await ask(owner, sql.raw(`grant select on all tables in schema ${schema} to ${role}`));
  }
  const reading = new URL(url);
  reading.username = role;
  reading.password = "reader";
  checkout.write("workflows/greeting.ts", feedWorkflow("greeting", "title: z.string()", "Good morning"));
  const env = { DATABASE_URL: reading.href };
  const planned = await knock(["sync", "--plan"], { cwd: checkout.root, env });
  expect(planned, planned.stderr).toMatchObject({ code: 2 });
  const refused = await knock(["sync"], { cwd: checkout.root, env });
  expect(refused.code).toBe(1);
}, 60_000);

test("a workflow with runs under way is archived only with a word on what becomes of them", async () => {
  const env = { DATABASE_URL: await testPostgresUrl(), SMTP_URL };
  const slow = feedWorkflow("greeting").replace('.inApp("feed"', '.delay("grace", "1d").inApp("feed"');
  const checkout = await checkoutOn(env, { ...soundProject, "workflows/greeting.ts": slow });
  expect((await checkout.knock("sync")).code).toBe(0);
  const worker = startTemporarily(["worker"], { cwd: checkout.root, env });
  await worker.waitFor(/"message":"started"/);
  await checkout.knock("notify", "greeting", "-r", "ada", "-r", "ben", "-d", '{"title":"Hi"}');
  const openRuns = async () => {
    const { versions } = (await checkout.json("versions", "greeting")) as unknown as {
      versions: { openRuns: number }[];
    };
    return versions[0]!.openRuns;
  };
  await expect.poll(openRuns, { timeout: 20_000 }).toBe(2);

  checkout.write("workflows/index.ts", indexWithout);
  checkout.remove("workflows/greeting.ts");
  const refused = await checkout.knock("sync", "--allow-breaking");
  expect(refused.code).toBe(1);
  expect(linesOf(refused.stdout)).toContain("✗ greeting blocked v1 2 runs open");
  expect(refused.stderr).toContain("--archive-open=finish or --archive-open=cancel");
  const cancelled = await checkout.knock("sync", "--allow-breaking", "--archive-open", "cancel");
  expect(cancelled, cancelled.stderr).toMatchObject({ code: 0 });
  expect(await openRuns()).toBe(0);
}, 90_000);

test("what contradicts itself or is no value is not understood", async () => {
  const { root: cwd } = temporary();
  const commands: [string[], string][] = [
    [["sync", "--env", "a", "--url", "http://localhost:1"], "leave out --url"],
    [["sync", "--env", "a", "--api-key", "sk_x"], "leave out --api-key"],
    [["sync", "--markdown"], "add --plan"],
    [["sync", "--plan", "--markdown", "--json"], "either --markdown or --json"],
    [["sync", "--archive-open", "delete"], "Allowed choices are finish, cancel"],
    [["sync", "--pln"], "Did you mean --plan?"],
    [["rollback", "greeting", "latest"], "a version is a number, such as 7"],
    [["versions"], "missing required argument"],
  ];
  for (const [args, words] of commands) {
    const { code, stderr } = await knock(args, { cwd });
    expect({ args, code, stderr }).toEqual({ args, code: 2, stderr: expect.stringContaining(words) });
  }
}, 60_000);

test("a mistake in the workflows is named, and nothing is deployed; a version can be brought back all the same", async () => {
  const checkout = await checkoutOn({ DATABASE_URL: await testPostgresUrl() });
  await checkout.knock("sync");
  checkout.write("workflows/greeting.ts", feedWorkflow("greeting", "title: z.string()", "Good morning"));
  await checkout.knock("sync");
  checkout.write("workflows/report.ts", "export default 7;\n");
  checkout.write("workflows/greeting.ts", feedWorkflow("Greeting!"));
  const broken = await checkout.knock("sync");
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain("workflows/greeting.ts:");
  const back = await checkout.knock("rollback", "greeting");
  expect(back, back.stderr).toMatchObject({ code: 0 });
  const unknown = await checkout.knock("versions", "greting");
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean "greeting"?') });
  const never = await checkout.knock("rollback", "greeting", "7");
  expect(never).toMatchObject({ code: 1, stderr: expect.stringContaining("no version 7 that can be brought back") });
}, 60_000);

test("without the private key one can look and not deploy, and is told what is missing", async () => {
  const { publicKey, privateKey } = createSigningPair();
  const url = await testPostgresUrl();
  const config = soundProject["knock.config.ts"]!.replace(
    "workflows,",
    `workflows, deploy: { publicKeys: ["${publicKey}"] },`,
  );
  const files = { ...soundProject, "knock.config.ts": config };
  const owner = await checkoutOn({ DATABASE_URL: url, KNOCK_SIGNING_KEY: privateKey }, files);
  const reviewer = await checkoutOn({ DATABASE_URL: url }, files);
  expect((await reviewer.knock("sync", "--plan")).code).toBe(2);
  const unsigned = await reviewer.knock("sync");
  expect(unsigned).toMatchObject({ code: 1, stdout: "" });
  expect(unsigned.stderr).toMatch(/it is not signed\.\n→ .*KNOCK_SIGNING_KEY/);
  expect((await owner.knock("sync")).code).toBe(0);
  expect((await reviewer.knock("sync", "--plan")).code).toBe(0);
  expect((await reviewer.knock("status")).code).toBe(0);
  reviewer.write("workflows/greeting.ts", feedWorkflow("greeting", "title: z.string()", "Good morning"));
  expect((await reviewer.knock("status")).code).toBe(2);
  // A signature that is there has to be right.
  const { privateKey: other } = createSigningPair();
  const stranger = await checkoutOn({ DATABASE_URL: url, KNOCK_SIGNING_KEY: other }, files);
  expect(await stranger.knock("sync", "--plan")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("none of the config's public keys fits"),
  });
}, 60_000);

test("while a process has the embedded database open, it is said how to go on", async () => {
  const { root: cwd } = temporary();
  const server = startTemporarily(["start", "--port", "0"], { cwd, env: { SMTP_URL } });
  const url = (await server.waitFor(/"url":"(http:[^"]+)"/))[1]!;
  const locked = await knock(["sync"], { cwd });
  expect(locked.code).toBe(1);
  expect(locked.stderr).toContain("is in use by process");
  expect(locked.stderr).toContain(`--url ${url} --api-key`);
  expect(locked.stderr).toContain("knock dev");
}, 60_000);

test("a server that follows files refuses, and says why", async () => {
  const { root: cwd } = temporary();
  const server = startTemporarily(["dev", "--port", "0"], { cwd, env: { SMTP_URL } });
  const url = (await server.waitFor(/(http:\/\/[^\s/]+)\/graphql/))[1]!;
  const refused = await knock(["sync", "--url", url], { cwd });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("This server takes its workflows from its own files");
}, 60_000);
