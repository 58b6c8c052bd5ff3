// The client against the API itself.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "../../src/client/index.ts";
import type { Database } from "../../src/store/database.ts";
import { createHash } from "node:crypto";
import { newId } from "../../src/base/ids.ts";
import { insertApiKey } from "../../src/store/api-keys.ts";
import { type Driven, drive, START } from "../support/engine.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { apiOf } from "../support/graphql.ts";
import * as workflows from "./fixtures/workflows.ts";

let database: Database;
let driven: Driven;

const url = "http://knock.test";

function clientOf(options: { auth?: boolean; apiKey?: string; engine?: Driven["knock"]["engine"] } = {}) {
  const { handle } = apiOf(options.engine ?? driven.knock.engine, { auth: options.auth ?? false });
  const fetch = (input: RequestInfo | URL, init?: RequestInit) => handle(new Request(input, init));
  return createClient<typeof workflows>({ url, fetch, apiKey: options.apiKey });
}

let knock: ReturnType<typeof clientOf>;

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  driven = await drive({ database, handles: Object.values(workflows) });
  knock = clientOf();
});

const data = { thread: { text: "Hello" } };
const ada = { id: "ada", email: "ada@example.com" };

describe("notify", () => {
  test("answers with the notification and its warnings; what became of it is readable", async () => {
    const result = await knock.notify("thread_replied", { recipients: ["ada", "bob"], identify: [ada], data });
    expect(result).toMatchObject({
      ok: true,
      notification: { workflow: "thread_replied", status: "ACCEPTED" },
      warnings: [{ code: "UNKNOWN_RECIPIENT", path: "recipients.1" }],
    });
    await driven.settle();
    const { id } = (result as Extract<typeof result, { ok: true }>).notification;
    const read = await knock.notification(id, { first: 1 });
    expect(read).toMatchObject({
      status: "COMPLETED",
      counts: { total: 2, messages: 3 },
      runs: { hasNextPage: true, nodes: [{ status: "COMPLETED" }] },
    });
    const rest = await knock.notification(id, { first: 1, after: read!.runs.endCursor });
    expect([read, rest].map((page) => page!.runs.nodes[0]!.recipientId).toSorted()).toEqual(["ada", "bob"]);
    const run = await knock.run(rest!.runs.nodes[0]!.id);
    expect(run).toEqual(rest!.runs.nodes[0]);
    expect(await knock.notification("nonsense")).toBeNull();
    expect(await knock.run("nonsense")).toBeNull();
  });

  test("sends data as JSON: tags, enums and nulls as the workflow's schema has them", async () => {
    const [example] = Object.values(workflows.orderShipped.definition.settings.examples!) as Parameters<
      typeof knock.notify<"order-shipped">
    >[1]["data"][];
    expect(await knock.notify("order-shipped", { recipients: ["ada"], data: example! })).toMatchObject({ ok: true });
  });

  test("a call that is larger than the server takes is a failure, not a server that is away", async () => {
    const message = "The request is larger than 12 MB.";
    const extensions = { code: "PAYLOAD_TOO_LARGE", hint: "Split it into several calls." };
    const fetch = async () => Response.json({ errors: [{ message, extensions }] }, { status: 413 });
    const client = createClient<typeof workflows>({ url, fetch });
    expect(await client.notify("thread_replied", { recipients: ["ada"], data })).toEqual({
      ok: false,
      error: { code: "INVALID_INPUT", message, hint: extensions.hint, issues: [] },
    });
  });

  test("failures are answers with what there is to know", async () => {
    expect(await knock.notify("thread_replied", { data })).toMatchObject({
      ok: false,
      error: { code: "RECIPIENTS_REQUIRED" },
    });
    expect(await knock.notify("thread_replied", { recipients: ["ada"], data: { thread: { text: "" } } })).toMatchObject(
      {
        ok: false,
        error: { code: "INVALID_DATA", issues: [{ path: "data.thread.text", code: "too_small" }] },
      },
    );
    expect(await knock.notify("ping", { recipients: ["ada"], actor: "nobody" })).toMatchObject({
      ok: false,
      error: { code: "UNKNOWN_ACTOR", actor: "nobody" },
    });
    expect(await knock.notify("pong" as "ping", { recipients: ["ada"] })).toMatchObject({
      ok: false,
      error: { code: "UNKNOWN_WORKFLOW", nearest: "ping" },
    });
    const first = await knock.notify("ping", { recipients: ["ada"], idempotencyKey: "k" });
    expect(await knock.notify("ping", { recipients: ["ada"], idempotencyKey: "k" })).toEqual({
      ok: false,
      error: {
        code: "DUPLICATE_NOTIFICATION",
        message: expect.any(String),
        hint: expect.any(String),
        notificationId: (first as Extract<typeof first, { ok: true }>).notification.id,
        firstAt: START.toISOString(),
        sameInput: true,
      },
    });
  });

  test("what the types forbid is an answer too, with the path", async () => {
    const wrong = { recipients: [{ id: "ada" }] as unknown as string[] };
    expect(await knock.notify("ping", wrong)).toMatchObject({
      ok: false,
      error: { code: "INVALID_INPUT", issues: [{ path: "recipients.0", code: "invalid_type" }] },
    });
    expect(await knock.notifyMany([{ workflow: "ping", ...wrong }])).toMatchObject([
      { ok: false, error: { code: "INVALID_INPUT" } },
    ]);
  });

  test("many at once", async () => {
    const results = await knock.notifyMany([
      { workflow: "ping", recipients: ["ada"] },
      { workflow: "thread_replied", data },
    ]);
    expect(results.map((result) => (result.ok ? "accepted" : result.error.code))).toEqual([
      "accepted",
      "RECIPIENTS_REQUIRED",
    ]);
    expect(await knock.notifyMany([])).toEqual([]);
  });

  test("cancel", async () => {
    await knock.notify("ping", { recipients: ["ada"], cancellationKey: "c" });
    expect(await knock.cancel("c")).toMatchObject({ ok: true, notifications: [{}], runs: 0 });
  });
});

