// Why somebody did or did not get something, as clients ask it; and that the command line tells the same both ways.
import { beforeEach, describe, expect, test } from "vitest";
import { parse, validate } from "graphql";
import { z } from "zod";
import { buildSchema } from "../../src/api/graphql/build-schema.ts";
import { newId } from "../../src/base/ids.ts";
import { EXPLAINED, toldLocally, toldRemotely } from "../../src/cli/explained.ts";
import { createClient } from "../../src/client/index.ts";
import { documents } from "../../src/client/documents.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { explain } from "../../src/engine/explain/explain.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, type Driven, drive } from "../support/engine.ts";
import { type Api, apiOf } from "../support/graphql.ts";

const data = z.object({ n: z.number().default(0) });
const digest = workflow("digest", { data, category: "news" })
  .batch("all", { window: "1h" })
  .inApp("feed", { body: "b" })
  .email("mail", { subject: "s", body: "b" });

let database: Database;
let driven: Driven;
let api: Api;
let ids: string[];

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  driven = await drive({
    database,
    handles: [digest],
    sandboxed: ["sms"],
    preferences: { categories: { news: true } },
  });
  api = apiOf(driven.knock.engine);
  await driven.knock.users.upsert({ id: "ada", email: "ada@example.com" });
  await driven.knock.lists.addMembers({ list: "team", members: [{ userId: "ada", properties: { KIND: "LOUD" } }] });
  await driven.knock.preferences.set({
    of: { userId: "ada", tenantId: "acme" },
    preferences: { channelTypes: { email: false } },
  });
  const notify = async (call: object) =>
    accepted(await driven.knock.engine.notify({ workflow: "digest", tenant: "acme", lists: ["team"], ...call }))
      .notification.id;
  ids = [await notify({}), await notify({})];
  await driven.advance("2h");
});

const ASK = `query ($userId: ID!, $notificationId: ID, $workflow: String, $from: DateTime, $until: DateTime) {
  explain(userId: $userId, notificationId: $notificationId, workflow: $workflow, from: $from, until: $until) {
    __typename ${EXPLAINED} ... on Error { code message hint } ... on InvalidInputError { issues { path code } } } }`;

const ask = async (variables: object) => (await api.ask<{ explain: Record<string, never> }>(ASK, variables)).explain;

test("every field is there, and the text with it", async () => {
  const { explanations } = await ask({ userId: "ada", notificationId: ids[1]!.toUpperCase() });
  expect(explanations).toMatchObject([
    {
      version: 1,
      notification: { id: ids[1], source: { kind: "CALL" } },
      reach: {
        recipient: true,
        code: "LIST",
        list: "team",
        membership: { KIND: "LOUD" },
        memberships: [{ asked: true }],
      },
      run: { status: "COMPLETED" },
      steps: [
        {
          ref: "all",
          outcome: "JOINED",
          batch: { count: 2, carrier: { own: false, notificationId: ids[0], status: "COMPLETED" } },
        },
        { ref: "feed", outcome: "UNREACHED", code: "RUN_ENDED" },
        { ref: "mail", outcome: "UNREACHED", code: "RUN_ENDED" },
      ],
      text: expect.stringMatching(/^Notification .*\nada is a recipient: .*\nRun .*\nall \(batch\): .*\n/) as string,
    },
  ]);
  const first = await ask({ userId: "ada", notificationId: ids[0] });
  expect((first.explanations as unknown as { steps: object[] }[])[0]!.steps).toMatchObject([
    { outcome: "DONE", batch: { carrier: { own: true, messages: [] } } },
    { message: { channelType: "IN_APP", status: "DELIVERED", address: null } },
    {
      outcome: "SKIPPED",
      code: "PREFERENCES",
      preferences: [
        { layer: "RECIPIENT_TENANT", entry: "channelTypes.email", allowed: false },
        { layer: "ENVIRONMENT", entry: "categories.news", allowed: true },
      ],
    },
  ]);
});

test("runs tell the preferences, too", async () => {
  const { notification } = await api.ask<{
    notification: { runs: { nodes: object[]; edges: { node: { steps: object[] } }[] } };
  }>(
    `query ($id: ID!) { notification(id: $id) { runs { edges { node { steps { ref preferences { layer entry allowed } } } } } } }`,
    { id: ids[0] },
  );
  expect(notification.runs.edges[0]!.node.steps[2]).toMatchObject({ preferences: [{ layer: "RECIPIENT_TENANT" }, {}] });
});

test("the command line tells the same through a server and through the database", async () => {
  for (const userId of ["ada", "bob"]) {
    const local = await explain(driven.knock.engine.context, { userId, workflow: "digest" });
    if (!local.ok) throw local.error;
    const remote = await ask({ userId, workflow: "digest" });
    const told = toldRemotely(JSON.parse(JSON.stringify(remote)));
    expect(told).toEqual(toldLocally(local));
    expect(told.explanations).toHaveLength(2);
  }
});

test("the client", async () => {
  const fetch = (input: RequestInfo | URL, init?: RequestInit) => api.handle(new Request(input, init));
  const knock = createClient<Record<"digest", typeof digest>>({ url: "http://knock.test", fetch });
  const told = await knock.explain("ada", { workflow: "digest", from: new Date(0) });
  expect(told).toMatchObject({ ok: true, more: false, reason: null, explanations: [{ reach: { code: "LIST" } }, {}] });
  const missing = await knock.explain("ada", { notificationId: newId(new Date(0)) });
  expect(missing).toMatchObject({ ok: false, error: { code: "NOT_FOUND" } });
  const schema = buildSchema(driven.knock.engine.context.registry());
  expect(validate(schema, parse(documents.explain))).toEqual([]);
});

describe("bad input is told", () => {
  test.each<[object, object]>([
    [{}, { code: "INVALID_INPUT", issues: [{ path: "notificationId", code: "required" }] }],
    [{ notificationId: "x".repeat(10_000) }, { code: "INVALID_INPUT", issues: [{ path: "notificationId" }] }],
    [{ workflow: "x".repeat(10_000) }, { code: "INVALID_INPUT", issues: [{ path: "workflow" }] }],
    [{ notificationId: newId(new Date(0)) }, { code: "NOT_FOUND" }],
    [{ workflow: "digests" }, { code: "UNKNOWN_WORKFLOW", nearest: "digest" }],
    [
      { workflow: "digest", from: "2026-01-02", until: "2026-01-01" },
      { code: "INVALID_INPUT", issues: [{ path: "until" }] },
    ],
  ])("%j", async (given, expected) => {
    expect(await ask({ userId: "ada", ...given })).toMatchObject(expected);
  });

  test("a time that is none, a missing user, and a key that may not read", async () => {
    const bad = await api.send(ASK, { userId: "ada", workflow: "digest", from: "yesterday" });
    expect(bad.errors[0]!.extensions.code).toBe("BAD_USER_INPUT");
    expect((await api.send("{ explain { __typename } }")).errors[0]!.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    const guarded = apiOf(driven.knock.engine, { auth: true });
    expect((await guarded.send(ASK, { userId: "ada", workflow: "digest" })).errors[0]!.extensions.code).toBe(
      "UNAUTHENTICATED",
    );
  });
});
