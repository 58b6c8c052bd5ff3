// Lists, pages, counts and engagement as clients read them.
import { beforeAll, describe, expect, test } from "vitest";
import type { Executor } from "../../src/store/executor.ts";
import { type Driven, drive } from "../support/engine.ts";
import { testDatabase } from "../support/database.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { ping, threadReplied } from "./fixtures/workflows.ts";

let driven: Driven;
let api: Api;
const notifications: string[] = [];

interface Page<Node> {
  edges: { node: Node; cursor: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

const PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

/** Follows a connection to its end, a few nodes at a time. */
async function pagesOf<Node>(read: (after: string | null) => Promise<Page<Node>>): Promise<Node[][]> {
  const pages: Node[][] = [];
  let after: string | null = null;
  for (;;) {
    const { edges, pageInfo }: Page<Node> = await read(after);
    pages.push(edges.map(({ node }) => node));
    expect(pageInfo).toMatchObject({
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasPreviousPage: after !== null,
    });
    if (!pageInfo.hasNextPage) return pages;
    after = pageInfo.endCursor;
  }
}

beforeAll(async () => {
  driven = await drive({ database: await testDatabase(), handles: [threadReplied, ping] });
  const { engine } = driven.knock;
  api = apiOf(engine);
  const users = Array.from({ length: 7 }, (_, index) => ({
    id: `user_${index}`,
    email: `u${index}@example.com`,
    name: `U${index}`,
  }));
  for (let index = 0; index < 5; index++) {
    await driven.clock.advance(1_000);
    const call = {
      workflow: index % 2 ? "ping" : "thread_replied",
      data: { thread: { text: `text ${index}` } },
      recipients: users.map(({ id }) => id),
      identify: users,
    };
    const outcome = await engine.notify(index % 2 ? { ...call, data: {} } : call);
    if (!outcome.ok) throw outcome.error;
    notifications.unshift(outcome.notification.id);
  }
  await driven.settle();
});

describe("pages", () => {
  test("of notifications, newest first", async () => {
    const pages = await pagesOf<{ id: string }>(async (after) => {
      const query = `query ($after: String) { notifications(first: 2, after: $after) { edges { node { id } cursor } ${PAGE} } }`;
      return (await api.ask<{ notifications: Page<{ id: string }> }>(query, { after })).notifications;
    });
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat().map(({ id }) => id)).toEqual(notifications);
  });

  test("of the notifications of one workflow", async () => {
    const data = await api.ask(`{ notifications(workflow: "ping") { edges { node { workflow } } } }`);
    expect(data).toEqual({
      notifications: { edges: [{ node: { workflow: "ping" } }, { node: { workflow: "ping" } }] },
    });
  });

  test("of runs, several notifications at once", async () => {
    const query = `query ($after: String) { notifications(first: 3) { edges { node { id runs(first: 4, after: $after) { edges { node { id recipientId notification { id } } cursor } ${PAGE} } } } } }`;
    type Runs = Page<{ id: string; recipientId: string; notification: { id: string } }>;
    const { notifications: first } = await api.ask<{ notifications: Page<{ id: string; runs: Runs }> }>(query);
    for (const { node } of first.edges) {
      expect(node.runs.edges).toHaveLength(4);
      expect(new Set(node.runs.edges.map((edge) => edge.node.notification.id))).toEqual(new Set([node.id]));
      const rest = await api.ask<{ notification: { runs: Runs } }>(
        `query ($id: ID!, $after: String) { notification(id: $id) { runs(first: 4, after: $after) { edges { node { recipientId } cursor } ${PAGE} } } }`,
        { id: node.id, after: node.runs.pageInfo.endCursor },
      );
      const everyone = [...node.runs.edges, ...rest.notification.runs.edges].map((edge) => edge.node.recipientId);
      expect(everyone.toSorted()).toEqual(Array.from({ length: 7 }, (_, index) => `user_${index}`));
      expect(rest.notification.runs.pageInfo.hasNextPage).toBe(false);
    }
  });

  test("backwards", async () => {
    const query = `query ($before: String) { notifications(last: 2, before: $before) { edges { node { id } cursor } ${PAGE} } }`;
    const { notifications: end } = await api.ask<{ notifications: Page<{ id: string }> }>(query);
    expect(end.edges.map(({ node }) => node.id)).toEqual(notifications.slice(-2));
    const { notifications: before } = await api.ask<{ notifications: Page<{ id: string }> }>(query, {
      before: end.pageInfo.startCursor,
    });
    expect(before.edges.map(({ node }) => node.id)).toEqual(notifications.slice(-4, -2));
  });

  test("a cursor of another list", async () => {
    const { users } = await api.ask<{ users: Page<object> }>(`{ users(first: 1) { edges { cursor } ${PAGE} } }`);
    const { errors } = await api.send("query ($after: String) { notifications(after: $after) { edges { cursor } } }", {
      after: users.pageInfo.endCursor,
    });
    expect(errors[0]!.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      issues: [{ path: "after", code: "invalid_cursor" }],
    });
  });
});

