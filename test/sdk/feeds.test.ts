import Knock from "@knocklabs/node";
import { Knock as Knock06 } from "knock-node-0-6";
import { Knock as Knock04 } from "knock-node-0";
import { beforeAll, expect, test } from "vitest";
import { feedShape } from "../../src/api/rest/shapes/feed.ts";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import { FEED_ID, type SdkServer, startSdkServer } from "./support/server.ts";
import { notify, until } from "./support/settled.ts";

let server: SdkServer;
let v1: Knock;
let v06: Knock06;
let v04: Knock04;

beforeAll(async () => {
  server = await startSdkServer();
  v1 = new Knock({ apiKey: server.secretKey, baseURL: server.url });
  v06 = new Knock06(server.secretKey, { host: server.url });
  v04 = new Knock04(server.secretKey, { host: server.url });
});

const feedOf = async (userId: string, query: Record<string, unknown> = {}) =>
  feedShape.parse(await v06.users.getFeed(userId, FEED_ID, query));

/** Notifies in order, and waits until all of it is in the feed. */
async function comments(userId: string, texts: readonly string[], more: Partial<NotifyCall> = {}) {
  const ask = () => feedOf(userId, { page_size: 1, archived: "include" });
  const { meta: before } = await ask();
  for (const [index, text] of texts.entries()) {
    await notify(server, { workflow: "new-comment", recipients: [userId], data: { text }, ...more });
    await until(ask, ({ meta }) => meta.total_count === before.total_count + index + 1);
  }
}

const bodies = ({ entries }: Awaited<ReturnType<typeof feedOf>>) => entries.map(({ blocks }) => blocks[0]!.content);

test("the three SDKs read the same feed, newest first, with counts", async () => {
  await comments("ann", ["one", "two", "three"], { actor: { id: "actor-a", name: "Ada", email: "ada@example.com" } });
  const listed = await Array.fromAsync(v1.users.feeds.listItems("ann", FEED_ID, { page_size: 2 }));
  expect(listed.map(({ blocks }) => blocks[0])).toMatchObject([
    { content: "three" },
    { content: "two" },
    { content: "one" },
  ]);
  const old = feedShape.parse(await v04.users.getFeed("ann", FEED_ID));
  expect(old.meta).toMatchObject({ total_count: 3, unread_count: 3, unseen_count: 3 });
  expect(old).toStrictEqual(await feedOf("ann"));
  expect(old.entries[0]).toMatchObject({
    actors: [{ __typename: "User", id: "actor-a", name: "Ada", email: "ada@example.com" }],
    activities: [{ actor: { id: "actor-a" }, recipient: "ann", data: { text: "three" } }],
    total_activities: 1,
    data: { text: "three" },
    source: { key: "new-comment", categories: ["collaboration"] },
    seen_at: null,
  });
  expect(await v1.users.feeds.getSettings("ann", FEED_ID)).toEqual({ features: { branding_required: false } });
});

test("markup in what people are told is text, and links that run code are left out", async () => {
  await comments("xss", [`<img src=x onerror="alert(1)">\nnext & last\n\nsecond`]);
  const { blocks } = (await feedOf("xss")).entries[0]!;
  expect(blocks).toMatchObject([
    {
      name: "body",
      rendered:
        "<p><strong>New comment</strong></p><p>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;<br>next &amp; last</p><p>second</p>",
    },
    { name: "title", content: "New comment" },
    { name: "action_url", rendered: "/comments" },
  ]);
  const { blocksOf } = await import("../../src/api/rest/shapes/blocks.ts");
  const names = (actionUrl: string) =>
    blocksOf({ title: null, body: "b", actionUrl, data: null }).map(({ name }) => name);
  for (const link of ["javascript:alert(1)", " java\nscript:alert(1)", "data:text/html,x", "VBScript:x"]) {
    expect(names(link), link).toEqual(["body"]);
  }
  for (const link of ["/a?b=c&d", "https://example.com", "mailto:a@example.com", "myapp://open", "#top"]) {
    expect(names(link), link).toEqual(["body", "action_url"]);
  }
});

test("pages go both ways, without a gap and without anything twice", async () => {
  await comments("pages", ["1", "2", "3", "4", "5"]);
  const first = await feedOf("pages", { page_size: 2 });
  const second = await feedOf("pages", { page_size: 2, after: first.page_info.after });
  const third = await feedOf("pages", { page_size: 2, after: second.page_info.after });
  expect([bodies(first), bodies(second), bodies(third)]).toEqual([["5", "4"], ["3", "2"], ["1"]]);
  expect([first.page_info.before, third.page_info.after]).toEqual([null, null]);
  const newer = await feedOf("pages", { before: second.entries[0]!.__cursor });
  expect(bodies(newer)).toEqual(["5", "4"]);
  const none = await feedOf("pages", { before: first.entries[0]!.__cursor });
  expect([none.entries, none.meta.total_count]).toEqual([[], 5]);
});

