import fc from "fast-check";
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/base/canonical-json.ts";
import type { Database } from "../../src/store/database.ts";
import { deepMerge } from "../../src/store/deep-merge.ts";
import { rows } from "../../src/store/executor.ts";
import { addListMembers, pageMembers } from "../../src/store/lists.ts";
import { findPreferenceSet, putPreferenceSet } from "../../src/store/preference-sets.ts";
import { deleteUser, existingUsers, findUsers, pageUsers, type UserInput, upsertUsers } from "../../src/store/users.ts";
import { emptyTables, testDatabase } from "../support/database.ts";

const now = new Date("2026-01-05T09:00:00.123Z");
const later = new Date("2026-01-06T09:00:00Z");

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

const find = async (id: string) => (await findUsers(database.db, [id])).get(id);

describe("upsertUsers", () => {
  test("stores all members, and times as dates", async () => {
    const user = {
      id: "user_1",
      name: "Ada",
      email: "ada@example.com",
      phoneNumber: "+1",
      avatar: "https://example.com/a.png",
      locale: "en-GB",
      timezone: "Europe/London",
      properties: { plan: "pro", tags: ["a"] },
      channelData: { push: { tokens: ["t"] } },
    };
    await upsertUsers(database.db, [user, { id: "user_2" }], now);
    expect(await find("user_1")).toEqual({ ...user, collection: null, createdAt: now, updatedAt: now });
    expect(await find("user_2")).toMatchObject({ name: null, email: null, properties: {}, channelData: {} });
  });

  test("absent members stay, null empties, objects merge and lists replace", async () => {
    const properties = { plan: "pro", tags: ["a", "b"], address: { city: "Paris", zip: "1" }, gone: 1 };
    await upsertUsers(database.db, [{ id: "u", name: "Ada", email: "a@example.com", properties }], now);
    await upsertUsers(
      database.db,
      [{ id: "u", email: null, properties: { tags: ["c"], address: { zip: null, floor: { door: 4 } }, gone: null } }],
      later,
    );
    expect(await find("u")).toMatchObject({
      name: "Ada",
      email: null,
      properties: { plan: "pro", tags: ["c"], address: { city: "Paris", zip: null, floor: { door: 4 } }, gone: null },
      createdAt: now,
      updatedAt: later,
    });
  });

  test("one user named twice in a call is merged in order", async () => {
    const twice: UserInput[] = [
      { id: "u", name: "Ada", properties: { a: 1, o: { x: 1 } } },
      { id: "u", properties: { b: 2, o: { y: 2 } } },
    ];
    await upsertUsers(database.db, twice, now);
    expect(await find("u")).toMatchObject({ name: "Ada", properties: { a: 1, b: 2, o: { x: 1, y: 2 } } });
    await upsertUsers(
      database.db,
      [
        { id: "u", properties: { a: 2 } },
        { id: "u", name: "Grace" },
      ],
      later,
    );
    expect(await find("u")).toMatchObject({ name: "Grace", properties: { a: 2, b: 2 } });
  });

  test("takes 10,000 users in one call, new and present ones", async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({ id: `u${index}`, properties: { index } }));
    await upsertUsers(database.db, many.slice(0, 5_000), now);
    await upsertUsers(database.db, many, later);
    const [counted] = await rows<{ fresh: number; all: number }>(
      database.db,
      sql`select count(*)::int as all, count(*) filter (where created_at = updated_at)::int as fresh from knock.users`,
    );
    expect(counted).toEqual({ all: 10_000, fresh: 5_000 });
  });

  test.each<[string, UserInput[], (string | number)[]]>([
    ["an empty id", [{ id: "a" }, { id: "" }], ["users", 1, "id"]],
    ["an id of 257 characters", [{ id: "x".repeat(257) }], ["users", 0, "id"]],
    ["an id with NUL", [{ id: "a\0b" }], ["users", 0, "id"]],
    ["a name with NUL", [{ id: "a", name: "x\0" }], ["users", 0, "name"]],
    [
      "NUL deep in the properties",
      [{ id: "a", properties: { l: [{ t: "\0" }] } }],
      ["users", 0, "properties", "l", 0, "t"],
    ],
    ["half a surrogate pair", [{ id: "a", properties: { t: "\ud800" } }], ["users", 0, "properties", "t"]],
    [
      "a member's name with NUL",
      [{ id: "a", channelData: { push: { "a\0": 1 } } }],
      ["users", 0, "channelData", "push"],
    ],
  ])("refuses %s and stores nothing", async (_what, users, path) => {
    const refused = upsertUsers(database.db, [{ id: "fine" }, ...users], now);
    const shifted = [path[0]!, (path[1] as number) + 1, ...path.slice(2)];
    await expect(refused).rejects.toMatchObject({
      code: "INVALID_INPUT",
      details: { issues: expect.arrayContaining([expect.objectContaining({ path: shifted })]) },
    });
    expect(await find("fine")).toBeUndefined();
  });

  test("takes the longest id there may be, counted in characters", async () => {
    const id = "😀".repeat(256);
    await upsertUsers(database.db, [{ id }], now);
    expect(await existingUsers(database.db, [id, "nobody"])).toEqual(new Set([id]));
  });
});