describe("one thing by id", () => {
  test.each(["notification", "run", "message"])("%s: null for an id that is none", async (field) => {
    for (const id of ["", "nonsense", "00000000-0000-7000-8000-000000000000", "' or 1=1 --"]) {
      expect(await api.ask(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id })).toEqual({ [field]: null });
    }
  });

  test("a run, and the message that it made", async () => {
    const { messages } = await api.ask<{ messages: Page<{ id: string; runId: string }> }>(
      `{ messages(recipient: "user_3", channel: "email", first: 1) { edges { node { id runId } } } }`,
    );
    const { id, runId } = messages.edges[0]!.node;
    expect(
      await api.ask("query ($id: ID!) { message(id: $id) { id step recipient { id } notification { status } } }", {
        id,
      }),
    ).toEqual({
      message: { id, step: "mail", recipient: { id: "user_3" }, notification: { status: "COMPLETED" } },
    });
    const { run } = await api.ask<{ run: { messages: { id: string }[] } }>(
      "query ($id: ID!) { run(id: $id) { status steps { ref } nextStep wakeAt finishedAt messages { id } } }",
      { id: runId },
    );
    expect(run).toMatchObject({
      status: "COMPLETED",
      steps: [{ ref: "feed" }, { ref: "mail" }],
      nextStep: null,
      finishedAt: expect.any(String),
    });
    expect(run.messages.map((message) => message.id)).toContain(id);
  });
});

test.each<[string, object, number]>([
  ["nothing", {}, 56],
  ["a recipient", { recipient: "user_1" }, 8],
  ["a channel", { channel: "inApp" }, 35],
  ["a kind of channel", { channelType: "EMAIL" }, 21],
  ["a status", { status: "DELIVERED" }, 56],
  ["another status", { status: "BOUNCED" }, 0],
  ["a workflow", { workflow: "ping" }, 14],
  ["several", { recipient: "user_1", workflow: "ping", channelType: "IN_APP" }, 2],
  ["a tenant", { tenant: "nobody" }, 0],
  ["somebody else", { recipient: "' or 1=1 --" }, 0],
])("messages by %s", async (_name, filter, count) => {
  const query = `query ($recipient: ID, $notification: ID, $workflow: String, $channel: String, $channelType: ChannelType, $status: MessageStatus, $tenant: ID) {
    messages(first: 100, recipient: $recipient, notification: $notification, workflow: $workflow, channel: $channel,
      channelType: $channelType, status: $status, tenant: $tenant) { edges { node { id } } } }`;
  expect((await api.ask<{ messages: Page<object> }>(query, filter)).messages.edges).toHaveLength(count);
});

test("messages of one notification, and of none", async () => {
  const query = "query ($notification: ID) { messages(notification: $notification) { edges { node { id } } } }";
  expect(
    (await api.ask<{ messages: Page<object> }>(query, { notification: notifications[1] })).messages.edges,
  ).toHaveLength(7);
  expect((await api.ask<{ messages: Page<object> }>(query, { notification: "nonsense" })).messages.edges).toHaveLength(
    0,
  );
});

test("a list of notifications with everything in it is a handful of queries", async () => {
  const { engine } = driven.knock;
  const statements: string[] = [];
  const db = new Proxy(engine.context.database.db, {
    get(target, key: keyof Executor) {
      if (key === "execute" || key === "select") statements.push(key);
      const member: unknown = Reflect.get(target, key);
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
  const counting = apiOf({ ...engine, context: { ...engine.context, database: { ...engine.context.database, db } } });
  await counting.ask(`{ notifications { edges { node { status version actor { name } counts { total messages }
    runs { edges { node { version recipient { name } messages { attempts { number } recipient { name } } } } } } } } }`);
  // notifications, progress, versions, counts of messages, runs, users, messages, attempts, once each and users twice.
  expect(statements.length).toBeLessThanOrEqual(10);
});

describe("workflows", () => {
  test("as they are deployed", async () => {
    const { workflow } = await api.ask<{ workflow: object }>(
      `{ workflow(key: "thread_replied") { key inputField name status version hash fingerprint categories required commercial dataSchema
        steps { ref kind when channel content wait arms { name } otherwise { ref } } examples { name } } }`,
    );
    expect(workflow).toMatchObject({
      key: "thread_replied",
      inputField: "threadReplied",
      name: "Thread replied",
      status: "ACTIVE",
      version: 1,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      dataSchema: { type: "object" },
      steps: [
        { ref: "feed", kind: "inApp", when: null, content: { body: "code" }, wait: null, arms: null, otherwise: null },
        { ref: "mail", kind: "email", content: { subject: { text: "New reply" } } },
      ],
      examples: [],
    });
    expect(await api.ask(`{ workflows { key } workflow(key: "none") { key } }`)).toEqual({
      workflows: [{ key: "ping" }, { key: "thread_replied" }],
      workflow: null,
    });
  });
});
