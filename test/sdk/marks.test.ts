import Knock from "@knocklabs/node";
import { Knock as Knock06 } from "knock-node-0-6";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { bulkOperationShape } from "../../src/api/rest/shapes/bulk-operation.ts";
import { feedShape } from "../../src/api/rest/shapes/feed.ts";
import { messageShape } from "../../src/api/rest/shapes/message.ts";
import { itemsOf } from "../../src/api/rest/shapes/shape.ts";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import { FEED_ID, type SdkServer, startSdkServer } from "./support/server.ts";
import { notify, until } from "./support/settled.ts";

let server: SdkServer;
let v1: Knock;
let v06: Knock06;

beforeAll(async () => {
  server = await startSdkServer();
  v1 = new Knock({ apiKey: server.secretKey, baseURL: server.url });
  v06 = new Knock06(server.secretKey, { host: server.url });
});

const page = itemsOf(messageShape);
const idsOf = (messages: readonly { id: string }[]) => messages.map(({ id }) => id);

/** The messages of a notification, once all are there and none waits for its delivery. */
async function messagesOf(call: NotifyCall, count: number) {
  const { notification } = await notify(server, call);
  const { items } = await until(
    async () => page.parse(await v06.messages.list({ workflow_run_id: notification.id })),
    ({ items: found }) => found.length === count && found.every(({ status }) => status !== "queued"),
  );
  return items;
}

const comment = async (recipient: string, text: string, more: Partial<NotifyCall> = {}) => {
  const call = { workflow: "new-comment", recipients: [recipient], data: { text }, ...more };
  return (await messagesOf(call, 1))[0]!;
};

test("marks of 1.x: each is set, taken back, and keeps its first time", async () => {
  const { id } = await comment("marks", "x");
  const seen = messageShape.parse(await v1.messages.markAsSeen(id));
  expect(seen.engagement_statuses).toEqual(["seen"]);
  expect((await v1.messages.markAsSeen(id)).seen_at).toBe(seen.seen_at);
  expect((await v1.messages.markAsRead(id)).engagement_statuses).toEqual(["seen", "read"]);
  expect((await v1.messages.archive(id)).archived_at).not.toBeNull();
  const acted = await v1.messages.markAsInteracted(id, { metadata: { type: "cell_click", n: 1 } });
  expect(acted.engagement_statuses).toEqual(["seen", "read", "interacted", "archived"]);
  expect((await v1.messages.markAsUnread(id)).read_at).toBeNull();
  expect((await v1.messages.markAsUnseen(id)).seen_at).toBeNull();
  expect((await v1.messages.unarchive(id)).archived_at).toBeNull();
  const pairs = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`k${index}`, index]));
  for (const metadata of [pairs, { nested: { a: 1 } }]) {
    await expect(v1.messages.markAsInteracted(id, { metadata })).rejects.toMatchObject({ status: 422 });
  }
  await expect(v1.messages.markAsSeen(crypto.randomUUID())).rejects.toMatchObject({ status: 404 });
});

test("marks of 0.6, with bodies on DELETE, and second spellings of taking back", async () => {
  const { id } = await comment("marks-old", "x");
  expect(messageShape.parse(await v06.messages.setStatus(id, "read")).engagement_statuses).toEqual(["seen", "read"]);
  const acted = messageShape.parse(await v06.messages.setStatus(id, "interacted", { a: "b" }));
  expect(acted.interacted_at).not.toBeNull();
  expect((await v06.messages.setStatus(id, "archived")).archived_at).not.toBeNull();
  expect((await v06.messages.deleteStatus(id, "archived")).archived_at).toBeNull();
  const remove = async (word: string) => {
    const headers = { authorization: `Bearer ${server.secretKey}` };
    const answer = await fetch(`${server.url}/v1/messages/${id}/${word}`, { method: "DELETE", headers });
    return messageShape.parse(await answer.json()).engagement_statuses;
  };
  expect(await remove("unread")).toEqual(["seen", "interacted"]);
  expect(await remove("unseen")).toEqual(["interacted"]);
  expect(await remove("unarchived")).toEqual(["interacted"]);
});

