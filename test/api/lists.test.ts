// Lists and tenants as clients change and read them.
import { beforeEach, describe, expect, test } from "vitest";
import { addListMembers, upsertList } from "../../src/engine/directory/lists.ts";
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

describe("lists", () => {
  const add = async (members: object[], list = "team.7") =>
    (
      await api.ask<{ addListMembers: object }>(
        `mutation ($list: String!, $members: [ListMemberInput!]!) { addListMembers(list: $list, members: $members) { ... on AddListMembersSuccess { added updated } ${FAILURE} } }`,
        { list, members },
      )
    ).addListMembers;

  test("are made with their first members, and count", async () => {
    expect(await add([{ userId: "a", properties: { role: "lead" } }, { userId: "b" }])).toEqual({
      added: 2,
      updated: 0,
    });
    expect(
      await add([{ userId: "a", properties: { since: 2020 } }, { userId: "b", properties: null }, { userId: "c" }]),
    ).toEqual({ added: 1, updated: 1 });
    await api.ask(
      `mutation { upsertUser(input: { id: "a", name: "Ada" }) { __typename } upsertList(input: { name: "team.7", properties: { kind: "team" } }) { __typename } }`,
    );
    expect(
      await api.ask(`{ list(name: "team.7") { name memberCount properties } lists { edges { node { name memberCount } } }
      listMembers(list: "team.7", first: 2) { edges { node { userId user { name } properties } } pageInfo { hasNextPage } } }`),
    ).toEqual({
      list: { name: "team.7", memberCount: 3, properties: { kind: "team" } },
      lists: { edges: [{ node: { name: "team.7", memberCount: 3 } }] },
      listMembers: {
        edges: [
          { node: { userId: "a", user: { name: "Ada" }, properties: { role: "lead", since: 2020 } } },
          { node: { userId: "b", user: null, properties: {} } },
        ],
        pageInfo: { hasNextPage: true },
      },
    });
  });

  test("take 10,000 members a call and give them back", async () => {
    const members = Array.from({ length: 10_000 }, (_, index) => ({ userId: `user_${index}` }));
    expect(await add(members)).toEqual({ added: 10_000, updated: 0 });
    expect(await add([...members, { userId: "one more" }])).toMatchObject({
      code: "INVALID_INPUT",
      issues: [{ path: "members", code: "too_big" }],
    });
    const remove = (userIds: string[], list = "team.7") =>
      api.ask(
        `mutation ($list: String!, $userIds: [ID!]!) { removeListMembers(list: $list, userIds: $userIds) { ... on RemoveListMembersSuccess { removed } ${FAILURE} } }`,
        { list, userIds },
      );
    expect(await remove(members.map(({ userId }) => userId))).toEqual({ removeListMembers: { removed: 10_000 } });
    expect(await remove(["user_1"])).toEqual({ removeListMembers: { removed: 0 } });
    expect(await remove(["user_1"], "team.8")).toMatchObject({ removeListMembers: { code: "UNKNOWN_LIST" } });
  });

  test.each<[string, object[], string, string]>([
    ["an empty name", [], "", "list"],
    ["a name with a space", [], "team 7", "list"],
    ["an empty id", [{ userId: "a" }, { userId: "" }], "team.7", "members.1.userId"],
    ["properties that are no object", [{ userId: "a", properties: "x" }], "team.7", "members.0.properties"],
  ])("refuse %s", async (_name, members, list, path) => {
    expect(await add(members, list)).toMatchObject({ code: "INVALID_INPUT", issues: [{ path }] });
    expect(await api.ask("{ lists { edges { cursor } } }")).toEqual({ lists: { edges: [] } });
  });

  test("are deleted with their memberships", async () => {
    await add([{ userId: "a" }]);
    const erase = () =>
      api.ask(
        `mutation { deleteList(name: "team.7") { ... on DeleteListSuccess { name } ... on UnknownListError { code list } } }`,
      );
    expect(await erase()).toEqual({ deleteList: { name: "team.7" } });
    expect(await erase()).toEqual({ deleteList: { code: "UNKNOWN_LIST", list: "team.7" } });
    expect(await api.ask(`{ list(name: "team.7") { name } listMembers(list: "team.7") { edges { cursor } } }`)).toEqual(
      { list: null, listMembers: { edges: [] } },
    );
  });

  test("library calls answer what was stored, or why nothing was", async () => {
    const { context } = driven.knock.engine;
    expect(await upsertList(context, { name: "x", properties: { a: 1 } })).toMatchObject({
      ok: true,
      list: { name: "x", properties: { a: 1 } },
    });
    expect(await addListMembers(context, { list: "", members: [] })).toMatchObject({
      ok: false,
      error: { code: "INVALID_INPUT" },
    });
  });
});

test("tenants", async () => {
  const upsert = (input: object) =>
    api.ask(
      `mutation ($input: TenantInput!) { upsertTenant(input: $input) { ... on UpsertTenantSuccess { tenant { id name properties } } ${FAILURE} } }`,
      { input },
    );
  expect(await upsert({ id: "acme", name: "Acme", properties: { tier: "gold" } })).toEqual({
    upsertTenant: { tenant: { id: "acme", name: "Acme", properties: { tier: "gold" } } },
  });
  expect(await upsert({ id: "acme", properties: { region: "eu" } })).toEqual({
    upsertTenant: { tenant: { id: "acme", name: "Acme", properties: { tier: "gold", region: "eu" } } },
  });
  expect(await upsert({ id: "default" })).toMatchObject({
    upsertTenant: { code: "INVALID_INPUT", issues: [{ path: "id" }] },
  });
  expect(await api.ask(`{ tenant(id: "acme") { name } other: tenant(id: "x") { name } }`)).toEqual({
    tenant: { name: "Acme" },
    other: null,
  });
});
