// Deploying over the API: keys, artifacts, plans, refusals, versions and the way back.
import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { createSigningPair, signWorkflow } from "../../src/deploy/artifacts/signature.ts";
import type { Release } from "../../src/deploy/release.ts";
import { newId } from "../../src/base/ids.ts";
import { insertApiKey } from "../../src/store/api-keys.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { type Driven, drive, eventually, START } from "../support/engine.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { ask as select } from "../support/inspect.ts";
import { releaseOf } from "../support/releases.ts";

let database: Database;
let driven: Driven;
let api: Api;
let bearer: Record<string, string>;

/** A key, as the header of its caller. */
async function keyWith(name: string, ...scopes: string[]): Promise<Record<string, string>> {
  const id = newId(START);
  const secret = `sk_${id.replaceAll("-", "")}`;
  const hash = createHash("sha256").update(secret).digest("hex");
  await insertApiKey(database.db, { id, name, prefix: secret.slice(0, 9), hash, scopes, createdAt: START });
  return { authorization: `Bearer ${secret}` };
}

/** A server that runs what is deployed. */
async function serve(publicKeys: string[] = []): Promise<void> {
  driven = await drive({ database, content: "deployed", deploy: { publicKeys } });
  api = apiOf(driven.knock.engine, { auth: true, deploys: driven.knock.following });
}

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  await serve();
  bearer = await keyWith("ci", "deploy", "read");
});

const PLAN =
  "changes breaking graphql workflows { key change from to breaking content { step slot before after } data { path breaks } }";
const REFUSED = "... on Error { code message hint } ... on ArtifactRefusedError { workflow problem }";
const FAILURE = `${REFUSED} ... on InvalidWorkflowError { problems }`;
const DEPLOY = `mutation ($input: DeployInput!) { deploy(input: $input) { __typename
  ... on DeploySuccess { deploy { id kind commit author changes { workflow change from to } } plan { ${PLAN} } }
  ... on BreakingChangeError { changes plan { ${PLAN} } } ... on OpenRunsError { workflows { workflow runs } } ${FAILURE} } }`;
const UPLOAD = `mutation ($artifacts: [ArtifactInput!]!) { uploadArtifacts(artifacts: $artifacts) { __typename
  ... on UploadArtifactsSuccess { hashes } ${REFUSED} } }`;
const ROLLBACK = `mutation ($workflow: String!, $version: Int) { rollbackWorkflow(workflow: $workflow, version: $version) {
  __typename ... on RollbackWorkflowSuccess { deploy { kind author } plan { ${PLAN} } }
  ... on UnknownVersionError { version } ... on UnknownWorkflowError { nearest } ${FAILURE} } }`;

interface Answered {
  __typename: string;
  code?: string;
  deploy?: Record<string, unknown> | null;
  plan?: { changes: boolean; breaking: boolean; graphql: string[]; workflows: Record<string, unknown>[] };
  [member: string]: unknown;
}

const upload = async (artifacts: Release["artifacts"] | object[], headers = bearer): Promise<Answered> =>
  (await api.ask<{ uploadArtifacts: Answered }>(UPLOAD, { artifacts }, headers)).uploadArtifacts;

async function deploy({ workflows, artifacts }: Release, input: object = {}, headers = bearer): Promise<Answered> {
  if (artifacts.length > 0) {
    expect(await upload(uploads(artifacts))).toMatchObject({ __typename: "UploadArtifactsSuccess" });
  }
  return (await api.ask<{ deploy: Answered }>(DEPLOY, { input: { workflows, ...input } }, headers)).deploy;
}

const rollback = async (variables: object): Promise<Answered> =>
  (await api.ask<{ rollbackWorkflow: Answered }>(ROLLBACK, variables, bearer)).rollbackWorkflow;

/** What the tables of deploys hold. */
const stored = async () =>
  (
    await select(
      database,
      sql`select (select count(*) from knock.deploys)::int as deploys, (select count(*) from knock.deploy_changes)::int as changes,
        (select count(*) from knock.workflow_versions)::int as versions, (select count(*) from knock.workflows)::int as workflows`,
    )
  )[0];

/** The chain of a workflow with only a feed step. */
const feed = (body: string, fields = "") =>
  `{ data: z.object({ ${fields} }) }).inApp("feed", { body: ${JSON.stringify(body)} })`;

const ping = (body: string, fields = "") => releaseOf({ ping: feed(body, fields) });

/** Artifacts as the API takes them. */
const uploads = (artifacts: Release["artifacts"]) =>
  artifacts.map(({ hash, code, sourceMap }) => ({ hash, code, sourceMap }));

