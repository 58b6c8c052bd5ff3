// Code that comes before its release, and code that nobody needs any more.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { durationMs } from "../../src/base/duration.ts";
import { hashOfCode } from "../../src/deploy/artifacts/code.ts";
import { deployRelease } from "../../src/deploy/deploy.ts";
import type { Artifact } from "../../src/deploy/release.ts";
import { missingArtifacts, storeArtifacts } from "../../src/deploy/upload.ts";
import { purge } from "../../src/engine/retention.ts";
import { findArtifacts, holdArtifacts } from "../../src/store/artifacts.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { drive } from "../support/engine.ts";
import { ask, count, fingerprints } from "../support/inspect.ts";
import { deployContext, deployed, releaseOf } from "../support/releases.ts";

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

const artifact = (code: string): Artifact => ({ hash: hashOfCode(code), code, sourceMap: null, imports: [] });

const hashes = async () =>
  (await ask<{ hash: string }>(database, sql`select hash from knock.artifacts order by hash`)).map(({ hash }) => hash);

test("artifacts are stored once, and asked for by hash", async () => {
  const context = deployContext(database);
  const [a, b] = [artifact("export default 1"), artifact("export default 'ä'")];
  expect(await missingArtifacts(database, [a.hash, b.hash])).toEqual([a.hash, b.hash]);
  expect(await storeArtifacts(context, [a, { ...b, sourceMap: "{}" }])).toEqual({ ok: true });
  expect(await storeArtifacts(context, [a])).toEqual({ ok: true });
  expect(await missingArtifacts(database, [b.hash, "nothing", "\0", a.hash])).toEqual(["nothing", "\0"]);
  expect(await missingArtifacts(database, [])).toEqual([]);
  const found = await findArtifacts(database.db, [a.hash, b.hash]);
  expect(found.toSorted((x, y) => x.code.localeCompare(y.code))).toEqual([{ ...b, sourceMap: "{}" }, a]);
});

test("code that somebody changed in the database is asked for again, and mended", async () => {
  const context = deployContext(database);
  const [a, b] = [artifact("export default 'ä'"), artifact("export default 2")];
  await storeArtifacts(context, [a, b]);
  await ask(database, sql`update knock.artifacts set code = code || '//', imports = '{x}' where hash = ${a.hash}`);
  expect(await missingArtifacts(database, [a.hash, b.hash])).toEqual([a.hash]);
  await storeArtifacts(context, [a]);
  expect(await missingArtifacts(database, [a.hash, b.hash])).toEqual([]);
  expect(await findArtifacts(database.db, [a.hash])).toEqual([a]);
});

test("what code imports is read from the code, whatever the upload says", async () => {
  const shared = artifact("export const z = 1");
  const user = { ...artifact(`import "knock://artifact/${shared.hash}"`), imports: ["x"] };
  await storeArtifacts(deployContext(database), [user]);
  expect(await findArtifacts(database.db, [user.hash])).toMatchObject([{ imports: [shared.hash] }]);
  const held = await database.transaction((tx) => holdArtifacts(tx, [user.hash], new Date(0)));
  expect(held).toEqual([shared.hash]);
});

test.each([
  ["code that does not have its hash", { ...artifact("a"), code: "b" }],
  ["a hash that is none", { ...artifact("a"), hash: "\0" }],
  ["code that cannot be stored", artifact("a\0b")],
  ["a source map that cannot be stored", { ...artifact("a"), sourceMap: "\ud800" }],
])("refused, nothing is stored: %s", async (_what, bad) => {
  const before = await fingerprints(database);
  const outcome = await storeArtifacts(deployContext(database), [artifact("good"), bad]);
  expect(outcome).toMatchObject({ ok: false, error: { code: "ARTIFACT_REFUSED" } });
  expect(await fingerprints(database)).toEqual(before);
});

test("nothing of an upload runs", async () => {
  await storeArtifacts(deployContext(database), [artifact("globalThis.ranAtUpload = true")]);
  expect("ranAtUpload" in globalThis).toBe(false);
});

test("artifacts that no version names are purged after a day, with what only they import", async () => {
  const driven = await drive({ database });
  const context = deployContext(database, { clock: driven.clock });
  const shared = artifact("export const only = 1");
  const lost = artifact(`import "knock://artifact/${shared.hash}"`);
  await storeArtifacts(context, [shared, lost]);
  const release = await releaseOf({ welcome: `{ data: z.object({}) }).inApp("feed", { body: "Hi" })` });
  deployed(await deployRelease(context, release));
  const all = await hashes();
  await driven.clock.advance(durationMs("1d"));
  expect(await purge(driven.knock.engine.internals)).toMatchObject({ artifacts: 0 });
  await storeArtifacts(context, [artifact("young")]);
  await driven.clock.advance(1_000);
  expect(await purge(driven.knock.engine.internals)).toMatchObject({ artifacts: 2 });
  const kept = [...all.filter((hash) => hash !== shared.hash && hash !== lost.hash), artifact("young").hash];
  expect(await hashes()).toEqual(kept.toSorted());
  // What the version imports is still there: zod, which many share.
  expect(release.artifacts.length).toBeGreaterThan(1);
  expect(await count(database, "artifacts")).toBe(release.artifacts.length + 1);
  await driven.knock.stop();
});

test("versions that are not current any more keep their code, for a rollback", async () => {
  const driven = await drive({ database });
  const context = deployContext(database, { clock: driven.clock });
  for (const text of ["Hi", "Hello"])
    deployed(
      await deployRelease(
        context,
        await releaseOf({ welcome: `{ data: z.object({}) }).inApp("feed", { body: "${text}" })` }),
      ),
    );
  await driven.clock.advance(durationMs("10d"));
  expect(await purge(driven.knock.engine.internals)).toMatchObject({ artifacts: 0 });
  await driven.knock.stop();
});
