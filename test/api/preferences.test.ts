// Preferences as clients change and read them, and what they mean for a workflow.
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { setPreferences } from "../../src/engine/directory/preferences.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { type Driven, drive } from "../support/engine.ts";
import { type Api, apiOf } from "../support/graphql.ts";

const digest = workflow("digest", {
  data: z.object({ urgent: z.boolean().default(false) }),
  category: ["news", "weekly"],
})
  .inApp("feed", { body: "News" })
  .branch("route", (b) =>
    b
      .when(
        "loud",
        ({ recipient }) => recipient.phoneNumber as never,
        (w) => w.sms("text", { body: "News" }),
      )
      .otherwise((w) => w.email("mail", { subject: "News", body: "News" })),
  );

let database: Database;
let driven: Driven;
let api: Api;

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  driven = await drive({
    database,
    handles: [digest],
    preferences: { categories: { weekly: { channelTypes: { sms: false } } } },
  });
  api = apiOf(driven.knock.engine);
});

const FAILURE = "... on Error { code } ... on InvalidInputError { issues { path code message } }";

describe("preferences", () => {
  const set = async (input: object) =>
    (
      await api.ask<{ setPreferences: object }>(
        `mutation ($input: PreferencesInput!) { setPreferences(input: $input) { ... on SetPreferencesSuccess { preferences } ${FAILURE} } }`,
        { input },
      )
    ).setPreferences;
  const read = async (tenant?: string, data?: object) =>
    (
      await api.ask<{ userPreferences: Record<string, unknown> }>(
        `query ($tenant: ID, $data: JSON) { userPreferences(userId: "u", tenant: $tenant) { preferences sets { layer preferences }
      explain(workflow: "digest", data: $data) { step channel channelType allowed reason layer entry } } }`,
        { tenant, data },
      )
    ).userPreferences;

  test("without any, the environment's default holds", async () => {
    expect(await read()).toEqual({
      preferences: { categories: { weekly: { channelTypes: { sms: false } } } },
      sets: [{ layer: "ENVIRONMENT", preferences: { categories: { weekly: { channelTypes: { sms: false } } } } }],
      explain: [
        {
          step: "feed",
          channel: "inApp",
          channelType: "IN_APP",
          allowed: true,
          reason: expect.any(String),
          layer: null,
          entry: null,
        },
        {
          step: "text",
          channel: "sms",
          channelType: "SMS",
          allowed: false,
          reason: expect.stringContaining("environment"),
          layer: "ENVIRONMENT",
          entry: "categories.weekly.channelTypes.sms",
        },
        {
          step: "mail",
          channel: "email",
          channelType: "EMAIL",
          allowed: true,
          reason: expect.any(String),
          layer: null,
          entry: null,
        },
      ],
    });
  });

  test("replace and merge, and say which set decided", async () => {
    expect(
      await set({ userId: "u", preferences: { channelTypes: { email: false }, workflows: { digest: true } } }),
    ).toEqual({ preferences: { channelTypes: { email: false }, workflows: { digest: true } } });
    expect(await set({ userId: "u", mode: "MERGE", preferences: { channelTypes: { sms: false } } })).toEqual({
      preferences: { channelTypes: { email: false, sms: false }, workflows: { digest: true } },
    });
    const { explain } = (await read()) as { explain: { step: string }[] };
    expect(explain.find(({ step }) => step === "mail")).toMatchObject({
      allowed: false,
      layer: "RECIPIENT",
      entry: "channelTypes.email",
    });
    expect(await set({ userId: "u", mode: "REPLACE", preferences: {} })).toEqual({ preferences: {} });
  });

  test("of tenants, and of users at tenants", async () => {
    await set({ userId: "u", preferences: { channelTypes: { inApp: false } } });
    await set({ tenant: "acme", preferences: { channelTypes: { email: false } } });
    await set({ userId: "u", tenant: "acme", preferences: { channelTypes: { email: true } } });
    expect(await read("acme")).toMatchObject({
      sets: [{ layer: "RECIPIENT_TENANT" }, { layer: "TENANT" }, { layer: "ENVIRONMENT" }],
      explain: [{ allowed: true }, {}, { allowed: true, layer: "RECIPIENT_TENANT" }],
    });
    expect(await read()).toMatchObject({
      sets: [{ layer: "RECIPIENT" }, { layer: "ENVIRONMENT" }],
      explain: [{ allowed: false, layer: "RECIPIENT" }, {}, {}],
    });
  });

  test("conditions read the user and the data that the question brings", async () => {
    await api.ask(`mutation { upsertUser(input: { id: "u", properties: { plan: "pro" } }) { __typename } }`);
    const only = (ref: string, value: unknown) => ({
      channelTypes: { email: { conditions: [{ op: "eq", ref, to: { value } }] } },
    });
    await set({ userId: "u", preferences: only("recipient.plan", "pro") });
    expect(await read()).toMatchObject({ explain: [{}, {}, { allowed: true }] });
    await set({ userId: "u", preferences: only("data.urgent", true) });
    expect(await read()).toMatchObject({ explain: [{}, {}, { allowed: false }] });
    expect(await read(undefined, { urgent: true })).toMatchObject({ explain: [{}, {}, { allowed: true }] });
  });

  test.each<[string, object, string]>([
    ["an unknown member", { userId: "u", preferences: { chanels: {} } }, "preferences.chanels"],
    [
      "an unknown kind of channel",
      { userId: "u", preferences: { channelTypes: { fax: true } } },
      "preferences.channelTypes.fax",
    ],
    [
      "a text for a switch",
      { userId: "u", preferences: { workflows: { digest: "off" } } },
      "preferences.workflows.digest",
    ],
    ["nobody named", { preferences: {} }, "userId"],
    ["an empty user id", { userId: "", preferences: {} }, "userId"],
    ["a tenant named default", { userId: "u", tenant: "default", preferences: {} }, "tenant"],
  ])("refuse %s", async (_name, input, path) => {
    expect(await set(input)).toMatchObject({ code: "INVALID_INPUT", issues: [{ path }] });
  });

  test("an unknown workflow is an error with the one that was meant", async () => {
    const { errors } = await api.send(`{ userPreferences(userId: "u") { explain(workflow: "digst") { step } } }`);
    expect(errors[0]).toMatchObject({
      message: 'There is no workflow "digst".',
      extensions: { code: "UNKNOWN_WORKFLOW", hint: 'Did you mean "digest"?' },
    });
  });

  test("library calls too", async () => {
    const outcome = await setPreferences(driven.knock.engine.context, {
      of: { userId: "u" },
      preferences: { channelTypes: { email: 5 } },
    });
    expect(outcome).toMatchObject({ ok: false, error: { code: "INVALID_INPUT" } });
  });
});
