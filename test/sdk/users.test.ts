import { Knock as Knock06 } from "knock-node-0-6";
import { signUserToken } from "@knocklabs/node/lib/tokenSigner";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { emptyTables } from "../support/database.ts";
import { insertApiKey, listApiKeys } from "../../src/store/api-keys.ts";
import { type Clients, clientsOf } from "./support/clients.ts";
import { type SdkServer, startSdkServer } from "./support/server.ts";

let server: SdkServer;
let clients: Clients;
let keys: Awaited<ReturnType<typeof listApiKeys>>;
beforeAll(async () => {
  const links = { url: "http://127.0.0.1:1", secrets: ["a secret of at least thirty-two characters"] };
  server = await startSdkServer({ config: { preferences: { channelTypes: { sms: false } }, links } });
  clients = clientsOf(server);
  keys = await listApiKeys(server.database.db);
});
beforeEach(async () => {
  await emptyTables(server.database);
  await Promise.all(keys.map((key) => insertApiKey(server.database.db, key)));
});

const user = (id: string, members: object = {}) => ({
  __typename: "User",
  id,
  name: null,
  email: null,
  phone_number: null,
  avatar: null,
  locale: null,
  timezone: null,
  created_at: expect.any(String),
  updated_at: expect.any(String),
  ...members,
});
const none = {
  workflows: {},
  categories: {},
  channel_types: { sms: false },
  channels: {},
  commercial_subscribed: null,
};
const set = (members: object, id = "default") => ({ id, ...none, ...members });
const done = (name: string, total: number) =>
  expect.objectContaining({
    __typename: "BulkOperation",
    name,
    status: "completed",
    success_count: total,
    error_count: 0,
  });
const phone = { __typename: "ChannelData", channel_id: expect.any(String), provider: "push_capture" };
const devices = [{ token: "t1", locale: null, timezone: null }];

test("0.4.3: every method of users", async () => {
  const { users, bulkOperations } = clients.v04;
  expect(await users.identify("ada", { name: "Ada", plan: "pro" } as never)).toEqual(
    user("ada", { name: "Ada", plan: "pro" }),
  );
  expect(await users.get("ada")).toEqual(user("ada", { name: "Ada", plan: "pro" }));
  const bulk = await users.bulkIdentify([{ id: "bob", name: "Bob" }, { id: "eve" }] as never);
  expect(bulk).toEqual(done("users.identify", 2));
  expect(await bulkOperations.get(bulk.id)).toEqual(bulk);
  expect(await users.merge("ada", "bob")).toEqual(user("ada", { name: "Ada", plan: "pro" }));
  expect(await users.bulkDelete(["eve"])).toEqual(done("users.delete", 1));
  await users.delete("ada");
  await expect(users.get("ada")).rejects.toMatchObject({ status: 404 });
  await users.setChannelData("ada", "phone", { tokens: ["t1"] } as never);
  expect(await users.getChannelData("ada", "phone")).toEqual({ ...phone, data: { tokens: ["t1"], devices } });
});

test("0.6.19: every method of users", async () => {
  const { users, bulkOperations } = clients.v06;
  expect(await users.identify("ada", { name: "Ada", plan: "pro" })).toEqual(user("ada", { name: "Ada", plan: "pro" }));
  expect(await users.get("ada")).toEqual(user("ada", { name: "Ada", plan: "pro" }));
  const bulk = await users.bulkIdentify([{ id: "bob", email: "bob@example.com" }, { id: "eve" }]);
  expect(await bulkOperations.get(bulk.id)).toEqual(done("users.identify", 2));
  const page = await users.list({ page_size: 2 });
  expect(page).toEqual({
    entries: [user("ada", { name: "Ada", plan: "pro" }), user("bob", { email: "bob@example.com" })],
    page_info: { __typename: "PageInfo", after: expect.any(String), before: null, page_size: 2 },
  });
  expect((await users.list({ after: page.page_info.after as string })).entries).toEqual([user("eve")]);
  expect(await users.merge("ada", "bob")).toMatchObject({ name: "Ada", email: "bob@example.com" });
  expect(await users.bulkDelete(["eve"])).toEqual(done("users.delete", 1));
  await users.delete("ada");
  await expect(users.get("ada")).rejects.toMatchObject({ status: 404 });
  await users.setChannelData("ada", "phone", { tokens: ["t1"] });
  expect(await users.getChannelData("ada", "phone")).toEqual({ ...phone, data: { tokens: ["t1"], devices } });
  await users.unsetChannelData("ada", "phone");
  await expect(users.getChannelData("ada", "phone")).rejects.toMatchObject({ status: 404 });
});

