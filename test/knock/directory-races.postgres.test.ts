// Verbs about the same lists and users at once, over two pools as two processes have them.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { addListMembers, deleteList, removeListMembers } from "../../src/engine/directory/lists.ts";
import type { Outcome } from "../../src/engine/directory/directory.ts";
import type { Database } from "../../src/store/database.ts";
import { rows } from "../../src/store/executor.ts";
import { memberCount } from "../../src/store/lists.ts";
import { emptyTables, testPool, testPostgresUrl } from "../support/database.ts";
import { manualClock } from "../support/manual-clock.ts";

const clock = manualClock(new Date("2026-01-05T09:00:00Z"));
const ids = Array.from({ length: 300 }, (_, index) => `u${index}`);
/** Each call names the members in an order of its own. */
const ordered = (index: number) => (index % 2 === 0 ? ids : ids.toReversed());

let pools: [Database, Database];
beforeAll(async () => {
  const url = await testPostgresUrl();
  pools = [await testPool(url, 10), await testPool(url, 10)];
});
beforeEach(() => emptyTables(pools[0]));

test("a list is filled, emptied and deleted at once: no call fails, and no member is lost or without its list", async () => {
  const [first, second] = pools.map((database) => ({ database, clock }));
  const members = (index: number) => ordered(index).map((userId) => ({ userId, properties: { index } }));
  const calls: ((index: number) => Promise<Outcome>)[] = [
    (index) => addListMembers(first!, { list: "l", members: members(index) }),
    (index) => removeListMembers(second!, { list: "l", userIds: ordered(index) }),
    (index) => addListMembers(second!, { list: "l", members: members(index) }),
    () => deleteList(first!, "l"),
  ];
  const outcomes = await Promise.all(Array.from({ length: 60 }, (_, index) => calls[index % 4]!(index >> 2)));
  const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error.code]));
  expect(refusals.filter((code) => code !== "UNKNOWN_LIST")).toEqual([]);
  await addListMembers(first!, { list: "l", members: members(0) });
  expect(await memberCount(pools[0].db, "l")).toBe(300);
});

test("who deletes a list waits for who is filling it, and takes nothing meanwhile", async () => {
  const [first, second] = pools.map((database) => ({ database, clock }));
  const waiting = (count: number) =>
    vi.waitFor(async () => {
      const blocked = await rows(pools[0].db, sql`select 1 from pg_locks where not granted`);
      expect(blocked).toHaveLength(count);
    });
  await addListMembers(first!, { list: "l", members: [{ userId: "u150" }] });
  const calls = await pools[0].transaction(async (tx) => {
    await rows(tx, sql`select 1 from knock.list_members where user_id = 'u150' for update`);
    const members = ids.map((userId) => ({ userId, properties: { filled: true } }));
    const filling = addListMembers(first!, { list: "l", members });
    await waiting(1);
    const deleting = deleteList(second!, "l");
    await waiting(2);
    return { filling, deleting };
  });
  expect(await calls.filling).toEqual({ ok: true, added: 299, updated: 1 });
  expect(await calls.deleting).toEqual({ ok: true, name: "l" });
  expect(await memberCount(pools[0].db, "l")).toBe(0);
});
