import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import {
  addListMembers,
  deleteList,
  existingLists,
  findList,
  memberCount,
  pageLists,
  pageMembers,
  removeListMembers,
  upsertList,
} from "../../src/store/lists.ts";
import { listDepartures } from "../../src/store/schema/users.ts";
import { emptyTables, testDatabase } from "../support/database.ts";

const now = new Date("2026-01-05T09:00:00.123Z");
const later = new Date("2026-01-06T09:00:00Z");

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

const add = (list: string, ...userIds: string[]) =>
  addListMembers(database.db, { list, members: userIds.map((userId) => ({ userId })) }, now);

/** Who was in which list, and when. */
const departures = async () =>
  (await database.db.select().from(listDepartures).orderBy(listDepartures.list, listDepartures.userId)).map(
    ({ list, userId, joinedAt, leftAt }) => [list, userId, joinedAt, leftAt],
  );

describe("lists", () => {
  test("are made and merged", async () => {
    const made = await upsertList(database.db, { name: "project.7", properties: { a: { x: 1 } } }, now);
    expect(made).toEqual({ name: "project.7", properties: { a: { x: 1 } }, createdAt: now, updatedAt: now });
    const merged = await upsertList(database.db, { name: "project.7", properties: { a: { y: 2 } } }, later);
    expect(merged).toEqual({ name: "project.7", properties: { a: { x: 1, y: 2 } }, createdAt: now, updatedAt: later });
    expect(await findList(database.db, "project.7")).toEqual(merged);
    expect(await findList(database.db, "project.8")).toBeNull();
  });

  test("are deleted with their memberships", async () => {
    await add("l", "a", "b");
    expect(await deleteList(database.db, "l", later)).toBe(true);
    expect(await deleteList(database.db, "l", later)).toBe(false);
    expect(await memberCount(database.db, "l")).toBe(0);
    expect(await existingLists(database.db, ["l"])).toEqual(new Set());
    expect(await departures()).toEqual([
      ["l", "a", now, later],
      ["l", "b", now, later],
    ]);
  });

  test("are paged by name", async () => {
    for (const name of ["c", "a", "b"]) await upsertList(database.db, { name }, now);
    const page = await pageLists(database.db, { first: 2 });
    expect(page).toMatchObject({ nodes: [{ name: "a" }, { name: "b" }], hasNextPage: true });
    expect(await pageLists(database.db, { after: page.endCursor })).toMatchObject({
      nodes: [{ name: "c" }],
      hasNextPage: false,
    });
  });

  test.each(["", "with space", "tab\t", "nul\0", "zero\u200bwidth", "no-break\u00a0space", "x".repeat(256)])(
    "are not named %j",
    async (name) => {
      await expect(upsertList(database.db, { name }, now)).rejects.toMatchObject({
        code: "INVALID_INPUT",
        details: { issues: [{ path: ["name"] }] },
      });
      await expect(add(name, "a")).rejects.toMatchObject({
        code: "INVALID_INPUT",
        details: { issues: [{ path: ["list"] }] },
      });
      expect(await findList(database.db, name)).toBeNull();
      expect(await memberCount(database.db, name)).toBe(0);
      expect(await deleteList(database.db, name, later)).toBe(false);
    },
  );

  test.each(["project.7.followers", "team:ä/members", "a", "x".repeat(255), "日本", "a_b-c@d"])(
    "may be named %j",
    async (name) => {
      await add(name, "a");
      expect(await existingLists(database.db, [name, "other"])).toEqual(new Set([name]));
    },
  );
});

describe("members", () => {
  test("are added to a list that is made when absent", async () => {
    expect(await add("l", "a", "b", "a")).toEqual({ added: 2, updated: 0 });
    expect(await add("l", "b", "c")).toEqual({ added: 1, updated: 0 });
    expect(await findList(database.db, "l")).toMatchObject({ properties: {}, createdAt: now });
    expect(await memberCount(database.db, "l")).toBe(3);
  });

  test("have properties that merge, also within one call", async () => {
    const member = (properties: Record<string, string | null>) => ({ userId: "a", properties });
    await addListMembers(
      database.db,
      { list: "l", members: [member({ role: "owner" }), member({ since: "may" })] },
      now,
    );
    const again = await addListMembers(
      database.db,
      { list: "l", members: [member({ since: null }), { userId: "b" }] },
      later,
    );
    expect(again).toEqual({ added: 1, updated: 1 });
    expect((await pageMembers(database.db, "l", {})).nodes).toEqual([
      { list: "l", userId: "a", properties: { role: "owner", since: null }, createdAt: now },
      { list: "l", userId: "b", properties: {}, createdAt: later },
    ]);
  });

  test("are removed", async () => {
    await add("l", "a", "b", "c");
    await add("other", "a");
    expect(await removeListMembers(database.db, { list: "l", userIds: ["a", "c", "nobody", "a", "\0"] }, later)).toBe(
      2,
    );
    expect((await pageMembers(database.db, "l", {})).nodes.map(({ userId }) => userId)).toEqual(["b"]);
    expect(await memberCount(database.db, "other")).toBe(1);
    expect(await removeListMembers(database.db, { list: "unknown", userIds: ["a"] }, later)).toBe(0);
    expect(await departures()).toEqual([
      ["l", "a", now, later],
      ["l", "c", now, later],
    ]);
  });

  test("10,000 fit in one call and no more", async () => {
    const members = Array.from({ length: 10_001 }, (_, index) => ({ userId: `u${index}` }));
    await expect(addListMembers(database.db, { list: "l", members }, now)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      details: { issues: [{ path: ["members"] }] },
    });
    expect(await findList(database.db, "l")).toBeNull();
    expect(await addListMembers(database.db, { list: "l", members: members.slice(1) }, now)).toEqual({
      added: 10_000,
      updated: 0,
    });
    await expect(
      removeListMembers(database.db, { list: "l", userIds: members.map(({ userId }) => userId) }, later),
    ).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("with an id that cannot be stored are refused at their place, and nobody is added", async () => {
    await expect(add("l", "a", "b\0")).rejects.toMatchObject({
      details: { issues: [{ path: ["members", 1, "userId"] }] },
    });
    expect(await memberCount(database.db, "l")).toBe(0);
  });
});