test("1.35.0: every method of users", async () => {
  const { users, bulkOperations } = clients.v1;
  expect(await users.update("ada", { name: "Ada", plan: { seats: 3 } })).toEqual(
    user("ada", { name: "Ada", plan: { seats: 3 } }),
  );
  expect(await users.get("ada")).toEqual(user("ada", { name: "Ada", plan: { seats: 3 } }));
  const bulk = await users.bulk.identify({ users: [{ id: "bob" }, { id: "cyd" }, { id: "dan" }, { id: "eve" }] });
  expect(await bulkOperations.get(bulk.id)).toEqual(bulk);
  expect(bulk).toEqual(done("users.identify", 4));
  const ids: string[] = [];
  for await (const one of users.list({ page_size: 2 })) ids.push(one.id);
  expect(ids).toEqual(["ada", "bob", "cyd", "dan", "eve"]);
  expect(await users.merge("ada", { from_user_id: "bob" })).toMatchObject({ id: "ada" });
  expect(await users.bulk.delete({ user_ids: ["cyd", "dan"] })).toEqual(done("users.delete", 2));
  expect(await users.delete("eve")).toBeNull();
  await expect(users.get("eve")).rejects.toMatchObject({ status: 404, error: { code: "resource_missing" } });
  const given = await users.setChannelData("ada", "phone", { data: { devices: [{ token: "t1" }] } });
  expect(given).toEqual({ ...phone, data: { tokens: ["t1"], devices: [{ token: "t1" }] } });
  expect(await users.getChannelData("ada", given.channel_id)).toEqual(given);
  expect(await users.unsetChannelData("ada", "phone")).toBeNull();
  await expect(users.getChannelData("ada", "phone")).rejects.toMatchObject({ status: 404 });
});

/** The parts of a set in the words of 0.4.3 and 0.6.19, whose methods for it are the same. */
async function parts(users: Clients["v04"]["users"] | Clients["v06"]["users"]): Promise<void> {
  const only = users as Clients["v06"]["users"];
  expect(
    await only.setPreferences("ada", {
      channel_types: { email: false },
      workflows: { a: { channel_types: { push: false } } },
    }),
  ).toEqual(set({ channel_types: { sms: false, email: false }, workflows: { a: { channel_types: { push: false } } } }));
  expect(await only.setChannelTypesPreferences("ada", { push: false })).toMatchObject({
    channel_types: { sms: false, push: false },
  });
  expect(await only.setChannelTypePreferences("ada", "push", true)).toMatchObject({ channel_types: { push: true } });
  expect(await only.setWorkflowsPreferences("ada", { a: false, b: true })).toMatchObject({
    workflows: { a: false, b: true },
  });
  expect(await only.setWorkflowPreferences("ada", "a", { channel_types: { sms: true } })).toMatchObject({
    workflows: { a: { channel_types: { sms: true } }, b: true },
  });
  expect(await only.setCategoriesPreferences("ada", { c: false })).toMatchObject({ categories: { c: false } });
  expect(await only.setCategoryPreferences("ada", "d", false)).toMatchObject({ categories: { c: false, d: false } });
  await only.setPreferences("ada", { workflows: { a: false } }, { preferenceSet: "acme" });
  expect(await only.getAllPreferences("ada")).toMatchObject([
    { id: "default" },
    { id: "acme", workflows: { a: false } },
  ]);
  expect(await only.bulkSetPreferences(["ada", "bob"], { channel_types: { chat: false } })).toEqual(
    done("users.preferences", 2),
  );
}

