import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../../src/definition/workflow.ts";
import type { Database } from "../../../src/store/database.ts";
import { emptyTables, testDatabase } from "../../support/database.ts";
import { captured, drive, type Driven } from "../../support/engine.ts";
import { ask, count } from "../../support/inspect.ts";
import { type Rest, restOf } from "../../support/rest.ts";

const invited = workflow("new-user-invited", {
  data: z.object({ name: z.string(), n: z.number().optional() }),
  examples: { one: { name: "Grace" } },
}).email("mail", {
  subject: ({ data }) => data.name,
  body: ({ recipient, actor }) => `${recipient.name} ${actor?.name}`,
});

const later = workflow("later", { data: z.looseObject({}), examples: { one: {} } })
  .delay("wait", "1h")
  .inApp("feed", { body: "x" });

let database: Database;
let driven: Driven;
let rest: Rest;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [invited, later] });
  rest = restOf(driven.knock);
});

const PATH = "/v1/workflows/new-user-invited/trigger";
const data = { name: "Grace" };
const trigger = (body: object, headers: Record<string, string> = {}) =>
  rest.post<{ workflow_run_id: string; code: string; errors: { field: string; message: string }[] }>(
    PATH,
    { data, ...body },
    headers,
  );

describe("a trigger", () => {
  test("reaches recipients in all forms, each made known first", async () => {
    await rest.put("/v1/users/ada", { name: "Ada", email: "ada@example.com" });
    const { status, body } = await trigger({
      recipients: [
        "ada",
        { id: "bob", name: "Bob", email: "bob@example.com", plan: "pro" },
        { collection: "projects", id: "7", name: "Roadmap", email: "roadmap@example.com" },
      ],
      actor: { id: "lin", name: "Lin" },
      tenant: { id: "acme", name: "Acme", region: "eu" },
    });
    expect(status).toBe(200);
    await driven.settle();
    const sent = captured(driven, "email").messages.map(({ to, message }) => [to.email, message.text.trim()]);
    expect(sent.toSorted()).toEqual([
      ["ada@example.com", "Ada Lin"],
      ["bob@example.com", "Bob Lin"],
      ["roadmap@example.com", "Roadmap Lin"],
    ]);
    expect(await ask(database, sql`select id::text from knock.notifications`)).toEqual([{ id: body.workflow_run_id }]);
    expect((await rest.get("/v1/users/bob")).body).toMatchObject({ plan: "pro", __typename: "User" });
    expect(await ask(database, sql`select id, name, properties from knock.tenants`)).toEqual([
      { id: "acme", name: "Acme", properties: { region: "eu" } },
    ]);
  });

  test("brings channel data and preferences along, and stores nothing of them when it is refused", async () => {
    const person = {
      id: "ada",
      email: "ada@example.com",
      channel_data: { push: { tokens: ["t1"] } },
      preferences: { default: { channel_types: { email: false } }, acme: { workflows: { later: false } } },
    };
    const refused = await rest.post("/v1/workflows/new-user-invited/trigger", { recipients: [person], data: {} });
    expect(refused.status).toBe(422);
    expect([await count(database, "users"), await count(database, "preference_sets")]).toEqual([0, 0]);
    expect((await trigger({ recipients: [person] })).status).toBe(200);
    await driven.settle();
    expect(captured(driven, "email").messages).toEqual([]);
    const sets = await ask(database, sql`select set_id, document from knock.preference_sets order by set_id desc`);
    expect(sets).toEqual([
      { set_id: "default", document: { channelTypes: { email: false } } },
      { set_id: "acme", document: { workflows: { later: false } } },
    ]);
    expect(await ask(database, sql`select channel_data from knock.users`)).toEqual([
      { channel_data: { push: { tokens: ["t1"] } } },
    ]);
  });

  test.each<[string, object, number, string, string[]]>([
    ["no recipients", {}, 422, "invalid_params", ["recipients"]],
    ["an empty list of them", { recipients: [] }, 422, "invalid_params", ["recipients"]],
    [
      "data that does not fit",
      { recipients: ["ada"], data: { name: 1, n: "x" } },
      422,
      "invalid_params",
      ["data.name", "data.n"],
    ],
    ["an unknown actor", { recipients: ["ada"], actor: "nobody" }, 400, "actor_missing", []],
    [
      "data for one recipient",
      { recipients: [{ id: "ada", $trigger_data: { n: 1 } }] },
      422,
      "invalid_params",
      ["recipients.0.$trigger_data"],
    ],
    [
      "the sandbox",
      { recipients: ["ada"], settings: { sandbox_mode: true } },
      422,
      "invalid_params",
      ["settings.sandbox_mode"],
    ],
    [
      "an unknown channel",
      { recipients: [{ id: "ada", channel_data: { fax: {} } }] },
      422,
      "invalid_params",
      ["recipients.0.channel_data.fax"],
    ],
    [
      "a bad phone number",
      { recipients: [{ id: "ada", phone_number: "\u0007" }] },
      422,
      "invalid_params",
      ["recipients.0.phone_number"],
    ],
    ["a recipient without id", { recipients: [{ name: "Ada" }] }, 422, "invalid_params", ["recipients.0.id"]],
    [
      "a tenant's settings",
      { recipients: ["ada"], tenant: { id: "acme", settings: {} } },
      422,
      "invalid_params",
      ["tenant.settings"],
    ],
  ])("with %s is refused and makes nothing", async (_name, body, status, code, fields) => {
    const answer = await trigger(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect((answer.body.errors ?? []).map(({ field }) => field)).toEqual(fields);
    expect([await count(database, "notifications"), await count(database, "users")]).toEqual([0, 0]);
  });

  test("of a workflow that is unknown or switched off says so", async () => {
    const unknown = await rest.post("/v1/workflows/nothing/trigger", { recipients: ["ada"] });
    expect([unknown.status, unknown.body]).toMatchObject([404, { code: "workflow_missing" }]);
    const mistyped = await rest.post("/v1/workflows/new-user-invite/trigger", { recipients: ["ada"] });
    expect(mistyped.body.message).toContain('Did you mean "new-user-invited"?');
    await driven.knock.engine.setWorkflowStatus("new-user-invited", "inactive");
    const inactive = await trigger({ recipients: ["ada"] });
    expect([inactive.status, inactive.body.code]).toEqual([400, "workflow_inactive"]);
  });

  test("takes more than a thousand recipients", async () => {
    const recipients = Array.from({ length: 1_500 }, (_, index) => `user${index}`);
    expect((await trigger({ recipients })).status).toBe(200);
    await driven.settle();
    expect(await count(database, "runs")).toBe(1_500);
  });
});

describe("a key in the header", () => {
  const key = { "idempotency-key": "k" };

  test("lets a repetition answer as the first call, with nothing made", async () => {
    const first = await trigger({ recipients: ["ada"], tenant: { id: "acme" } }, key);
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    const again = await trigger({ recipients: ["ada"], tenant: { id: "acme" } }, key);
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.headers.get("original-x-request-id")).toBe(first.headers.get("x-request-id"));
    expect(again.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
    expect(await count(database, "notifications")).toBe(1);
  });

  test.each<[string, () => Promise<{ status: number; body: unknown }>]>([
    ["recipients", () => trigger({ recipients: ["bob"], tenant: { id: "acme" } }, key)],
    ["what comes with a tenant", () => trigger({ recipients: ["ada"], tenant: { id: "acme", plan: "pro" } }, key)],
    [
      "path",
      () => rest.post("/v1/workflows/later/trigger", { data, recipients: ["ada"], tenant: { id: "acme" } }, key),
    ],
  ])("with another %s is refused", async (_name, call) => {
    await trigger({ recipients: ["ada"], tenant: { id: "acme" } }, key);
    const { status, body } = await call();
    expect([status, body]).toMatchObject([
      422,
      { code: "idempotency_key_mismatch", errors: [{ field: "idempotency-key" }] },
    ]);
    expect(await count(database, "notifications")).toBe(1);
    expect(await ask(database, sql`select properties from knock.tenants`)).toEqual([{ properties: {} }]);
  });

  test("of many calls at once runs one, and the others replay it", async () => {
    const calls = await Promise.all(Array.from({ length: 8 }, () => trigger({ recipients: ["ada"] }, key)));
    expect(calls.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(new Set(calls.map(({ body }) => body.workflow_run_id)).size).toBe(1);
    expect(calls.filter(({ headers }) => headers.get("idempotent-replayed") === "true")).toHaveLength(7);
    expect(await count(database, "notifications")).toBe(1);
  });

  test("is not used up by a call that failed, and has at most 255 characters", async () => {
    expect((await trigger({ recipients: ["ada"], data: {} }, key)).status).toBe(422);
    expect((await trigger({ recipients: ["ada"] }, key)).status).toBe(200);
    const long = await trigger({ recipients: ["ada"] }, { "idempotency-key": "k".repeat(256) });
    expect([long.status, long.body.errors[0]!.field]).toEqual([422, "idempotency-key"]);
  });
});

describe("the oldest form", () => {
  test("takes lists, answers an id, and fails when its key was used", async () => {
    await driven.knock.lists.addMembers({ list: "team", members: [{ userId: "ada" }, { userId: "bob" }] });
    const body = { name: "new-user-invited", lists: ["team"], data, idempotencyKey: "k" };
    const first = await rest.post("/v1/notify", body);
    expect([first.status, first.body]).toEqual([
      200,
      { result_id: expect.any(String), workflow_run_id: expect.any(String) },
    ]);
    await driven.settle();
    expect(await count(database, "runs")).toBe(2);
    const again = await rest.post("/v1/notify", body);
    expect([again.status, again.body]).toMatchObject([422, { code: "idempotency_key_used" }]);
    const neither = await rest.post("/v1/notify", { name: "new-user-invited", data });
    expect([neither.status, neither.body]).toMatchObject([
      422,
      { errors: [{ field: "recipients", type: "required" }] },
    ]);
  });

  test.each(["cancelation_key", "cancellation_key"])("cancels by %s", async (name) => {
    await rest.post("/v1/notify", { name: "later", recipients: ["ada"], data: {}, cancellation_key: "c" });
    await driven.settle();
    expect((await rest.post("/v1/notify/cancel", { name: "later", [name]: "c" })).status).toBe(204);
    await driven.advance("2h");
    expect(await count(database, "messages")).toBe(0);
    expect((await rest.post("/v1/notify/cancel", { name: "later" })).status).toBe(422);
  });
});

describe("a cancel", () => {
  test("ends the runs of its workflow alone, of all or some recipients", async () => {
    const start = (key: string) =>
      rest.post(`/v1/workflows/${key}/trigger`, { recipients: ["ada", "bob"], data, cancellation_key: "c" });
    await start("later");
    await driven.settle();
    const cancel = (key: string, body: object = {}) =>
      rest.post(`/v1/workflows/${key}/cancel`, { cancellation_key: "c", ...body });
    const waiting = () =>
      ask(database, sql`select recipient_id as id from knock.runs where status = 'waiting' order by 1`);
    expect((await cancel("new-user-invited")).status).toBe(204);
    expect(await waiting()).toEqual([{ id: "ada" }, { id: "bob" }]);
    expect((await cancel("later", { recipients: ["bob"] })).status).toBe(204);
    expect(await waiting()).toEqual([{ id: "ada" }]);
    expect((await cancel("later")).status).toBe(204);
    expect(await waiting()).toEqual([]);
    expect((await cancel("nothing")).body).toMatchObject({ code: "workflow_missing" });
  });
});
