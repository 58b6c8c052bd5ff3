// The whole way: a call, its runs and messages, and everything that can be read of them.
import { beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { type Driven, drive } from "../support/engine.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { ada, NOTIFY, type Result, thread } from "./fixtures/notify-operation.ts";
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

const notify = async (input: object): Promise<Result> => (await api.ask<{ notify: Result }>(NOTIFY, { input })).notify;

describe("a call that succeeds", () => {
  test("answers when it is stored, and everything is readable from it", async () => {
    const result = await notify({
      workflow: thread,
      recipients: ["user_1", "user_2", "user_1"],
      identify: [ada],
      actor: "user_1",
    });
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
      steps: [
        { ref: "feed", outcome: "DONE" },
        { ref: "mail", outcome: "SKIPPED", code: "MISSING_ADDRESS" },
      ],
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
    const { notification: read } = await api.ask<{ notification: { data: object } }>(
      "query ($id: ID!) { notification(id: $id) { data } }",
      notification,
    );
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
    await api.ask(
      `mutation { addListMembers(list: "team", members: [{ userId: "user_1", properties: { role: "lead" } }, { userId: "user_2" }]) { __typename } }`,
    );
    const { notification } = await notify({
      workflow: { ping: {} },
      lists: ["team", "nobody"],
      actor: "user_2",
      identify: [{ id: "user_2" }],
    });
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
      {
        input: {
          workflow: "thread_replied",
          data: { thread: { text: "Hi" } },
          recipients: ["user_1"],
          identify: [ada],
        },
      },
    );
    expect(notifyDynamic).toMatchObject({ __typename: "NotifySuccess", warnings: [] });
  });
});

test("cancelling ends what is unfinished and says what it was", async () => {
  const cancel = (more = "") =>
    api.ask<{ cancelNotifications: object }>(
      `mutation { cancelNotifications(cancellationKey: "c"${more}) { ... on CancelNotificationsSuccess { notifications { id status } runs } } }`,
    );
  expect(await cancel()).toEqual({ cancelNotifications: { notifications: [], runs: 0 } });
  const { notification } = await notify({
    workflow: { ping: {} },
    recipients: ["user_1", "user_2"],
    cancellationKey: "c",
  });
  expect(await cancel(', recipients: ["user_3"]')).toMatchObject({ cancelNotifications: { runs: 0 } });
  expect(await cancel()).toEqual({
    cancelNotifications: { notifications: [{ id: notification.id, status: "CANCELLED" }], runs: 0 },
  });
  await driven.settle();
  expect(
    await api.ask("query ($id: ID!) { notification(id: $id) { counts { total messages } } }", notification),
  ).toEqual({
    notification: { counts: { total: 0, messages: 0 } },
  });
});
