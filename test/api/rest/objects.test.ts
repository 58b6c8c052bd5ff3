// What is refused of objects, subscriptions, tenants, audiences and schedules, and who may do what.
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../../src/definition/workflow.ts";
import type { Database } from "../../../src/store/database.ts";
import { emptyTables, testDatabase } from "../../support/database.ts";
import { drive, type Driven } from "../../support/engine.ts";
import { count } from "../../support/inspect.ts";
import { type Rest, restOf } from "../../support/rest.ts";

const news = workflow("news", { data: z.looseObject({}), examples: { one: {} } }).inApp("feed", { body: "x" });

let database: Database;
let driven: Driven;
let rest: Rest;
beforeAll(async () => {
  database = await testDatabase();
  await emptyTables(database);
  driven = await drive({ database, handles: [news], preferences: { channelTypes: { sms: false } } });
  rest = restOf(driven.knock);
});

const PROJECT = "/v1/objects/projects/7";
const long = "x".repeat(300);
const many = (length: number) => Array.from({ length }, (_, index) => `u${index}`);

test.each<[string, string, unknown?]>([
  ["PUT", `/v1/objects/projects/${long}`, {}],
  ["PUT", PROJECT, { locale: "no locale" }],
  ["PUT", PROJECT, { timezone: "Mars" }],
  ["PUT", PROJECT, { big: "x".repeat(300_000) }],
  ["PUT", PROJECT, { name: 7 }],
  ["PUT", PROJECT, { bad: "nul\u0000" }],
  ["PUT", PROJECT, { channel_data: { nowhere: {} } }],
  ["PUT", PROJECT, { preferences: { default: { channel_types: { pigeon: true } } } }],
  ["GET", "/v1/objects/projects?page_size=51"],
  ["GET", "/v1/objects/projects?after=nonsense"],
  ["POST", "/v1/objects/projects/bulk/set", {}],
  ["POST", "/v1/objects/projects/bulk/set", { objects: [{ name: "no id" }] }],
  ["POST", "/v1/objects/projects/bulk/set", { objects: many(1_001).map((id) => ({ id })) }],
  ["POST", "/v1/objects/projects/bulk/delete", { object_ids: many(1_001) }],
  ["POST", `${PROJECT}/subscriptions`, { recipients: [] }],
  ["POST", `${PROJECT}/subscriptions`, { recipients: [7] }],
  ["POST", `${PROJECT}/subscriptions`, { recipients: [""] }],
  ["POST", `${PROJECT}/subscriptions`, { recipients: [{ id: "#projects/1" }] }],
  ["POST", `${PROJECT}/subscriptions`, { recipients: [{ collection: "", id: "1" }] }],
  ["POST", `${PROJECT}/subscriptions`, { recipients: [{ collection: "\ud800", id: "1", name: "x" }] }],
  ["POST", `${PROJECT}/subscriptions`, { recipients: ["ada"], properties: "text" }],
  ["GET", `${PROJECT}/subscriptions?mode=sideways`],
  ["DELETE", `${PROJECT}/subscriptions`, {}],
  ["POST", "/v1/objects/projects/bulk/subscriptions/add", { subscriptions: [{ id: long, recipients: ["ada"] }] }],
  ["PUT", "/v1/tenants/default", { name: "x" }],
  ["PUT", `/v1/tenants/${long}`, {}],
  ["PUT", "/v1/tenants/acme", { name: 7 }],
  ["PUT", "/v1/tenants/acme", { settings: { preference_set: { channel_types: { pigeon: true } } } }],
  ["PUT", "/v1/tenants/acme", { channel_data: { feed: {} } }],
  ["POST", "/v1/tenants/bulk/set", { tenants: [{ name: "no id" }] }],
  ["POST", "/v1/tenants/bulk/set", { tenants: ["fine", "default"] }],
  ["POST", "/v1/tenants/bulk/delete"],
  ["POST", "/v1/audiences/with%20space/members?create_audience=true", { members: [{ user: "ada" }] }],
  ["POST", "/v1/audiences/%23projects%2F7/members?create_audience=true", { members: [{ user: "ada" }] }],
  ["POST", "/v1/audiences/vip/members?create_audience=true", { members: [{ user: { collection: "c", id: "1" } }] }],
  ["POST", "/v1/audiences/vip/members?create_audience=true", { members: [{ user: "ada", tenant: "default" }] }],
  ["POST", "/v1/audiences/vip/members?create_audience=true", { members: many(1_001).map((user) => ({ user })) }],
  ["POST", "/v1/schedules", { workflow: "news", recipients: ["ada"] }],
  ["POST", "/v1/schedules", { workflow: "news", recipients: [], scheduled_at: "2026-02-01T00:00:00Z" }],
  ["POST", "/v1/schedules", { workflow: "news", recipients: ["ada"], scheduled_at: "soon" }],
  ["POST", "/v1/schedules", { workflow: "news", recipients: ["ada"], repeats: [{ frequency: "yearly" }] }],
  ["POST", "/v1/schedules", { workflow: "news", recipients: ["ada"], repeats: [{ frequency: "daily", hours: 24 }] }],
  [
    "POST",
    "/v1/schedules",
    { workflow: "news", recipients: ["ada"], repeats: [{ frequency: "monthly", day_of_month: 0 }] },
  ],
  [
    "POST",
    "/v1/schedules",
    { workflow: "news", recipients: ["ada"], repeats: [{ frequency: "daily" }, { frequency: "daily" }] },
  ],
  ["PUT", "/v1/schedules", { schedule_ids: [] }],
  ["POST", "/v1/schedules/bulk/create", { schedules: [{ workflow: "news", recipient: "ada" }] }],
])("refused: %s %.60s %.80j", async (method, path, body) => {
  const { status, body: refusal } = await rest.call<{ code: string; errors: unknown[] }>(method, path, { body });
  expect([status, refusal.code, refusal.errors.length > 0]).toEqual([422, "invalid_params", true]);
  for (const table of ["users", "lists", "tenants", "schedules", "bulk_operations", "preference_sets"])
    expect([table, await count(database, table)]).toEqual([table, 0]);
});

