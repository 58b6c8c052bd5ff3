// Deploys of several processes at once.
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { deployRelease } from "../../src/deploy/deploy.ts";
import { rollback } from "../../src/deploy/rollback.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { ask, count } from "../support/inspect.ts";
import { deployContext, releaseOf } from "../support/releases.ts";

const text = (body: string) => ({ welcome: `{ data: z.object({}) }).inApp("feed", { body: "${body}" })` });

test("processes that deploy and roll back at once see each other's results", async () => {
  const url = await testPostgresUrl();
  const pools = await Promise.all(Array.from({ length: 4 }, () => testPool(url, 2)));
  const contexts = pools.map((database) => deployContext(database));
  const releases = await Promise.all(["a", "b", "c"].map((body) => releaseOf(text(body))));
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, index) => {
      const context = contexts[index % 4]!;
      if (index % 5 === 4) return rollback(context, { workflow: "welcome", version: null, author: null });
      return deployRelease(context, releases[index % 3]!);
    }),
  );
  const [database] = pools;
  const deploys = await ask<{ from: string | null; to: string }>(
    database!,
    sql`select from_version_id as from, to_version_id as to from knock.deploy_changes order by deploy_id`,
  );
  expect(deploys.length).toBe(outcomes.filter((each) => each.ok && each.id !== null).length);
  expect(deploys.length).toBeGreaterThan(3);
  // The chain has no gap: each began with what the one before had made current.
  expect(deploys.map(({ from }) => from)).toEqual([null, ...deploys.slice(0, -1).map(({ to }) => to)]);
  const current = await ask<{ id: string }>(database!, sql`select version_id as id from knock.workflows`);
  expect(current).toEqual([{ id: deploys.at(-1)!.to }]);
  expect(await count(database!, "workflow_versions")).toBe(3);
});

test("a deploy that is killed in the middle leaves nothing, and lets the next one go ahead", async () => {
  const url = await testPostgresUrl();
  const [one, two] = [await testPool(url, 2), await testPool(url, 2)];
  const release = await releaseOf(text("a"));
  // It has written all but the record, which has to wait.
  let unlock = () => {};
  const held = one.transaction(async (tx) => {
    await tx.execute(sql`lock table knock.deploys in exclusive mode`);
    await new Promise<void>((resolve) => (unlock = resolve));
  });
  const dying = deployRelease(deployContext(two), release).catch((error: unknown) => error);
  const waiting = () =>
    ask<{ pid: number }>(
      one,
      sql`select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%knock.deploys%'`,
    );
  while ((await waiting()).length === 0) await new Promise((resolve) => setImmediate(resolve));
  await ask(
    one,
    sql`select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and query like '%knock.deploys%'`,
  );
  expect(await dying).toBeInstanceOf(Error);
  unlock();
  await held;
  for (const table of ["artifacts", "workflow_versions", "workflows", "deploys", "deploy_changes"])
    expect(await count(one, table), table).toBe(0);
  expect(await deployRelease(deployContext(two), release)).toMatchObject({ ok: true, id: expect.any(String) });
});
