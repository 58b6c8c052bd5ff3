import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import type { Database } from "../../src/store/database.ts";
import { addListMembers } from "../../src/store/lists.ts";
import { findUsers, upsertUsers } from "../../src/store/users.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, captured, drive, type Driven, refused, START } from "../support/engine.ts";
import { ask, footprint, messagesOf, NOTHING, runsOf } from "../support/inspect.ts";

const plain = workflow("plain", {
  data: z.object({ title: z.string().default("untitled"), invitee: z.object({ email: z.email() }).optional() }),
})
  .inApp("feed", { body: ({ data, recipient }) => `${data.title} for ${recipient.name ?? recipient.id}` })
  .email("mail", {
    subject: ({ recipient }) => `You are ${String(recipient.membership?.role ?? "no member")}`,
    body: "b",
  });
const lenient = workflow("lenient", { data: z.object({ count: z.number() }), onInvalidData: "warn" }).inApp("feed", {
  body: ({ data }) => `count is ${String(data.count)}`,
});
const strict = workflow("strict", { data: z.strictObject({ count: z.number() }), onInvalidData: "reject" }).inApp(
  "feed",
  { body: "x" },
);

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [plain, lenient, strict] });
});

const notify = (call: Partial<NotifyCall>) => driven.knock.engine.notify({ workflow: "plain", ...call });
const people = (...ids: string[]) =>
  upsertUsers(
    database.db,
    ids.map((id) => ({ id, name: id.toUpperCase(), email: `${id}@example.com` })),
    START,
  );
const members = (list: string, ids: readonly string[], properties = {}) =>
  addListMembers(database.db, { list, members: ids.map((userId) => ({ userId, properties })) }, START);
const reached = async () => (await runsOf(database)).map(({ recipient }) => recipient);

test("neither a recipient nor a list, or both empty, is refused and stores nothing", async () => {
  for (const call of [{}, { recipients: [] }, { lists: [] }, { recipients: [], lists: [] }, { actor: { id: "new" } }]) {
    refused(await notify({ ...call, idempotencyKey: "k" }), "RECIPIENTS_REQUIRED");
  }
  expect(await footprint(database)).toEqual(NOTHING);
});

test("data is parsed: defaults are applied and unknown keys go as the schema says", async () => {
  const { notification } = accepted(await notify({ recipients: ["ada"], data: { more: 1 } }));
  await driven.settle();
  const [stored] = await ask<{ data: object }>(
    database,
    sql`select data from knock.notifications where id = ${notification.id}`,
  );
  expect(stored!.data).toEqual({ title: "untitled" });
  expect((await messagesOf(database))[0]!.content).toMatchObject({ body: "untitled for ada" });
});

test("each violation of the schema is an issue with its path, and the key stays unused", async () => {
  const call = {
    recipients: [{ id: "inline" }],
    idempotencyKey: "k",
    data: { title: 7, invitee: { email: "s3cret" } },
  };
  const { details, message } = refused(await notify(call), "INVALID_DATA");
  expect(details.issues.map(({ path }) => path)).toEqual([
    ["data", "title"],
    ["data", "invitee", "email"],
  ]);
  expect(message).not.toContain("s3cret");
  expect(await footprint(database)).toEqual(NOTHING);
  accepted(await notify({ ...call, data: {} }));
});

test("data that is no object is refused even where invalid data only warns", async () => {
  for (const data of [[], "text", 7, true])
    refused(await notify({ workflow: "lenient", recipients: ["a"], data }), "INVALID_DATA");
  expect(await footprint(database)).toEqual(NOTHING);
});

test("a workflow that only warns takes the data as given and keeps the issues as warnings", async () => {
  const { notification, warnings } = accepted(
    await notify({ workflow: "lenient", recipients: ["ada"], data: { count: "many", more: 1 } }),
  );
  expect(warnings).toEqual(
    expect.arrayContaining([expect.objectContaining({ code: "INVALID_DATA", path: ["data", "count"] })]),
  );
  await driven.settle();
  expect((await messagesOf(database))[0]!.content).toMatchObject({ body: "count is many" });
  const [stored] = await ask<{ data: object; warnings: object[] }>(
    database,
    sql`select data, warnings from knock.notifications where id = ${notification.id}`,
  );
  expect(stored!.data).toEqual({ count: "many", more: 1 });
  expect(stored!.warnings).toEqual(warnings);
});