test.each<[string, string, unknown?]>([
  ["GET", PROJECT],
  ["DELETE", PROJECT],
  ["GET", `/v1/objects/projects/${long}`],
  ["GET", "/v1/tenants/acme"],
  ["DELETE", "/v1/tenants/acme"],
  ["GET", "/v1/audiences/vip/members"],
  ["POST", "/v1/audiences/vip/members", { members: [{ user: "ada" }] }],
  ["PUT", "/v1/schedules", { schedule_ids: ["no-id"], data: {} }],
  ["POST", "/v1/schedules", { workflow: "unknown", recipients: ["ada"], repeats: [{ frequency: "daily" }] }],
])("not there: %s %.60s", async (method, path, body) => {
  expect((await rest.call(method, path, { body })).status).toBe(404);
});

describe("answers", () => {
  beforeEach(() => emptyTables(database));

  test("of lists are empty where there is nothing", async () => {
    const empty = { status: 200, body: { entries: [], page_info: { after: null, before: null } } };
    for (const path of [
      "/v1/objects/none",
      `${PROJECT}/subscriptions`,
      `${PROJECT}/subscriptions?mode=recipient`,
      "/v1/users/ada/subscriptions",
      "/v1/tenants",
      "/v1/schedules",
      "/v1/users/ada/schedules",
      `${PROJECT}/schedules`,
    ])
      expect(await rest.get(path)).toMatchObject(empty);
    expect(await rest.delete(`${PROJECT}/subscriptions`, { recipients: ["ada"] })).toMatchObject({
      status: 200,
      body: [],
    });
    expect(await rest.delete("/v1/schedules", { schedule_ids: ["no-id"] })).toMatchObject({ status: 200, body: [] });
  });

  test("an object comes with preferences and addresses, and its id may be any text", async () => {
    const path = "/v1/objects/p%2Fq/%23%C3%A4%20b";
    const set = { channel_types: { email: false } };
    const { body } = await rest.put(path, {
      name: "N",
      channel_data: { push: { tokens: ["t"] } },
      preferences: { default: set },
    });
    expect(body).toMatchObject({ collection: "p/q", id: "#ä b", properties: { name: "N" } });
    expect(await rest.get(`${path}/preferences/default`)).toMatchObject({ body: set });
    expect(await rest.get(`${path}/channel_data/push`)).toMatchObject({ body: { data: { tokens: ["t"] } } });
  });

  test("a schedule that these words cannot say has no repeat rules, and one of lists is not shown", async () => {
    const create = driven.knock.schedules.create;
    await create(news, { recipients: ["ada"], data: {}, recurrence: "*/10 * * * *" });
    await create(news, { lists: ["all"], data: {}, recurrence: "0 9 * * *" });
    await create(news, { recipients: ["ada"], data: {}, recurrence: "RRULE:FREQ=DAILY;BYHOUR=9,17" });
    await create(news, { recipients: ["ada"], data: {}, recurrence: "RRULE:FREQ=WEEKLY;BYDAY=MO,SU;BYHOUR=9" });
    const { body } = await rest.get<{ entries: { repeats: object[] }[] }>("/v1/schedules");
    expect(body.entries.map(({ repeats }) => repeats)).toEqual([
      [
        {
          __typename: "ScheduleRepeat",
          frequency: "weekly",
          interval: 1,
          days: ["mon", "sun"],
          hours: 9,
          minutes: null,
          day_of_month: null,
        },
      ],
      [],
      [],
    ]);
  });

  test("a schedule begins when it says, in the recipient's zone", async () => {
    await driven.knock.users.upsert({ id: "ada", timezone: "Europe/Zurich" });
    const weekly = { frequency: "weekly", days: "weekdays", hours: 9 };
    const created = await rest.post<{ next_occurrence_at: string }[]>("/v1/schedules", {
      workflow: "news",
      recipients: ["ada"],
      scheduled_at: "2026-01-10T00:00:00",
      repeats: [weekly],
    });
    expect(created.body).toMatchObject([
      { scheduled_at: "2026-01-10T00:00:00.000Z", next_occurrence_at: "2026-01-12T08:00:00.000Z" },
    ]);
  });
});
