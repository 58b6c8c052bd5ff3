import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import type { Database } from "../../src/store/database.ts";
import { addListMembers } from "../../src/store/lists.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven, refused, START } from "../support/engine.ts";
import { count, footprint, messagesOf, NOTHING, runsOf } from "../support/inspect.ts";

const plain = workflow("plain", { data: z.looseObject({ text: z.string().optional() }) }).inApp("feed", {
  body: ({ data }) => data.text ?? "nothing",
});

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [plain] });
});

const notify = (call: object) => driven.knock.engine.notify({ workflow: "plain", ...call });
const HALF = "\ud800";
const long = (length: number) => "x".repeat(length);

const paths = async (call: object) =>
  refused(await notify({ idempotencyKey: "k", ...call }), "INVALID_INPUT").details.issues.map(({ path }) =>
    path.join("."),
  );

test.each<[string, object, string]>([
  ["recipients that are no array", { recipients: "ada" }, "recipients"],
  ["recipients that are an object", { recipients: { id: "ada" } }, "recipients"],
  ["a recipient that is null", { recipients: ["a", null] }, "recipients.1"],
  ["a recipient that is a number", { recipients: [7] }, "recipients.0"],
  ["an empty user id", { recipients: [""] }, "recipients.0"],
  ["a user id with NUL", { recipients: ["a\0"] }, "recipients.0"],
  ["a user id with half a character", { recipients: [`a${HALF}`] }, "recipients.0"],
  ["a user id that is too long", { recipients: [long(257)] }, "recipients.0"],
  ["an inline user without id", { recipients: [{ name: "Ada" }] }, "recipients.0.id"],
  ["an inline user with an unknown member", { recipients: [{ id: "a", plan: "pro" }] }, "recipients.0"],
  [
    "an inline user with NUL in a property",
    { recipients: [{ id: "a", properties: { x: { y: ["\0"] } } }] },
    "recipients.0.properties.x.y.0",
  ],
  ["an inline user with NUL in the name", { identify: [{ id: "a", name: "\0" }] }, "identify.0.name"],
  ["an e-mail address that is none", { recipients: [{ id: "a", email: "nobody" }] }, "recipients.0.email"],
  ["lists that are no array", { lists: "one" }, "lists"],
  ["a list name that is no text", { lists: [7] }, "lists.0"],
  ["a list name with a space", { lists: ["a b"] }, "lists.0"],
  ["an actor that is a number", { recipients: ["a"], actor: 7 }, "actor"],
  ["an actor with NUL", { recipients: ["a"], actor: "\0" }, "actor"],
  ["a tenant that is no text", { recipients: ["a"], tenant: {} }, "tenant"],
  ["the reserved tenant", { recipients: ["a"], tenant: "default" }, "tenant"],
  ["identify that is no array", { recipients: ["a"], identify: {} }, "identify"],
  ["an empty idempotency key", { recipients: ["a"], idempotencyKey: "" }, "idempotencyKey"],
  ["an idempotency key that is too long", { recipients: ["a"], idempotencyKey: long(256) }, "idempotencyKey"],
  ["an idempotency key with NUL", { recipients: ["a"], idempotencyKey: "\0" }, "idempotencyKey"],
  ["a cancellation key that is no text", { recipients: ["a"], cancellationKey: 7 }, "cancellationKey"],
  ["a cancellation key with half a character", { recipients: ["a"], cancellationKey: HALF }, "cancellationKey"],
])("%s is refused with its path and stores nothing", async (_name, call, path) => {
  expect(await paths(call)).toEqual([path]);
  expect(await footprint(database)).toEqual(NOTHING);
});

test("all that is wrong is told at once", async () => {
  expect(await paths({ recipients: [""], lists: [""], actor: "", tenant: "" })).toEqual([
    "recipients.0",
    "lists.0",
    "actor",
    "tenant",
  ]);
});

