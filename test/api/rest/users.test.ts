import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../../src/definition/workflow.ts";
import type { Database } from "../../../src/store/database.ts";
import { emptyTables, testDatabase } from "../../support/database.ts";
import { captured, drive, type Driven } from "../../support/engine.ts";
import { ask, count } from "../../support/inspect.ts";
import { type Rest, restOf } from "../../support/rest.ts";

const hello = workflow("hello", { data: z.looseObject({}), examples: { one: {} } }).push("phone", {
  title: "Hello",
  body: "x",
});
const news = workflow("news", { data: z.looseObject({}), examples: { one: {} } }).inApp("feed", { body: "x" });

let database: Database;
let driven: Driven;
let rest: Rest;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [hello, news], preferences: { channelTypes: { sms: false } } });
  rest = restOf(driven.knock);
});

interface Entries {
  entries: { id: string }[];
  page_info: { after: string | null; before: string | null; page_size: number };
}

describe("a user", () => {
  test("is made and merged deeply, with own properties beside the product's", async () => {
    await rest.put("/v1/users/ada%2Fb", {
      name: "Ada",
      plan: { name: "pro", seats: 3 },
      phone_number: "+41",
      created_at: "2020-01-01T00:00:00Z",
    });
    const { body } = await rest.put("/v1/users/ada%2Fb", { plan: { seats: 4 }, name: null, avatar: "a.png" });
    expect(body).toMatchObject({
      __typename: "User",
      id: "ada/b",
      name: null,
      avatar: "a.png",
      phone_number: "+41",
      plan: { name: "pro", seats: 4 },
      created_at: "2020-01-01T00:00:00Z",
      updated_at: "2026-01-05T09:00:00.000Z",
    });
    expect((await rest.get("/v1/users/ada%2Fb")).body).toEqual(body);
  });

  test("that was sent back as it was read is the same", async () => {
    const { body } = await rest.put("/v1/users/ada", { name: "Ada", plan: "pro" });
    expect((await rest.put("/v1/users/ada", body)).body).toEqual(body);
    expect(await ask(database, sql`select properties from knock.users`)).toEqual([
      { properties: { plan: "pro", created_at: "2026-01-05T09:00:00.000Z" } },
    ]);
  });

  test("is not found, and nothing else happens, by what no database can hold", async () => {
    await rest.put("/v1/users/ada", {});
    expect((await rest.post("/v1/users/ada/merge", { from_user_id: "a\0" })).status).toBe(404);
    expect((await rest.post("/v1/users/bulk/delete", { user_ids: ["\ud800"] })).status).toBe(200);
    expect((await rest.get("/v1/messages?inserted_at[gt]=-271821-04-20T00:00:00Z")).status).toBe(422);
  });

  test("and a call are refused when they are nested without end", async () => {
    const nested = JSON.parse('{"a":'.repeat(20_000) + "1" + "}".repeat(20_000)) as object;
    expect((await rest.put("/v1/users/ada/channel_data/push", { data: { tokens: [], nested } })).status).toBe(422);
    const call = { recipients: ["ada"], data: { nested } };
    expect((await rest.post("/v1/workflows/hello/trigger", call)).status).toBe(422);
  });

  test("that there is not is 404; deleting one deletes it", async () => {
    expect((await rest.get("/v1/users/ada")).body).toMatchObject({ code: "resource_missing", status: 404 });
    expect((await rest.delete("/v1/users/ada")).status).toBe(404);
    await rest.put("/v1/users/ada", {});
    expect((await rest.delete("/v1/users/ada", {})).status).toBe(204);
    expect((await rest.get("/v1/users/ada")).status).toBe(404);
  });

  test.each<[string, object, string]>([
    ["/v1/users/ada", { email: "no address" }, "email"],
    ["/v1/users/ada", { phone_number: "1\n2" }, "phone_number"],
    ["/v1/users/ada", { timezone: "Mars" }, "timezone"],
    [
      "/v1/users/ada",
      { preferences: { default: { channel_types: { fax: true } } } },
      "preferences.default.channel_types",
    ],
    ["/v1/users/%23a%2Fb", {}, "user_id"],
    [`/v1/users/${"x".repeat(257)}`, {}, "user_id"],
  ])("at %s with %j is refused at its place", async (path, body, field) => {
    const answer = await rest.put<{ errors: { field: string }[] }>(path, body);
    expect([answer.status, answer.body.errors.map((error) => error.field)]).toEqual([422, [field]]);
    expect(await count(database, "users")).toBe(0);
  });

  test("is one of many, in pages", async () => {
    const users = Array.from({ length: 5 }, (_, index) => ({ id: `u${index}`, n: index }));
    const bulk = await rest.post("/v1/users/bulk/identify", { users });
    expect(bulk.body).toMatchObject({ status: "completed", success_count: 5, error_count: 0, processed_rows: 5 });
    const found = await rest.get(`/v1/bulk_operations/${String(bulk.body["id"])}`);
    expect(found.body).toEqual(bulk.body);
    const first = (await rest.get<Entries>("/v1/users?page_size=2")).body;
    expect([first.entries.map(({ id }) => id), first.page_info]).toEqual([
      ["u0", "u1"],
      { __typename: "PageInfo", after: expect.any(String), before: null, page_size: 2 },
    ]);
    const second = (await rest.get<Entries>(`/v1/users?page_size=2&after=${first.page_info.after}`)).body;
    expect(second.entries.map(({ id }) => id)).toEqual(["u2", "u3"]);
    const back = (await rest.get<Entries>(`/v1/users?page_size=2&before=${second.page_info.before}`)).body;
    expect(back.entries.map(({ id }) => id)).toEqual(["u0", "u1"]);
    for (const query of ["page_size=51", "page_size=x", "after=nonsense"]) {
      expect((await rest.get(`/v1/users?${query}`)).status).toBe(422);
    }
  });

  test("is deleted with many others, and those that there were not are told", async () => {
    await rest.post("/v1/users/bulk/identify", { users: [{ id: "ada" }, { id: "bob" }] });
    const { body } = await rest.post("/v1/users/bulk/delete", { user_ids: ["ada", "nobody", "ada"] });
    expect(body).toMatchObject({ status: "completed", success_count: 1, error_items: [{ id: "nobody" }] });
    expect(await ask(database, sql`select id from knock.users`)).toEqual([{ id: "bob" }]);
    const failed = await rest.post("/v1/users/bulk/delete", { user_ids: ["nobody"] });
    expect(failed.body).toMatchObject({ status: "failed", completed_at: null, failed_at: expect.any(String) });
    const many = Array.from({ length: 1_001 }, (_, index) => `u${index}`);
    expect((await rest.post("/v1/users/bulk/delete", { user_ids: many })).status).toBe(422);
  });

  test("of many is refused with all others when something is wrong with it", async () => {
    const { status, body } = await rest.post("/v1/users/bulk/identify", {
      users: [{ id: "ada" }, { id: "bob", email: "x" }],
    });
    expect([status, body]).toMatchObject([422, { errors: [{ field: "users.1.email" }] }]);
    expect([await count(database, "users"), await count(database, "bulk_operations")]).toEqual([0, 0]);
  });
});

