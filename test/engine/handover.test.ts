import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { takeOver } from "../../src/engine/handover.ts";
import type { Database } from "../../src/store/database.ts";
import { rows } from "../../src/store/executor.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, captured, drive, type Driven } from "../support/engine.ts";
import { messagesOf } from "../support/inspect.ts";

const data = z.object({ body: z.string() });
const letter = workflow("letter", { data }).email("mail", {
  subject: "s",
  html: "<p>x</p>",
  // Cuts an emoji at this place into halves.
  text: ({ data }) => (data.body.endsWith("😀") ? data.body.slice(0, -1) : data.body),
});

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

/** A system in which a message has been made and not yet delivered. */
async function made(body: string): Promise<{ driven: Driven; id: string; job: () => Promise<void> }> {
  const driven = await drive({ database, handles: [letter] });
  const { engine } = driven.knock;
  const call = { workflow: "letter", recipients: [{ id: "ada", email: "ada@example.com" }], data: { body } };
  const { notification } = accepted(await engine.notify(call));
  await engine.handlers.express({ notifications: [notification.id] });
  const [message] = await messagesOf(database);
  const id = message!.id as string;
  return { driven, id, job: () => engine.handlers.deliverExpress({ messages: [id] }) };
}

test("what a process has made itself is sent from memory, and only while it is still to be sent", async () => {
  const { driven, id, job } = await made("hello");
  // Seen nowhere else: a provider that got this read the database.
  await rows(database.db, sql`update knock.messages set content = '{"subject": "read"}' where id = ${id}`);
  await job();
  expect(captured(driven, "email").messages).toMatchObject([{ message: { subject: "s", text: "hello" } }]);
  await job();
  expect(captured(driven, "email").messages).toHaveLength(1);
});

test("a message that was sent or withdrawn meanwhile is not sent from memory", async () => {
  const { driven, id, job } = await made("hello");
  await rows(database.db, sql`update knock.messages set status = 'undelivered' where id = ${id}`);
  await job();
  expect(captured(driven, "email").messages).toEqual([]);
});

test("text that the database repairs is sent as it was stored", async () => {
  const { driven, id, job } = await made("half 😀");
  expect(takeOver(driven.knock.engine.internals, [id]).size).toBe(0);
  await job();
  expect(captured(driven, "email").messages).toMatchObject([{ message: { text: "half \ufffd" } }]);
});

test("memory is bounded: what finds no room is read from the database, and what nobody took is forgotten", async () => {
  const large = "x".repeat(5_000_000);
  const { driven, id } = await made(large);
  const { engine } = driven.knock;
  const another = async () => {
    const { notification } = accepted(
      await engine.notify({ workflow: "letter", recipients: ["ada"], data: { body: large } }),
    );
    await engine.handlers.express({ notifications: [notification.id] });
    return (await messagesOf(database))
      .map((message) => message.id as string)
      .find((known) => known.startsWith(notification.id.slice(0, 13)) && known !== id)!;
  };
  const second = await another();
  expect(takeOver(engine.internals, [second]).size).toBe(0);
  await engine.handlers.deliverExpress({ messages: [second] });
  expect(captured(driven, "email").messages).toHaveLength(1);
  await driven.clock.advance(60_000);
  const third = await another();
  expect([...takeOver(engine.internals, [id, third]).keys()]).toEqual([third]);
});
