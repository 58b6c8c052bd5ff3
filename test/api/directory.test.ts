// Users, lists, tenants and preferences, as clients change and read them.
import { beforeEach, describe, expect, test } from "vitest";
import { addListMembers, upsertList } from "../../src/engine/directory/lists.ts";
import { setPreferences } from "../../src/engine/directory/preferences.ts";
import { upsertUsers } from "../../src/engine/directory/users.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { z } from "zod";
import type { Database } from "../../src/store/database.ts";
import { type Driven, drive } from "../support/engine.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { type Api, apiOf } from "../support/graphql.ts";

const digest = workflow("digest", { data: z.object({ urgent: z.boolean().default(false) }), category: ["news", "weekly"] })
  .inApp("feed", { body: "News" })
  .branch("route", (b) =>
    b.when("loud", ({ recipient }) => recipient.phoneNumber as never, (w) => w.sms("text", { body: "News" })).otherwise((w) => w.email("mail", { subject: "News", body: "News" })),
  );

let database: Database;
let driven: Driven;
let api: Api;

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  driven = await drive({ database, handles: [digest], preferences: { categories: { weekly: { channelTypes: { sms: false } } } } });
  api = apiOf(driven.knock.engine);
});

const FAILURE = "... on Error { code } ... on InvalidInputError { issues { path code message } }";