test("users, lists, preferences, feed", async () => {
  expect(await knock.upsertUser(ada)).toEqual({ ok: true, id: "ada" });
  expect(await knock.upsertUsers([{ id: "bob", email: "nonsense" }])).toMatchObject({
    ok: false,
    error: { code: "INVALID_INPUT", issues: [{ path: "users.0.email" }] },
  });
  expect(await knock.upsertUsers([{ id: "bob", properties: { plan: "pro" } }])).toEqual({ ok: true, count: 1 });
  expect(await knock.upsertList("team", { kind: "team" })).toEqual({
    ok: true,
    list: { name: "team", properties: { kind: "team" } },
  });
  expect(await knock.addListMembers("team", ["ada", { userId: "bob", properties: { role: "lead" } }])).toEqual({
    ok: true,
    added: 2,
    updated: 0,
  });
  expect(await knock.setPreferences({ userId: "ada", preferences: { channelTypes: { email: false } } })).toEqual({
    ok: true,
    preferences: { channelTypes: { email: false } },
  });
  expect(await knock.userPreferences("ada")).toEqual({ channelTypes: { email: false } });
  expect(await knock.explainPreferences("ada", "thread_replied")).toMatchObject([
    { step: "feed", allowed: true },
    { step: "mail", allowed: false, layer: "RECIPIENT" },
  ]);

  await knock.notify("thread_replied", { lists: ["team"], data });
  await driven.settle();
  const feed = await knock.feed("ada", { first: 5 });
  expect(feed).toMatchObject({
    totalCount: 1,
    unreadCount: 1,
    nodes: [{ body: "Hello", workflow: "thread_replied", channel: "inApp", actors: [], activityCount: 1 }],
    hasNextPage: false,
  });
  expect(await knock.markMessages([feed.nodes[0]!.id], "READ")).toEqual({ ok: true, marked: 1 });
  expect(await knock.feed("ada")).toMatchObject({ unreadCount: 0, unseenCount: 0 });
  const everything = { userId: "ada", filter: { workflow: "thread_replied", status: "READ" as const } };
  expect(await knock.markMessages(everything, "ARCHIVED")).toEqual({ ok: true, marked: 1 });
  expect(await knock.feed("ada", { filter: { archived: "ONLY" } })).toMatchObject({ totalCount: 1 });
  await expect(knock.feed("ada", { first: 1_000 })).rejects.toMatchObject({
    code: "INVALID_INPUT",
    details: { issues: [{ path: ["first"] }] },
  });

  expect(await knock.removeListMembers("team", ["ada", "nobody"])).toEqual({ ok: true, removed: 1 });
  expect(await knock.deleteList("team")).toEqual({ ok: true, name: "team" });
  expect(await knock.deleteList("team")).toMatchObject({ ok: false, error: { code: "UNKNOWN_LIST", list: "team" } });
  expect(await knock.deleteUser("bob")).toEqual({ ok: true, id: "bob" });
  expect(await knock.deleteUser("bob")).toMatchObject({ ok: false, error: { code: "NOT_FOUND", id: "bob" } });
});

