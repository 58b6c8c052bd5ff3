// What people and servers read of feeds: pages, filters, counts, tenants.
import { beforeAll, describe, expect, test } from "vitest";
import { emptyTables, testDatabase } from "../support/database.ts";
import { type Driven, drive } from "../support/engine.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { endUsers, person } from "../support/viewers.ts";
import { billed, commented, liked } from "./fixtures/feeds.ts";

let driven: Driven;
let api: Api;

const notify = async (workflow: string, call: object = {}) => {
  const outcome = await driven.knock.engine.notify({ workflow, recipients: ["ada"], ...call });
  if (!outcome.ok) throw outcome.error;
  await driven.settle();
  await driven.clock.advance(1_000);
};

beforeAll(async () => {
  const database = await testDatabase();
  await emptyTables(database);
  driven = await drive({ database, handles: [commented, liked, billed], endUsers });
  api = apiOf(driven.knock.engine);
  await api.ask(`mutation { upsertUsers(users: [
    { id: "ada", name: "Ada", avatar: "https://example.com/ada.png", locale: "de-CH", email: "ada@example.com" }
    { id: "bob", name: "Bob", avatar: "https://example.com/bob.png", email: "bob@example.com" }
    { id: "carol", name: "Carol" }]) { __typename } }`);
  await notify("commented", { data: { page: "One" }, actor: "bob" });
  await notify("commented", { data: { page: "Two" }, tenant: "acme" });
  await notify("billed", { tenant: "umbrella" });
  await notify("liked", { actor: "bob" });
  await notify("liked", { actor: "carol" });
  await notify("liked", { actor: "bob" });
  await driven.advance("1m");
  await api.ask(`mutation { deleteUser(id: "carol") { __typename } }`);
  await notify("commented", { data: { page: "Three" } });
  await notify("commented", { recipients: ["bob"], data: { page: "Bob's own" } });
});