const circular: Record<string, unknown> = {};
circular.self = circular;
const nested = (depth: number) => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`) as unknown;

test.each<[string, object]>([
  ["NUL in a value", { text: "a\0b" }],
  ["half a character in a value", { text: HALF }],
  ["NUL in a name", { more: { "a\0": 1 } }],
  ["a bigint", { more: 1n }],
  ["a circle", circular],
  ["arrays nested 50,000 deep", { more: nested(50_000) }],
  ["arrays nested 5,000 deep", { more: nested(5_000) }],
  ["more than 10 MB", { text: long(10 * 1024 * 1024) }],
])("data with %s is refused and stores nothing", async (_name, data) => {
  const { details } = refused(await notify({ recipients: [{ id: "a" }], idempotencyKey: "k", data }), "INVALID_DATA");
  expect(details.issues[0]!.path[0]).toBe("data");
  expect(await footprint(database)).toEqual(NOTHING);
});

test.each<[string, object]>([
  ["a bigint", { x: 1n }],
  ["a circle", circular],
  ["arrays nested 50,000 deep", { x: nested(50_000) }],
  ["arrays nested 5,000 deep", { x: nested(5_000) }],
])("properties of an inline user with %s are refused and store nothing", async (_name, properties) => {
  refused(await notify({ recipients: [{ id: "a", properties }] }), "INVALID_INPUT");
  expect(await footprint(database)).toEqual(NOTHING);
});

test("every other character arrives as it was given", async () => {
  const text = "\u0001\u200b\u2028 'quote\" \\u0000 \\ ${x} {{ y }} -- ; drop table 🧑‍🚀 ‮";
  accepted(
    await notify({ recipients: [text], data: { text }, tenant: text, cancellationKey: text, idempotencyKey: text }),
  );
  await driven.settle();
  expect((await runsOf(database)).map(({ recipient }) => recipient)).toEqual([text]);
  expect((await messagesOf(database))[0]!.content.body).toBe(text);
  expect(
    refused(await notify({ recipients: [text], idempotencyKey: text }), "DUPLICATE_NOTIFICATION").details.sameInput,
  ).toBe(false);
});

test("members named like those of every object are ordinary data", async () => {
  const data = JSON.parse(
    '{"__proto__": {"polluted": true}, "constructor": 1, "toString": "x", "hasOwnProperty": null}',
  ) as object;
  accepted(await notify({ recipients: ["constructor", "__proto__"], data, idempotencyKey: "__proto__" }));
  await driven.settle();
  expect((await runsOf(database)).map(({ recipient }) => recipient)).toEqual(["__proto__", "constructor"]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("content may hold what a database cannot: it is stored without it and reaches everyone", async () => {
  const cut = workflow("cut", { data: z.object({ text: z.string() }) }).inApp("feed", {
    // Cuts the astronaut in half, as any excerpt may.
    body: ({ data }) => `${data.text.slice(0, 1)}|a\0b`,
    data: () => ({ ["k\0"]: ["\ud83d", "\\u0000", "\\\\ud83d"] }),
  });
  driven = await drive({ database, handles: [cut] });
  accepted(await driven.knock.engine.notify({ workflow: "cut", recipients: ["ada"], data: { text: "🧑‍🚀" } }));
  await driven.settle();
  expect((await messagesOf(database)).map(({ content }) => content)).toMatchObject([
    { body: "\ufffd|ab", data: { k: ["\ufffd", "\\u0000", "\\\\ud83d"] } },
  ]);
});

test("content that is no JSON fails that run and no other", async () => {
  const broken = workflow("broken", { data: z.object({}) }).inApp("feed", {
    body: "x",
    data: ({ recipient }) =>
      recipient.id === "bigint" ? { n: 1n as never } : recipient.id === "circle" ? (circular as never) : {},
  });
  driven = await drive({ database, handles: [broken] });
  accepted(await driven.knock.engine.notify({ workflow: "broken", recipients: ["ada", "bigint", "circle"] }));
  await driven.advance("10m");
  expect((await runsOf(database)).map(({ status }) => status)).toEqual(["completed", "failed", "failed"]);
});

test("an error text that a database cannot hold fails that run and no other", async () => {
  const broken = workflow("broken", { data: z.object({}) }).inApp("feed", {
    body: ({ recipient }) => {
      if (recipient.id === "bad") throw new Error(`${"x".repeat(974)}🧑\0\ud800`);
      return "fine";
    },
  });
  driven = await drive({ database, handles: [broken] });
  accepted(await driven.knock.engine.notify({ workflow: "broken", recipients: ["ada", "bad", "cyd"] }));
  await driven.advance("10m");
  expect((await runsOf(database)).map(({ status }) => status)).toEqual(["completed", "failed", "completed"]);
});

test("100,000 recipients in one call", { timeout: 60_000 }, async () => {
  const ids = Array.from({ length: 100_000 }, (_, index) => `u${index}`);
  const { warnings } = accepted(await notify({ recipients: ids }));
  expect(warnings).toHaveLength(101);
  await driven.settle();
  expect([
    await count(database, "runs"),
    await count(database, "messages"),
    await count(database, "fan_out_chunks"),
  ]).toEqual([100_000, 100_000, 100]);
});

test("12,000 inline users in one call, and then a list of them, once each", { timeout: 60_000 }, async () => {
  const ids = Array.from({ length: 12_000 }, (_, index) => `u${String(index).padStart(5, "0")}`);
  accepted(await notify({ recipients: ids.map((id) => ({ id, properties: { n: 1 } })) }));
  for (let from = 0; from < ids.length; from += 10_000) {
    await addListMembers(
      database.db,
      { list: "all", members: ids.slice(from, from + 10_000).map((userId) => ({ userId })) },
      START,
    );
  }
  await driven.settle();
  expect([await count(database, "users"), await count(database, "runs")]).toEqual([12_000, 12_000]);
  accepted(await notify({ recipients: ids.slice(0, 3_000), lists: ["all"], actor: ids.at(-1) }));
  await driven.settle();
  expect(await count(database, "runs")).toBe(12_000 + 11_999);
});
