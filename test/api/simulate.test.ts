// Simulations over the API, through the client and through the library.
import { buildSchema as schemaOf, parse, validate } from "graphql";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { printSchema } from "graphql";
import { buildSchema } from "../../src/api/graphql/build-schema.ts";
import { createClient } from "../../src/client/index.ts";
import { documents } from "../../src/client/documents.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { createHash } from "node:crypto";
import { newId } from "../../src/base/ids.ts";
import { insertApiKey } from "../../src/store/api-keys.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { type Driven, drive, START } from "../support/engine.ts";
import { type Api, apiOf } from "../support/graphql.ts";
import { footprint } from "../support/inspect.ts";

const orderShipped = workflow("order-shipped", {
  data: z.object({ order_id: z.string(), items: z.int32().default(1) }),
})
  .inApp("feed", { body: ({ data }) => `Order ${data.order_id}: ${data.items}` })
  .delay("later", "2h")
  .email("mail", { subject: ({ data }) => data.order_id, body: "Shipped." })
  .waitFor("paid", { event: "paid", timeout: "1h", onTimeout: "halt" });

const workflows = { orderShipped };

let database: Database;
let driven: Driven;
let api: Api;

beforeEach(async () => {
  database ??= await testDatabase();
  await emptyTables(database);
  driven = await drive({ database, handles: [orderShipped] });
  api = apiOf(driven.knock.engine);
  await driven.knock.users.upsert({ id: "ada", name: "Ada", email: "ada@example.com" });
});

const TOLD = `__typename
  ... on SimulateSuccess { simulation {
    at workflow total simulated assumed omitted text warnings { code message path }
    runs { workflow recipientId via list existing status wakeAt failure { step reason }
      steps { ref kind outcome code reason values at }
      messages { step channel channelType to content status at scheduledAt sentAt } } } }
  ... on Error { code message hint }
  ... on InvalidDataError { issues { path message code } }
  ... on InvalidInputError { issues { path message code } }`;

const TYPED = `query ($input: NotifyInput!, $at: DateTime, $first: Int, $assume: JSON) {
  answer: simulate(input: $input, at: $at, first: $first, assume: $assume) { ${TOLD} } }`;

const DYNAMIC = `query ($input: NotifyDynamicInput!, $at: DateTime, $first: Int, $assume: JSON) {
  answer: simulateDynamic(input: $input, at: $at, first: $first, assume: $assume) { ${TOLD} } }`;

const typed = { workflow: { orderShipped: { order_id: "A-7", items: 2 } }, recipients: ["ada"] };
const dynamic = { workflow: "order-shipped", data: { order_id: "A-7", items: 2 }, recipients: ["ada"] };
const at = "2026-02-01T08:00:00.000Z";

test("typed and dynamic calls are told alike, and nothing is stored", async () => {
  const before = await footprint(database);
  const { answer } = await api.ask<{ answer: object }>(TYPED, { input: typed, at });
  expect(answer).toMatchObject({
    __typename: "SimulateSuccess",
    simulation: {
      at,
      workflow: "order-shipped",
      total: 1,
      simulated: 1,
      warnings: [],
      assumed: ['"paid" does not happen', "providers accept every message at once"],
      runs: [
        {
          recipientId: "ada",
          status: "HALTED",
          existing: false,
          steps: [
            { ref: "feed", outcome: "DONE", at },
            { ref: "later", outcome: "WAITING", reason: "for 2h" },
            { ref: "later", outcome: "DONE", at: "2026-02-01T10:00:00.000Z" },
            { ref: "mail", outcome: "DONE" },
            { ref: "paid", outcome: "WAITING" },
            { ref: "paid", outcome: "HALTED", code: "TIMED_OUT", at: "2026-02-01T11:00:00.000Z" },
          ],
          messages: [
            { step: "feed", channelType: "IN_APP", status: "DELIVERED", content: { body: "Order A-7: 2" }, sentAt: at },
            { step: "mail", status: "SENT", to: { email: "ada@example.com" }, at: "2026-02-01T10:00:00.000Z" },
          ],
        },
      ],
    },
  });
  expect((await api.ask(DYNAMIC, { input: dynamic, at })).answer).toEqual(answer);
  expect(await footprint(database)).toEqual(before);
});

