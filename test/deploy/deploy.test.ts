// What a deploy writes: all or nothing, once, and nothing when it is refused.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { printSdl } from "../../src/api/graphql/print-schema.ts";
import { hashOfCode } from "../../src/deploy/artifacts/code.ts";
import { deployRelease, planDeploy } from "../../src/deploy/deploy.ts";
import type { Release } from "../../src/deploy/release.ts";
import { createSigningPair, signWorkflow } from "../../src/deploy/artifacts/signature.ts";
import { missingArtifacts, storeArtifacts } from "../../src/deploy/upload.ts";
import type { Database } from "../../src/store/database.ts";
import { currentVersions, latestDeploy } from "../../src/store/deploys.ts";
import { pageDeploys, pageVersions } from "../../src/store/reads/deploys.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { ask, count, fingerprints } from "../support/inspect.ts";
import { current, deployContext, deployed, planOf, releaseOf } from "../support/releases.ts";

const feed = (body: string, data = "z.object({ name: z.string() })") =>
  `{ data: ${data} }).inApp("feed", { body: ${body} })`;

const hi = { welcome: feed("({ data }) => `Hi ${data.name}`") };
const hello = { welcome: feed("({ data }) => `Hello ${data.name}`") };
const goodbye = { goodbye: feed('"Bye"') };

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

const changes = () =>
  ask<Record<string, unknown>>(
    database,
    sql`select change.workflow, change.change, before.number as from, after.number as to
    from knock.deploy_changes as change
      left join knock.workflow_versions as before on before.id = from_version_id
      left join knock.workflow_versions as after on after.id = to_version_id
    order by deploy_id, workflow`,
  );

test("a deploy makes its workflows current, with their code, and is recorded", async () => {
  const context = deployContext(database);
  const release = await releaseOf({ ...hi, ...goodbye }, { commit: "abc", author: "ada" });
  const { id, plan } = deployed(await deployRelease(context, release));
  expect(plan.workflows.map(({ key, change, from, to }) => [key, change, from, to])).toEqual([
    ["goodbye", "added", null, 1],
    ["welcome", "added", null, 1],
  ]);
  expect(plan).toMatchObject({ changes: true, breaking: false, graphql: [] });
  expect(await current(database)).toEqual(["goodbye@1", "welcome@1"]);
  expect(await latestDeploy(database.db)).toBe(id);
  const { nodes } = await pageDeploys(database.db, {});
  expect(nodes).toEqual([
    {
      id,
      kind: "sync",
      commit: "abc",
      author: "ada",
      createdAt: context.clock.now(),
      changes: [
        { workflow: "goodbye", change: "added", from: null, to: 1 },
        { workflow: "welcome", change: "added", from: null, to: 1 },
      ],
    },
  ]);
  expect(await count(database, "artifacts")).toBe(release.artifacts.length);
});

test("the same release again writes nothing at all, also from another checkout", async () => {
  const context = deployContext(database);
  deployed(await deployRelease(context, await releaseOf(hi)));
  const before = await fingerprints(database);
  await context.clock.advance(1_000);
  const outcome = await deployRelease(context, await releaseOf(hi, { commit: "other", author: "bob" }));
  expect(outcome).toMatchObject({ ok: true, id: null, plan: { changes: false, graphql: [] } });
  expect(planOf(outcome.plan!, "welcome")).toMatchObject({ change: "unchanged", from: 1, to: 1, waiting: [] });
  expect(await fingerprints(database)).toEqual(before);
});

test("the same release again mends code that somebody changed in the database, with another change or alone", async () => {
  const context = deployContext(database);
  const release = await releaseOf({ ...hi, ...goodbye });
  deployed(await deployRelease(context, release));
  const spoil = () => ask(database, sql`update knock.artifacts set code = code || '//'`);
  const hashes = release.artifacts.map(({ hash }) => hash);
  await spoil();
  expect(await missingArtifacts(database, hashes)).toEqual(hashes);
  expect(await deployRelease(context, release)).toMatchObject({ ok: true, id: null });
  expect(await missingArtifacts(database, hashes)).toEqual([]);
  await spoil();
  const next = await releaseOf({ ...hello, ...goodbye });
  deployed(await deployRelease(context, next));
  expect(
    await missingArtifacts(
      database,
      next.artifacts.map(({ hash }) => hash),
    ),
  ).toEqual([]);
});