test("the config's onInvalidData holds unless the workflow says otherwise", async () => {
  const warning = await drive({ database, handles: [plain, strict], onInvalidData: "warn" });
  const outcome = await warning.knock.engine.notify({ workflow: "plain", recipients: ["a"], data: { title: 1 } });
  expect(accepted(outcome).warnings.map(({ code }) => code)).toContain("INVALID_DATA");
  refused(
    await warning.knock.engine.notify({ workflow: "strict", recipients: ["a"], data: { count: "1" } }),
    "INVALID_DATA",
  );
});

test("each person is reached once, however often named", async () => {
  await people("ada", "bob", "cyd");
  await members("one", ["ada", "bob"], { role: "owner" });
  await members("two", ["bob", "cyd"], { role: "guest" });
  accepted(await notify({ recipients: ["ada", "ada", { id: "ada" }], lists: ["one", "two", "one"] }));
  await driven.settle();
  expect(await reached()).toEqual(["ada", "bob", "cyd"]);
  expect((await messagesOf(database)).filter(({ step }) => step === "feed")).toHaveLength(3);
});

test("an explicit entry wins over a membership, and the first list over later ones", async () => {
  await people("ada", "bob", "cyd");
  await members("one", ["ada", "bob"], { role: "owner" });
  await members("two", ["bob", "cyd"], { role: "guest" });
  accepted(await notify({ recipients: ["ada"], lists: ["two", "one"] }));
  await driven.settle();
  const states = Object.fromEntries((await runsOf(database)).map(({ recipient, state }) => [recipient, state]));
  expect(states).toEqual({
    ada: {},
    bob: { list: "two", membership: { role: "guest" } },
    cyd: { list: "two", membership: { role: "guest" } },
  });
  const subjects = captured(driven, "email")
    .messages.map(({ to, message }) => `${to.email} ${message.subject}`)
    .toSorted();
  expect(subjects).toEqual([
    "ada@example.com You are no member",
    "bob@example.com You are guest",
    "cyd@example.com You are guest",
  ]);
});

test("the actor is left out when reached through a list and kept when named", async () => {
  await people("ada", "bob");
  await members("one", ["ada", "bob"]);
  accepted(await notify({ lists: ["one"], actor: "ada" }));
  await driven.settle();
  expect(await reached()).toEqual(["bob"]);
  accepted(await notify({ recipients: ["ada"], lists: ["one"], actor: "ada" }));
  await driven.settle();
  expect(await reached()).toEqual(["ada", "bob", "bob"]);
});

test("a list with the actor alone reaches nobody and is a success", async () => {
  await people("ada");
  await members("one", ["ada"]);
  accepted(await notify({ lists: ["one"], actor: "ada" }));
  await driven.settle();
  expect(await footprint(database)).toMatchObject({ notifications: 1, runs: 0, messages: 0 });
});

test("unknown lists and users are warnings with their place; the feed works without a user", async () => {
  await people("ada");
  const { warnings } = accepted(await notify({ recipients: ["ada", "ghost"], lists: ["nowhere"] }));
  expect(warnings.map(({ code, path }) => [code, ...path])).toEqual([
    ["UNKNOWN_RECIPIENT", "recipients", 1],
    ["UNKNOWN_LIST", "lists", 0],
  ]);
  await driven.settle();
  const ghost = (await runsOf(database)).find(({ recipient }) => recipient === "ghost")!;
  expect(ghost.status).toBe("completed");
  expect(ghost.trace.map(({ ref, code }) => [ref, code])).toEqual([
    ["feed", undefined],
    ["mail", "MISSING_ADDRESS"],
  ]);
});

test("only so many warnings of one kind are spelt out, and the rest are counted", async () => {
  const { warnings } = accepted(
    await notify({ recipients: Array.from({ length: 250 }, (_, index) => `ghost-${index}`) }),
  );
  expect(warnings).toHaveLength(101);
  expect(warnings.at(-1)!.message).toContain("150 more");
});

