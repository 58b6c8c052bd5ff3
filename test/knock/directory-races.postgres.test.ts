// Verbs about the same lists and users at once, over two pools as two processes have them.
import { beforeAll, beforeEach, expect, test } from "vitest";
import { addListMembers, deleteList, removeListMembers } from "../../src/engine/directory/lists.ts";
import type { Outcome } from "../../src/engine/directory/directory.ts";
import type { Database } from "../../src/store/database.ts";
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
  const outcomes = await Promise.all(Array.from({ length: 120 }, (_, index) => calls[index % 4]!(index >> 2)));
  const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error.code]));
  expect(refusals.filter((code) => code !== "UNKNOWN_LIST")).toEqual([]);
  await addListMembers(first!, { list: "l", members: members(0) });
  expect(await memberCount(pools[0].db, "l")).toBe(300);
});