test("schedules", async () => {
  const recurrence = "0 8 * * *";
  const made = await knock.createSchedules("ping", { recipients: ["ada", "bob"], recurrence });
  expect(made).toMatchObject({
    ok: true,
    schedules: [
      { recipientId: "ada", status: "ACTIVE", nextAt: "2026-01-06T08:00:00.000Z" },
      { recipientId: "bob", workflow: "ping" },
    ],
    warnings: [{ code: "UNKNOWN_RECIPIENT", path: "recipients.0" }, {}],
  });
  const ids = (made as Extract<typeof made, { ok: true }>).schedules.map(({ id }) => id);
  expect(await knock.updateSchedules([ids[0]!], { status: "PAUSED" })).toMatchObject({
    ok: true,
    schedules: [{ status: "PAUSED", nextAt: null }],
  });
  expect(await knock.schedule(ids[0]!)).toMatchObject({ recurrence, status: "PAUSED", onMissed: "LAST", data: {} });
  expect(await knock.schedule("nonsense")).toBeNull();
  const page = await knock.schedules({ workflow: "ping", first: 1 });
  expect(page).toMatchObject({ nodes: [{ recurrence }], hasNextPage: true });
  expect(await knock.schedules({ after: page.endCursor, status: "PAUSED" })).toMatchObject({ hasNextPage: false });
  expect(await knock.deleteSchedules(ids)).toEqual({ ok: true, ids: expect.arrayContaining(ids) });
  expect(await knock.updateSchedules(ids, { at: "2026-02-01T00:00:00Z" })).toMatchObject({
    ok: false,
    error: { code: "NOT_FOUND" },
  });
  expect(await knock.createSchedules("ping", { recipients: ["ada"] })).toMatchObject({
    ok: false,
    error: { code: "INVALID_INPUT", issues: [{ path: "recurrence" }] },
  });
});

test("events, runs that are run again, batches", async () => {
  expect(await knock.signalEvent("order.paid", { match: { order: 7 } })).toEqual({ ok: true, runs: 0 });
  expect(await knock.signalEvent("")).toMatchObject({ ok: false, error: { code: "INVALID_INPUT" } });
  const result = await knock.notify("ping", { recipients: ["ada"] });
  await driven.settle();
  const { runs } = (await knock.notification((result as { notification: { id: string } }).notification.id))!;
  const [{ id, failure, batches }] = runs.nodes as [(typeof runs.nodes)[number]];
  expect({ failure, batches }).toEqual({ failure: null, batches: [] });
  expect(await knock.rerun([id, "nonsense"])).toMatchObject([
    { ok: false, error: { code: "RUN_NOT_FAILED", id } },
    { ok: false, error: { code: "NOT_FOUND", id: "nonsense" } },
  ]);
  expect(await knock.batch("nonsense")).toBeNull();
  await knock.notify("collected", { recipients: ["ada"] });
  await knock.notify("collected", { recipients: ["ada"] });
  await driven.settle();
  const [run] = (await pageOfRuns()).nodes;
  const [batch] = run!.batches;
  expect(batch).toMatchObject({ step: "hour", count: 2, closedAt: null });
  expect(await knock.batch(batch!.id, { first: 1 })).toMatchObject({
    workflow: "collected",
    activities: { nodes: [{ notification: { data: {} } }], hasNextPage: true },
  });
});