describe("deploying", () => {
  test("uploads what is missing, deploys, and the same again changes nothing", async () => {
    const release = await ping("Hello");
    const hashes = release.artifacts.map(({ hash }) => hash);
    const missing = "query ($hashes: [String!]!) { missingArtifacts(hashes: $hashes) }";
    const ask = async () =>
      (await api.ask<{ missingArtifacts: string[] }>(missing, { hashes }, bearer)).missingArtifacts;
    expect((await ask()).toSorted()).toEqual(hashes.toSorted());
    const first = await deploy(release, { commit: "1a2b3c4" });
    expect(first).toMatchObject({
      __typename: "DeploySuccess",
      deploy: {
        kind: "SYNC",
        commit: "1a2b3c4",
        author: "ci",
        changes: [{ workflow: "ping", change: "ADDED", from: null, to: 1 }],
      },
      plan: { changes: true, breaking: false, workflows: [{ key: "ping", change: "ADDED", to: 1 }] },
    });
    expect(first.plan!.graphql).toEqual([]);
    expect(await ask()).toEqual([]);
    const again = await deploy(release, { author: "Ada" });
    expect(again).toMatchObject({ __typename: "DeploySuccess", deploy: null, plan: { changes: false } });
    expect(await stored()).toMatchObject({ deploys: 1, versions: 1 });
  });

  test("the server has it without a restart, and its schema follows", async () => {
    await deploy(await ping("Hello", "title: z.string()"));
    const notify = `mutation { notify(input: { workflow: { ping: { title: "x" } }, recipients: ["ada"] }) { __typename } }`;
    const caller = await keyWith("app", "notify");
    const call = async () => {
      await driven.advance("1s");
      return api.send(notify, {}, caller);
    };
    const { data } = await eventually(call, ({ errors }) => errors.length === 0);
    expect(data).toMatchObject({ notify: { __typename: "NotifySuccess" } });
  });

  test("a plan says what would change and writes nothing", async () => {
    await deploy(await ping("Hello"));
    const before = await stored();
    const planned = await deploy(await ping("Hello", "title: z.string()"), { plan: true });
    expect(planned).toMatchObject({
      __typename: "DeploySuccess",
      deploy: null,
      plan: {
        changes: true,
        breaking: true,
        workflows: [{ change: "CHANGED", from: 1, to: 2, data: [{ breaks: "CALLERS" }] }],
      },
    });
    expect(await stored()).toEqual(before);
  });

  test("what breaks callers is refused with its plan, until it is allowed", async () => {
    await deploy(await ping("Hello"));
    const before = await stored();
    const breaking = await ping("Hello", "title: z.string()");
    const refused = await deploy(breaking);
    expect(refused).toMatchObject({
      __typename: "BreakingChangeError",
      code: "BREAKING_CHANGE",
      plan: { breaking: true },
    });
    expect(refused.changes).toHaveLength(1);
    expect(await stored()).toEqual(before);
    expect(await deploy(breaking, { allowBreaking: true })).toMatchObject({
      deploy: { changes: [{ from: 1, to: 2 }] },
    });
  });

  test("a workflow that is gone is archived, and may come back", async () => {
    await deploy(await releaseOf({ ping: feed("Hello"), pong: feed("Hi") }));
    const archived = await deploy(await ping("Hello"), { allowBreaking: true });
    expect(archived.deploy!.changes).toEqual([{ workflow: "pong", change: "ARCHIVED", from: 1, to: null }]);
    expect(await rollback({ workflow: "pong", version: 1 })).toMatchObject({
      plan: {
        workflows: expect.arrayContaining([expect.objectContaining({ key: "pong", change: "RESTORED", to: 1 })]),
      },
    });
  });
});

