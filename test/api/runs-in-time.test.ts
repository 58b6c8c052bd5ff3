// Batches, waits, failures and send windows as clients see and move them.
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { openOn } from "../../src/definition/send-window.ts";
import { workflow } from "../../src/definition/workflow.ts";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, type Driven, drive } from "../support/engine.ts";
import { type Api, apiOf } from "../support/graphql.ts";

const data = z.object({ n: z.number().default(0) });
let broken = true;
const collecting = workflow("collecting", { data })
  .batch("hour", { window: "1h", take: 2 })
  .inApp("feed", { body: ({ steps }) => `${steps.hour.count}` });
const waiting = workflow("waiting", { data })
  .waitFor("paid", { event: "order.paid", match: ({ data: { n } }) => ({ order: n }), timeout: "1d" })
  .inApp("feed", { body: ({ steps }) => JSON.stringify(steps.paid.event) });
const failing = workflow("failing", { data }).inApp("feed", {
  body() {
    if (broken) throw new Error("no template today");
    return "mended";
  },
});
const night = workflow("night", { data }).inApp("feed", {
  sendWindow: openOn("10:00", "18:00"),
  body: "in the window",
});
const starting = workflow("starting", { data }).notify("more", collecting, { data: { n: 7 } });

let database: Database;
let driven: Driven;
let api: Api;

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  broken = true;
  driven = await drive({ database, handles: [collecting, waiting, failing, night, starting] });
  api = apiOf(driven.knock.engine);
});

async function notify(key: string, call: Partial<NotifyCall> = {}): Promise<string> {
  const outcome = await driven.knock.engine.notify({ workflow: key, recipients: ["ada"], data: {}, ...call });
  const { id } = accepted(outcome).notification;
  await driven.settle();
  return id;
}

type Run = { id: string; [member: string]: unknown };

async function runOf(notification: string, fields: string): Promise<Run> {
  const found = await api.ask<{ notification: { runs: { edges: { node: Run }[] } } }>(
    `query ($id: ID!) { notification(id: $id) { runs { edges { node { id ${fields} } } } } }`,
    { id: notification },
  );
  return found.notification.runs.edges[0]!.node;
}

describe("batches", () => {
  const FIELDS = "status steps { ref outcome } batches { id step count closedAt }";

  test("are read from each run that opened or joined one, with all activities beyond what content sees", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push(await notify("collecting", { data: { n } }));
    const opened = await runOf(ids[0]!, FIELDS);
    const joined = await runOf(ids[1]!, FIELDS);
    expect(opened).toMatchObject({ status: "WAITING", batches: [{ step: "hour", count: 5, closedAt: null }] });
    expect(joined).toMatchObject({ status: "COMPLETED", steps: [{ ref: "hour", outcome: "JOINED" }] });
    expect(joined.batches).toEqual(opened.batches);
    await driven.advance("2h");
    const [{ id }] = opened.batches as [{ id: string }];
    const query = `query ($id: ID!, $after: String) { batch(id: $id) {
      workflow recipientId key count openedAt closesAt closedAt run { id }
      activities(first: 3, after: $after) { edges { node { runId run { id } notification { id data } } } pageInfo { hasNextPage endCursor } } } }`;
    type Activities = { edges: { node: { notification: { id: string } } }[]; pageInfo: { endCursor: string } };
    const { batch } = await api.ask<{ batch: { activities: Activities } & Record<string, unknown> }>(query, { id });
    expect(batch).toMatchObject({
      workflow: "collecting",
      recipientId: "ada",
      key: "",
      count: 5,
      openedAt: "2026-01-05T09:00:00.000Z",
      closesAt: "2026-01-05T10:00:00.000Z",
      closedAt: "2026-01-05T10:00:00.000Z",
      run: { id: opened.id },
      activities: { pageInfo: { hasNextPage: true } },
    });
    expect(batch.activities.edges[0]).toMatchObject({
      node: { runId: opened.id, run: { id: opened.id }, notification: { data: { n: 0 } } },
    });
    const rest = await api.ask<{ batch: { activities: Activities } }>(query, {
      id,
      after: batch.activities.pageInfo.endCursor,
    });
    const all = [...batch.activities.edges, ...rest.batch.activities.edges].map(({ node }) => node.notification.id);
    expect(all).toEqual(ids);
    expect(await api.ask(`{ batch(id: "x") { id } }`)).toEqual({ batch: null });
  });
});