test("a plan writes nothing, and says what the deploy then does", async () => {
  const context = deployContext(database);
  deployed(await deployRelease(context, await releaseOf(hi)));
  const before = await fingerprints(database);
  const plan = await planDeploy(context, await releaseOf({ ...hello, ...goodbye }));
  expect(await fingerprints(database)).toEqual(before);
  expect(deployed(await deployRelease(context, await releaseOf({ ...hello, ...goodbye }))).plan).toEqual(plan);
});

test("content alone makes a version, and what comes back has its old number", async () => {
  const context = deployContext(database);
  for (const files of [hi, hello, hi]) deployed(await deployRelease(context, await releaseOf(files)));
  expect(await current(database)).toEqual(["welcome@1"]);
  expect(await changes()).toEqual([
    { workflow: "welcome", change: "added", from: null, to: 1 },
    { workflow: "welcome", change: "changed", from: 1, to: 2 },
    { workflow: "welcome", change: "changed", from: 2, to: 1 },
  ]);
  const { nodes } = await pageVersions(database.db, "welcome", { first: 10 });
  expect(nodes.map(({ number, current: is, deploys }) => [number, is, deploys.length])).toEqual([
    [2, false, 1],
    [1, true, 2],
  ]);
  const first = await pageVersions(database.db, "welcome", { first: 1 });
  const second = await pageVersions(database.db, "welcome", { first: 1, after: first.endCursor });
  expect([...first.nodes, ...second.nodes].map(({ number }) => number)).toEqual([2, 1]);
  expect(second.hasNextPage).toBe(false);
});

test("what vanishes from the code is archived and not deleted, and comes back as restored", async () => {
  const context = deployContext(database);
  deployed(await deployRelease(context, await releaseOf({ ...hi, ...goodbye })));
  const { plan } = deployed(await deployRelease(context, await releaseOf(hi)));
  expect(planOf(plan, "goodbye")).toMatchObject({ change: "archived", from: 1, to: null, breaking: [] });
  expect(plan.graphql).toEqual(["-goodbye: name"]);
  expect(await current(database)).toEqual(["goodbye@1 archived", "welcome@1"]);
  // Archived already: nothing is left to be done with it.
  expect(await deployRelease(context, await releaseOf(hi))).toMatchObject({ id: null });
  const back = deployed(await deployRelease(context, await releaseOf({ ...hi, ...goodbye })));
  expect(planOf(back.plan, "goodbye")).toMatchObject({ change: "restored", from: null, to: 1 });
  expect(await current(database)).toEqual(["goodbye@1", "welcome@1"]);
});

test("a workflow that is switched off stays so through deploys", async () => {
  const context = deployContext(database);
  deployed(await deployRelease(context, await releaseOf(hi)));
  await ask(database, sql`update knock.workflows set status = 'inactive'`);
  deployed(await deployRelease(context, await releaseOf(hello)));
  expect(await current(database)).toEqual(["welcome@2 inactive"]);
});

const tampered = (release: Release): Release => ({
  ...release,
  artifacts: release.artifacts.map((artifact) => ({ ...artifact, code: `${artifact.code};globalThis.evil=1` })),
});

/** Two that compile, and have one name for two types of the API. */
const thing = (type: string) => feed('"x"', `z.object({ thing: z.object({ is: ${type} }).meta({ id: "Thing" }) })`);
const unlike = { one: thing("z.string()"), two: thing("z.number()") };

test("a first deploy of workflows that are no GraphQL schema together is refused", async () => {
  const context = deployContext(database, { sdlOf: printSdl });
  expect(await deployRelease(context, await releaseOf(unlike))).toMatchObject({
    ok: false,
    error: { code: "INVALID_WORKFLOW", message: expect.stringContaining("becomes the GraphQL type Thing") },
  });
  expect(await latestDeploy(database.db)).toBeNull();
});

test("what is deployed and is no GraphQL schema any more does not keep what comes instead from being deployed", async () => {
  deployed(await deployRelease(deployContext(database), await releaseOf(unlike)));
  const context = deployContext(database, { sdlOf: printSdl });
  const better = await releaseOf({ ...unlike, two: unlike.one });
  const { plan } = deployed(await deployRelease(context, better, { allowBreaking: true }));
  expect(plan.graphql).toEqual([]);
});

