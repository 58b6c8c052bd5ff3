// Objects and subscriptions with the SDKs that teams have, each of their methods.
import { createRequire } from "node:module";
import { Knock as KnockV1 } from "@knocklabs/node";
import { Knock as Knock06 } from "knock-node-0-6";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/engine.ts";
import { FEED_ID, type SdkServer, startSdkServer } from "./support/server.ts";

const { Knock: Knock04 } = createRequire(import.meta.url)("knock-node-0") as typeof import("knock-node-0");

const COLLECTION = "projects";
const object = (id: string, properties: object = {}) => ({
  __typename: "Object",
  id,
  collection: COLLECTION,
  properties,
  created_at: expect.any(String),
  updated_at: expect.any(String),
});
const subscription = (recipient: object | string, id: string, properties: object = {}) => ({
  __typename: "Subscription",
  recipient: typeof recipient === "string" ? expect.objectContaining({ __typename: "User", id: recipient }) : recipient,
  object: expect.objectContaining({ __typename: "Object", id, collection: COLLECTION }),
  properties,
  inserted_at: expect.any(String),
  updated_at: expect.any(String),
});
const done = (total: number) => ({
  __typename: "BulkOperation",
  status: "completed",
  success_count: total,
  error_count: 0,
});

let server: SdkServer;
let v1: KnockV1;
let v06: Knock06;
let v04: InstanceType<typeof Knock04>;
beforeAll(async () => {
  server = await startSdkServer();
  v1 = new KnockV1({ apiKey: server.secretKey, baseURL: server.url, maxRetries: 0 });
  v06 = new Knock06(server.secretKey, { host: server.url });
  v04 = new Knock04(server.secretKey, { host: server.url });
});
beforeEach(async () => {
  await server.knock.users.upsertMany(["ada", "bob", "cyd"].map((id) => ({ id, name: id.toUpperCase() })));
});

describe("0.4.3", () => {
  test("objects: set, get, delete, bulk", async () => {
    expect(await v04.objects.set(COLLECTION, "old", { name: "Old", stage: { a: 1 } })).toEqual(
      object("old", { name: "Old", stage: { a: 1 } }),
    );
    await v04.objects.set(COLLECTION, "old", { stage: { b: 2 } });
    expect(await v04.objects.get(COLLECTION, "old")).toEqual(object("old", { name: "Old", stage: { a: 1, b: 2 } }));
    expect(
      await v04.objects.bulkSet(COLLECTION, [
        { id: "x", n: 1 },
        { id: "y", n: 2 },
      ]),
    ).toMatchObject(done(2));
    expect(await v04.objects.get(COLLECTION, "y")).toEqual(object("y", { n: 2 }));
    expect(await v04.objects.bulkDelete(COLLECTION, ["x", "y", "never"])).toMatchObject(done(3));
    await expect(v04.objects.get(COLLECTION, "x")).rejects.toThrow();
    await v04.objects.delete(COLLECTION, "old");
    await expect(v04.objects.get(COLLECTION, "old")).rejects.toThrow();
  });

  test("objects: channel data and messages", async () => {
    await v04.objects.set(COLLECTION, "old", {});
    const data = { connections: [{ incoming_webhook: { url: "https://example.com/hook" } }] };
    const slack = "slack";
    expect(await v04.objects.setChannelData(COLLECTION, "old", slack, data)).toMatchObject({ data });
    expect(await v04.objects.getChannelData(COLLECTION, "old", slack)).toMatchObject({ data });
    await v04.notify("new-comment", {
      actor: "ada",
      recipients: [{ collection: COLLECTION, id: "old" }],
      data: { text: "hi" },
    });
    // Its types say `entries`, which no server ever answered.
    const messages = async () => (await v04.objects.getMessages(COLLECTION, "old")) as unknown as { items: object[] };
    const { items } = await eventually(messages, (page) => page.items.length === 1);
    expect(items[0]).toMatchObject({ recipient: { collection: COLLECTION, id: "old" }, channel_id: FEED_ID });
  });
});

