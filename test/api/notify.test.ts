// The whole way: a call, its runs and messages, and everything that can be read of them.
import { beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { rows } from "../../src/store/executor.ts";
import { sql } from "drizzle-orm";
import { type Driven, drive } from "../support/engine.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { orderShipped, ping, threadReplied } from "./fixtures/workflows.ts";

let database: Database;
let driven: Driven;
let api: Api;

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  driven = await drive({ database, handles: [orderShipped, threadReplied, ping] });
  api = apiOf(driven.knock.engine);
});

const NOTIFY = `mutation ($input: NotifyInput!) { notify(input: $input) {
  __typename
  ... on NotifySuccess { notification { id status workflow } warnings { code message path } }
  ... on Error { code message hint }
  ... on InvalidDataError { issues { path message code } }
  ... on InvalidInputError { issues { path message code } }
  ... on DuplicateNotificationError { notificationId firstAt sameInput }
  ... on UnknownWorkflowError { workflow nearest }
  ... on UnknownActorError { actor }
  ... on WorkflowInactiveError { workflow }
} }`;

interface Result {
  __typename: string;
  notification: { id: string; status: string; workflow: string };
  [member: string]: unknown;
}

const notify = async (input: object): Promise<Result> => (await api.ask<{ notify: Result }>(NOTIFY, { input })).notify;
const stored = async () => {
  const [found] = await rows<{ notifications: number; users: number; keys: number }>(
    database.db,
    sql`select (select count(*)::int from knock.notifications) as notifications, (select count(*)::int from knock.users) as users,
      (select count(*)::int from knock.idempotency_keys) as keys`,
  );
  return found;
};

const thread = { threadReplied: { thread: { text: "Hello", replies: [{ text: "you" }] } } };
const ada = { id: "user_1", name: "Ada", email: "ada@example.com", properties: { plan: "pro" } };

