// Two processes run an old checkout; a newer one is synced through the server. What is sent next has the new text, and
// no process was started anew. What nobody signed, what was tampered with, and what cannot be loaded does not come in.
import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { createSigningPair } from "../../src/deploy/artifacts/signature.ts";
import type { Database } from "../../src/store/database.ts";
import { graphql, knock, type Running, startTemporarily } from "../cli/support/command.ts";
import { feedWorkflow, type Files, type Project, soundProject, temporary } from "../cli/support/project.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { eventually } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";

const SMTP_URL = "smtp://127.0.0.1:9";

// Three processes start in each, and several commands run.
const TIMEOUT = 90_000;

const pause = (milliseconds: number) => new Promise<void>((resolve) => systemClock.after(milliseconds, resolve));

interface World {
  /** The checkout that the processes run from. */
  old: Project;
  url: string;
  databaseUrl: string;
  database: Database;
  deployKey: string;
  readKey: string;
  server: Running;
  worker: Running;
}

const withPublicKey = (files: Files, key: string): Files => ({
  ...files,
  "knock.config.ts": files["knock.config.ts"]!.replace("workflows,", `workflows, deploy: { publicKeys: ["${key}"] },`),
});

async function keyFor(cwd: string, env: Record<string, string>, ...scopes: string[]): Promise<string> {
  const args = scopes.flatMap((scope) => ["--scope", scope]);
  const { stdout } = await knock(["keys", "create", "--name", scopes[0]!, ...args, "--json"], { cwd, env });
  return (JSON.parse(stdout) as { secret: string }).secret;
}

/** A server and a worker of their own process each. Their first start deploys their checkout, signed if there is a key. */
async function startWorld(files: Files = soundProject, signingKey?: string): Promise<World> {
  const old = temporary(files);
  const databaseUrl = await testPostgresUrl();
  const env = { DATABASE_URL: databaseUrl, SMTP_URL };
  const cwd = old.root;
  const deployKey = await keyFor(cwd, env, "deploy");
  const readKey = await keyFor(cwd, env, "read", "notify");
  const first = await knock(["sync"], { cwd, env: { ...env, ...(signingKey && { KNOCK_SIGNING_KEY: signingKey }) } });
  expect(first, first.stderr).toMatchObject({ code: 0 });
  const server = startTemporarily(["start", "--no-worker", "--port", "0"], { cwd, env });
  const worker = startTemporarily(["worker"], { cwd, env });
  const url = (await server.waitFor(/"url":"(http:[^"]+)"/))[1]!;
  await worker.waitFor(/"message":"started"/);
  return { old, url, databaseUrl, database: await testPool(databaseUrl, 2), deployKey, readKey, server, worker };
}

/** What the person finds in the feed after one more greeting. */
async function greet({ url, readKey: key, database }: World, to: string): Promise<string> {
  const variables = { input: { workflow: "greeting", recipients: [to], data: { title: "Hi" } } };
  const call = `mutation ($input: NotifyDynamicInput!) { notifyDynamic(input: $input) { ... on NotifySuccess { notification { id } } } }`;
  const { data } = await graphql<{ notifyDynamic: { notification: { id: string } } }>(url, call, { variables, key });
  const { id } = data.notifyDynamic.notification;
  const read = () =>
    ask<{ body: string }>(
      database,
      sql`select content->>'body' as body from knock.messages where notification_id = ${id}::uuid`,
    );
  const [message] = await eventually(read, (found) => found.length === 1);
  return message!.body;
}

/** How much there is in every table that a deploy writes. */
const tables = ({ database }: World) =>
  ask(
    database,
    sql`select (select count(*)::int from knock.deploys) as deploys, (select count(*)::int from knock.deploy_changes) as changes,
      (select count(*)::int from knock.workflow_versions) as versions,
      (select json_agg(workflows order by key) from knock.workflows) as workflows`,
  );

/** Syncs a checkout through the server, as its team would from another machine: without the database. */
const syncFrom = ({ root: cwd }: Project, { url, deployKey }: World, env: Record<string, string> = {}) =>
  knock(["sync", "--url", url], { cwd, env: { ...env, KNOCK_API_KEY: deployKey } });

const newer = (files: Files = soundProject): Files => ({
  ...files,
  "workflows/greeting.ts": feedWorkflow("greeting", "title: z.string()", "Good morning"),
});

