// Waiting for what becomes of messages.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { retry, sent, type Outcome } from "../../src/channels/outcome.ts";
import { capture } from "../../src/channels/providers/capture.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { markMessages, type Marking } from "../../src/engine/directory/engagement.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, drive, type Driven } from "../support/engine.ts";
import { ask, count, decisions, messagesOf, runsOf } from "../support/inspect.ts";

const data = z.object({});
const read = workflow("read", { data })
  .inApp("feed", { body: "b" })
  .waitFor("look", {
    message: "feed",
    status: "read",
    timeout: "1h",
    timedOut: (w) => w.sms("text", { body: "look!" }),
  });
const later = workflow("later", { data })
  .inApp("feed", { body: "b" })
  .delay("pause", "1h")
  .waitFor("look", { message: "feed", status: "seen", timeout: "1h" })
  .inApp("end", { body: ({ steps }) => JSON.stringify(steps.look) });
const there = workflow("there", { data })
  .inApp("feed", { body: "b" })
  .waitFor("look", { message: "feed", status: "delivered", timeout: "1h" });
const gone = workflow("gone", { data })
  .sms("text", { body: "b" })
  .waitFor("look", { message: "text", status: "sent", timeout: "1h" });
const mailed = workflow("mailed", { data })
  .email("mail", { subject: "s", body: "b" })
  .waitFor("out", { message: "mail", status: "sent", timeout: "1h" })
  .waitFor("bad", { message: "mail", status: "undelivered", timeout: "2h", onTimeout: "halt" })
  .inApp("end", { body: "b" });

let database: Database;
let driven: Driven;
let answer: () => Outcome;
beforeAll(async () => {
  database = await testDatabase();
});
async function fresh(): Promise<void> {
  await emptyTables(database);
  answer = () => sent("1");
  const email = capture("email", { answer: () => answer() });
  driven = await drive({ database, handles: [read, later, there, gone, mailed], providers: { email } });
}
beforeEach(fresh);

async function begin(key: string, person: object = {}): Promise<void> {
  const recipients = [{ id: "ada", email: "ada@example.com", ...person }];
  accepted(await driven.knock.engine.notify({ workflow: key, recipients }));
  await driven.settle();
}
async function mark(as: Marking): Promise<void> {
  const ids = (await messagesOf(database)).map(({ id }) => id);
  const outcome = await markMessages(driven.knock.engine.context, { ids, as });
  if (!outcome.ok) throw outcome.error;
}
const waiting = () => count(database, "waits");

test.each(["READ", "INTERACTED"] as const)("%s lets a run go on that waits for reading", async (as) => {
  await begin("read", { phoneNumber: "+41790000000" });
  await mark("SEEN");
  await mark("ARCHIVED");
  await driven.settle();
  expect(await runsOf(database)).toMatchObject([{ status: "waiting", step: "look" }]);
  await mark(as);
  expect(await waiting()).toBe(0);
  await driven.settle();
  expect(await decisions(database, "ada")).toEqual(["feed done", "look done"]);
});

test("what is not read in time takes the other way", async () => {
  await begin("read", { phoneNumber: "+41790000000" });
  await driven.advance("1h");
  expect(await decisions(database, "ada")).toEqual(["feed done", "look done", "text done"]);
  expect(await waiting()).toBe(0);
});

test("what has become of the message already is not waited for; what was taken back is", async () => {
  await begin("there");
  expect(await decisions(database, "ada")).toEqual(["feed done", "look done"]);
  await fresh();
  await begin("later");
  await mark("SEEN");
  await driven.advance("1h");
  const matched = { matched: true, timedOut: false, event: null, skipped: false };
  expect((await messagesOf(database)).map(({ content }) => content.body)).toEqual([JSON.stringify(matched), "b"]);
  await fresh();
  await begin("later");
  await mark("SEEN");
  await mark("UNSEEN");
  await driven.advance("1h");
  expect(await runsOf(database)).toMatchObject([{ status: "waiting", step: "look" }]);
});

test("without a message there is nothing to wait for", async () => {
  await begin("gone");
  expect(await decisions(database, "ada")).toEqual(["text skipped MISSING_ADDRESS", "look skipped NO_MESSAGE"]);
  await fresh();
  await begin("later");
  await database.db.execute(sql`delete from knock.messages`);
  await driven.advance("1h");
  expect(await decisions(database, "ada")).toEqual(["feed done", "pause done", "look skipped NO_MESSAGE", "end done"]);
});

test("what a provider says lets runs go on", async () => {
  await begin("mailed");
  expect(await runsOf(database)).toMatchObject([{ status: "waiting", step: "bad" }]);
  expect(await decisions(database, "ada")).toEqual(["mail done", "out done", "bad waiting"]);
  await driven.advance("2h");
  expect(await decisions(database, "ada")).toEqual(["mail done", "out done", "bad halted TIMED_OUT"]);
  expect(await waiting()).toBe(0);
});

test("a message that cannot be sent ends the wait for that, too", async () => {
  answer = () => retry("down");
  await begin("mailed");
  expect(await runsOf(database)).toMatchObject([{ status: "waiting", step: "out" }]);
  await driven.advance("1h");
  expect(await messagesOf(database)).toMatchObject([{ step: "end" }, { status: "undelivered" }]);
  expect(await decisions(database, "ada")).toEqual(["mail done", "out done", "bad done", "end done"]);
});

test("a wake that was lost costs time and nothing else: the message is looked at when the time is over", async () => {
  await begin("read");
  await ask(database, sql`update knock.messages set seen_at = created_at, read_at = created_at`);
  await driven.advance("59m");
  expect(await runsOf(database)).toMatchObject([{ status: "waiting" }]);
  await driven.advance("1m");
  expect(await decisions(database, "ada")).toEqual(["feed done", "look done"]);
  expect((await runsOf(database))[0]!.state.results).toMatchObject({ look: { matched: true, timedOut: false } });
});

test("the marks of one call wake all who wait for one of them", async () => {
  const recipients = Array.from({ length: 300 }, (_, index) => `user_${index}`);
  accepted(await driven.knock.engine.notify({ workflow: "read", recipients }));
  await driven.settle();
  expect(await waiting()).toBe(300);
  await mark("READ");
  await driven.settle();
  expect(new Set((await runsOf(database)).map(({ status }) => status))).toEqual(new Set(["completed"]));
});