describe("a call that succeeds", () => {
  test("answers when it is stored, and everything is readable from it", async () => {
    const result = await notify({ workflow: thread, recipients: ["user_1", "user_2", "user_1"], identify: [ada], actor: "user_1" });
    expect(result).toMatchObject({
      __typename: "NotifySuccess",
      notification: { status: "ACCEPTED", workflow: "thread_replied" },
      warnings: [{ code: "UNKNOWN_RECIPIENT", path: "recipients.1" }],
    });
    await driven.settle();
    const { notification } = await api.ask<{ notification: object }>(
      `query ($id: ID!) { notification(id: $id) {
        id status version data recipients actorId actor { name } warnings { code }
        counts { total completed halted cancelled failed waiting messages }
        runs(first: 10) { edges { node {
          status recipientId recipient { name properties } list version
          steps { ref kind outcome code reason values at }
          messages { step channel channelType status content address recipient { name }
            attempts { number provider outcome statusCode reason startedAt finishedAt } }
        } } pageInfo { hasNextPage } }
      } }`,
      { id: result.notification.id },
    );
    const at = "2026-01-05T09:00:00.000Z";
    expect(notification).toMatchObject({
      status: "COMPLETED",
      version: 1,
      data: { thread: { text: "Hello", replies: [{ text: "you" }] } },
      recipients: ["user_1", "user_2"],
      actorId: "user_1",
      actor: { name: "Ada" },
      warnings: [{ code: "UNKNOWN_RECIPIENT" }],
      counts: { total: 2, completed: 2, halted: 0, cancelled: 0, failed: 0, waiting: 0, messages: 3 },
    });
    const { runs } = notification as { runs: { edges: { node: { recipientId: string } }[] } };
    const byRecipient = Object.fromEntries(runs.edges.map(({ node }) => [node.recipientId, node]));
    expect(byRecipient.user_1).toMatchObject({
      status: "COMPLETED",
      recipient: { name: "Ada", properties: { plan: "pro" } },
      list: null,
      version: 1,
      steps: [
        { ref: "feed", kind: "inApp", outcome: "DONE", code: null, at },
        { ref: "mail", kind: "email", outcome: "DONE", code: null, at },
      ],
      messages: [
        { step: "feed", channelType: "IN_APP", status: "DELIVERED", content: { body: "Hello" }, attempts: [] },
        {
          step: "mail",
          channelType: "EMAIL",
          content: { subject: "New reply", text: "Hello" },
          address: { email: "ada@example.com" },
          recipient: { name: "Ada" },
          attempts: [{ number: 1, startedAt: at, finishedAt: at }],
        },
      ],
    });
    expect(byRecipient.user_2).toMatchObject({
      recipient: null,
      steps: [{ ref: "feed", outcome: "DONE" }, { ref: "mail", outcome: "SKIPPED", code: "MISSING_ADDRESS" }],
      messages: [{ step: "feed" }],
    });
  });

  test("decodes enums, tags and nulls on the way to zod", async () => {
    const workflow = {
      orderShipped: {
        order_id: "o_1",
        total: 12.5,
        items: 2,
        cents: 1_799_000_000_000,
        priority: "very_high",
        carrier: "_2fast",
        to: { street: "Gasse 1", city: "Bern" },
        note: null,
        grid: [[1, null], []],
        payment: { bank_transfer: { iban: "CH93", address: { street: "a", city: "b", country: "DE" } } },
      },
    };
    const { notification } = await notify({ workflow, recipients: ["user_1"] });
    const { notification: read } = await api.ask<{ notification: { data: object } }>("query ($id: ID!) { notification(id: $id) { data } }", notification);
    expect(read.data).toEqual({
      order_id: "o_1",
      total: 12.5,
      items: 2,
      cents: 1_799_000_000_000,
      express: false,
      priority: "very-high",
      carrier: "2fast",
      to: { street: "Gasse 1", city: "Bern", country: "CH" },
      billing: null,
      note: null,
      grid: [[1, null], []],
      payment: { kind: "bank-transfer", iban: "CH93", address: { street: "a", city: "b", country: "DE" } },
    });
  });

  test("reaches a list without the actor, with the membership", async () => {
    await api.ask(`mutation { addListMembers(list: "team", members: [{ userId: "user_1", properties: { role: "lead" } }, { userId: "user_2" }]) { __typename } }`);
    const { notification } = await notify({ workflow: { ping: {} }, lists: ["team", "nobody"], actor: "user_2", identify: [{ id: "user_2" }] });
    await driven.settle();
    const { notification: read } = await api.ask<{ notification: object }>(
      "query ($id: ID!) { notification(id: $id) { lists warnings { code path } runs { edges { node { recipientId list } } } } }",
      notification,
    );
    expect(read).toEqual({
      lists: ["team", "nobody"],
      warnings: [{ code: "UNKNOWN_LIST", path: "lists.1" }],
      runs: { edges: [{ node: { recipientId: "user_1", list: "team" } }] },
    });
  });

  test("several at once: one result each, in order", async () => {
    const inputs = [
      { workflow: { ping: {} }, recipients: ["user_1"] },
      { workflow: { ping: {} } },
      { workflow: thread, recipients: ["user_1"], idempotencyKey: "k" },
      { workflow: thread, recipients: ["user_1"], idempotencyKey: "k" },
    ];
    const { notifyMany } = await api.ask<{ notifyMany: object[] }>(
      `mutation ($inputs: [NotifyInput!]!) { notifyMany(inputs: $inputs) { __typename ... on Error { code } } }`,
      { inputs },
    );
    expect(notifyMany.map((result) => Object.values(result).join(" "))).toEqual([
      "NotifySuccess",
      "RecipientsRequiredError RECIPIENTS_REQUIRED",
      "NotifySuccess",
      "DuplicateNotificationError DUPLICATE_NOTIFICATION",
    ]);
  });

  test("by key and JSON", async () => {
    const { notifyDynamic } = await api.ask<{ notifyDynamic: Result }>(
      NOTIFY.replace("NotifyInput!", "NotifyDynamicInput!").replace("notify(", "notifyDynamic("),
      { input: { workflow: "thread_replied", data: { thread: { text: "Hi" } }, recipients: ["user_1"], identify: [ada] } },
    );
    expect(notifyDynamic).toMatchObject({ __typename: "NotifySuccess", warnings: [] });
  });
});

