import Knock from "@knocklabs/node";
import { Knock as Knock04 } from "knock-node-0";
import { Knock as Knock06 } from "knock-node-0-6";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { messageContentsShape } from "../../src/api/rest/shapes/content.ts";
import { feedShape } from "../../src/api/rest/shapes/feed.ts";
import { activityShape, deliveryLogShape, messageEventShape, messageShape } from "../../src/api/rest/shapes/message.ts";
import { itemsOf } from "../../src/api/rest/shapes/shape.ts";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import { digest } from "./support/digest.ts";
import { FEED_ID, type SdkServer, startSdkServer } from "./support/server.ts";
import { notify, until } from "./support/settled.ts";

let server: SdkServer;
let v1: Knock;
let v06: Knock06;
let v04: Knock04;

beforeAll(async () => {
  server = await startSdkServer({ handles: [digest] });
  v1 = new Knock({ apiKey: server.secretKey, baseURL: server.url });
  v06 = new Knock06(server.secretKey, { host: server.url });
  v04 = new Knock04(server.secretKey, { host: server.url });
});

const page = itemsOf(messageShape);
/** The old clients have no types that fit. */
const itemsIn = (answer: unknown) => page.parse(answer).items;
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

async function invite(recipient: string, more: Partial<NotifyCall> = {}) {
  const recipients = [{ id: recipient, email: `${recipient}@example.com` }];
  const call = { workflow: "new-user-invited", recipients, data: { invitee_name: "Grace" }, ...more };
  const found = await messagesOf(call, 2);
  const of = (type: string) => found.find(({ channel }) => channel.type === type)!;
  return { inApp: of("in_app_feed"), email: of("email") };
}

const comment = async (recipient: string, text: string, more: Partial<NotifyCall> = {}) => {
  const call = { workflow: "new-comment", recipients: [recipient], data: { text }, ...more };
  return (await messagesOf(call, 1))[0]!;
};

test("the three SDKs read a message with its parts", async () => {
  const { inApp, email } = await invite("parts", { actor: { id: "parts-actor", name: "Ada" }, tenant: "acme" });
  const [newest, middle, oldest] = await Promise.all([
    v1.messages.get(email.id),
    v06.messages.get(email.id),
    v04.messages.get(email.id),
  ]);
  expect(messageShape.parse(newest)).toStrictEqual(email);
  expect([middle, oldest]).toStrictEqual([newest, newest]);
  expect(newest).toMatchObject({
    recipient: "parts",
    recipient_snapshot: { email: "parts@example.com" },
    actors: ["parts-actor"],
    tenant: "acme",
    workflow: "new-user-invited",
    data: { invitee_name: "Grace" },
    engagement_statuses: [],
    source: { key: "new-user-invited", categories: ["account"], step_ref: "mail" },
    channel: { key: "mail", type: "email", provider: "capture" },
  });
  expect(inApp).toMatchObject({ channel_id: FEED_ID, status: "delivered" });
  for (const client of [v1, v06, v04]) {
    const content = messageContentsShape.parse(await client.messages.getContent(email.id));
    expect(content.data).toMatchObject({ to: "parts@example.com", subject_line: "Grace was invited" });
  }
  const both = await v1.messages.batch.getContent({ message_ids: [inApp.id, email.id] });
  expect(
    z
      .array(messageContentsShape)
      .parse(both)
      .map(({ message_id: id }) => id),
  ).toEqual([inApp.id, email.id]);
  for (const unknown of ["no-id", crypto.randomUUID()]) {
    await expect(v1.messages.get(unknown), unknown).rejects.toMatchObject({ status: 404 });
    await expect(v06.messages.getContent(unknown), unknown).rejects.toMatchObject({ status: 404 });
  }
});

test("events, delivery logs and activities are told from what is kept", async () => {
  const { inApp, email } = await invite("events", { actor: { id: "events-actor" } });
  await v1.messages.markAsRead(inApp.id);
  const types = async (id: string) => {
    const events = itemsOf(messageEventShape).parse(await v06.messages.getEvents(id));
    expect(new Set(idsOf(events.items)).size).toBe(events.items.length);
    return events.items.map(({ type }) => type).toSorted();
  };
  expect(await types(inApp.id)).toEqual([
    "message.created",
    "message.delivered",
    "message.queued",
    "message.read",
    "message.seen",
    ...(inApp.status === "delivered" ? (await types(inApp.id)).filter((type) => type === "message.sent") : []),
  ]);
  expect(await types(email.id)).toContain("message.sent");
  expect(await v04.messages.getEvents(email.id)).toStrictEqual(await v06.messages.getEvents(email.id));
  const listed = await Array.fromAsync(v1.messages.listEvents(email.id));
  expect(listed.at(-1)).toMatchObject({ __typename: "MessageEvent", recipient: "events" });
  const logs = await Array.fromAsync(v1.messages.listDeliveryLogs(email.id));
  expect(z.array(deliveryLogShape).parse(logs)).toMatchObject([{ service_name: "capture" }]);
  for (const client of [v06, v04]) {
    const activities = itemsOf(activityShape).parse(await client.messages.getActivities(email.id));
    expect(activities.items).toMatchObject([
      { actor: { id: "events-actor" }, recipient: { id: "events" }, data: { invitee_name: "Grace" } },
    ]);
  }
  const none = v1.messages.listActivities(email.id, { trigger_data: JSON.stringify({ invitee_name: "Bob" }) });
  expect(await Array.fromAsync(none)).toEqual([]);
});

