// Marks by people and by servers: by id, and of everything that a filter asks for.
import { beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { type Driven, drive } from "../support/engine.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { endUsers, person } from "../support/viewers.ts";
import { billed, commented } from "./fixtures/feeds.ts";

let database: Database;
let driven: Driven;
let api: Api;
let ada: Record<string, string>;

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  driven = await drive({ database, handles: [commented, billed], endUsers });
  api = apiOf(driven.knock.engine);
  ada = await person("ada");
  await notify("commented", { tenant: "acme" });
  await notify("commented", { tenant: "umbrella" });
  await notify("billed");
  await notify("commented", { recipients: ["bob"] });
});

async function notify(workflow: string, call: object = {}): Promise<void> {
  const outcome = await driven.knock.engine.notify({ workflow, recipients: ["ada"], ...call });
  if (!outcome.ok) throw outcome.error;
  await driven.settle();
  await driven.clock.advance(1_000);
}

const MARK = `mutation ($ids: [ID!], $all: MarkAll, $as: Marking!) { markMessages(ids: $ids, all: $all, as: $as) {
  __typename ... on MarkMessagesSuccess { marked counts { totalCount unreadCount unseenCount } }
  ... on InvalidInputError { code issues { path code } } } }`;

const mark = async (variables: object, headers?: Record<string, string>): Promise<object> =>
  (await api.ask<{ markMessages: object }>(MARK, variables, headers)).markMessages;

interface Item {
  id: string;
  tenantId: string | null;
  seenAt: string | null;
  readAt: string | null;
  archivedAt: string | null;
}

async function itemsOf(userId: string): Promise<Item[]> {
  const { feed } = await api.ask<{ feed: { edges: { node: Item }[] } }>(
    `query ($userId: ID!) { feed(userId: $userId, filter: { archived: INCLUDE }) {
      edges { node { id tenantId seenAt readAt interactedAt archivedAt } } } }`,
    { userId },
  );
  return feed.edges.map(({ node }) => node);
}

const untouched = { seenAt: null, readAt: null, archivedAt: null };

describe("people", () => {
  test("mark theirs by id, and are told what is left", async () => {
    const [bill, umbrella] = await itemsOf("ada");
    const at = driven.clock.now().toISOString();
    expect(await mark({ ids: [bill!.id, bill!.id.toUpperCase()], as: "READ" }, ada)).toEqual({
      __typename: "MarkMessagesSuccess",
      marked: 1,
      counts: { totalCount: 3, unreadCount: 2, unseenCount: 2 },
    });
    expect(await mark({ ids: [umbrella!.id], as: "ARCHIVED" }, ada)).toMatchObject({
      counts: { totalCount: 2, unreadCount: 1, unseenCount: 1 },
    });
    expect(await itemsOf("ada")).toMatchObject([{ seenAt: at, readAt: at }, { archivedAt: at }, untouched]);
  });

  test("do not reach what is another's: it is as an id that does not exist", async () => {
    const [bobs] = await itemsOf("bob");
    const counts = { totalCount: 3, unreadCount: 3, unseenCount: 3 };
    const nothing = { __typename: "MarkMessagesSuccess", marked: 0, counts };
    for (const id of [bobs!.id, "00000000-0000-7000-8000-000000000000", "nonsense"]) {
      expect(await mark({ ids: [id], as: "READ" }, ada)).toEqual(nothing);
    }
    expect(await itemsOf("bob")).toMatchObject([untouched]);
  });

  test("do not reach a tenant that their token does not grant, by id or as a whole", async () => {
    const limited = await person("ada", { tenants: ["acme"] });
    const items = await itemsOf("ada");
    expect(await mark({ ids: items.map(({ id }) => id), as: "SEEN" }, limited)).toMatchObject({
      marked: 2,
      counts: { totalCount: 2, unseenCount: 0 },
    });
    expect(await mark({ all: {}, as: "READ" }, limited)).toMatchObject({ marked: 2, counts: { unreadCount: 0 } });
    expect((await itemsOf("ada")).filter(({ seenAt }) => seenAt === null)).toMatchObject([{ tenantId: "umbrella" }]);
    const { errors } = await api.send(MARK, { all: { filter: { tenant: "umbrella" } }, as: "READ" }, limited);
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });

  test("mark everything that a filter asks for, once", async () => {
    const filter = { category: "collaboration", tenant: "acme" };
    expect(await mark({ all: { filter }, as: "READ" }, ada)).toEqual({
      __typename: "MarkMessagesSuccess",
      marked: 1,
      counts: { totalCount: 1, unreadCount: 0, unseenCount: 0 },
    });
    expect(await mark({ all: { filter }, as: "READ" }, ada)).toMatchObject({ marked: 0 });
    expect(await mark({ all: { filter: { status: "UNREAD" } }, as: "ARCHIVED" }, ada)).toMatchObject({
      marked: 2,
      counts: { totalCount: 1 },
    });
    expect(await mark({ all: { filter: { archived: "ONLY" } }, as: "UNARCHIVED" }, ada)).toMatchObject({ marked: 2 });
    expect(await itemsOf("bob")).toMatchObject([untouched]);
  });

  test("name nobody, not even themselves", async () => {
    for (const userId of ["bob", "ada"]) {
      expect(await mark({ all: { userId }, as: "READ" }, ada)).toMatchObject({
        __typename: "InvalidInputError",
        issues: [{ path: "all.userId" }],
      });
    }
    expect(await itemsOf("bob")).toMatchObject([untouched]);
  });
});