describe("what is refused", () => {
  test("a key without the scope, whatever else it may", async () => {
    const release = await ping("Hello");
    for (const scope of ["admin", "write", "read"]) {
      const headers = await keyWith(scope, scope);
      const { errors } = await api.send(DEPLOY, { input: { workflows: release.workflows } }, headers);
      expect(errors).toMatchObject([
        { extensions: { code: "FORBIDDEN", hint: expect.stringContaining("--scope deploy") } },
      ]);
      expect((await api.send(UPLOAD, { artifacts: [] }, headers)).errors).toMatchObject([
        { extensions: { code: "FORBIDDEN" } },
      ]);
    }
    const readless = await keyWith("deployer", "deploy");
    expect((await api.send("{ deploys { edges { cursor } } }", {}, readless)).errors).toHaveLength(1);
  });

  test("code that is not what its hash says", async () => {
    const { artifacts } = await ping("Hello");
    const [first] = uploads(artifacts);
    expect(await upload([{ ...first!, code: `${first!.code} ` }])).toMatchObject({ code: "ARTIFACT_REFUSED" });
    expect(await upload([{ hash: "x", code: "" }])).toMatchObject({ code: "ARTIFACT_REFUSED" });
  });

  test("code that is not there, throws, or is another workflow; nothing is written", async () => {
    const release = await ping("Hello");
    await upload(uploads(release.artifacts));
    const before = await stored();
    const [workflow] = release.workflows;
    const ghost = { ...workflow!, artifact: "0".repeat(64) };
    expect(await deploy({ ...release, artifacts: [], workflows: [ghost] })).toMatchObject({ code: "ARTIFACT_REFUSED" });
    const other = { ...workflow!, key: "pong" };
    expect(await deploy({ ...release, artifacts: [], workflows: [other] })).toMatchObject({
      code: "ARTIFACT_REFUSED",
      workflow: "pong",
    });
    const twice = { ...release, artifacts: [], workflows: [workflow!, workflow!] };
    expect(await deploy(twice)).toMatchObject({ code: "ARTIFACT_REFUSED" });
    const code = 'throw new Error("on load"); export default 1;';
    const hash = createHash("sha256").update(code).digest("hex");
    expect(await upload([{ hash, code }])).toMatchObject({ hashes: [hash] });
    const thrown = await deploy({ ...release, artifacts: [], workflows: [{ ...workflow!, artifact: hash }] });
    expect(thrown).toMatchObject({ code: "ARTIFACT_REFUSED", problem: expect.stringContaining("on load") });
    expect(await stored()).toEqual(before);
  });

  test("what is not signed by a key of the config", async () => {
    const { publicKey, privateKey } = createSigningPair();
    await serve([publicKey]);
    const release = await ping("Hello");
    expect(await deploy(release)).toMatchObject({
      code: "ARTIFACT_REFUSED",
      problem: expect.stringContaining("signed"),
    });
    const signedBy = (key: string) => ({
      ...release,
      workflows: release.workflows.map((workflow) => ({ ...workflow, signature: signWorkflow(workflow, key) })),
    });
    expect(await deploy(signedBy(createSigningPair().privateKey))).toMatchObject({ code: "ARTIFACT_REFUSED" });
    expect(await deploy(signedBy(privateKey))).toMatchObject({ __typename: "DeploySuccess" });
  });

  test("a server that works from its own files says so", async () => {
    const local = await drive({ database, handles: [] });
    const development = apiOf(local.knock.engine);
    const { deploy: answer } = await development.ask<{ deploy: Answered }>(DEPLOY, { input: { workflows: [] } });
    expect(answer).toMatchObject({ __typename: "WorksFromFilesError", code: "WORKS_FROM_FILES" });
    const back = await development.ask<{ rollbackWorkflow: Answered }>(ROLLBACK, { workflow: "ping" });
    expect(back.rollbackWorkflow.code).toBe("WORKS_FROM_FILES");
  });

  test("without keys nobody deploys, but whoever shows one with the scope", async () => {
    const open = apiOf(driven.knock.engine, { auth: false, deploys: driven.knock.following });
    const variables = { input: { workflows: [] } };
    const keyless = [{ message: 'This needs a valid key with the scope "deploy".', extensions: { code: "FORBIDDEN" } }];
    expect((await open.send(DEPLOY, variables)).errors).toMatchObject(keyless);
    const reader = await keyWith("reader", "read");
    expect((await open.send(DEPLOY, variables, reader)).errors).toMatchObject([
      { message: 'The key lacks the scope "deploy".' },
    ]);
    const unknown = { authorization: "Bearer sk_0123456789abcdef0123" };
    expect((await open.send(DEPLOY, variables, unknown)).errors).toMatchObject(keyless);
    expect(await open.ask(DEPLOY, variables, bearer)).toMatchObject({ deploy: { __typename: "DeploySuccess" } });
    expect((await open.send("{ workflows { key } }", {}, await keyWith("n", "notify"))).errors).toEqual([]);
  });

  test.each<[string, object]>([
    ["no workflows", {}],
    ["a workflow without an artifact", { workflows: [{ key: "ping" }] }],
    ["a policy that is none", { workflows: [], archiveOpen: "DELETE" }],
    ["an unknown member", { workflows: [], force: true }],
  ])("%s", async (_name, input) => {
    const { status, errors } = await api.send(DEPLOY, { input }, bearer);
    expect({ status, code: errors[0]?.extensions.code }).toEqual({ status: 400, code: "BAD_USER_INPUT" });
  });

  test("more than 1,000 workflows", async () => {
    const workflows = Array.from({ length: 1_001 }, (_, index) => ({ key: `w-${index}`, artifact: "0".repeat(64) }));
    const { errors } = await api.send(DEPLOY, { input: { workflows } }, bearer);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });
});