test("the database merges as deepMerge does", async () => {
  const { tree } = fc.letrec<{ tree: JsonObject; value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, 1, "x", true),
      fc.array(fc.constantFrom(1, null), { maxLength: 2 }),
      tie("tree"),
    ),
    tree: fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), tie("value"), {
      maxKeys: 3,
    }) as fc.Arbitrary<JsonObject>,
  }));
  await fc.assert(
    fc.asyncProperty(tree, tree, async (stored, given) => {
      const [row] = await rows<{ merged: JsonObject }>(
        database.db,
        sql`select knock.deep_merge(${JSON.stringify(stored)}::text::jsonb, ${JSON.stringify(given)}::text::jsonb) as merged`,
      );
      expect(row!.merged).toEqual(JSON.parse(JSON.stringify(deepMerge(stored, given))));
    }),
    { numRuns: 200 },
  );
});

describe("reading", () => {
  test("ids that cannot exist are found missing rather than failing", async () => {
    await upsertUsers(database.db, [{ id: "a" }], now);
    expect([...(await findUsers(database.db, ["a", "a", "\0", "\ud800", ""])).keys()]).toEqual(["a"]);
    expect(await existingUsers(database.db, ["\0"])).toEqual(new Set());
    expect(await deleteUser(database.db, "\0", later)).toBe(false);
  });

  test("pages go through all users once, in both directions", async () => {
    const ids = ["a", "b", "c", "d", "e"];
    await upsertUsers(
      database.db,
      ids.map((id) => ({ id })),
      now,
    );
    const first = await pageUsers(database.db, { first: 2 });
    expect(first).toMatchObject({ nodes: [{ id: "a" }, { id: "b" }], hasNextPage: true, hasPreviousPage: false });
    const second = await pageUsers(database.db, { first: 2, after: first.endCursor });
    expect(second).toMatchObject({ nodes: [{ id: "c" }, { id: "d" }], hasNextPage: true, hasPreviousPage: true });
    const last = await pageUsers(database.db, { first: 2, after: second.endCursor });
    expect(last).toMatchObject({ nodes: [{ id: "e" }], hasNextPage: false });
    expect(await pageUsers(database.db, { last: 2, before: last.startCursor })).toMatchObject({
      nodes: [{ id: "c" }, { id: "d" }],
      hasNextPage: true,
      hasPreviousPage: true,
    });
    expect(await pageUsers(database.db, { after: first.endCursor, before: last.startCursor })).toMatchObject({
      nodes: [{ id: "c" }, { id: "d" }],
    });
    expect(await pageUsers(database.db, { first: 0 })).toMatchObject({
      nodes: [],
      hasNextPage: true,
      startCursor: null,
    });
  });
});

test("deleteUser removes what is kept about the person and keeps the runs", async () => {
  const set = { categories: { news: false } };
  await upsertUsers(database.db, [{ id: "a" }, { id: "b" }], now);
  await addListMembers(database.db, { list: "l", members: [{ userId: "a" }, { userId: "b" }] }, now);
  await putPreferenceSet(database.db, { userId: "a" }, set, now);
  await putPreferenceSet(database.db, { userId: "a", tenantId: "acme" }, set, now);
  await putPreferenceSet(database.db, { tenantId: "a" }, set, now);
  const id = (n: number) => `00000000-0000-8000-8000-00000000000${n}`;
  for (const [n, user] of [
    [1, "a"],
    [2, "b"],
  ] as const) {
    await rows(
      database.db,
      sql`insert into knock.runs (id, notification_id, version_id, recipient_id, status, state, trace, created_at)
      values (${id(n)}::uuid, ${id(9)}::uuid, ${id(9)}::uuid, ${user}::text, 'completed', '{}', '[]', now())`,
    );
    await rows(
      database.db,
      sql`insert into knock.messages (id, run_id, notification_id, workflow, step, recipient_id, channel, channel_type, content, status, created_at)
      values (${id(n)}::uuid, ${id(n)}::uuid, ${id(9)}::uuid, 'w', 's', ${user}::text, 'feed', 'inApp', '{}', 'sent', now())`,
    );
    await rows(
      database.db,
      sql`insert into knock.delivery_attempts (message_id, number, provider, outcome, started_at, finished_at)
      values (${id(n)}::uuid, 1, 'p', 'sent', now(), now())`,
    );
  }
  expect(await deleteUser(database.db, "a", later)).toBe(true);
  expect(await deleteUser(database.db, "a", later)).toBe(false);
  const [left] = await rows(
    database.db,
    sql`select (select array_agg(recipient_id order by 1) from knock.runs) as runs, (select array_agg(recipient_id) from knock.messages) as messages,
      (select count(*)::int from knock.delivery_attempts) as attempts, (select array_agg(owner) from knock.preference_sets) as preferences,
      (select array_agg(list || ' ' || user_id) from knock.list_departures where joined_at = ${now.toISOString()}::timestamptz and left_at = ${later.toISOString()}::timestamptz) as departures`,
  );
  expect(left).toEqual({
    runs: ["a", "b"],
    messages: ["b"],
    attempts: 1,
    preferences: ["tenant"],
    departures: ["l a"],
  });
  expect((await pageMembers(database.db, "l", {})).nodes.map(({ userId }) => userId)).toEqual(["b"]);
  expect(await findPreferenceSet(database.db, { userId: "a" })).toBeNull();
});
