// Users as clients change and read them.
import { beforeEach, describe, expect, test } from "vitest";
import { upsertUsers } from "../../src/engine/directory/users.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { type Driven, drive } from "../support/engine.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { ping } from "./fixtures/workflows.ts";

let database: Database;
let driven: Driven;
let api: Api;

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  driven = await drive({ database, handles: [ping] });
  api = apiOf(driven.knock.engine);
});

const FAILURE = "... on Error { code } ... on InvalidInputError { issues { path code message } }";

describe("users", () => {
  const upsert = async (input: object) =>
    (
      await api.ask<{ upsertUser: object }>(
        `mutation ($input: UserInput!) { upsertUser(input: $input) { ... on UpsertUserSuccess { id user { id name email properties channelData timezone updatedAt } } ${FAILURE} } }`,
        { input },
      )
    ).upsertUser;

  test("are made, changed and emptied member by member", async () => {
    await upsert({
      id: "u",
      name: "Ada",
      email: "ada@example.com",
      timezone: "Europe/Zurich",
      properties: { plan: "pro", address: { city: "Bern" } },
    });
    await driven.clock.advance(1_000);
    expect(
      await upsert({
        id: "u",
        email: null,
        properties: { address: { street: "Gasse 1" } },
        channelData: { chat: { token: "t" } },
      }),
    ).toEqual({
      id: "u",
      user: {
        id: "u",
        name: "Ada",
        email: null,
        timezone: "Europe/Zurich",
        properties: { plan: "pro", address: { city: "Bern", street: "Gasse 1" } },
        channelData: { chat: { token: "t" } },
        updatedAt: driven.clock.now().toISOString(),
      },
    });
    expect(await upsert({ id: "u", properties: null, name: "Ada L." })).toMatchObject({
      user: { name: "Ada L.", properties: { plan: "pro" } },
    });
  });

  test("numbers are ids too", async () => {
    expect(await upsert({ id: 5 })).toMatchObject({ user: { id: "5" } });
    expect(await api.ask("{ user(id: 5) { id } }")).toEqual({ user: { id: "5" } });
  });

  test.each<[string, object, string]>([
    ["an empty id", { id: "" }, "id"],
    ["an id that is too long", { id: "x".repeat(257) }, "id"],
    ["an address that is none", { id: "u", email: "ada at example.com" }, "email"],
    ["an address with a line break", { id: "u", email: "ada@example.com\nbcc: x@example.com" }, "email"],
    ["a zone that is none", { id: "u", timezone: "Europe/Berne" }, "timezone"],
    ["an offset", { id: "u", timezone: "+01:00" }, "timezone"],
    ["a locale that is none", { id: "u", locale: "a german" }, "locale"],
    ["properties that are no object", { id: "u", properties: [1] }, "properties"],
    ["properties that are too large", { id: "u", properties: { a: "x".repeat(256 * 1024) } }, "properties"],
    ["channel data that is no object", { id: "u", channelData: { chat: "token" } }, "channelData.chat"],
    ["a name that is too long", { id: "u", name: "x".repeat(1_001) }, "name"],
    ["a name with a line break", { id: "u", name: "Ada\r\nBcc: x@example.com" }, "name"],
  ])("%s is refused", async (_name, input, path) => {
    expect(await upsert(input)).toMatchObject({ code: "INVALID_INPUT", issues: [{ path }] });
    expect(await api.ask(`{ users { edges { cursor } } }`)).toEqual({ users: { edges: [] } });
  });

  test("many at once: all or none", async () => {
    const many = async (users: object[]) =>
      (
        await api.ask<{ upsertUsers: object }>(
          `mutation ($users: [UserInput!]!) { upsertUsers(users: $users) { ... on UpsertUsersSuccess { count } ${FAILURE} } }`,
          { users },
        )
      ).upsertUsers;
    expect(await many([{ id: "a" }, { id: "b", email: "nonsense" }, { id: "c", timezone: "x" }])).toMatchObject({
      code: "INVALID_INPUT",
      issues: [{ path: "users.1.email" }, { path: "users.2.timezone" }],
    });
    expect(await many(Array.from({ length: 10_001 }, (_, index) => ({ id: `u${index}` })))).toMatchObject({
      code: "INVALID_INPUT",
      issues: [{ path: "users", code: "too_big" }],
    });
    expect(await api.ask(`{ users { edges { cursor } } }`)).toEqual({ users: { edges: [] } });
    expect(await many([{ id: "a" }, { id: "b" }, { id: "a", name: "A" }])).toEqual({ count: 2 });
    expect(await many([])).toEqual({ count: 0 });
    expect(await api.ask(`{ users { edges { node { id name } } } }`)).toEqual({
      users: { edges: [{ node: { id: "a", name: "A" } }, { node: { id: "b", name: null } }] },
    });
  });

  test("are deleted, once", async () => {
    await upsert({ id: "u" });
    const erase = () =>
      api.ask(
        `mutation { deleteUser(id: "u") { ... on DeleteUserSuccess { id } ... on NotFoundError { code id hint } } }`,
      );
    expect(await erase()).toEqual({ deleteUser: { id: "u" } });
    expect(await erase()).toMatchObject({ deleteUser: { code: "NOT_FOUND", id: "u" } });
    expect(await api.ask(`{ user(id: "u") { id } }`)).toEqual({ user: null });
  });

  test("vanish with a caller's transaction that is rolled back", async () => {
    const rolledBack = database.transaction(async (tx) => {
      const outcome = await upsertUsers(driven.knock.engine.context, [{ id: "inside" }], { tx });
      expect(outcome).toEqual({ ok: true, ids: ["inside"] });
      throw new Error("rolled back");
    });
    await expect(rolledBack).rejects.toThrow("rolled back");
    expect(await api.ask(`{ user(id: "inside") { id } }`)).toEqual({ user: null });
  });
});