describe("versions", () => {
  const VERSIONS = `query ($workflow: String!, $first: Int, $after: String) { workflowVersions(workflow: $workflow, first: $first, after: $after) {
    edges { node { number hash current openRuns createdAt deploys { kind commit author } } } pageInfo { hasNextPage endCursor } } }`;

  interface Versions {
    edges: { node: { number: number; hash: string; current: boolean; deploys: object[] } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  }

  const versionsOf = async (workflow: string, page: object = {}): Promise<Versions> =>
    (await api.ask<{ workflowVersions: Versions }>(VERSIONS, { workflow, ...page }, bearer)).workflowVersions;

  test("say who and when; a rollback brings one back under its number", async () => {
    await deploy(await ping("One"), { commit: "c1", author: "Ada" });
    await deploy(await ping("Two"), { commit: "c2" });
    const back = await rollback({ workflow: "ping" });
    expect(back).toMatchObject({
      deploy: { kind: "ROLLBACK", author: "ci" },
      plan: { workflows: [{ key: "ping", change: "CHANGED", from: 2, to: 1 }] },
    });
    const { edges } = await versionsOf("ping");
    expect(edges.map(({ node }) => node)).toMatchObject([
      { number: 2, current: false, openRuns: 0, deploys: [{ kind: "SYNC", commit: "c2", author: "ci" }] },
      { number: 1, current: true, deploys: [{ kind: "ROLLBACK" }, { kind: "SYNC", commit: "c1", author: "Ada" }] },
    ]);
    const pages = await versionsOf("ping", { first: 1 });
    expect(pages.pageInfo.hasNextPage).toBe(true);
    const next = await versionsOf("ping", { first: 1, after: pages.pageInfo.endCursor });
    expect(next.edges.map(({ node }) => node.number)).toEqual([1]);
    expect((await versionsOf("nothing")).edges).toEqual([]);
    const listed = await api.ask(
      "{ deploys(first: 1) { edges { node { kind changes { from to } } } pageInfo { hasNextPage } } }",
      {},
      bearer,
    );
    expect(listed).toEqual({
      deploys: {
        edges: [{ node: { kind: "ROLLBACK", changes: [{ from: 2, to: 1 }] } }],
        pageInfo: { hasNextPage: true },
      },
    });
  });

  test("that differ in their texts alone: the workflow tells the number of the one that runs", async () => {
    const saying = (text: string) =>
      releaseOf({ ping: `{ data: z.object({}) }).inApp("feed", { body: () => ${JSON.stringify(text)} })` });
    const read = async () => {
      // The server takes a deploy over within a moment.
      await driven.advance("1s");
      return api.ask('{ workflow(key: "ping") { version } workflows { version } }', {}, bearer);
    };
    const running = (version: number) => ({ workflow: { version }, workflows: [{ version }] });
    await deploy(await saying("One"));
    await deploy(await saying("Two"));
    const { edges } = await versionsOf("ping");
    expect(edges.map(({ node }) => node.number)).toEqual([2, 1]);
    expect(new Set(edges.map(({ node }) => node.hash)).size).toBe(1);
    const current = async (version: number) =>
      expect(
        await eventually(read, (answer) => (answer.workflow as { version: number } | null)?.version === version),
      ).toEqual(running(version));
    await current(2);
    await rollback({ workflow: "ping" });
    await current(1);
    await deploy(await saying("Two"));
    await current(2);
  });

  test("that there are not cannot be brought back", async () => {
    await deploy(await ping("One"));
    expect(await rollback({ workflow: "ping" })).toMatchObject({ code: "UNKNOWN_VERSION", version: null });
    expect(await rollback({ workflow: "ping", version: 9 })).toMatchObject({ code: "UNKNOWN_VERSION", version: 9 });
    expect(await rollback({ workflow: "ping", version: -1 })).toMatchObject({ code: "UNKNOWN_VERSION" });
    expect(await rollback({ workflow: "pong" })).toMatchObject({ code: "UNKNOWN_WORKFLOW", nearest: "ping" });
  });
});