test("a merge keeps what the first has, takes over what it lacks, and moves the rest", async () => {
  await rest.put("/v1/users/ada", {
    name: "Ada",
    plan: { a: 1 },
    preferences: { default: { workflows: { news: true } } },
  });
  await rest.put("/v1/users/old", {
    name: "Old",
    email: "ada@example.com",
    plan: { a: 2, b: 2 },
    channel_data: { push: { tokens: ["t"] } },
    preferences: { default: { workflows: { news: false } }, acme: { workflows: { news: false } } },
  });
  await driven.knock.lists.addMembers({ list: "team", members: [{ userId: "old", properties: { role: "x" } }] });
  await driven.knock.engine.notify({ workflow: "hello", recipients: ["old"] });
  await driven.settle();
  const merged = await rest.post("/v1/users/ada/merge", { from_user_id: "old" });
  expect([merged.status, merged.body]).toMatchObject([
    200,
    { id: "ada", name: "Ada", email: "ada@example.com", plan: { a: 1, b: 2 } },
  ]);
  expect((await rest.get("/v1/users/old")).status).toBe(404);
  expect((await rest.get("/v1/users/ada/preferences/default")).body).toMatchObject({ workflows: { news: true } });
  expect((await rest.get("/v1/users/ada/preferences/acme")).body).toMatchObject({ workflows: { news: false } });
  expect((await rest.get("/v1/users/ada/channel_data/push")).body).toMatchObject({ data: { tokens: ["t"] } });
  expect(await ask(database, sql`select user_id, properties from knock.list_members`)).toEqual([
    { user_id: "ada", properties: { role: "x" } },
  ]);
  expect(await ask(database, sql`select recipient_id from knock.messages`)).toEqual([{ recipient_id: "ada" }]);
  expect(await ask(database, sql`select owner_id from knock.preference_sets where owner_id = 'old'`)).toEqual([]);
  expect((await rest.post("/v1/users/ada/merge", { from_user_id: "nobody" })).status).toBe(404);
  expect((await rest.post("/v1/users/ada/merge", { from_user_id: "ada" })).status).toBe(422);
});