describe("users", () => {
  const upsert = async (input: object) =>
    (await api.ask<{ upsertUser: object }>(`mutation ($input: UserInput!) { upsertUser(input: $input) { ... on UpsertUserSuccess { id user { id name email properties channelData timezone updatedAt } } ${FAILURE} } }`, { input })).upsertUser;

  test("are made, changed and emptied member by member", async () => {
    await upsert({ id: "u", name: "Ada", email: "ada@example.com", timezone: "Europe/Zurich", properties: { plan: "pro", address: { city: "Bern" } } });
    await driven.clock.advance(1_000);
    expect(await upsert({ id: "u", email: null, properties: { address: { street: "Gasse 1" } }, channelData: { chat: { token: "t" } } })).toEqual({
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
    expect(await upsert({ id: "u", properties: null, name: "Ada L." })).toMatchObject({ user: { name: "Ada L.", properties: { plan: "pro" } } });
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
      (await api.ask<{ upsertUsers: object }>(`mutation ($users: [UserInput!]!) { upsertUsers(users: $users) { ... on UpsertUsersSuccess { count } ${FAILURE} } }`, { users })).upsertUsers;
    expect(await many([{ id: "a" }, { id: "b", email: "nonsense" }, { id: "c", timezone: "x" }])).toMatchObject({ code: "INVALID_INPUT", issues: [{ path: "users.1.email" }, { path: "users.2.timezone" }] });
    expect(await many(Array.from({ length: 10_001 }, (_, index) => ({ id: `u${index}` })))).toMatchObject({ code: "INVALID_INPUT", issues: [{ path: "users", code: "too_big" }] });
    expect(await api.ask(`{ users { edges { cursor } } }`)).toEqual({ users: { edges: [] } });
    expect(await many([{ id: "a" }, { id: "b" }, { id: "a", name: "A" }])).toEqual({ count: 2 });
    expect(await many([])).toEqual({ count: 0 });
    expect(await api.ask(`{ users { edges { node { id name } } } }`)).toEqual({ users: { edges: [{ node: { id: "a", name: "A" } }, { node: { id: "b", name: null } }] } });
  });

  test("are deleted, once", async () => {
    await upsert({ id: "u" });
    const erase = () => api.ask(`mutation { deleteUser(id: "u") { ... on DeleteUserSuccess { id } ... on NotFoundError { code id hint } } }`);
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

describe("lists", () => {
  const add = async (members: object[], list = "team.7") =>
    (await api.ask<{ addListMembers: object }>(`mutation ($list: String!, $members: [ListMemberInput!]!) { addListMembers(list: $list, members: $members) { ... on AddListMembersSuccess { added updated } ${FAILURE} } }`, { list, members })).addListMembers;

  test("are made with their first members, and count", async () => {
    expect(await add([{ userId: "a", properties: { role: "lead" } }, { userId: "b" }])).toEqual({ added: 2, updated: 0 });
    expect(await add([{ userId: "a", properties: { since: 2020 } }, { userId: "b", properties: null }, { userId: "c" }])).toEqual({ added: 1, updated: 1 });
    await api.ask(`mutation { upsertUser(input: { id: "a", name: "Ada" }) { __typename } upsertList(input: { name: "team.7", properties: { kind: "team" } }) { __typename } }`);
    expect(await api.ask(`{ list(name: "team.7") { name memberCount properties } lists { edges { node { name memberCount } } }
      listMembers(list: "team.7", first: 2) { edges { node { userId user { name } properties } } pageInfo { hasNextPage } } }`)).toEqual({
      list: { name: "team.7", memberCount: 3, properties: { kind: "team" } },
      lists: { edges: [{ node: { name: "team.7", memberCount: 3 } }] },
      listMembers: {
        edges: [{ node: { userId: "a", user: { name: "Ada" }, properties: { role: "lead", since: 2020 } } }, { node: { userId: "b", user: null, properties: {} } }],
        pageInfo: { hasNextPage: true },
      },
    });
  });

  test("take 10,000 members a call and give them back", async () => {
    const members = Array.from({ length: 10_000 }, (_, index) => ({ userId: `user_${index}` }));
    expect(await add(members)).toEqual({ added: 10_000, updated: 0 });
    expect(await add([...members, { userId: "one more" }])).toMatchObject({ code: "INVALID_INPUT", issues: [{ path: "members", code: "too_big" }] });
    const remove = (userIds: string[], list = "team.7") =>
      api.ask(`mutation ($list: String!, $userIds: [ID!]!) { removeListMembers(list: $list, userIds: $userIds) { ... on RemoveListMembersSuccess { removed } ${FAILURE} } }`, { list, userIds });
    expect(await remove([...members.map(({ userId }) => userId)])).toEqual({ removeListMembers: { removed: 10_000 } });
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
    const erase = () => api.ask(`mutation { deleteList(name: "team.7") { ... on DeleteListSuccess { name } ... on UnknownListError { code list } } }`);
    expect(await erase()).toEqual({ deleteList: { name: "team.7" } });
    expect(await erase()).toEqual({ deleteList: { code: "UNKNOWN_LIST", list: "team.7" } });
    expect(await api.ask(`{ list(name: "team.7") { name } listMembers(list: "team.7") { edges { cursor } } }`)).toEqual({ list: null, listMembers: { edges: [] } });
  });

  test("library calls answer what was stored, or why nothing was", async () => {
    const { context } = driven.knock.engine;
    expect(await upsertList(context, { name: "x", properties: { a: 1 } })).toMatchObject({ ok: true, list: { name: "x", properties: { a: 1 } } });
    expect(await addListMembers(context, { list: "", members: [] })).toMatchObject({ ok: false, error: { code: "INVALID_INPUT" } });
  });
});

test("tenants", async () => {
  const upsert = (input: object) =>
    api.ask(`mutation ($input: TenantInput!) { upsertTenant(input: $input) { ... on UpsertTenantSuccess { tenant { id name properties } } ${FAILURE} } }`, { input });
  expect(await upsert({ id: "acme", name: "Acme", properties: { tier: "gold" } })).toEqual({ upsertTenant: { tenant: { id: "acme", name: "Acme", properties: { tier: "gold" } } } });
  expect(await upsert({ id: "acme", properties: { region: "eu" } })).toEqual({ upsertTenant: { tenant: { id: "acme", name: "Acme", properties: { tier: "gold", region: "eu" } } } });
  expect(await upsert({ id: "default" })).toMatchObject({ upsertTenant: { code: "INVALID_INPUT", issues: [{ path: "id" }] } });
  expect(await api.ask(`{ tenant(id: "acme") { name } other: tenant(id: "x") { name } }`)).toEqual({ tenant: { name: "Acme" }, other: null });
});

describe("preferences", () => {
  const set = async (input: object) =>
    (await api.ask<{ setPreferences: object }>(`mutation ($input: PreferencesInput!) { setPreferences(input: $input) { ... on SetPreferencesSuccess { preferences } ${FAILURE} } }`, { input })).setPreferences;
  const read = async (tenant?: string, data?: object) =>
    (await api.ask<{ userPreferences: Record<string, unknown> }>(`query ($tenant: ID, $data: JSON) { userPreferences(userId: "u", tenant: $tenant) { preferences sets { layer preferences }
      explain(workflow: "digest", data: $data) { step channel channelType allowed reason layer entry } } }`, { tenant, data })).userPreferences;

  test("without any, the environment's default holds", async () => {
    expect(await read()).toEqual({
      preferences: { categories: { weekly: { channelTypes: { sms: false } } } },
      sets: [{ layer: "ENVIRONMENT", preferences: { categories: { weekly: { channelTypes: { sms: false } } } } }],
      explain: [
        { step: "feed", channel: "inApp", channelType: "IN_APP", allowed: true, reason: expect.any(String), layer: null, entry: null },
        { step: "text", channel: "sms", channelType: "SMS", allowed: false, reason: expect.stringContaining("environment"), layer: "ENVIRONMENT", entry: "categories.weekly.channelTypes.sms" },
        { step: "mail", channel: "email", channelType: "EMAIL", allowed: true, reason: expect.any(String), layer: null, entry: null },
      ],
    });
  });

  test("replace and merge, and say which set decided", async () => {
    expect(await set({ userId: "u", preferences: { channelTypes: { email: false }, workflows: { digest: true } } })).toEqual({ preferences: { channelTypes: { email: false }, workflows: { digest: true } } });
    expect(await set({ userId: "u", mode: "MERGE", preferences: { channelTypes: { sms: false } } })).toEqual({ preferences: { channelTypes: { email: false, sms: false }, workflows: { digest: true } } });
    const { explain } = (await read()) as { explain: { step: string }[] };
    expect(explain.find(({ step }) => step === "mail")).toMatchObject({ allowed: false, layer: "RECIPIENT", entry: "channelTypes.email" });
    expect(await set({ userId: "u", mode: "REPLACE", preferences: {} })).toEqual({ preferences: {} });
  });

  test("of tenants, and of users at tenants", async () => {
    await set({ userId: "u", preferences: { channelTypes: { inApp: false } } });
    await set({ tenant: "acme", preferences: { channelTypes: { email: false } } });
    await set({ userId: "u", tenant: "acme", preferences: { channelTypes: { email: true } } });
    expect(await read("acme")).toMatchObject({ sets: [{ layer: "RECIPIENT_TENANT" }, { layer: "TENANT" }, { layer: "ENVIRONMENT" }], explain: [{ allowed: true }, {}, { allowed: true, layer: "RECIPIENT_TENANT" }] });
    expect(await read()).toMatchObject({ sets: [{ layer: "RECIPIENT" }, { layer: "ENVIRONMENT" }], explain: [{ allowed: false, layer: "RECIPIENT" }, {}, {}] });
  });

  test("conditions read the user and the data that the question brings", async () => {
    await api.ask(`mutation { upsertUser(input: { id: "u", properties: { plan: "pro" } }) { __typename } }`);
    const only = (ref: string, value: unknown) => ({ channelTypes: { email: { conditions: [{ op: "eq", ref, to: { value } }] } } });
    await set({ userId: "u", preferences: only("recipient.plan", "pro") });
    expect(await read()).toMatchObject({ explain: [{}, {}, { allowed: true }] });
    await set({ userId: "u", preferences: only("data.urgent", true) });
    expect(await read()).toMatchObject({ explain: [{}, {}, { allowed: false }] });
    expect(await read(undefined, { urgent: true })).toMatchObject({ explain: [{}, {}, { allowed: true }] });
  });

  test.each<[string, object, string]>([
    ["an unknown member", { userId: "u", preferences: { chanels: {} } }, "preferences.chanels"],
    ["an unknown kind of channel", { userId: "u", preferences: { channelTypes: { fax: true } } }, "preferences.channelTypes.fax"],
    ["a text for a switch", { userId: "u", preferences: { workflows: { digest: "off" } } }, "preferences.workflows.digest"],
    ["nobody named", { preferences: {} }, "userId"],
    ["an empty user id", { userId: "", preferences: {} }, "userId"],
    ["a tenant named default", { userId: "u", tenant: "default", preferences: {} }, "tenantId"],
  ])("refuse %s", async (_name, input, path) => {
    expect(await set(input)).toMatchObject({ code: "INVALID_INPUT", issues: [{ path }] });
  });

  test("an unknown workflow is an error with the one that was meant", async () => {
    const { errors } = await api.send(`{ userPreferences(userId: "u") { explain(workflow: "digst") { step } } }`);
    expect(errors[0]).toMatchObject({ message: 'There is no workflow "digst".', extensions: { code: "UNKNOWN_WORKFLOW", hint: 'Did you mean "digest"?' } });
  });

  test("library calls too", async () => {
    const outcome = await setPreferences(driven.knock.engine.context, { of: { userId: "u" }, preferences: { channelTypes: { email: 5 } } });
    expect(outcome).toMatchObject({ ok: false, error: { code: "INVALID_INPUT" } });
  });
});