describe("0.6", () => {
  test("objects: list, preferences, channel data", async () => {
    await v06.objects.set("rooms", "a", { name: "A" });
    await v06.objects.set("rooms", "b", {});
    const page = await v06.objects.list("rooms");
    expect(page.entries.map(({ id }: { id: string }) => id)).toEqual(["a", "b"]);
    const first = await v06.objects.list("rooms", { page_size: 1 });
    const second = await v06.objects.list("rooms", { page_size: 1, after: first.page_info.after! });
    expect(second.entries).toMatchObject([{ id: "b" }]);
    await v06.objects.setPreferences("rooms", "a", { channel_types: { email: false } });
    await v06.objects.setWorkflowPreferences("rooms", "a", "new-comment", false);
    await v06.objects.setCategoryPreferences("rooms", "a", "collaboration", false);
    await v06.objects.setChannelTypePreferences("rooms", "a", "sms", false);
    const set = {
      channel_types: { email: false, sms: false },
      workflows: { "new-comment": false },
      categories: { collaboration: false },
    };
    expect(await v06.objects.getPreferences("rooms", "a")).toMatchObject(set);
    expect(await v06.objects.getAllPreferences("rooms", "a")).toMatchObject([{ id: "default", ...set }]);
    await v06.objects.setChannelTypesPreferences("rooms", "a", { email: true });
    await v06.objects.setWorkflowsPreferences("rooms", "a", { "new-comment": true });
    await v06.objects.setCategoriesPreferences("rooms", "a", { account: false });
    expect(await v06.objects.getPreferences("rooms", "a")).toMatchObject({
      channel_types: { email: true },
      workflows: { "new-comment": true },
      categories: { account: false },
    });
    await v06.objects.setChannelData("rooms", "a", "phone", { tokens: ["t1"] });
    expect(await v06.objects.getChannelData("rooms", "a", "phone")).toMatchObject({ data: { tokens: ["t1"] } });
    await v06.objects.unsetChannelData("rooms", "a", "phone");
    await expect(v06.objects.getChannelData("rooms", "a", "phone")).rejects.toThrow();
    expect(await v06.objects.getMessages("rooms", "a")).toMatchObject({ items: [] });
    expect(await v06.objects.bulkSet("rooms", [{ id: "c" }])).toMatchObject(done(1));
    expect(await v06.objects.bulkDelete("rooms", ["c"])).toMatchObject(done(1));
    await v06.objects.delete("rooms", "b");
    await expect(v06.objects.get("rooms", "b")).rejects.toThrow();
  });

  test("subscriptions", async () => {
    const added = await v06.objects.addSubscriptions(COLLECTION, "p6", {
      recipients: ["ada", { id: "dan", name: "Dan" }, { collection: "teams", id: "t6" }],
      properties: { role: "member" },
    });
    expect(added).toHaveLength(3);
    await v06.objects.addSubscriptions(COLLECTION, "p6", { recipients: ["ada"], properties: { since: 1 } });
    const { entries } = await v06.objects.listSubscriptions(COLLECTION, "p6");
    expect(entries).toEqual([
      subscription({ collection: "teams", id: "t6" }, "p6", { role: "member" }),
      subscription("ada", "p6", { role: "member", since: 1 }),
      subscription("dan", "p6", { role: "member" }),
    ]);
    expect((await v06.objects.listSubscriptions(COLLECTION, "p6", { recipients: ["dan"] })).entries).toHaveLength(1);
    expect(
      await v06.objects.bulkAddSubscriptions(COLLECTION, [{ id: "q6", recipients: ["ada"], properties: {} }]),
    ).toMatchObject(done(1));
    expect(
      (await v06.users.getSubscriptions("ada")).entries.map(({ object: { id } }: { object: { id: string } }) => id),
    ).toEqual(["p6", "q6"]);
    expect((await v06.objects.getSubscriptions("teams", "t6")).entries).toMatchObject([{ object: { id: "p6" } }]);
    expect(
      (await v06.users.getSubscriptions("ada", { objects: [{ collection: COLLECTION, id: "q6" }] })).entries,
    ).toHaveLength(1);
    const gone = await v06.objects.deleteSubscriptions(COLLECTION, "p6", {
      recipients: ["ada", "never", { collection: "teams", id: "t6" }],
    });
    expect(gone).toHaveLength(2);
    expect((await v06.objects.listSubscriptions(COLLECTION, "p6")).entries).toHaveLength(1);
  });
});