test("a message of a batch tells of all its activities", async () => {
  for (const text of ["one", "two", "three"]) {
    await notify(server, { workflow: "digest", recipients: ["batched"], actor: { id: `of-${text}` }, data: { text } });
  }
  const [message] = await until(
    async () => (await v1.messages.list({ source: "digest" })).items,
    ({ length }) => length === 1,
  );
  const activities = await Array.fromAsync(v1.messages.listActivities(message!.id, { page_size: 2 }));
  expect(activities.map(({ data }) => data)).toEqual([{ text: "one" }, { text: "two" }, { text: "three" }]);
  const feed = feedShape.parse(await v06.users.getFeed("batched", FEED_ID));
  expect(feed.entries[0]).toMatchObject({
    total_activities: 3,
    total_actors: 3,
    activities: [{ data: { text: "one" } }, { data: { text: "two" } }, { data: { text: "three" } }],
    actors: [{ id: "of-one" }, { id: "of-two" }, { id: "of-three" }],
  });
});

test("lists are filtered by everything that is documented, and paged", async () => {
  const { inApp, email } = await invite("lists", { tenant: "acme" });
  const other = await comment("lists", "hello");
  await v1.messages.markAsRead(other.id);
  const own = async (query: Record<string, unknown>) => {
    const { items } = page.parse(await v06.users.getMessages("lists", query));
    return idsOf(items).toSorted();
  };
  const all = [inApp.id, email.id, other.id].toSorted();
  const those = (...messages: { id: string }[]) => idsOf(messages).toSorted();
  expect(await own({})).toEqual(all);
  expect(idsOf(itemsIn(await v04.users.getMessages("lists"))).toSorted()).toEqual(all);
  expect(await own({ source: "new-comment" })).toEqual(those(other));
  expect(await own({ tenant: "acme" })).toEqual(those(inApp, email));
  expect(await own({ has_tenant: false })).toEqual(those(other));
  expect(await own({ channel_id: FEED_ID })).toEqual(those(inApp, other));
  expect(await own({ channel_id: "mail" })).toEqual(those(email));
  expect(await own({ status: ["delivered"] })).toEqual(
    those(inApp, other, ...(email.status === "delivered" ? [email] : [])),
  );
  expect(await own({ status: ["bounced", "undelivered"] })).toEqual([]);
  expect(await own({ engagement_status: ["read"] })).toEqual(those(other));
  expect(await own({ engagement_status: ["unseen"] })).toEqual(those(inApp, email));
  expect(await own({ workflow_categories: ["collaboration"] })).toEqual(those(other));
  expect(await own({ trigger_data: JSON.stringify({ text: "hello" }) })).toEqual(those(other));
  expect(await own({ message_ids: [email.id, "no-id"] })).toEqual(those(email));
  expect(await own({ workflow_run_id: other.source.workflow_run_id })).toEqual(those(other));
  expect(await own({ workflow_recipient_run_id: inApp.source.workflow_recipient_run_id })).toEqual(those(inApp, email));
  expect(await own({ workflow_run_id: "no-id" })).toEqual([]);
  expect(await own({ channel_id: "no-channel" })).toEqual([]);
  const later = await Array.fromAsync(v1.messages.list({ inserted_at: { gt: other.inserted_at } }));
  expect(idsOf(later)).not.toContain(inApp.id);
  const paged = await Array.fromAsync(v1.users.listMessages("lists", { page_size: 1 }));
  expect(idsOf(paged).toSorted()).toEqual(all);
  expect(itemsIn(await v04.messages.list({ page_size: 1 }))).toHaveLength(1);
  await expect(v1.messages.list({ status: ["gone" as never] })).rejects.toMatchObject({ status: 422 });
});

test("an object's messages are its own", async () => {
  const message = await comment("#projects/7", "for the project");
  expect(message.recipient).toEqual({ id: "7", collection: "projects" });
  const query = { page_size: 5 };
  expect(idsOf(await Array.fromAsync(v1.objects.listMessages("projects", "7", query)))).toEqual([message.id]);
  expect(idsOf(itemsIn(await v06.objects.getMessages("projects", "7")))).toEqual([message.id]);
  expect(idsOf(itemsIn(await v04.objects.getMessages("projects", "7")))).toEqual([message.id]);
  expect(itemsIn(await v06.objects.getMessages("projects", "8"))).toEqual([]);
});
