import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { durationMs } from "../../src/base/duration.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { purge } from "../../src/engine/retention.ts";
import type { NotifyCall } from "../../src/engine/notify-call.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven, refused, START } from "../support/engine.ts";
import { ask, count, footprint } from "../support/inspect.ts";

const plain = workflow("plain", {
  data: z.object({ n: z.number().default(1), more: z.record(z.string(), z.number()).optional() }),
}).inApp("feed", { body: "x" });
const other = workflow("other", { data: z.looseObject({}) }).inApp("feed", { body: "x" });

let database: Database;
let driven: Driven;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [plain, other] });
});

const notify = (call: Partial<NotifyCall>) =>
  driven.knock.engine.notify({ workflow: "plain", recipients: ["ada"], idempotencyKey: "k", ...call });

test("a second call with the key fails with the id and time of the first, and nothing else happens", async () => {
  const { notification } = accepted(await notify({}));
  await driven.clock.advance(60_000);
  const before = await footprint(database);
  const { details, message } = refused(await notify({ recipients: [{ id: "new" }] }), "DUPLICATE_NOTIFICATION");
  expect(details).toEqual({ notificationId: notification.id, firstAt: START, sameInput: false });
  expect(message).toContain(notification.id);
  await driven.settle();
  expect(await footprint(database)).toEqual({ ...before, runs: 1, messages: 1 });
});

test.each<[string, Partial<NotifyCall>, boolean]>([
  ["nothing", {}, true],
  ["the order of members", { data: { more: { b: 2, a: 1 } } }, true],
  ["data", { data: { n: 2 } }, false],
  ["recipients", { recipients: ["bob"] }, false],
  ["lists", { lists: ["x"] }, false],
  ["the tenant", { tenant: "acme" }, false],
  ["the actor", { actor: { id: "lin" } }, false],
  ["the cancellation key", { cancellationKey: "c" }, false],
  ["the workflow", { workflow: "other" }, false],
])("the error says whether the input was the same: another call differs in %s", async (_name, call, same) => {
  accepted(await notify({ data: call.data && same ? { more: { a: 1, b: 2 } } : {} }));
  expect(refused(await notify({ data: {}, ...call }), "DUPLICATE_NOTIFICATION").details.sameInput).toBe(same);
});

test("absent and undefined members are the same input", async () => {
  accepted(await notify({}));
  expect(
    refused(await notify({ lists: undefined, actor: undefined, data: undefined } as never), "DUPLICATE_NOTIFICATION")
      .details.sameInput,
  ).toBe(true);
});

test("a key of 1 and one of 255 characters are keys, across workflows", async () => {
  for (const idempotencyKey of ["k", "ä".repeat(255)]) {
    accepted(await notify({ idempotencyKey }));
    refused(await notify({ idempotencyKey, workflow: "other" }), "DUPLICATE_NOTIFICATION");
  }
});

test("a used key stays a duplicate when the workflow is off or the actor unknown by then", async () => {
  const { notification } = accepted(await notify({}));
  await driven.knock.engine.setWorkflowStatus("plain", "inactive");
  expect(refused(await notify({}), "DUPLICATE_NOTIFICATION").details.notificationId).toBe(notification.id);
  await driven.knock.engine.setWorkflowStatus("plain", "active");
  refused(await notify({ actor: "ghost" }), "DUPLICATE_NOTIFICATION");
});

test("a call whose storing fails leaves the key, and the calls beside it are accepted", async () => {
  // A list that cannot be stored any more once the call is prepared: the table refuses it.
  await database.db.execute(
    sql.raw("alter table knock.notifications add constraint refuse check (workflow <> 'other')"),
  );
  try {
    const outcomes = await Promise.allSettled([
      notify({ idempotencyKey: "a" }),
      notify({ idempotencyKey: "b", workflow: "other" }),
      notify({ idempotencyKey: "c" }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  } finally {
    await database.db.execute(sql.raw("alter table knock.notifications drop constraint refuse"));
  }
  const used = await ask<{ key: string }>(database, sql`select key from knock.idempotency_keys order by key`);
  expect(used.map(({ key }) => key)).toEqual(["a", "c"]);
  accepted(await notify({ idempotencyKey: "b", workflow: "other" }));
  await driven.settle();
  expect(await count(database, "runs")).toBe(3);
});

test("of many calls at once with one key exactly one is accepted", async () => {
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => notify({})));
  const [winner] = outcomes.filter((outcome) => outcome.ok).map((outcome) => accepted(outcome).notification.id);
  const losers = outcomes
    .filter((outcome) => !outcome.ok)
    .map((outcome) => refused(outcome, "DUPLICATE_NOTIFICATION").details);
  expect(losers).toHaveLength(99);
  expect(losers).toEqual(
    Array.from({ length: 99 }, () => ({
      notificationId: winner,
      firstAt: START,
      sameInput: true,
    })),
  );
  expect(await count(database, "notifications")).toBe(1);
});

test("calls without a key are never duplicates", async () => {
  for (const idempotencyKey of [null, undefined]) {
    accepted(await notify({ idempotencyKey } as Partial<NotifyCall>));
    accepted(await notify({ idempotencyKey } as Partial<NotifyCall>));
  }
  expect(await count(database, "notifications")).toBe(4);
});

test("a key counts as used until it is purged, and is purged when its retention has passed", async () => {
  const { internals } = driven.knock.engine;
  accepted(await notify({}));
  await driven.clock.advance(durationMs("7d"));
  expect(await purge(internals)).toMatchObject({ idempotencyKeys: 0 });
  await driven.clock.advance(1);
  refused(await notify({}), "DUPLICATE_NOTIFICATION");
  expect(await purge(internals)).toMatchObject({ idempotencyKeys: 1 });
  accepted(await notify({}));
});

test("a retention below seven days is refused", async () => {
  const started = drive({ database, handles: [plain], idempotency: { retention: "6d" } });
  await expect(started).rejects.toMatchObject({ code: "INVALID_CONFIG" });
});

test("a group whose commit got no answer is accepted once when it is tried again", async () => {
  const { internals } = driven.knock.engine;
  const { transaction } = internals.database;
  let answers = 0;
  internals.database = {
    ...internals.database,
    async transaction(work) {
      const result = await transaction(work);
      if (answers++ === 0) throw new Error("the connection was lost during the commit");
      return result;
    },
  };
  const outcomes = await Promise.all([notify({}), notify({ idempotencyKey: null }), notify({ idempotencyKey: null })]);
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true]);
  expect(await count(database, "notifications")).toBe(3);
});

test.each<[string, Partial<NotifyCall>]>([
  ["data that does not fit", { data: { n: "one" } }],
  ["nobody to notify", { recipients: [] }],
  ["a workflow that does not exist", { workflow: "plian" }],
  ["a list that is no list", { lists: "all" as never }],
])("a used key is a duplicate also for a call with %s", async (_name, call) => {
  const { notification } = accepted(await notify({}));
  const { details } = refused(await notify(call), "DUPLICATE_NOTIFICATION");
  expect(details).toMatchObject({ notificationId: notification.id, sameInput: false });
});

test("a refused call with a free key says what is wrong with it", async () => {
  refused(await notify({ data: { n: "one" } }), "INVALID_DATA");
  refused(await notify({ idempotencyKey: "\0" }), "INVALID_INPUT");
});
