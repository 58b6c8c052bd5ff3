import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { memberCount, pageLists, upsertList } from "../../src/store/lists.ts";
import { deleteObjects, pageObjects } from "../../src/store/objects.ts";
import { changePreferenceSet } from "../../src/store/preference-sets.ts";
import { pagePreferenceGroups } from "../../src/store/reads/preference-groups.ts";
import {
  addSubscriptions,
  findSubscriptions,
  pageSubscribers,
  pageSubscriptionsOf,
  removeSubscriptions,
  subscribedObjects,
} from "../../src/store/subscriptions.ts";
import { deleteUser, findUsers, pageUsers, upsertUsers } from "../../src/store/users.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { ask, count } from "../support/inspect.ts";

const now = new Date("2026-01-05T09:00:00.123Z");
const later = new Date("2026-01-06T09:00:00Z");

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

const subscribe = (object: string, recipients: string[], properties = {}, at = now) =>
  database.transaction((tx) =>
    addSubscriptions(
      tx,
      recipients.map((recipient) => ({ object, recipient, properties })),
      at,
    ),
  );
const erase = (...ids: string[]) => database.transaction((tx) => deleteObjects(tx, ids, later));

describe("objects", () => {
  test("are stored with their collection, and are no users", async () => {
    await upsertUsers(
      database.db,
      [{ id: "#projects/7", name: "Apollo" }, { id: "ada" }, { id: "#projects/8" }, { id: "#teams/1" }],
      now,
    );
    expect((await findUsers(database.db, ["#projects/7"])).get("#projects/7")).toMatchObject({
      collection: "projects",
    });
    expect((await pageUsers(database.db, {})).nodes.map(({ id }) => id)).toEqual(["ada"]);
    const page = await pageObjects(database.db, "projects", { first: 1 });
    expect(page).toMatchObject({ nodes: [{ id: "#projects/7" }], hasNextPage: true });
    const rest = await pageObjects(database.db, "projects", { first: 5, after: page.endCursor });
    expect(rest).toMatchObject({ nodes: [{ id: "#projects/8" }], hasNextPage: false });
    expect((await pageObjects(database.db, "no\0ne", {})).nodes).toEqual([]);
    const groups = await pagePreferenceGroups(database.db, { tenantId: null, after: null, size: 10, examples: 5 });
    expect(groups.groups).toMatchObject([{ users: 1, examples: ["ada"] }]);
  });

  test("are deleted with all that is kept about them, and nobody else", async () => {
    await upsertUsers(database.db, [{ id: "#projects/7" }, { id: "#projects/8" }, { id: "ada" }], now);
    await subscribe("#projects/7", ["ada", "#teams/1"]);
    await subscribe("#projects/8", ["#projects/7", "ada"]);
    await changePreferenceSet(database.db, { userId: "#projects/7" }, () => ({ channelTypes: { email: false } }), now);
    expect(await erase("#projects/7", "#projects/never", "ada", "\0")).toEqual(["#projects/7"]);
    expect(await erase("#projects/7")).toEqual([]);
    expect(await memberCount(database.db, "#projects/7")).toBe(0);
    expect((await pageSubscribers(database.db, "#projects/8", {})).nodes).toMatchObject([{ recipient: "ada" }]);
    expect(await count(database, "preference_sets")).toBe(0);
    expect((await pageUsers(database.db, {})).nodes).toHaveLength(1);
    const left = await ask(
      database,
      sql`select list, user_id as who, left_at from knock.list_departures order by 1, 2`,
    );
    expect(left.map(({ list, who }) => [list, who])).toEqual([
      ["#projects/7", "#teams/1"],
      ["#projects/7", "ada"],
      ["#projects/8", "#projects/7"],
    ]);
  });
});

describe("subscriptions", () => {
  test("are added once, with properties that merge, and make the object known", async () => {
    expect(await subscribe("#projects/7", ["ada", "bob", "ada"], { role: "x" })).toEqual({ added: 2, updated: 0 });
    expect(await subscribe("#projects/7", ["bob", "cyd"], { since: 1 }, later)).toEqual({ added: 1, updated: 1 });
    expect(await subscribe("#projects/7", ["bob"], { since: 1 }, later)).toEqual({ added: 0, updated: 0 });
    expect((await pageSubscribers(database.db, "#projects/7", {})).nodes).toEqual([
      { object: "#projects/7", recipient: "ada", properties: { role: "x" }, createdAt: now },
      { object: "#projects/7", recipient: "bob", properties: { role: "x", since: 1 }, createdAt: now },
      { object: "#projects/7", recipient: "cyd", properties: { since: 1 }, createdAt: later },
    ]);
    expect((await pageObjects(database.db, "projects", {})).nodes).toMatchObject([
      { id: "#projects/7", properties: {} },
    ]);
  });

  test("of many objects are added, found and ended with a few statements", async () => {
    const wanted = Array.from({ length: 100 }, (_, index) => ({
      object: `#projects/${index}`,
      recipient: index % 2 ? "ada" : "#teams/1",
      properties: { index },
    }));
    expect(await database.transaction((tx) => addSubscriptions(tx, wanted, now))).toEqual({ added: 100, updated: 0 });
    expect(await findSubscriptions(database.db, [...wanted, { object: "#projects/0", recipient: "ada" }])).toHaveLength(
      100,
    );
    expect([...(await subscribedObjects(database.db, ["#projects/0", "#projects/1"]))]).toEqual([
      ["#projects/0", ["#teams/1"]],
    ]);
    const page = await pageSubscriptionsOf(database.db, "ada", { first: 30 });
    expect(page).toMatchObject({ hasNextPage: true });
    expect(page.nodes).toHaveLength(30);
    const some = await pageSubscriptionsOf(database.db, "ada", { among: ["#projects/1", "#projects/2"] });
    expect(some.nodes).toMatchObject([{ object: "#projects/1", properties: { index: 1 } }]);
    const ended = await database.transaction((tx) =>
      removeSubscriptions(tx, [...wanted.slice(0, 60), { object: "#projects/0", recipient: "\0" }], later),
    );
    expect(ended).toBe(60);
    expect(await findSubscriptions(database.db, wanted)).toHaveLength(40);
    expect(await count(database, "list_departures")).toBe(60);
  });

  test("end with the user, and more than 10,000 at once are refused", async () => {
    await upsertUsers(database.db, [{ id: "ada" }], now);
    await subscribe("#projects/7", ["ada"]);
    expect(await deleteUser(database.db, "ada", later)).toBe(true);
    expect((await pageSubscribers(database.db, "#projects/7", {})).nodes).toEqual([]);
    const many = Array.from({ length: 10_001 }, (_, index) => `u${index}`);
    await expect(subscribe("#projects/7", many)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("are no lists of their own", async () => {
    await subscribe("#projects/7", ["ada"]);
    await upsertList(database.db, { name: "own" }, now);
    expect((await pageLists(database.db, {})).nodes.map(({ name }) => name)).toEqual(["own"]);
    expect((await pageSubscriptionsOf(database.db, "ada", {})).nodes).toHaveLength(1);
  });
});