describe("servers", () => {
  test("mark anybody's by id, and a person's by filter", async () => {
    const ids = [...(await itemsOf("ada")), ...(await itemsOf("bob"))].map(({ id }) => id);
    expect(await mark({ ids, as: "SEEN" })).toEqual({ __typename: "MarkMessagesSuccess", marked: 4, counts: null });
    expect(await mark({ all: { userId: "ada", filter: { workflow: "commented" } }, as: "READ" })).toMatchObject({
      marked: 2,
      counts: null,
    });
    expect((await itemsOf("bob"))[0]!.readAt).toBeNull();
  });

  test.each<[string, object, object]>([
    ["neither ids nor all", {}, { path: "ids", code: "one_of" }],
    ["both", { ids: [], all: { userId: "ada" } }, { path: "ids", code: "one_of" }],
    ["all of nobody", { all: {} }, { path: "all.userId", code: "required" }],
    [
      "a filter that is none",
      { all: { userId: "ada", filter: { data: { a: {} } } } },
      { path: "all.filter.data.a", code: "invalid_type" },
    ],
    ["too many", { ids: Array.from({ length: 10_001 }, () => "x") }, { path: "ids", code: "too_big" }],
  ])("%s is refused", async (_name, variables, issue) => {
    expect(await mark({ ...variables, as: "READ" })).toEqual({
      __typename: "InvalidInputError",
      code: "INVALID_INPUT",
      issues: [issue],
    });
  });
});

test("marking again keeps the first time; undoing takes away what it names", async () => {
  const [{ id }] = (await itemsOf("ada")) as [Item];
  await mark({ ids: [id], as: "SEEN" });
  const seenAt = driven.clock.now().toISOString();
  await driven.clock.advance(60_000);
  await mark({ ids: [id], as: "INTERACTED" });
  const interactedAt = driven.clock.now().toISOString();
  expect((await itemsOf("ada"))[0]).toMatchObject({ seenAt, readAt: interactedAt, interactedAt });
  await mark({ ids: [id], as: "UNREAD" });
  expect((await itemsOf("ada"))[0]).toMatchObject({ seenAt, readAt: null, interactedAt });
  await mark({ ids: [id], as: "UNSEEN" });
  expect((await itemsOf("ada"))[0]).toMatchObject({ seenAt: null, interactedAt });
});
