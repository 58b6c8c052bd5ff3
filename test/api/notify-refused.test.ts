// Calls that fail: what they answer, and that nothing is stored.
import { beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { rows } from "../../src/store/executor.ts";
import { sql } from "drizzle-orm";
import { type Driven, drive } from "../support/engine.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { ada, NOTIFY, type Result } from "./fixtures/notify-operation.ts";
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
const stored = async () => {
  const [found] = await rows<{ notifications: number; users: number; keys: number }>(
    database.db,
    sql`select (select count(*)::int from knock.notifications) as notifications, (select count(*)::int from knock.users) as users,
      (select count(*)::int from knock.idempotency_keys) as keys`,
  );
  return found;
};

describe("a call that fails stores nothing", () => {
  const before = { notifications: 0, users: 0, keys: 0 };
  test.each<[string, object, object]>([
    [
      "nobody named",
      { workflow: { ping: {} }, recipients: [], lists: [] },
      { __typename: "RecipientsRequiredError", code: "RECIPIENTS_REQUIRED" },
    ],
    [
      "invalid data",
      { workflow: { threadReplied: { thread: { text: "", replies: [{ text: "" }] } } }, recipients: ["user_1"] },
      {
        __typename: "InvalidDataError",
        issues: [
          { path: "data.thread.text", code: "too_small" },
          { path: "data.thread.replies.0.text", code: "too_small" },
        ],
      },
    ],
    [
      "an unknown actor",
      { workflow: { ping: {} }, recipients: ["user_1"], actor: "nobody" },
      { __typename: "UnknownActorError", actor: "nobody" },
    ],
    [
      "a bad user",
      { workflow: { ping: {} }, recipients: ["user_1"], identify: [ada, { id: "", properties: 5 }] },
      { __typename: "InvalidInputError", issues: [{ path: "identify.1.id" }, { path: "identify.1.properties" }] },
    ],
    [
      "a bad name of a list",
      { workflow: { ping: {} }, lists: ["a b"] },
      { __typename: "InvalidInputError", issues: [{ path: "lists.0" }] },
    ],
    [
      "a key that is too long",
      { workflow: { ping: {} }, recipients: ["u"], idempotencyKey: "k".repeat(256) },
      { __typename: "InvalidInputError", issues: [{ path: "idempotencyKey", code: "too_big" }] },
    ],
    [
      "an empty idempotency key",
      { workflow: { ping: {} }, recipients: ["u"], idempotencyKey: "" },
      { __typename: "InvalidInputError", issues: [{ path: "idempotencyKey", code: "too_small" }] },
    ],
  ])("%s", async (_name, input, result) => {
    expect(await notify({ idempotencyKey: "key", identify: [ada], ...input })).toMatchObject(result);
    expect(await stored()).toEqual(before);
  });

  test("a workflow that is switched off, and on again", async () => {
    const turn = (status: string) =>
      api.ask(
        `mutation { setWorkflowStatus(workflow: "ping", status: ${status}) { ... on SetWorkflowStatusSuccess { workflow { key status } } } }`,
      );
    expect(await turn("INACTIVE")).toEqual({ setWorkflowStatus: { workflow: { key: "ping", status: "INACTIVE" } } });
    const input = { workflow: { ping: {} }, recipients: ["user_1"], identify: [ada], idempotencyKey: "key" };
    expect(await notify(input)).toMatchObject({
      __typename: "WorkflowInactiveError",
      workflow: "ping",
      hint: expect.stringContaining("setWorkflowStatus"),
    });
    expect(await stored()).toEqual(before);
    await turn("ACTIVE");
    expect(await notify(input)).toMatchObject({ __typename: "NotifySuccess" });
    const unknown = await api.ask(
      `mutation { setWorkflowStatus(workflow: "pong", status: ACTIVE) { ... on UnknownWorkflowError { code nearest } } }`,
    );
    expect(unknown).toEqual({ setWorkflowStatus: { code: "UNKNOWN_WORKFLOW", nearest: "ping" } });
  });

  test("a used key says by whom, and whether the input was the same", async () => {
    const input = { workflow: { ping: {} }, recipients: ["user_1"], idempotencyKey: "key" };
    const first = await notify(input);
    const duplicate = {
      __typename: "DuplicateNotificationError",
      notificationId: first.notification.id,
      firstAt: "2026-01-05T09:00:00.000Z",
    };
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