test("many messages are marked at once, and unknown ids are left out", async () => {
  const ids = [(await comment("batch", "1")).id, (await comment("batch", "2")).id];
  const given = [...ids, crypto.randomUUID(), "no-id"];
  const all = z.array(messageShape);
  expect(idsOf(all.parse(await v06.messages.batchSetStatus(given, "seen")))).toEqual(ids);
  const { batch } = v1.messages;
  const done = async (answer: Promise<unknown>) =>
    all.parse(await answer).map(({ engagement_statuses: s }) => s.join());
  expect(await done(batch.markAsRead({ message_ids: ids }))).toEqual(["seen,read", "seen,read"]);
  expect(await done(batch.markAsUnread({ message_ids: ids }))).toEqual(["seen", "seen"]);
  expect(await done(batch.markAsUnseen({ message_ids: ids }))).toEqual(["", ""]);
  expect(await done(batch.markAsSeen({ message_ids: ids }))).toEqual(["seen", "seen"]);
  expect(await done(batch.archive({ message_ids: ids }))).toEqual(["seen,archived", "seen,archived"]);
  expect(await done(batch.unarchive({ message_ids: ids }))).toEqual(["seen", "seen"]);
  const metadata = { button: "ok" };
  expect(await done(batch.markAsInteracted({ message_ids: ids, metadata }))).toEqual(
    Array(2).fill("seen,read,interacted"),
  );
});

test("whole channels are marked by filter, and the record of it can be asked for", async () => {
  const recipient = "bulk";
  const plain = await comment(recipient, "plain");
  const acme = await comment(recipient, "acme", { tenant: "acme" });
  const foreign = await comment("bulk-other", "other");
  const run = async (action: string, filter: object) => {
    const operation = await v1.channels.bulk.updateMessageStatus(FEED_ID, action as "seen", {
      recipient_ids: [recipient],
      ...filter,
    });
    expect(await v1.bulkOperations.get(operation.id)).toStrictEqual(operation);
    return bulkOperationShape.parse(operation).success_count;
  };
  const statusesOf = async ({ id }: { id: string }) => (await v1.messages.get(id)).engagement_statuses.join();
  expect(await run("seen", { tenants: ["acme"] })).toBe(1);
  expect([await statusesOf(plain), await statusesOf(acme)]).toEqual(["", "seen"]);
  expect(await run("read", { engagement_status: "unseen" })).toBe(1);
  expect([await statusesOf(plain), await statusesOf(acme)]).toEqual(["seen,read", "seen"]);
  expect(await run("archive", { has_tenant: true, trigger_data: JSON.stringify({ text: "acme" }) })).toBe(1);
  expect(await run("archived", { archived: "only" })).toBe(0);
  expect(await run("unarchive", { archived: "only" })).toBe(1);
  expect(await run("interacted", { workflows: ["new-user-invited"] })).toBe(0);
  expect(await run("unread", { older_than: plain.inserted_at })).toBe(0);
  expect(await run("unread", { newer_than: "2020-01-01T00:00:00Z" })).toBe(1);
  expect(await run("unseen", {})).toBe(2);
  expect(await statusesOf(foreign)).toBe("");
  expect(await run("delete", { tenants: ["acme"], delivery_status: "delivered" })).toBe(1);
  await expect(v1.messages.get(acme.id)).rejects.toMatchObject({ status: 404 });
  const left = feedShape.parse(await v06.users.getFeed(recipient, FEED_ID));
  expect([idsOf(left.entries), left.meta.total_count]).toEqual([[plain.id], 1]);
  await expect(run("explode", {})).rejects.toMatchObject({ status: 422 });
});

test("people mark their own messages; those of others are like none", async () => {
  const own = await comment("person", "mine");
  const closed = await comment("person", "other tenant", { tenant: "other" });
  const foreign = await comment("somebody-else", "theirs");
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${server.url}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.publicKey}`,
        "x-knock-user-token": await server.tokenOf("person", ["acme"]),
        "content-type": "application/json",
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as never };
  };
  expect((await call("PUT", `/messages/${own.id}/seen`)).status).toBe(200);
  const unknown = await call("PUT", `/messages/${crypto.randomUUID()}/seen`);
  expect(unknown.status).toBe(404);
  for (const { id } of [closed, foreign]) expect(await call("PUT", `/messages/${id}/seen`)).toEqual(unknown);
  const ids = [own.id, closed.id, foreign.id];
  expect(idsOf((await call("POST", "/messages/batch/read", { message_ids: ids })).body)).toEqual([own.id]);
  const users = { user_ids: ["person", "somebody-else"] };
  const bulk = bulkOperationShape.parse((await call("POST", `/channels/${FEED_ID}/messages/bulk/archive`, users)).body);
  expect(bulk.success_count).toBe(1);
  const others = await call("POST", `/channels/${FEED_ID}/messages/bulk/archive`, { user_ids: ["somebody-else"] });
  expect(bulkOperationShape.parse(others.body).success_count).toBe(0);
  expect((await call("POST", `/channels/${FEED_ID}/messages/bulk/delete`, users)).status).toBe(403);
  for (const path of ["/messages", `/messages/${own.id}`, `/messages/${own.id}/content`, "/users/person/messages"]) {
    expect((await call("GET", path)).status, path).toBe(403);
  }
  for (const { id } of [closed, foreign]) expect((await v1.messages.get(id)).engagement_statuses).toEqual([]);
});