test("assumptions are taken", async () => {
  const assume = { events: [{ name: "paid" }] };
  const { answer } = await api.ask<{ answer: object }>(TYPED, { input: typed, assume });
  expect(answer).toMatchObject({ simulation: { runs: [{ status: "COMPLETED" }] } });
});

describe("bad input is told", () => {
  test.each<[object, object]>([
    [{ input: { ...dynamic, workflow: "order-shiped" } }, { code: "UNKNOWN_WORKFLOW" }],
    [{ input: { ...dynamic, data: {} } }, { code: "INVALID_DATA", issues: [{ path: "data.order_id" }] }],
    [{ input: { ...dynamic, recipients: [] } }, { code: "RECIPIENTS_REQUIRED" }],
    [{ input: { ...dynamic, actor: "nobody" } }, { code: "UNKNOWN_ACTOR" }],
    [
      { input: dynamic, first: 1_001 },
      { code: "INVALID_INPUT", issues: [{ path: "first" }] },
    ],
    [
      { input: dynamic, assume: [] },
      { code: "INVALID_INPUT", issues: [{ path: "assume" }] },
    ],
    [
      { input: dynamic, assume: { fetch: { x: 1 } } },
      { code: "INVALID_INPUT", issues: [{ path: "assume.fetch.x" }] },
    ],
    [{ input: dynamic, assume: "x".repeat(100_000) }, { code: "INVALID_INPUT" }],
  ])("%.80j", async (variables, expected) => {
    expect((await api.ask(DYNAMIC, variables)).answer).toMatchObject(expected);
  });

  test("also by GraphQL itself", async () => {
    for (const variables of [{ input: typed, at: "yesterday" }, { input: typed, first: "many" }, { input: {} }]) {
      expect((await api.send(TYPED, variables)).errors[0]!.extensions.code).toBe("BAD_USER_INPUT");
    }
  });
});

test("takes the scope read, and no other", async () => {
  const guarded = apiOf(driven.knock.engine, { auth: true });
  const codes: Record<string, string | undefined> = {};
  for (const scope of ["read", "notify", "write"]) {
    const secret = `sk_${scope}_0123456789abcdef`;
    const hash = createHash("sha256").update(secret).digest("hex");
    await insertApiKey(database.db, {
      id: newId(START),
      name: scope,
      prefix: secret.slice(0, 8),
      hash,
      scopes: [scope],
      createdAt: START,
    });
    const { errors } = await guarded.send(TYPED, { input: typed }, { authorization: `Bearer ${secret}` });
    codes[scope] = errors[0]?.extensions.code;
  }
  expect(codes).toEqual({ read: undefined, notify: "FORBIDDEN", write: "FORBIDDEN" });
});

test("through the client and the library", async () => {
  const fetch = (input: RequestInfo | URL, init?: RequestInit) => api.handle(new Request(input, init));
  const client = createClient<typeof workflows>({ url: "http://knock.test", fetch });
  const call = { recipients: ["ada"], data: { order_id: "A-7" } };
  const result = await client.simulate("order-shipped", call, { at: new Date(at), first: 1 });
  if (!result.ok) throw new Error(result.error.message);
  const { runs, text } = result.simulation;
  expect(runs).toMatchObject([
    { recipientId: "ada", status: "HALTED", messages: [{ content: { body: "Order A-7: 1" } }, {}] },
  ]);
  expect(await client.simulate("order-shipped", { ...call, actor: "nobody" })).toMatchObject({
    ok: false,
    error: { code: "UNKNOWN_ACTOR", actor: "nobody" },
  });
  const outcome = await driven.knock.simulate(orderShipped, { ...call, at: new Date(at), first: 1 });
  if (!outcome.ok) throw outcome.error;
  expect(outcome.simulation.text).toBe(text);
  const schema = schemaOf(printSchema(buildSchema(driven.knock.engine.context.registry())));
  expect(validate(schema, parse(documents.simulate))).toEqual([]);
});