/** The runs of the newest notification. */
async function pageOfRuns() {
  const { notifications } = await apiOf(driven.knock.engine).ask<{
    notifications: { edges: { node: { id: string } }[] };
  }>("{ notifications(first: 1) { edges { node { id } } } }");
  return (await knock.notification(notifications.edges[0]!.node.id))!.runs;
}

describe("what is thrown", () => {
  test("no key, a wrong one, one that lacks the scope", async () => {
    await expect(clientOf({ auth: true }).run("x")).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      message: "The request carries no key.",
    });
    const apiKey = "sk_0123456789abcdef0123";
    await expect(clientOf({ auth: true, apiKey }).run("x")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    const hash = createHash("sha256").update(apiKey).digest("hex");
    await insertApiKey(database.db, {
      id: newId(START),
      name: "n",
      prefix: "sk_0",
      hash,
      scopes: ["read"],
      createdAt: START,
    });
    const reader = clientOf({ auth: true, apiKey });
    expect(await reader.run("x")).toBeNull();
    await expect(reader.notify("ping", { recipients: ["ada"] })).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: 'The key lacks the scope "notify".',
    });
  });

  test("something unexpected, with its incident", async () => {
    const engine = { ...driven.knock.engine, notify: () => Promise.reject(new Error("hunter2")) };
    await expect(clientOf({ engine }).notify("ping", { recipients: ["ada"] })).rejects.toMatchObject({
      code: "INTERNAL",
      details: { incident: expect.any(String) },
    });
  });

  let server: Server | null = null;
  const listen = (answer: (response: import("node:http").ServerResponse) => void) =>
    new Promise<string>((resolve) => {
      server = createServer((_request, response) => answer(response)).listen(0, "127.0.0.1", () =>
        resolve(`http://127.0.0.1:${(server!.address() as AddressInfo).port}`),
      );
    });
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
    server = null;
  });

  const failure = (at: string, timeout?: number) => createClient<typeof workflows>({ url: at, timeout }).run("x");

  test("nothing listens", async () => {
    const closed = await listen(() => {});
    await new Promise<void>((resolve) => server!.close(() => resolve()));
    server = null;
    await expect(failure(closed)).rejects.toMatchObject({
      code: "SERVER_UNREACHABLE",
      message: `No knock server answers at ${closed}: nothing listens there.`,
    });
  });

  test("what answers is something else", async () => {
    await expect(failure(await listen((response) => response.writeHead(502).end("<html>")))).rejects.toMatchObject({
      details: { problem: "what answers is no knock server (HTTP 502)" },
    });
  });

  test("what answers has another shape", async () => {
    await expect(failure(await listen((response) => response.end('{"data":{}}')))).rejects.toMatchObject({
      details: { problem: "what answers is no knock server" },
    });
  });

  test("a server of another version", async () => {
    const errors = [{ message: "Cannot query field.", extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }];
    await expect(failure(await listen((response) => response.end(JSON.stringify({ errors }))))).rejects.toMatchObject({
      code: "SERVER_UNREACHABLE",
      details: { problem: "it answered GRAPHQL_VALIDATION_FAILED: Cannot query field." },
    });
  });

  test("a server that hangs", async () => {
    await expect(failure(await listen(() => {}), 50)).rejects.toMatchObject({
      details: { problem: "no answer within 0.05 s" },
    });
  });

  test("an address that is none", async () => {
    await expect(failure("localhost:3000/")).rejects.toMatchObject({ code: "SERVER_UNREACHABLE" });
    await expect(failure("")).rejects.toMatchObject({ details: { problem: "that is no URL" } });
  });
});