const COUNTS = "totalCount unreadCount unseenCount";
const FEED = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: FeedFilter) {
  viewer { feed(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    edges { cursor node { id body } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } ${COUNTS} } } }`;

interface Feed {
  edges: { cursor: string; node: { id: string; body: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  totalCount: number;
}

async function feedOf(variables: object = {}, headers?: Record<string, string>): Promise<Feed> {
  const caller = headers ?? (await person("ada"));
  return (await api.ask<{ viewer: { feed: Feed } }>(FEED, variables, caller)).viewer.feed;
}
const bodies = (feed: Feed) => feed.edges.map(({ node }) => node.body);

describe("a feed", () => {
  test("is in the order of arrival, newest first, with counts of the whole", async () => {
    const feed = await feedOf();
    expect(bodies(feed)).toEqual(["On Three", "3 likes", "A bill", "On Two", "On One"]);
    expect(feed).toMatchObject({ totalCount: 5, unreadCount: 5, unseenCount: 5 });
  });

  test("is read page by page, there and back", async () => {
    const first = await feedOf({ first: 2 });
    expect(bodies(first)).toEqual(["On Three", "3 likes"]);
    expect(first).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const second = await feedOf({ first: 2, after: first.pageInfo.endCursor });
    expect(bodies(second)).toEqual(["A bill", "On Two"]);
    const third = await feedOf({ first: 2, after: second.edges[1]!.cursor });
    expect(bodies(third)).toEqual(["On One"]);
    expect(third.pageInfo).toMatchObject({ hasNextPage: false });
    expect(bodies(await feedOf({ last: 1, before: third.pageInfo.startCursor }))).toEqual(["On Two"]);
  });

  test("refuses pages and filters that are none, with the path", async () => {
    const headers = await person("ada");
    for (const [variables, path] of [
      [{ first: 1_000 }, "first"],
      [{ after: "nonsense" }, "after"],
      [{ filter: { data: ["x"] } }, "filter.data"],
      [{ filter: { data: { page: { deep: 1 } } } }, "filter.data.page"],
      [{ filter: { workflow: Array.from({ length: 101 }, String) } }, "filter.workflow"],
    ] as const) {
      const { errors } = await api.send(FEED, variables, headers);
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", issues: [{ path }] } }]);
    }
  });

  test("shows all that an interface needs of an item, and of others their names and pictures", async () => {
    const { viewer } = await api.ask<{ viewer: { feed: { edges: { node: Record<string, unknown> }[] } } }>(
      `{ viewer { feed { edges { node { id workflow categories channel tenantId title body actionUrl data notificationData
        actors { id name avatar } actorCount activityCount arrivedAt seenAt readAt interactedAt clickedAt archivedAt } } } } }`,
      {},
      await person("ada"),
    );
    const nodes = viewer.feed.edges.map(({ node }) => node);
    expect(nodes[4]).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      workflow: "commented",
      categories: ["collaboration"],
      channel: "inApp",
      tenantId: null,
      title: "One",
      body: "On One",
      actionUrl: "https://example.com/pages",
      data: { icon: "bubble" },
      notificationData: { page: "One" },
      actors: [{ id: "bob", name: "Bob", avatar: "https://example.com/bob.png" }],
      actorCount: 1,
      activityCount: 1,
      arrivedAt: "2026-01-05T09:00:00.000Z",
      seenAt: null,
      readAt: null,
      interactedAt: null,
      clickedAt: null,
      archivedAt: null,
    });
    expect(nodes[1]).toMatchObject({
      workflow: "liked",
      actors: [
        { id: "bob", name: "Bob" },
        { id: "carol", name: null, avatar: null },
      ],
      actorCount: 2,
      activityCount: 3,
      actionUrl: null,
      data: null,
    });
  });

  test.each<[string, object, string[], number]>([
    ["a workflow", { workflow: "commented" }, ["On Three", "On Two", "On One"], 3],
    ["several", { workflow: ["liked", "billed"] }, ["3 likes", "A bill"], 2],
    ["a category", { category: "collaboration" }, ["On Three", "3 likes", "On Two", "On One"], 4],
    ["categories and a workflow", { category: ["fun", "money"], workflow: "liked" }, ["3 likes"], 1],
    ["a tenant, with what belongs to none", { tenant: "acme" }, ["On Three", "3 likes", "On Two", "On One"], 4],
    ["a tenant alone", { tenant: "acme", hasTenant: true }, ["On Two"], 1],
    ["none", { hasTenant: false }, ["On Three", "3 likes", "On One"], 3],
    ["data", { data: { page: "Two" } }, ["On Two"], 1],
    ["a channel", { channel: "inApp", workflow: "billed" }, ["A bill"], 1],
    ["another channel", { channel: "other" }, [], 0],
    ["archived items", { archived: "ONLY" }, [], 0],
    ["read items, which the counts do not follow", { status: "READ" }, [], 5],
    ["unseen items", { status: "UNSEEN", workflow: "billed" }, ["A bill"], 1],
  ])("by %s", async (_name, filter, expected, totalCount) => {
    const feed = await feedOf({ filter });
    expect(bodies(feed)).toEqual(expected);
    expect(feed).toMatchObject({ totalCount, unreadCount: totalCount });
  });

  test("of a token that grants one tenant, and of another one refused", async () => {
    const limited = await person("ada", { tenants: ["acme"] });
    expect(bodies(await feedOf({}, limited))).toEqual(["On Three", "3 likes", "On Two", "On One"]);
    expect(await feedOf({ filter: { hasTenant: true } }, limited)).toMatchObject({ totalCount: 1 });
    expect(bodies(await feedOf({ filter: { tenant: "acme", hasTenant: true } }, limited))).toEqual(["On Two"]);
    const { errors, data } = await api.send(FEED, { filter: { tenant: "umbrella" } }, limited);
    expect(errors).toMatchObject([
      { message: "The user token does not grant this tenant.", extensions: { code: "FORBIDDEN" } },
    ]);
    expect(data).toBeNull();
  });

  test("is empty for people whom nobody knows", async () => {
    const { viewer } = await api.ask<{ viewer: object }>(
      `{ viewer { id name avatar locale timezone feed { edges { node { id } } ${COUNTS} } } }`,
      {},
      await person("stranger"),
    );
    expect(viewer).toEqual({
      id: "stranger",
      name: null,
      avatar: null,
      locale: null,
      timezone: null,
      feed: { edges: [], totalCount: 0, unreadCount: 0, unseenCount: 0 },
    });
  });
});

describe("for servers", () => {
  const OF = `query ($userId: ID!, $filter: FeedFilter) { feed(userId: $userId, filter: $filter) {
    edges { node { id body } } ${COUNTS} } }`;

  test("the feed of anybody, whatever the tenant", async () => {
    const { feed } = await api.ask<{ feed: Feed }>(OF, {
      userId: "ada",
      filter: { tenant: "umbrella", hasTenant: true },
    });
    expect(bodies(feed)).toEqual(["A bill"]);
    expect((await api.ask<{ feed: Feed }>(OF, { userId: "bob" })).feed).toMatchObject({ totalCount: 1 });
  });

  test("people cannot ask for it, nor servers for a viewer", async () => {
    const { status, errors } = await api.send(OF, { userId: "ada" }, await person("ada"));
    expect([status, errors[0]?.extensions.code]).toEqual([403, "FORBIDDEN"]);
    const server = await api.send("{ viewer { id } }");
    expect([server.status, server.errors[0]?.extensions.code]).toEqual([403, "FORBIDDEN"]);
  });
});

test("a page with counts and actors is a handful of queries", async () => {
  const { engine } = driven.knock;
  const statements: unknown[] = [];
  const db = new Proxy(engine.context.database.db, {
    get(target, key) {
      if (key === "execute" || key === "select") statements.push(key);
      const member: unknown = Reflect.get(target, key);
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
  const context = { ...engine.context, database: { ...engine.context.database, db } };
  const counting = apiOf({ ...engine, context });
  await counting.ask(
    `{ viewer { name feed { ${COUNTS} edges { node { body actors { name avatar } } } } } }`,
    {},
    await person("ada"),
  );
  expect(statements.length).toBeLessThanOrEqual(5);
});