const without = (release: Release): Release => ({ ...release, artifacts: [] });

/** The release with its workflow given otherwise. */
const given = async (workflow: Partial<Release["workflows"][number]>) => {
  const release = await releaseOf(hello);
  return { ...release, workflows: release.workflows.map((each) => ({ ...each, ...workflow })) };
};

/** The release as a later knock would bundle it, with a kind of step that this one does not have. */
async function fromTheFuture(): Promise<Release> {
  const release = await releaseOf(hello);
  const [{ artifact }] = release.workflows as [Release["workflows"][number]];
  const { code } = release.artifacts.find(({ hash }) => hash === artifact)!;
  const later = code.replaceAll('"inApp"', '"hologram"');
  const hash = hashOfCode(later);
  const artifacts = [...release.artifacts, { hash, code: later, sourceMap: null, imports: [] }];
  return { ...release, artifacts, workflows: [{ key: "welcome", artifact: hash, signature: null }] };
}

const REFUSED: [string, () => Promise<Release>, object][] = [
  ["code that does not have its hash", async () => tampered(await releaseOf(hello)), { code: "ARTIFACT_REFUSED" }],
  ["artifacts that are nowhere", async () => without(await releaseOf(goodbye)), { code: "ARTIFACT_REFUSED" }],
  [
    "a bundle that throws when it is loaded",
    () =>
      releaseOf({
        ...hello,
        boom: `{ data: z.object({}) }).inApp("feed", { body: (() => { throw new Error("boom") })() })`,
      }),
    { code: "ARTIFACT_REFUSED", message: expect.stringContaining("boom") },
  ],
  [
    "a workflow that does not compile",
    () => releaseOf({ ...hello, empty: "{ data: z.object({}) })" }),
    { code: "INVALID_WORKFLOW", message: expect.stringContaining("no step") },
  ],
  [
    "the same workflow twice",
    async () => {
      const release = await releaseOf(hello);
      return { ...release, workflows: [...release.workflows, ...release.workflows] };
    },
    { code: "ARTIFACT_REFUSED", message: expect.stringContaining("twice") },
  ],
  [
    "a workflow under the name of another",
    async () => {
      const release = await releaseOf(hello);
      return { ...release, workflows: release.workflows.map((workflow) => ({ ...workflow, key: "other" })) };
    },
    { code: "ARTIFACT_REFUSED" },
  ],
  ["the hash of an artifact that no database holds", () => given({ artifact: "\0" }), { code: "ARTIFACT_REFUSED" }],
  ["a signature that no database holds", () => given({ signature: "\0" }), { code: "ARTIFACT_REFUSED" }],
  ["a signature that is none", () => given({ signature: "x".repeat(100_000) }), { code: "ARTIFACT_REFUSED" }],
  [
    "a step of a later knock",
    fromTheFuture,
    { code: "INVALID_WORKFLOW", message: expect.stringContaining('this release of knock has no "hologram" step') },
  ],
  [
    "a key that breaks callers",
    () => releaseOf({ welcome: feed('"Hi"', "z.object({ name: z.string(), age: z.number() })") }),
    { code: "BREAKING_CHANGE", message: expect.stringContaining("welcome: breaks callers: data.age") },
  ],
];

test.each(REFUSED)("refused, nothing is written: %s", async (_what, release, error) => {
  const context = deployContext(database);
  deployed(await deployRelease(context, await releaseOf(hi)));
  const before = await fingerprints(database);
  const outcome = await deployRelease(context, await release());
  expect(outcome).toMatchObject({ ok: false, error });
  expect(await fingerprints(database)).toEqual(before);
  expect("evil" in globalThis).toBe(false);
});

test("a breaking change is deployed when it is allowed", async () => {
  const context = deployContext(database);
  deployed(await deployRelease(context, await releaseOf(hi)));
  const release = await releaseOf({ welcome: feed('"Hi"', "z.object({ name: z.string(), age: z.number() })") });
  const { plan } = deployed(await deployRelease(context, release, { allowBreaking: true }));
  expect(plan).toMatchObject({ breaking: true, graphql: ["-welcome: name", "+welcome: age,name"] });
  expect(await current(database)).toEqual(["welcome@2"]);
});

