import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { newId } from "../../src/base/ids.ts";
import type { Database } from "../../src/store/database.ts";
import { rows } from "../../src/store/executor.ts";
import { claimKeys, findKeys } from "../../src/store/idempotency.ts";
import { addListMembers, memberCount, pageMembers, removeListMembers } from "../../src/store/lists.ts";
import { migrationState } from "../../src/store/migrate.ts";
import { changePreferenceSet, findPreferenceSet } from "../../src/store/preference-sets.ts";
import { findUsers, upsertUsers } from "../../src/store/users.ts";
import { emptyTables, testPool, testPostgresUrl } from "../support/database.ts";

const now = new Date("2026-01-05T09:00:00Z");
const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const shuffled = <Item>(items: Item[], seed: number) =>
  items
    .map((item, index) => ({ item, at: Math.sin(seed * 997 + index * 31) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);

let pools: [Database, Database];
beforeAll(async () => {
  const url = await testPostgresUrl();
  pools = [await testPool(url, 10), await testPool(url, 10)];
});
beforeEach(() => emptyTables(pools[0]));

test("of 100 claims of one key over two pools exactly one succeeds", async () => {
  const claims = await Promise.all(
    range(100).map((index) =>
      pools[index % 2]!.transaction((tx) =>
        claimKeys(tx, [{ key: "k", notificationId: newId(now), inputHash: "h" }], now),
      ),
    ),
  );
  const winners = claims.filter(({ size }) => size === 1);
  expect(winners).toHaveLength(1);
  expect((await findKeys(pools[0].db, ["k"])).get("k")!.notificationId).toBe(winners[0]!.get("k"));
});

test("keys are claimed in one order, so two transactions never wait for each other", async () => {
  const claim = (key: string) => ({ key, notificationId: newId(now), inputHash: "h" });
  const second = await pools[0].transaction(async (tx) => {
    await claimKeys(tx, [claim("a")], now);
    const waiting = pools[1].transaction((other) => claimKeys(other, [claim("b"), claim("a")], now));
    await vi.waitFor(async () => {
      const blocked = await rows(
        pools[0].db,
        sql`select 1 from pg_locks where locktype = 'transactionid' and not granted`,
      );
      expect(blocked).toHaveLength(1);
    });
    // Taken out of order, "b" would be the other's by now, and each would wait for the other's key.
    expect((await claimKeys(tx, [claim("b")], now)).size).toBe(1);
    return { waiting };
  });
  expect((await second.waiting).size).toBe(0);
});

test("a key whose holder rolls back goes to the next in line", async () => {
  const holding = Promise.withResolvers<void>();
  const first = pools[0].transaction(async (tx) => {
    await claimKeys(tx, [{ key: "k", notificationId: newId(now), inputHash: "h" }], now);
    holding.resolve();
    await pools[1].ping();
    throw new Error("rolled back");
  });
  await holding.promise;
  const second = claimKeys(pools[1].db, [{ key: "k", notificationId: newId(now), inputHash: "h" }], now);
  await expect(first).rejects.toThrow("rolled back");
  expect((await second).size).toBe(1);
});

test("what different calls say of one new user at once all counts", async () => {
  await Promise.all(
    range(100).map((index) =>
      upsertUsers(
        pools[index % 2]!.db,
        [{ id: "u", properties: { [`p${index}`]: index, deep: { [`d${index}`]: 1 } } }],
        now,
      ),
    ),
  );
  const { properties } = (await findUsers(pools[0].db, ["u"])).get("u")!;
  expect(Object.keys(properties)).toHaveLength(101);
  expect(Object.keys(properties["deep"] as object)).toHaveLength(100);
});

test("calls about overlapping new and present users in any order do not deadlock", async () => {
  const ids = range(200).map((index) => `u${index}`);
  await upsertUsers(
    pools[0].db,
    ids.slice(0, 100).map((id) => ({ id })),
    now,
  );
  await Promise.all(
    range(30).map((index) =>
      pools[index % 2]!.transaction((tx) =>
        upsertUsers(
          tx,
          shuffled(ids, index).map((id) => ({ id, properties: { [`p${index}`]: 1 } })),
          now,
        ),
      ),
    ),
  );
  const users = await findUsers(pools[0].db, ids);
  expect([...users.values()].map(({ properties }) => Object.keys(properties).length)).toEqual(ids.map(() => 30));
});

test("members added and removed at once do not deadlock, and their properties all count", async () => {
  const ids = range(100).map((index) => `u${index}`);
  const added = await Promise.all(
    range(20).map((index) =>
      addListMembers(
        pools[index % 2]!.db,
        { list: "l", members: shuffled(ids, index).map((userId) => ({ userId, properties: { [`p${index}`]: 1 } })) },
        now,
      ),
    ),
  );
  expect(added.reduce((sum, { added: count }) => sum + count, 0)).toBe(100);
  const [member] = (await pageMembers(pools[0].db, "l", { first: 1 })).nodes;
  expect(Object.keys(member!.properties)).toHaveLength(20);
  await Promise.all(
    range(20).map((index) =>
      index % 2 === 0
        ? removeListMembers(pools[0].db, { list: "l", userIds: shuffled(ids, index) }, now)
        : addListMembers(pools[1].db, { list: "l", members: shuffled(ids, index).map((userId) => ({ userId })) }, now),
    ),
  );
  expect([0, 100]).toContain(await memberCount(pools[0].db, "l"));
});

test("changes of one preference set over two pools are all kept", async () => {
  await Promise.all(
    range(50).map((index) =>
      changePreferenceSet(
        pools[index % 2]!.db,
        { userId: "u" },
        (stored) => ({ workflows: { ...stored?.workflows, [`w${index}`]: false } }),
        now,
      ),
    ),
  );
  expect(Object.keys((await findPreferenceSet(pools[0].db, { userId: "u" }))!.workflows!)).toHaveLength(50);
});

test("of several processes that migrate at once one does the work and none fails", async () => {
  const gate = 4_711;
  const url = await testPostgresUrl({ migrated: false });
  const holder = await testPool(url);
  const script = fileURLToPath(new URL("../support/migrate-process.ts", import.meta.url));
  const run = async () =>
    JSON.parse((await promisify(execFile)(process.execPath, [script, url, String(gate)])).stdout) as string[];
  const running = await holder.session(async ({ db }) => {
    await rows(db, sql`select pg_advisory_lock(${gate}::bigint)`);
    const started = range(4).map(run);
    await vi.waitFor(
      async () => {
        const waiting = await rows(db, sql`select 1 from pg_locks where locktype = 'advisory' and not granted`);
        expect(waiting).toHaveLength(4);
      },
      { timeout: 15_000 },
    );
    await rows(db, sql`select pg_advisory_unlock(${gate}::bigint)`);
    return started;
  });
  const applied = (await Promise.all(running)).filter((names) => names.length > 0);
  expect(applied).toHaveLength(1);
  expect(await migrationState(holder)).toEqual({ state: "current" });
});