describe("signalEvent", () => {
  const signal = async (variables: object) =>
    (
      await api.ask<{ signalEvent: object }>(
        `mutation ($name: String!, $match: JSON, $data: JSON) { signalEvent(name: $name, match: $match, data: $data) {
          ... on SignalEventSuccess { runs } ... on Error { code } ... on InvalidInputError { issues { path } } } }`,
        variables,
      )
    ).signalEvent;

  test("wakes the runs that wait for exactly this", async () => {
    const id = await notify("waiting", { data: { n: 7 } });
    await notify("waiting", { data: { n: 8 } });
    expect(await signal({ name: "order.paid", match: { order: 9 } })).toEqual({ runs: 0 });
    expect(await signal({ name: "order.paid", match: { order: 7 }, data: { amount: 20 } })).toEqual({ runs: 1 });
    await driven.settle();
    expect(await runOf(id, "status messages { content }")).toMatchObject({
      status: "COMPLETED",
      messages: [{ content: { body: '{"amount":20}' } }],
    });
  });

  test.each([
    [{ name: "" }, "name"],
    [{ name: "x", match: "text" }, "match"],
    [{ name: "x", data: [1] }, "data"],
  ])("refuses %j", async (variables, path) => {
    expect(await signal(variables)).toEqual({ code: "INVALID_INPUT", issues: [{ path }] });
  });
});

describe("failures", () => {
  const rerun = async (ids: string[]) =>
    (
      await api.ask<{ rerunRuns: object[] }>(
        `mutation ($ids: [ID!]!) { rerunRuns(ids: $ids) { ... on RerunRunSuccess { id run { status } } ... on Error { code } } }`,
        { ids },
      )
    ).rerunRuns;

  test("are named by their run, which can be run again from there", async () => {
    const id = await notify("failing");
    await driven.advance("1h");
    const failed = await runOf(id, "status nextStep failure { step reason }");
    expect(failed).toMatchObject({
      status: "FAILED",
      nextStep: null,
      failure: { step: "feed", reason: expect.stringContaining("no template today") },
    });
    const listed = async (workflow: string | null) =>
      (
        await api.ask<{ failedRuns: { edges: object[] } }>(
          "query ($workflow: String) { failedRuns(workflow: $workflow, first: 5) { edges { node { id } } } }",
          { workflow },
        )
      ).failedRuns.edges;
    expect(await listed(null)).toEqual([{ node: { id: failed.id } }]);
    expect(await listed("failing")).toEqual([{ node: { id: failed.id } }]);
    expect(await listed("other")).toEqual([]);
    broken = false;
    expect(await rerun([failed.id, "nonsense"])).toEqual([
      { id: failed.id, run: { status: "WAITING" } },
      { code: "NOT_FOUND" },
    ]);
    await driven.settle();
    expect(await runOf(id, "status failure { step } messages { content }")).toMatchObject({
      status: "COMPLETED",
      failure: null,
      messages: [{ content: { body: "mended" } }],
    });
    expect(await rerun([failed.id])).toEqual([{ code: "RUN_NOT_FAILED" }]);
    expect(await listed(null)).toEqual([]);
  });

  test("one request runs at most 1,000 of them again", async () => {
    const ids = Array.from({ length: 1_001 }, () => "x");
    const { errors } = await api.send("mutation ($ids: [ID!]!) { rerunRuns(ids: $ids) { __typename } }", { ids });
    expect(errors[0]!.extensions).toMatchObject({ code: "BAD_USER_INPUT", issues: [{ path: "ids", code: "too_big" }] });
  });
});

test("a message whose send window is not open is not in the feed, and says when it will be", async () => {
  const id = await notify("night");
  const feed = `{ feed(userId: "ada") { totalCount unreadCount edges { node { body } } } }`;
  expect(await api.ask(feed)).toEqual({ feed: { totalCount: 0, unreadCount: 0, edges: [] } });
  const at = "2026-01-05T10:00:00.000Z";
  expect(await runOf(id, "status messages { status scheduledAt }")).toMatchObject({
    status: "COMPLETED",
    messages: [{ status: "QUEUED", scheduledAt: at }],
  });
  await driven.advance("1h");
  expect(await api.ask(feed)).toMatchObject({ feed: { totalCount: 1, unreadCount: 1 } });
});

test("a notification that a step made names the run", async () => {
  const id = await notify("starting");
  const run = await runOf(id, "");
  const { notifications } = await api.ask<{ notifications: { edges: object[] } }>(
    `{ notifications(workflow: "collecting") { edges { node { source { kind id run { id } } } } } }`,
  );
  expect(notifications.edges).toEqual([{ node: { source: { kind: "STEP", id: run.id, run: { id: run.id } } } }]);
});
