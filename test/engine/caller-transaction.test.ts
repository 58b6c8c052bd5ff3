import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { addListMembers } from "../../src/store/lists.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven, refused, START } from "../support/engine.ts";
import { count, footprint, NOTHING } from "../support/inspect.ts";

const plain = workflow("plain", { data: z.object({}) })
  .inApp("feed", { body: "x" })
  .email("mail", { subject: "s", body: "b" });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [plain] });
});

const call = { recipients: [{ id: "ada", email: "ada@example.com" }], idempotencyKey: "k", data: {} };

test("a rolled-back transaction of drizzle leaves nothing, ever, and the key unused", async () => {
  const failing = database.transaction(async (tx) => {
    accepted(await driven.knock.notify(plain, { ...call, tx }));
    throw new Error("the caller changed its mind");
  });
  await expect(failing).rejects.toThrow("changed its mind");
  await driven.advance("1d");
  expect(await footprint(database)).toEqual(NOTHING);
  accepted(await driven.knock.notify(plain, call));
});

test("a committed one is delivered, with what else the caller wrote", async () => {
  await database.transaction(async (tx) => {
    await addListMembers(tx, { list: "mine", members: [{ userId: "bob" }] }, START);
    const { warnings } = accepted(await driven.knock.notify(plain, { ...call, lists: ["mine"], tx }));
    expect(warnings).toEqual([]);
  });
  await driven.settle();
  expect(await footprint(database)).toMatchObject({ notifications: 1, runs: 2, messages: 3, users: 1 });
});

test("two calls with one key in one transaction: the second is told of the first", async () => {
  await database.transaction(async (tx) => {
    const { notification } = accepted(await driven.knock.notify(plain, { ...call, tx }));
    expect(
      refused(await driven.knock.notify(plain, { ...call, tx }), "DUPLICATE_NOTIFICATION").details.notificationId,
    ).toBe(notification.id);
  });
  await driven.settle();
  expect(await count(database, "runs")).toBe(1);
});

test("a refused call leaves the caller's transaction usable", async () => {
  await database.transaction(async (tx) => {
    refused(await driven.knock.notify(plain, { recipients: [], data: {}, tx }), "RECIPIENTS_REQUIRED");
    refused(await driven.knock.notify(plain, { ...call, actor: "ghost", tx }), "UNKNOWN_ACTOR");
    refused(await driven.knock.notify(plain, { ...call, data: 7 as never, tx }), "INVALID_DATA");
    accepted(await driven.knock.notify(plain, { ...call, tx }));
  });
  expect(await count(database, "notifications")).toBe(1);
});

test("what is no transaction is refused", async () => {
  await expect(driven.knock.notify(plain, { ...call, tx: {} as never })).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
  expect(await footprint(database)).toEqual(NOTHING);
});