describe("1.x", () => {
  test("objects: every method", async () => {
    expect(await v1.objects.set(COLLECTION, "a/b c", { name: "Odd", email: "odd@example.com", n: 1 })).toEqual(
      object("a/b c", { name: "Odd", email: "odd@example.com", n: 1 }),
    );
    expect(await v1.objects.get(COLLECTION, "a/b c")).toMatchObject({ id: "a/b c" });
    await v1.objects.delete(COLLECTION, "a/b c");
    await expect(v1.objects.get(COLLECTION, "a/b c")).rejects.toMatchObject({ status: 404 });
    await expect(v1.objects.delete(COLLECTION, "a/b c")).rejects.toMatchObject({ status: 404 });
    const bulk = await v1.objects.bulk.set("many", {
      objects: Array.from({ length: 120 }, (_, index) => ({ id: `o${String(index).padStart(3, "0")}` })),
    });
    expect(bulk).toMatchObject(done(120));
    expect(await v1.bulkOperations.get(bulk.id)).toEqual(bulk);
    const ids: string[] = [];
    for await (const { id } of v1.objects.list("many")) ids.push(id);
    expect(ids).toHaveLength(120);
    expect(ids).toEqual(ids.toSorted());
    expect(await v1.objects.bulk.delete("many", { object_ids: ids.slice(1) })).toMatchObject(done(119));
    expect((await v1.objects.list("many")).entries).toHaveLength(1);
    await v1.objects.setPreferences("many", ids[0]!, "default", { channel_types: { email: false } });
    expect(await v1.objects.getPreferences("many", ids[0]!, "default")).toMatchObject({
      channel_types: { email: false },
    });
    expect(await v1.objects.listPreferences("many", ids[0]!)).toHaveLength(1);
    await v1.objects.unsetPreferences("many", ids[0]!, "default");
    expect(await v1.objects.getPreferences("many", ids[0]!, "default")).toMatchObject({ channel_types: {} });
    await v1.objects.setChannelData("many", ids[0]!, "phone", { data: { tokens: ["t"] } });
    expect(await v1.objects.getChannelData("many", ids[0]!, "phone")).toMatchObject({ data: { tokens: ["t"] } });
    await v1.objects.unsetChannelData("many", ids[0]!, "phone");
    await expect(v1.objects.getChannelData("many", ids[0]!, "phone")).rejects.toMatchObject({ status: 404 });
    expect((await v1.objects.listMessages("many", ids[0]!)).items).toEqual([]);
    expect((await v1.objects.listSchedules("many", ids[0]!)).entries).toEqual([]);
  });

  test("subscriptions: every method, with pages", async () => {
    const recipients = Array.from({ length: 60 }, (_, index) => ({
      id: `s${String(index).padStart(2, "0")}`,
      name: `S${index}`,
    }));
    const added = await v1.objects.addSubscriptions(COLLECTION, "p1", { recipients, properties: { role: "x" } });
    expect(added).toHaveLength(60);
    expect(added[0]).toEqual(subscription("s00", "p1", { role: "x" }));
    const seen: unknown[] = [];
    for await (const { recipient } of v1.objects.listSubscriptions(COLLECTION, "p1")) seen.push(recipient);
    expect(seen).toHaveLength(60);
    const some = await v1.objects.listSubscriptions(COLLECTION, "p1", { recipients: ["s01", "nobody"] });
    expect(some.entries).toEqual([subscription("s01", "p1", { role: "x" })]);
    expect(
      await v1.objects.bulk.addSubscriptions(COLLECTION, {
        subscriptions: [
          { id: "p2", recipients: ["s01"], properties: null },
          { id: "p3", recipients: ["s01", "s02"], properties: { n: 1 } },
        ],
      }),
    ).toMatchObject(done(3));
    const own: unknown[] = [];
    for await (const { object: of } of v1.users.listSubscriptions("s01", { page_size: 2 })) own.push(of);
    expect(own).toMatchObject([{ id: "p1" }, { id: "p2" }, { id: "p3" }]);
    const narrowed = await v1.users.listSubscriptions("s01", { objects: [{ collection: COLLECTION, id: "p3" }] });
    expect(narrowed.entries).toMatchObject([{ object: { id: "p3" }, properties: { n: 1 } }]);
    await v1.objects.addSubscriptions(COLLECTION, "p2", { recipients: [{ collection: COLLECTION, id: "p3" }] });
    const of = await v1.objects.listSubscriptions(COLLECTION, "p3", { mode: "recipient" });
    expect(of.entries).toMatchObject([{ object: { id: "p2" }, recipient: { id: "p3" } }]);
    expect(
      await v1.objects.bulk.deleteSubscriptions(COLLECTION, {
        subscriptions: [{ id: "p3", recipients: ["s01", "never"] }],
      }),
    ).toMatchObject(done(2));
    expect((await v1.objects.listSubscriptions(COLLECTION, "p3")).entries).toMatchObject([
      { recipient: { id: "s02" } },
    ]);
    expect(await v1.objects.deleteSubscriptions(COLLECTION, "p3", { recipients: ["s02"] })).toMatchObject([
      { recipient: { id: "s02" } },
    ]);
    await v1.users.delete("s01");
    expect((await v1.objects.listSubscriptions(COLLECTION, "p2")).entries).toHaveLength(1);
  });

  test("a trigger to an object reaches it and who subscribes to it, but the actor", async () => {
    await v1.objects.set(COLLECTION, "apollo", { name: "Apollo" });
    await v1.objects.addSubscriptions(COLLECTION, "apollo", { recipients: ["ada", "bob", "cyd"] });
    const { workflow_run_id: run } = await v1.workflows.trigger("new-comment", {
      actor: "bob",
      recipients: [{ collection: COLLECTION, id: "apollo" }],
      data: { text: "Ship it?" },
    });
    const messages = await eventually(
      async () => (await v1.messages.list({ workflow_run_id: run })).items,
      ({ length }) => length === 3,
    );
    const who = messages.map(({ recipient }) => (typeof recipient === "string" ? recipient : recipient.id));
    expect(who.toSorted()).toEqual(["ada", "apollo", "cyd"]);
    const own = await v1.objects.listMessages(COLLECTION, "apollo");
    expect(own.items).toMatchObject([{ recipient: { collection: COLLECTION, id: "apollo" }, workflow: "new-comment" }]);
  });
});
