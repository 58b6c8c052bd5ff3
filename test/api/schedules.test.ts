// Schedules as clients make, change and read them.
import { beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { type Driven, drive } from "../support/engine.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { orderShipped, ping, threadReplied } from "./fixtures/workflows.ts";

let database: Database;
let driven: Driven;
let api: Api;

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  driven = await drive({ database, handles: [ping, threadReplied, orderShipped] });
  api = apiOf(driven.knock.engine);
});

const FAILURE =
  "... on Error { code hint } ... on InvalidInputError { issues { path code } } ... on InvalidDataError { issues { path code } }";
const PLAN =
  "id workflow status recipientId lists data recurrence timezone startsAt endsAt onMissed nextAt lastAt count problem";

interface Schedule {
  id: string;
  [member: string]: unknown;
}

type Created = { schedules?: Schedule[]; warnings?: object[]; code?: string; issues?: object[] };

async function create(input: object): Promise<Created> {
  const query = `mutation ($input: CreateSchedulesInput!) { createSchedules(input: $input) {
    ... on CreateSchedulesSuccess { schedules { ${PLAN} recipient { name } } warnings { code path } } ${FAILURE} } }`;
  return (await api.ask<{ createSchedules: Created }>(query, { input })).createSchedules;
}

const daily = { workflow: { ping: {} }, recipients: ["ada"], recurrence: "0 8 * * *" };

describe("creating", () => {
  test("makes one schedule for each recipient and one for the lists, with data as the workflow has it", async () => {
    const created = await create({
      workflow: { threadReplied: { thread: { text: "Hello" } } },
      recipients: ["ada", "bob"],
      lists: ["team"],
      at: "2026-02-01T10:00:00Z",
      onMissed: "SKIP",
    });
    const shared = {
      workflow: "thread_replied",
      status: "ACTIVE",
      data: { thread: { text: "Hello" } },
      recurrence: null,
      startsAt: "2026-02-01T10:00:00.000Z",
      nextAt: "2026-02-01T10:00:00.000Z",
      onMissed: "SKIP",
      count: 0,
    };
    expect(created.schedules).toMatchObject([
      { ...shared, recipientId: "ada", lists: [] },
      { ...shared, recipientId: "bob", lists: [] },
      { ...shared, recipientId: null, lists: ["team"] },
    ]);
    expect(created.warnings).toMatchObject([
      { code: "UNKNOWN_RECIPIENT", path: "recipients.0" },
      { code: "UNKNOWN_RECIPIENT", path: "recipients.1" },
      { code: "UNKNOWN_LIST", path: "lists.0" },
    ]);
  });

  test("keeps tags and enums in the form of the workflow's schema, so that its moments become notifications", async () => {
    const order = {
      order_id: "o_1",
      total: 12.5,
      items: 2,
      cents: 1,
      priority: "very_high",
      to: { street: "Gasse 1", city: "Bern" },
      billing: null,
      grid: [[1]],
      payment: { bank_transfer: { iban: "CH1" } },
    };
    const { schedules } = await create({
      workflow: { orderShipped: order },
      recipients: ["ada"],
      at: "2026-01-05T10:00:00Z",
    });
    expect(schedules![0]!.data).toMatchObject({
      priority: "very-high",
      payment: { kind: "bank-transfer", iban: "CH1" },
    });
    await driven.advance("2h");
    expect(await api.ask(`{ feed(userId: "ada") { edges { node { body } } } }`)).toMatchObject({
      feed: { edges: [{ node: { body: "Order o_1 is on its way." } }] },
    });
  });

  test("a notification of a moment says which schedule made it, and no call did", async () => {
    const { schedules } = await create(daily);
    await driven.advance("1d");
    await driven.knock.engine.notify({ workflow: "ping", data: {}, recipients: ["ada"] });
    const query = `{ notifications { edges { node { source { kind id schedule { id count } run { id } } } } } }`;
    const [{ id }] = schedules as [Schedule];
    expect(await api.ask(query)).toEqual({
      notifications: {
        edges: [
          { node: { source: { kind: "CALL", id: null, schedule: null, run: null } } },
          { node: { source: { kind: "SCHEDULE", id, schedule: { id, count: 1 }, run: null } } },
        ],
      },
    });
  });

  test.each<[string, object, object]>([
    ["nobody", { ...daily, recipients: [] }, { code: "RECIPIENTS_REQUIRED" }],
    [
      "a rule that is none",
      { ...daily, recurrence: "every day" },
      { code: "INVALID_INPUT", issues: [{ path: "recurrence" }] },
    ],
    [
      "both a moment and a rule",
      { ...daily, at: "2026-02-01T10:00:00Z" },
      { code: "INVALID_INPUT", issues: [{ path: "at" }] },
    ],
    [
      "an unknown zone",
      { ...daily, timezone: "Europe/Bern" },
      { code: "INVALID_INPUT", issues: [{ path: "timezone" }] },
    ],
    [
      "data that does not fit",
      { ...daily, workflow: { threadReplied: { thread: { text: "" } } } },
      { code: "INVALID_DATA", issues: [{ path: "data.thread.text" }] },
    ],
    ["an unknown actor", { ...daily, actor: "nobody" }, { code: "UNKNOWN_ACTOR" }],
  ])("refuses %s, and stores nothing", async (_name, input, answer) => {
    expect(await create(input)).toMatchObject(answer);
    expect(await api.ask("{ schedules { edges { cursor } } }")).toEqual({ schedules: { edges: [] } });
  });

  test("the workflow can be chosen at run time", async () => {
    const query = `mutation ($input: CreateSchedulesDynamicInput!) { createSchedulesDynamic(input: $input) {
      ... on CreateSchedulesSuccess { schedules { workflow data } } ... on UnknownWorkflowError { code nearest } ${FAILURE} } }`;
    const dynamic = (input: object) => api.ask(query, { input });
    const data = { thread: { text: "Hi" } };
    expect(await dynamic({ ...daily, workflow: "thread_replied", data })).toEqual({
      createSchedulesDynamic: { schedules: [{ workflow: "thread_replied", data }] },
    });
    expect(await dynamic({ ...daily, workflow: "pong" })).toMatchObject({
      createSchedulesDynamic: { code: "UNKNOWN_WORKFLOW", nearest: "ping" },
    });
  });
});