describe("preferences", () => {
  test("0.4.3, and its older twin", async () => {
    await parts(clients.v04.users);
    expect(await clients.v04.users.getPrefences("bob")).toEqual(set({ channel_types: { sms: false, chat: false } }));
    const { preferences } = clients.v04;
    expect(await preferences.set("cyd", { categories: { c: false } } as never)).toEqual(
      set({ categories: { c: false } }),
    );
    expect(await preferences.get("cyd")).toEqual(set({ categories: { c: false } }));
    expect(await preferences.getAll("cyd")).toEqual([set({ categories: { c: false } })]);
    await preferences.setChannelTypes("cyd", { push: false } as never);
    await preferences.setChannelType("cyd", "chat" as never, false);
    await preferences.setWorkflows("cyd", { a: false } as never);
    await preferences.setWorkflow("cyd", "b", true);
    await preferences.setCategories("cyd", { d: false } as never);
    expect(await preferences.setCategory("cyd", "e", false)).toEqual(
      set({
        channel_types: { sms: false, push: false, chat: false },
        workflows: { a: false, b: true },
        categories: { d: false, e: false },
      }),
    );
  });

  test("0.6.19", async () => {
    await parts(clients.v06.users);
    expect(await clients.v06.users.getPreferences("bob")).toEqual(set({ channel_types: { sms: false, chat: false } }));
    expect(await clients.v06.users.getPreferences("ada", { preferenceSet: "acme" })).toEqual(
      set({ workflows: { a: false } }, "acme"),
    );
    expect(await clients.v06.users.getPreferences("ada", { tenant: "acme" })).toMatchObject({
      workflows: { a: false },
    });
  });

  test("1.35.0, with conditions and channels", async () => {
    const { users } = clients.v1;
    const { channel_id: id } = await users.setChannelData("ada", "phone", { data: { tokens: ["t"] } });
    const conditions = [{ variable: "recipient.plan", operator: "equal_to" as const, argument: "pro" }];
    const wanted = {
      channels: { [id]: { conditions } },
      workflows: { a: { conditions, channels: { [id]: false } } },
      commercial_subscribed: false,
    };
    expect(await users.setPreferences("ada", "default", wanted)).toEqual(set(wanted));
    const merged = await users.setPreferences("ada", "default", {
      categories: { c: false },
      __persistence_strategy__: "merge",
    });
    expect(merged).toEqual(set({ ...wanted, categories: { c: false } }));
    expect(await users.getPreferences("ada", "default")).toEqual(merged);
    expect(await users.listPreferences("ada")).toEqual([merged]);
    expect(
      await users.bulk.setPreferences({ user_ids: ["ada", "bob"], preferences: { workflows: { a: false } } }),
    ).toEqual(done("users.preferences", 2));
    expect(await users.getPreferences("bob", "default")).toEqual(set({ workflows: { a: false } }));
    expect(await users.unsetPreferences("bob", "default")).toBeNull();
    expect(await users.getPreferences("bob", "default")).toEqual(set({}));
    const { url, token } = await users.preferenceCenter.generateSignedURL("ada");
    expect(url).toBe(`http://127.0.0.1:1/preferences/${token}`);
    const refused = users.setPreferences("ada", "default", {
      workflows: { a: { conditions: [{ variable: "refs.a.status", operator: "equal_to", argument: "x" }] } },
    });
    await expect(refused).rejects.toMatchObject({
      status: 422,
      error: { errors: [{ field: "workflows.a.conditions.0.variable" }] },
    });
  });
});

test.each<[string, () => Promise<string>]>([
  ["0.6.19", () => Knock06.signUserToken("ada", { signingKey: server.signingKey })],
  ["1.35.0", () => signUserToken("ada", { signingKey: server.signingKey })],
])("a token that %s signs lets a person reach what is the person's own, and nothing else", async (_version, sign) => {
  const token = await sign();
  const call = async (method: string, path: string, body?: object) =>
    (
      await fetch(`${server.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${server.publicKey}`,
          "x-knock-user-token": token,
          "content-type": "application/json",
        },
        ...(body && { body: JSON.stringify(body) }),
      })
    ).status;
  expect(await call("PUT", "/v1/users/ada", { name: "Ada" })).toBe(200);
  expect(await call("GET", "/v1/users/ada/preferences/default")).toBe(200);
  expect(await call("GET", "/v1/users/bob")).toBe(403);
  expect(await call("DELETE", "/v1/users/ada")).toBe(403);
  expect(await call("POST", "/v1/workflows/later/trigger", { recipients: ["ada"] })).toBe(403);
});