test("an unknown actor is an error and stores nothing; an inline one is no stranger", async () => {
  refused(await notify({ recipients: [{ id: "x" }], actor: "ghost", idempotencyKey: "k" }), "UNKNOWN_ACTOR");
  expect(await footprint(database)).toEqual(NOTHING);
  accepted(await notify({ recipients: ["x"], actor: { id: "lin", name: "Lin" }, idempotencyKey: "k" }));
  accepted(await notify({ recipients: ["x"], identify: [{ id: "kim" }], actor: "kim" }));
});

test("an inactive workflow is refused until it is switched on again; an unknown one names the nearest key", async () => {
  const { engine } = driven.knock;
  expect(await engine.setWorkflowStatus("plain", "inactive")).toBeNull();
  refused(await notify({ recipients: [{ id: "x" }], idempotencyKey: "k" }), "WORKFLOW_INACTIVE");
  expect(await footprint(database)).toEqual(NOTHING);
  await engine.deploy(engine.context.registry());
  refused(await notify({ recipients: ["x"] }), "WORKFLOW_INACTIVE");
  accepted(await notify({ workflow: "strict", recipients: ["x"], data: { count: 1 } }));
  expect(await engine.setWorkflowStatus("plain", "active")).toBeNull();
  accepted(await notify({ recipients: ["x"], idempotencyKey: "k" }));
  expect(refused(await notify({ workflow: "plian", recipients: ["x"] }), "UNKNOWN_WORKFLOW").details.nearest).toBe(
    "plain",
  );
  expect((await engine.setWorkflowStatus("plian", "active"))!.details).toMatchObject({ nearest: "plain" });
});

test("inline users are merged in the order identify, recipients, actor before anything else", async () => {
  await people("ada");
  accepted(
    await notify({
      recipients: [{ id: "ada", name: "Ada II", properties: { plan: "pro" } }],
      identify: [{ id: "ada", name: "Ada I", properties: { size: 1 } }, { id: "bob" }],
      actor: { id: "ada", phoneNumber: "+41790000000" },
    }),
  );
  await driven.settle();
  const ada = (await findUsers(database.db, ["ada", "bob"])).get("ada")!;
  expect(ada).toMatchObject({
    name: "Ada II",
    email: "ada@example.com",
    phoneNumber: "+41790000000",
    properties: { plan: "pro", size: 1 },
  });
  expect((await messagesOf(database))[0]!.content).toMatchObject({ body: "untitled for Ada II" });
});

test("recipient, membership and preferences are read when a step runs, not when notify was called", async () => {
  await people("ada", "bob", "cyd");
  await members("one", ["ada"], { role: "guest" });
  accepted(await notify({ lists: ["one"] }));
  await people("dan");
  await members("one", ["dan"]);
  await members("one", ["ada"], { role: "owner" });
  await upsertUsers(database.db, [{ id: "ada", name: "Renamed" }], START);
  await driven.settle();
  expect(await reached()).toEqual(["ada", "dan"]);
  expect((await messagesOf(database)).find(({ step }) => step === "feed")!.content).toMatchObject({
    body: "untitled for Renamed",
  });
  expect(captured(driven, "email").messages.map(({ message }) => message.subject)).toContain("You are owner");
});

test("the answer comes before any run, and one call of many stands alone", async () => {
  const outcomes = await driven.knock.engine.notifyMany([
    { workflow: "plain", recipients: ["a"] },
    { workflow: "plain" },
    { workflow: "plain", recipients: ["b"], data: { title: 1 } },
    { workflow: "plain", recipients: ["c"], actor: "ghost" },
    { workflow: "plain", recipients: ["d"], idempotencyKey: "k" },
    { workflow: "plain", recipients: ["e"], idempotencyKey: "k" },
  ]);
  expect(outcomes.map((outcome) => (outcome.ok ? outcome.notification.status : outcome.error.code))).toEqual([
    "accepted",
    "RECIPIENTS_REQUIRED",
    "INVALID_DATA",
    "UNKNOWN_ACTOR",
    "accepted",
    "DUPLICATE_NOTIFICATION",
  ]);
  expect(await footprint(database)).toMatchObject({ notifications: 2, runs: 0 });
  await driven.settle();
  expect(await reached()).toEqual(["a", "d"]);
});