test.each(["artifacts", "workflow_versions", "workflows", "deploys", "deploy_changes"])(
  "a deploy that dies while it writes %s leaves nothing",
  async (table) => {
    const context = deployContext(database);
    deployed(await deployRelease(context, await releaseOf(hi)));
    const before = await fingerprints(database);
    await ask(
      database,
      sql`create or replace function knock.die() returns trigger language plpgsql as $$ begin raise 'dies'; end $$`,
    );
    await ask(
      database,
      sql`create trigger dies after insert or update on knock.${sql.identifier(table)} execute function knock.die()`,
    );
    try {
      await expect(deployRelease(context, await releaseOf({ ...hello, ...goodbye }))).rejects.toThrow();
    } finally {
      await ask(database, sql`drop trigger dies on knock.${sql.identifier(table)}`);
    }
    expect(await fingerprints(database)).toEqual(before);
    deployed(await deployRelease(context, await releaseOf({ ...hello, ...goodbye })));
    expect(await current(database)).toEqual(["goodbye@1", "welcome@2"]);
  },
);

test("many deploys at once come one after the other, and agree", async () => {
  const context = deployContext(database);
  const releases = await Promise.all([hi, hello, goodbye].map((files) => releaseOf(files)));
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, (_, index) => deployRelease(context, releases[index % 3]!)),
  );
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
  const recorded = await changes();
  expect(await count(database, "deploys")).toBe(outcomes.filter((each) => each.ok && each.id).length);
  // Every change begins where the one before of its workflow ended.
  const last = new Map<unknown, unknown>();
  for (const { workflow, from, to } of recorded) {
    expect(from, JSON.stringify(recorded)).toBe(last.get(workflow) ?? null);
    last.set(workflow, to);
  }
  expect(await count(database, "workflow_versions")).toBe(3);
});

test("a deploy by a clock that lags is still the latest", async () => {
  deployed(await deployRelease(deployContext(database), await releaseOf(hi)));
  const late = deployContext(database, { clock: virtualClock("2020-01-01T00:00:00Z") });
  const { id } = deployed(await deployRelease(late, await releaseOf(hello)));
  expect(await latestDeploy(database.db)).toBe(id);
});

test("artifacts that were sent before need not come with the release", async () => {
  const context = deployContext(database);
  const release = await releaseOf(hi);
  expect(await storeArtifacts(context, release.artifacts)).toEqual({ ok: true });
  deployed(await deployRelease(context, without(release)));
  expect(await current(database)).toEqual(["welcome@1"]);
});

test("with public keys only what one of them signed is accepted, and a signature is a change", async () => {
  const { publicKey, privateKey } = createSigningPair();
  const release = await releaseOf(hi);
  deployed(await deployRelease(deployContext(database), release));
  const context = deployContext(database, { publicKeys: [publicKey] });
  const before = await fingerprints(database);
  expect(await deployRelease(context, release)).toMatchObject({ ok: false, error: { code: "ARTIFACT_REFUSED" } });
  expect(await fingerprints(database)).toEqual(before);
  const signed = {
    ...release,
    workflows: release.workflows.map((each) => ({ ...each, signature: signWorkflow(each, privateKey) })),
  };
  const { plan } = deployed(await deployRelease(context, signed));
  expect(planOf(plan, "welcome")).toMatchObject({ change: "changed", from: 1, to: 1, structure: [], content: [] });
  expect(await currentVersions(database.db)).toMatchObject([{ number: 1, signature: signed.workflows[0]!.signature }]);
  expect(await deployRelease(context, signed)).toMatchObject({ ok: true, id: null });
});

test("who deploys may say anything", async () => {
  const release = await releaseOf(hi, { commit: "a\0b", author: "\ud800".repeat(3) + "x".repeat(10_000) });
  deployed(await deployRelease(deployContext(database), release));
  const [deploy] = (await pageDeploys(database.db, {})).nodes;
  expect(deploy).toMatchObject({ commit: "ab" });
  expect(deploy!.author).toHaveLength(500);
});