test("filters of a feed are combined", async () => {
  await comments("filters", ["plain"]);
  await comments("filters", ["acme"], { tenant: "acme" });
  await notify(server, { workflow: "new-user-invited", recipients: ["filters"], data: { invitee_name: "Grace" } });
  const all = await until(
    () => feedOf("filters"),
    ({ entries }) => entries.length === 3,
  );
  const [invitation, acme, plain] = all.entries;
  await v1.messages.markAsRead(acme!.id);
  await v1.messages.markAsSeen(plain!.id);
  await v1.messages.archive(invitation!.id);
  const shown = async (query: Record<string, unknown>) => bodies(await feedOf("filters", query));
  expect(await shown({})).toEqual(["acme", "plain"]);
  expect(await shown({ archived: "include" })).toHaveLength(3);
  expect(await shown({ archived: "only", source: "new-user-invited" })).toHaveLength(1);
  expect(await shown({ status: "unread" })).toEqual(["plain"]);
  expect(await shown({ status: "unseen" })).toEqual([]);
  expect(await shown({ status: "all", source: "new-comment" })).toHaveLength(2);
  expect(await shown({ tenant: "acme" })).toEqual(["acme", "plain"]);
  expect(await shown({ tenant: "acme", has_tenant: true })).toEqual(["acme"]);
  expect(await shown({ has_tenant: false })).toEqual(["plain"]);
  expect(await shown({ workflow_categories: ["account"], archived: "include" })).toHaveLength(1);
  expect(await shown({ trigger_data: JSON.stringify({ text: "plain" }) })).toEqual(["plain"]);
  expect(await shown({ "inserted_at.gt": acme!.inserted_at })).toEqual([]);
  expect(await shown({ "inserted_at.gte": acme!.inserted_at })).toEqual(["acme"]);
  expect((await feedOf("filters", { tenant: "other" })).meta).toMatchObject({ total_count: 1 });
  await expect(feedOf("filters", { trigger_data: JSON.stringify({ text: { nested: 1 } }) })).rejects.toMatchObject({
    status: 422,
  });
  await expect(feedOf("filters", { page_size: 51 })).rejects.toMatchObject({ status: 422 });
});

test("compact items leave out activities and nested data, and `exclude` what is named", async () => {
  await comments("compact", ["one"], { actor: { id: "compact-actor", name: "Ada" } });
  const { entries } = await feedOf("compact", { mode: "compact" });
  expect(entries[0]).toMatchObject({ actors: [{ name: "Ada" }], total_actors: 1, data: { text: "one" } });
  expect(entries[0]).not.toHaveProperty("activities");
  expect(entries[0]).not.toHaveProperty("total_activities");
  const less = await v1.users.feeds.listItems("compact", FEED_ID, {
    exclude: "entries.activities,entries.data.text,vars",
  });
  expect(less.entries[0]).not.toHaveProperty("activities");
  expect(less.entries[0]).toMatchObject({ data: {}, total_activities: 1 });
  expect(less).not.toHaveProperty("vars");
});

test("people see their own feed with a token, and other people in it without their addresses", async () => {
  const actor = { id: "colleague", name: "Carl", email: "carl@example.com", properties: { salary: 1 } };
  await comments("viewer", ["mine"], { actor });
  await comments("viewer", ["acme"], { tenant: "acme" });
  await comments("viewer", ["other"], { tenant: "other" });
  const ask = async (path: string, token: string) => {
    const headers = { authorization: `Bearer ${server.publicKey}`, "x-knock-user-token": token };
    const answer = await fetch(`${server.url}${path}`, { headers });
    return { status: answer.status, body: (await answer.json()) as never };
  };
  const own = await ask(`/v1/users/viewer/feeds/${FEED_ID}`, await server.tokenOf("viewer", ["acme"]));
  const feed = feedShape.parse(own.body);
  expect(bodies(feed)).toEqual(["acme", "mine"]);
  expect(feed.meta.total_count).toBe(2);
  expect(feed.entries[1]!.actors).toMatchObject([{ id: "colleague", name: "Carl", email: null }]);
  expect(JSON.stringify(feed)).not.toMatch(/carl@example|salary/);
  const granted = await server.tokenOf("viewer", ["acme"]);
  expect((await ask(`/v1/users/viewer/feeds/${FEED_ID}?tenant=other`, granted)).status).toBe(403);
  const foreign = await ask(`/v1/users/colleague/feeds/${FEED_ID}`, granted);
  const nobody = await ask(`/v1/users/nobody-at-all/feeds/${FEED_ID}`, granted);
  expect([foreign.status, foreign.body]).toEqual([403, nobody.body]);
});

test("a feed of nobody is empty, and of no channel unknown", async () => {
  expect((await feedOf("nobody")).meta).toMatchObject({ total_count: 0 });
  await expect(v06.users.getFeed("nobody", "mail")).rejects.toMatchObject({ status: 404 });
  await expect(v1.users.feeds.getSettings("nobody", "no-channel")).rejects.toMatchObject({ status: 404 });
});