describe("changing", () => {
  const update = async (ids: string[], input: object) =>
    (
      await api.ask<{ updateSchedules: Created }>(
        `mutation ($ids: [ID!]!, $input: UpdateSchedulesInput!) { updateSchedules(ids: $ids, input: $input) {
          ... on UpdateSchedulesSuccess { schedules { ${PLAN} } } ... on NotFoundError { code id } ${FAILURE} } }`,
        { ids, input },
      )
    ).updateSchedules;

  test("what is left out stays, null empties", async () => {
    const { schedules } = await create({ ...daily, endsAt: "2026-03-01T00:00:00Z", timezone: "Europe/Zurich" });
    const ids = [schedules![0]!.id];
    expect(schedules).toMatchObject([{ nextAt: "2026-01-06T07:00:00.000Z" }]);
    expect((await update(ids, { recurrence: "30 8 * * *" })).schedules).toMatchObject([
      { nextAt: "2026-01-06T07:30:00.000Z", endsAt: "2026-03-01T00:00:00.000Z" },
    ]);
    expect((await update(ids, { endsAt: null, timezone: null })).schedules).toMatchObject([
      { nextAt: "2026-01-06T08:30:00.000Z", endsAt: null },
    ]);
    expect((await update(ids, { status: "PAUSED", onMissed: null, data: null })).schedules).toMatchObject([
      { status: "PAUSED", nextAt: null, onMissed: "LAST", data: {} },
    ]);
  });

  test("all of them or none", async () => {
    const { schedules } = await create(daily);
    const unknown = "00000000-0000-7000-8000-000000000000";
    const [{ id }] = schedules as [Schedule];
    expect(await update([id, unknown], { status: "PAUSED" })).toMatchObject({ code: "NOT_FOUND", id: unknown });
    expect(await update([id], { status: "ENDED" })).toMatchObject({
      code: "INVALID_INPUT",
      issues: [{ path: "status" }],
    });
    expect(await api.ask(`query ($id: ID!) { schedule(id: $id) { status } }`, { id })).toEqual({
      schedule: { status: "ACTIVE" },
    });
  });

  test("deleting answers which there were", async () => {
    const { schedules } = await create({ ...daily, recipients: ["ada", "bob"] });
    const query = `mutation ($ids: [ID!]!) { deleteSchedules(ids: $ids) { ... on DeleteSchedulesSuccess { ids } ${FAILURE.replace(/ \.\.\. on InvalidData.*/, "")} } }`;
    const [{ id }] = schedules as [Schedule];
    expect(await api.ask(query, { ids: [id, "nonsense"] })).toEqual({ deleteSchedules: { ids: [id] } });
    expect(await api.ask(query, { ids: [id] })).toEqual({ deleteSchedules: { ids: [] } });
    expect(
      await api.ask(`query ($id: ID!) { schedule(id: $id) { id } other: schedule(id: "x") { id } }`, { id }),
    ).toEqual({
      schedule: null,
      other: null,
    });
  });
});

test("lists are paged, newest first, and narrowed down", async () => {
  await create({ ...daily, recipients: ["ada", "bob", "cleo"] });
  await driven.clock.advance(1_000);
  await create({ ...daily, workflow: { threadReplied: { thread: { text: "x" } } }, recipients: ["ada"] });
  type Page = {
    edges: { node: { recipientId: string; workflow: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
  const read = async (args: string, variables = {}) =>
    (
      await api.ask<{ schedules: Page }>(
        `query ($after: String) { schedules(${args}, after: $after) { edges { node { recipientId workflow } } pageInfo { hasNextPage endCursor } } }`,
        variables,
      )
    ).schedules;
  const first = await read("first: 3");
  expect(first.edges.map(({ node }) => node.workflow)).toEqual(["thread_replied", "ping", "ping"]);
  const rest = await read("first: 3", { after: first.pageInfo.endCursor });
  expect(rest.pageInfo.hasNextPage).toBe(false);
  expect(rest.edges).toHaveLength(1);
  expect((await read(`recipient: "ada", workflow: "ping"`)).edges).toEqual([
    { node: { recipientId: "ada", workflow: "ping" } },
  ]);
  expect((await read(`status: PAUSED`)).edges).toEqual([]);
});
