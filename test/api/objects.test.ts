// Objects and subscriptions as clients of GraphQL change and read them; and ids that are reserved for them.
import { beforeEach, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { drive, type Driven } from "../support/engine.ts";
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

test("objects are made, merged, listed and deleted", async () => {
  const upsert = async (input: object) =>
    (
      await api.ask<{ upsertObject: object }>(
        `mutation ($input: ObjectRecipientInput!) { upsertObject(input: $input) { ... on UpsertObjectSuccess { object { collection id recipientId name properties } } ${FAILURE} } }`,
        { input },
      )
    ).upsertObject;
  await upsert({ collection: "projects", id: "7", name: "Apollo", properties: { a: { x: 1 } } });
  expect(await upsert({ collection: "projects", id: "7", properties: { a: { y: 2 } } })).toEqual({
    object: {
      collection: "projects",
      id: "7",
      recipientId: "#projects/7",
      name: "Apollo",
      properties: { a: { x: 1, y: 2 } },
    },
  });
  expect(await upsert({ collection: "", id: "7" })).toMatchObject({
    code: "INVALID_INPUT",
    issues: [{ path: "collection", message: "A collection is empty." }],
  });
  await upsert({ collection: "projects", id: "8" });
  const read = `{ object(collection: "projects", id: "7") { name } objects(collection: "projects", first: 1) { edges { node { id } } pageInfo { hasNextPage } } users { edges { node { id } } } }`;
  expect(await api.ask(read)).toEqual({
    object: { name: "Apollo" },
    objects: { edges: [{ node: { id: "7" } }], pageInfo: { hasNextPage: true } },
    users: { edges: [] },
  });
  const erase = `mutation { deleteObject(collection: "projects", id: "7") { ... on DeleteObjectSuccess { collection id } ... on Error { code } } }`;
  expect(await api.ask(erase)).toEqual({ deleteObject: { collection: "projects", id: "7" } });
  expect(await api.ask(erase)).toEqual({ deleteObject: { code: "NOT_FOUND" } });
});

test("recipients subscribe, are read from both sides, and unsubscribe", async () => {
  await driven.knock.users.upsert({ id: "ada", name: "Ada" });
  const change = (verb: string, rest: string, answer: string) =>
    api.ask(`mutation { ${verb}(collection: "projects", id: "a b", ${rest}) { ${answer} ${FAILURE} } }`);
  const subscribe = (recipients: string) =>
    change(
      "subscribe",
      `recipients: ${recipients}, properties: { role: "x" }`,
      "... on SubscribeSuccess { added updated }",
    );
  expect(await subscribe(`["ada", "#teams/4"]`)).toEqual({ subscribe: { added: 2, updated: 0 } });
  expect(await subscribe(`["ada", "#teams"]`)).toMatchObject({
    subscribe: { code: "INVALID_INPUT", issues: [{ path: "recipients.1" }] },
  });
  const read = `{
    objectSubscribers(collection: "projects", id: "a b") { edges { node { recipientId properties user { name } } } }
    objectSubscriptions(recipientId: "#teams/4") { edges { node { collection objectId } } }
    lists { edges { node { name } } }
  }`;
  expect(await api.ask(read)).toEqual({
    objectSubscribers: {
      edges: [
        { node: { recipientId: "#teams/4", properties: { role: "x" }, user: null } },
        { node: { recipientId: "ada", properties: { role: "x" }, user: { name: "Ada" } } },
      ],
    },
    objectSubscriptions: { edges: [{ node: { collection: "projects", objectId: "a b" } }] },
    lists: { edges: [] },
  });
  const leave = change("unsubscribe", `recipients: ["ada", "never"]`, "... on UnsubscribeSuccess { removed }");
  expect(await leave).toEqual({ unsubscribe: { removed: 1 } });
});

test("ids that begin as those of objects do are refused for users and lists", async () => {
  await driven.knock.objects.subscribe({ object: { collection: "projects", id: "7" }, recipients: ["ada"] });
  const refused = { code: "INVALID_INPUT", issues: [{ message: expect.stringContaining("reserved for objects") }] };
  for (const mutation of [
    `upsertUser(input: { id: "#projects/7" })`,
    `upsertUsers(users: [{ id: "#x" }])`,
    `upsertList(input: { name: "#projects/7" })`,
    `addListMembers(list: "#projects/7", members: [])`,
  ])
    expect(Object.values(await api.ask<object>(`mutation { ${mutation} { ${FAILURE} } }`))).toMatchObject([refused]);
  const gone = `mutation { deleteUser(id: "#projects/7") { ... on Error { code } } deleteList(name: "#projects/7") { ... on Error { code } } removeListMembers(list: "#projects/7", userIds: ["ada"]) { ... on Error { code } } }`;
  expect(await api.ask(gone)).toEqual({
    deleteUser: { code: "NOT_FOUND" },
    deleteList: { code: "UNKNOWN_LIST" },
    removeListMembers: { code: "UNKNOWN_LIST" },
  });
  expect((await driven.knock.objects.subscribers({ collection: "projects", id: "7" })).nodes).toHaveLength(1);
});