test(
  "the next message has the new text within a second, in processes that were never restarted",
  async () => {
    const world = await startWorld();
    const hashes = () => ask(world.database, sql`select hash from knock.artifacts`);
    const before = await hashes();
    expect(await greet(world, "ada")).toBe("Hello");
    const checkout = temporary({
      ...newer(),
      "workflows/greeting.ts": feedWorkflow(
        "greeting",
        "title: z.string(), mood: z.string().optional()",
        "Good morning",
      ),
    });
    const synced = await syncFrom(checkout, world);
    expect(synced, synced.stderr).toMatchObject({ code: 0 });
    expect(synced.stdout).toMatch(/~ greeting +changed +v1 → v2/);
    await pause(1_000);
    expect(await greet(world, "ben")).toBe("Good morning");
    // Of the new checkout only the one artifact was uploaded that was not there.
    expect(await hashes()).toHaveLength(before.length + 1);

    // The server's schema has followed, too.
    const call = `mutation { notify(input: { workflow: { greeting: { title: "x", mood: "y" } }, recipients: ["ada"] }) { __typename } }`;
    const { data } = await graphql(world.url, call, { key: world.readKey });
    expect(data).toEqual({ notify: { __typename: "NotifySuccess" } });

    // And back, from no checkout at all: the text that ran before.
    const cwd = temporary({}).root;
    const way = ["--url", world.url, "--api-key", world.deployKey];
    const back = await knock(["rollback", "greeting", "--allow-breaking", ...way], { cwd });
    expect(back, back.stderr).toMatchObject({ code: 0 });
    await pause(1_000);
    expect(await greet(world, "cem")).toBe("Hello");
    for (const process of [world.server, world.worker]) {
      expect(process.output().match(/"message":"started"/g)).toHaveLength(1);
    }
  },
  TIMEOUT,
);

test(
  "what is not signed, or signed by somebody else, stays outside; so does what was signed as something else",
  async () => {
    const [ours, theirs] = [createSigningPair(), createSigningPair()];
    const files = withPublicKey(soundProject, ours.publicKey);
    const world = await startWorld(files, ours.privateKey);
    const before = await tables(world);
    const checkout = temporary(newer(files));

    const unsigned = await syncFrom(checkout, world);
    expect(unsigned.code).toBe(1);
    expect(unsigned.stderr).toContain("is refused: it is not signed");
    const stranger = await syncFrom(checkout, world, { KNOCK_SIGNING_KEY: theirs.privateKey });
    expect(stranger.code).toBe(1);
    expect(stranger.stderr).toContain("none of the config's public keys fits its signature");
    expect(stranger.stderr + stranger.stdout).not.toContain(theirs.privateKey);

    // A signature holds for one workflow and one code: the old one does not make the new code good.
    const [signed] = await ask<{ signature: string }>(
      world.database,
      sql`select signature from knock.workflow_versions where workflow = 'greeting'`,
    );
    const code = "export default 1;";
    const artifact = createHash("sha256").update(code).digest("hex");
    const upload = `mutation ($artifacts: [ArtifactInput!]!) { uploadArtifacts(artifacts: $artifacts) { __typename } }`;
    await graphql(world.url, upload, { variables: { artifacts: [{ hash: artifact, code }] }, key: world.deployKey });
    const deploy = `mutation ($input: DeployInput!) { deploy(input: $input) { ... on Error { code } } }`;
    const workflows = [{ key: "greeting", artifact, signature: signed!.signature }];
    const tampered = await graphql(world.url, deploy, { variables: { input: { workflows } }, key: world.deployKey });
    expect(tampered.data).toEqual({ deploy: { code: "ARTIFACT_REFUSED" } });

    expect(await tables(world)).toEqual(before);
    expect(await greet(world, "ada")).toBe("Hello");
    expect(await syncFrom(checkout, world, { KNOCK_SIGNING_KEY: ours.privateKey })).toMatchObject({ code: 0 });
    await pause(1_000);
    expect(await greet(world, "ben")).toBe("Good morning");
  },
  TIMEOUT,
);

test(
  "what lacks the scope, throws when it is loaded, or was changed in the database is not run",
  async () => {
    const world = await startWorld();
    const before = await tables(world);
    const scopeless = await syncFrom(temporary(newer()), { ...world, deployKey: world.readKey });
    expect(scopeless.code).toBe(1);
    expect(scopeless.stderr).toContain('The key lacks the scope "deploy"');
    expect(scopeless.stderr).not.toContain(world.readKey);

    // Here the variable is set, so the checkout is in order; at the server it is not.
    const moody = `if (!process.env.GREETING_MOOD) throw new Error("GREETING_MOOD is not set");`;
    const checkout = temporary({
      ...newer(),
      "workflows/greeting.ts": `${newer()["workflows/greeting.ts"]}${moody}\n`,
    });
    const throwing = await syncFrom(checkout, world, { GREETING_MOOD: "good" });
    expect(throwing.code).toBe(1);
    expect(throwing.stderr).toContain("GREETING_MOOD is not set");
    expect(throwing.stdout + throwing.stderr).toContain("greeting");
    expect(await tables(world)).toEqual(before);
    await pause(1_000);
    expect(await greet(world, "ada")).toBe("Hello");

    await ask(
      world.database,
      sql`update knock.artifacts set code = replace(code, 'Hello', 'Pwned')
    where hash in (select artifact from knock.workflow_versions where workflow = 'greeting')`,
    );
    // A process that starts now meets the changed code.
    const env = { DATABASE_URL: world.databaseUrl, SMTP_URL };
    const late = startTemporarily(["worker"], { cwd: world.old.root, env });
    expect(await late.ended).toBe(1);
    expect(late.output()).toMatch(/The artifact of workflow "greeting" is refused/);
    expect(await greet(world, "ben")).toBe("Hello");
  },
  TIMEOUT,
);