describe("a call that fails stores nothing", () => {
  const before = { notifications: 0, users: 0, keys: 0 };
  test.each<[string, object, object]>([
    ["nobody named", { workflow: { ping: {} }, recipients: [], lists: [] }, { __typename: "RecipientsRequiredError", code: "RECIPIENTS_REQUIRED" }],
    [
      "invalid data",
      { workflow: { threadReplied: { thread: { text: "", replies: [{ text: "" }] } } }, recipients: ["user_1"] },
      { __typename: "InvalidDataError", issues: [{ path: "data.thread.text", code: "too_small" }, { path: "data.thread.replies.0.text", code: "too_small" }] },
    ],
    ["an unknown actor", { workflow: { ping: {} }, recipients: ["user_1"], actor: "nobody" }, { __typename: "UnknownActorError", actor: "nobody" }],
    ["a bad user", { workflow: { ping: {} }, recipients: ["user_1"], identify: [ada, { id: "", properties: 5 }] }, { __typename: "InvalidInputError", issues: [{ path: "identify.1.id" }, { path: "identify.1.properties" }] }],
    ["a bad name of a list", { workflow: { ping: {} }, lists: ["a b"] }, { __typename: "InvalidInputError", issues: [{ path: "lists.0" }] }],
    ["a key that is too long", { workflow: { ping: {} }, recipients: ["u"], idempotencyKey: "k".repeat(256) }, { __typename: "InvalidInputError", issues: [{ path: "idempotencyKey" }] }],
  ])("%s", async (_name, input, result) => {
    expect(await notify({ idempotencyKey: "key", identify: [ada], ...input })).toMatchObject(result);
    expect(await stored()).toEqual(before);
  });

  test("a workflow that is switched off, and on again", async () => {
    const turn = (status: string) => api.ask(`mutation { setWorkflowStatus(workflow: "ping", status: ${status}) { ... on SetWorkflowStatusSuccess { workflow { key status } } } }`);
    expect(await turn("INACTIVE")).toEqual({ setWorkflowStatus: { workflow: { key: "ping", status: "INACTIVE" } } });
    const input = { workflow: { ping: {} }, recipients: ["user_1"], identify: [ada], idempotencyKey: "key" };
    expect(await notify(input)).toMatchObject({ __typename: "WorkflowInactiveError", workflow: "ping", hint: expect.stringContaining("setWorkflowStatus") });
    expect(await stored()).toEqual(before);
    await turn("ACTIVE");
    expect(await notify(input)).toMatchObject({ __typename: "NotifySuccess" });
    const unknown = await api.ask(`mutation { setWorkflowStatus(workflow: "pong", status: ACTIVE) { ... on UnknownWorkflowError { code nearest } } }`);
    expect(unknown).toEqual({ setWorkflowStatus: { code: "UNKNOWN_WORKFLOW", nearest: "ping" } });
  });

  test("a used key says by whom, and whether the input was the same", async () => {
    const input = { workflow: { ping: {} }, recipients: ["user_1"], idempotencyKey: "key" };
    const first = await notify(input);
    const duplicate = { __typename: "DuplicateNotificationError", notificationId: first.notification.id, firstAt: "2026-01-05T09:00:00.000Z" };
    expect(await notify(input)).toMatchObject({ ...duplicate, sameInput: true });
    expect(await notify({ ...input, recipients: ["user_2"] })).toMatchObject({ ...duplicate, sameInput: false });
    expect(await stored()).toMatchObject({ notifications: 1, keys: 1 });
  });

  test("an unknown workflow is answered with the one that was probably meant", async () => {
    const { notifyDynamic } = await api.ask<{ notifyDynamic: object }>(
      `mutation { notifyDynamic(input: { workflow: "thread-replied", recipients: ["u"] }) { ... on UnknownWorkflowError { code nearest } } }`,
    );
    expect(notifyDynamic).toEqual({ code: "UNKNOWN_WORKFLOW", nearest: "thread_replied" });
  });
});

test("cancelling ends what is unfinished and says what it was", async () => {
  const cancel = (more = "") => api.ask<{ cancelNotifications: object }>(`mutation { cancelNotifications(cancellationKey: "c"${more}) { ... on CancelNotificationsSuccess { notifications { id status } runs } } }`);
  expect(await cancel()).toEqual({ cancelNotifications: { notifications: [], runs: 0 } });
  const { notification } = await notify({ workflow: { ping: {} }, recipients: ["user_1", "user_2"], cancellationKey: "c" });
  expect(await cancel(', recipients: ["user_3"]')).toMatchObject({ cancelNotifications: { runs: 0 } });
  expect(await cancel()).toEqual({ cancelNotifications: { notifications: [{ id: notification.id, status: "CANCELLED" }], runs: 0 } });
  await driven.settle();
  expect(await api.ask("query ($id: ID!) { notification(id: $id) { counts { total messages } } }", notification)).toEqual({
    notification: { counts: { total: 0, messages: 0 } },
  });
});