describe.each([
  ["people", "/v1/users/ada"],
  ["objects", "/v1/objects/projects/7"],
])("channel data of %s", (_name, owner) => {
  test("is put in place of what there was, and read as the providers need it", async () => {
    const path = `${owner}/channel_data/push`;
    expect((await rest.get(path)).body).toMatchObject({ status: 404, code: "resource_missing" });
    await rest.put(path, { data: { tokens: ["old"] } });
    const { body } = await rest.put(path, { data: { devices: [{ token: "t1", locale: "de" }, { token: "t2" }] } });
    expect(body).toEqual({
      __typename: "ChannelData",
      channel_id: expect.any(String),
      provider: "push_capture",
      data: { tokens: ["t1", "t2"], devices: [{ token: "t1", locale: "de" }, { token: "t2" }] },
    });
    expect((await rest.get(`${owner}/channel_data/${String(body["channel_id"])}`)).body).toEqual(body);
    const recipient = owner.includes("objects") ? { collection: "projects", id: "7" } : "ada";
    await rest.post("/v1/workflows/hello/trigger", { recipients: [recipient] });
    await driven.settle();
    expect(captured(driven, "push").messages.map(({ to }) => to.tokens)).toEqual([["t1", "t2"]]);
    expect((await rest.delete(path)).status).toBe(204);
    expect((await rest.get(path)).status).toBe(404);
    expect((await rest.delete(path)).status).toBe(404);
  });

  test("of push without tokens, and of no channel, is refused", async () => {
    const put = (channel: string, data: object) => rest.put(`${owner}/channel_data/${channel}`, { data });
    expect((await put("push", {})).body).toMatchObject({ errors: [{ field: "data.tokens" }] });
    expect((await put("fax", {})).body).toMatchObject({ code: "channel_invalid", status: 404 });
    expect((await put("chat", { connections: [{ channel_id: "C1" }] })).body).toMatchObject({ data: { to: "C1" } });
  });
});

describe.each([
  ["people", "/v1/users/ada"],
  ["objects", "/v1/objects/projects/7"],
])("preferences of %s", (_name, owner) => {
  const sets = `${owner}/preferences`;

  test("are read with the defaults below them, and replaced or merged", async () => {
    const none = { id: "default", workflows: {}, categories: {}, channels: {}, commercial_subscribed: null };
    expect((await rest.get(`${sets}/default`)).body).toEqual({ ...none, channel_types: { sms: false } });
    await rest.put(`${sets}/default`, {
      channel_types: { email: false },
      workflows: { news: { channel_types: { in_app_feed: false } } },
    });
    const merge = { categories: { a: false }, __persistence_strategy__: "merge" };
    const { body } = await rest.put(`${sets}/default`, merge);
    expect(body).toEqual({
      ...none,
      channel_types: { sms: false, email: false },
      workflows: { news: { channel_types: { in_app_feed: false } } },
      categories: { a: false },
    });
    expect((await rest.put(`${sets}/default`, { categories: {} })).body).toEqual({
      ...none,
      channel_types: { sms: false },
    });
    await rest.put(`${sets}/acme`, { workflows: { news: false } });
    expect((await rest.get(sets)).body).toMatchObject([{ id: "default" }, { id: "acme", workflows: { news: false } }]);
    expect((await rest.get(`${sets}/default?tenant=acme`)).body).toMatchObject({ workflows: { news: false } });
    expect((await rest.delete(`${sets}/acme`)).status).toBe(204);
    expect((await rest.get(sets)).body).toMatchObject([{ id: "default" }]);
  });

  test("are changed in parts", async () => {
    const put = (path: string, body: unknown) => rest.put(`${sets}/default/${path}`, body);
    await put("channel_types", { email: false, push: false });
    await put("channel_types/email", { subscribed: true });
    await put("workflows", { news: false, other: false });
    await put("workflows/news", { subscribed: true });
    await put("workflows/third", { channel_types: { push: false } });
    await put("categories", { a: false });
    const { body } = await put("categories/b%20c", { subscribed: false });
    expect(body).toMatchObject({
      channel_types: { sms: false, email: true, push: false },
      workflows: { news: true, other: false, third: { channel_types: { push: false } } },
      categories: { a: false, "b c": false },
    });
    expect((await put("channel_types/fax", { subscribed: true })).status).toBe(422);
    expect((await put("workflows/news", { colour: 1 })).status).toBe(422);
  });

  test("decide about messages", async () => {
    await rest.put(`${sets}/default/workflows/news`, { subscribed: false });
    const recipient = owner.includes("objects") ? { collection: "projects", id: "7" } : "ada";
    await rest.post("/v1/workflows/news/trigger", { recipients: [recipient] });
    await driven.settle();
    expect(await count(database, "messages")).toBe(0);
  });
});

test("preferences of many people are set at once", async () => {
  await rest.put("/v1/users/u1/preferences/default", { workflows: { news: true } });
  const { body } = await rest.post("/v1/users/bulk/preferences", {
    user_ids: ["u1", "u2", "u3"],
    preferences: { id: "acme", channel_types: { email: false } },
  });
  expect(body).toMatchObject({ status: "completed", success_count: 3 });
  expect(
    await ask(database, sql`select owner_id, set_id from knock.preference_sets order by set_id, owner_id`),
  ).toMatchObject([
    { owner_id: "u1", set_id: "acme" },
    { owner_id: "u2", set_id: "acme" },
    { owner_id: "u3", set_id: "acme" },
    { owner_id: "u1", set_id: "default" },
  ]);
});
