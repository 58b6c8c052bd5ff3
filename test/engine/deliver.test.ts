import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { bounced, delivered, type Outcome, rateLimited, rejected, retry, sent } from "../../src/channels/outcome.ts";
import { capture } from "../../src/channels/providers/capture.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { keepTime, nextDue } from "../../src/engine/timekeeper.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { accepted, captured, drive, type Driven, eventually, START } from "../support/engine.ts";
import { ask, messagesOf, runsOf } from "../support/inspect.ts";

const mail = workflow("mail", { data: z.object({}) }).email("mail", { subject: "s", body: "b" });
const both = workflow("both", { data: z.object({}) })
  .email("mail", { subject: "s", body: "b" })
  .delay("grace", "20s")
  .inApp("feed", { body: "x" });

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => emptyTables(database));

type Script = (attempt: number, user: string) => Outcome | Promise<Outcome>;

/** A system whose e-mail provider answers the n-th send of each message as told. */
async function answering(script: Script): Promise<Driven> {
  const counts = new Map<string, number>();
  const email = capture("email", {
    answer({ idempotencyKey, metadata }) {
      const count = (counts.get(idempotencyKey) ?? 0) + 1;
      counts.set(idempotencyKey, count);
      return script(count, metadata.recipientId);
    },
  });
  return drive({ database, handles: [mail, both], providers: { email } });
}

async function notify({ knock }: Driven, ids: string[] = ["ada"], key = "mail"): Promise<void> {
  const recipients = ids.map((id) => ({ id, email: `${id}@example.com` }));
  accepted(await knock.engine.notify({ workflow: key, recipients }));
}

interface Attempt extends Record<string, unknown> {
  number: number;
  outcome: string;
  provider: string;
  status: number | null;
  reason: string | null;
  at: string;
}

const attempts = () =>
  ask<Attempt>(
    database,
    sql`select number, outcome, provider, status_code as status, reason, started_at as at
    from knock.delivery_attempts order by message_id, number`,
  );
const message = async () => (await messagesOf(database))[0]!;
const secondsBetween = (kept: Attempt[]) =>
  kept.slice(1).map(({ at }, index) => (Date.parse(at) - Date.parse(kept[index]!.at)) / 1_000);

test("sent and delivered are what the provider said, with its own id", async () => {
  const driven = await answering((_attempt, user) =>
    user === "ada" ? sent("p-1", { statusCode: 202 }) : delivered("p-2"),
  );
  await notify(driven, ["ada", "bob"]);
  await driven.settle();
  const stored = await ask(
    database,
    sql`select status, provider_message_id as provider, sent_at is not null as sent, delivered_at is not null as delivered
    from knock.messages order by recipient_id`,
  );
  expect(stored).toEqual([
    { status: "sent", provider: "p-1", sent: true, delivered: false },
    { status: "delivered", provider: "p-2", sent: true, delivered: true },
  ]);
  expect((await attempts()).map(({ outcome, status, provider }) => [outcome, status, provider]).toSorted()).toEqual([
    ["delivered", null, "capture"],
    ["sent", 202, "capture"],
  ]);
});

test("429 with Retry-After waits at least so long and costs no attempt", async () => {
  const driven = await answering((count) => (count <= 10 ? rateLimited("90s", { statusCode: 429 }) : sent()));
  await notify(driven);
  await driven.settle();
  expect(await message()).toMatchObject({ status: "queued", attempts: 0 });
  await driven.advance("89s");
  expect(captured(driven, "email").messages).toHaveLength(1);
  await driven.advance("1h");
  expect(await message()).toMatchObject({ status: "sent", attempts: 1, reason: null });
  const kept = await attempts();
  expect(kept.map(({ number, outcome }) => `${number} ${outcome}`)).toEqual([
    ...Array.from({ length: 10 }, (_, index) => `${index + 1} rateLimited`),
    "11 sent",
  ]);
  for (const seconds of secondsBetween(kept)) expect(seconds).toBeGreaterThanOrEqual(90);
  expect(new Set(captured(driven, "email").messages.map(({ attempt }) => attempt))).toEqual(new Set([1]));
});

test("a provider that always fails is asked eight times in about half an hour, and each try is kept", async () => {
  const driven = await answering(() => retry("it is on fire", { statusCode: 500 }));
  await notify(driven);
  await driven.advance("3h");
  expect(await message()).toMatchObject({ status: "undelivered", attempts: 8, reason: "it is on fire" });
  const kept = await attempts();
  expect(kept.map(({ number, status }) => [number, status])).toEqual(
    Array.from({ length: 8 }, (_, index) => [index + 1, 500]),
  );
  const waits = secondsBetween(kept);
  expect(waits.every((wait, index) => index === 0 || wait > waits[index - 1]!)).toBe(true);
  expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(24 * 60);
  expect(captured(driven, "email").messages.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(new Set(captured(driven, "email").messages.map(({ idempotencyKey }) => idempotencyKey))).toEqual(
    new Set([(await message()).id]),
  );
});

test.each<[string, () => Outcome, string, string]>([
  [
    "a permanent rejection",
    () => rejected("the template is not allowed", { statusCode: 422 }),
    "undelivered",
    "the template is not allowed",
  ],
  ["a bounce", () => bounced("no such mailbox"), "bounced", "no such mailbox"],
])("%s is final at the first attempt", async (_name, answer, status, reason) => {
  const driven = await answering(answer);
  await notify(driven);
  await driven.advance("1d");
  expect(await message()).toMatchObject({ status, reason, attempts: 1 });
  expect(captured(driven, "email").messages).toHaveLength(1);
});

test("a provider that throws is tried again, and the others are not held up", async () => {
  const driven = await answering((count, user) => {
    if (user === "bob" && count === 1) throw new Error("socket hang up");
    return sent();
  });
  await notify(driven, ["ada", "bob", "cyd"]);
  await driven.settle();
  expect((await messagesOf(database)).map(({ status }) => status)).toEqual(["sent", "queued", "sent"]);
  await driven.advance("1m");
  expect((await messagesOf(database)).map(({ status, attempts: count }) => [status, count])).toEqual([
    ["sent", 1],
    ["sent", 2],
    ["sent", 1],
  ]);
  expect((await attempts()).some(({ reason }) => reason === "socket hang up")).toBe(true);
});

test("a provider that never answers is given up after its timeout and asked again", async () => {
  const driven = await answering((count) => (count === 1 ? new Promise<Outcome>(() => {}) : sent()));
  await notify(driven);
  const settling = driven.settle();
  await eventually(
    async () => driven.clock.pending(),
    (pending) => pending > 0,
    { every: 1 },
  );
  await driven.clock.advance(15_000);
  await settling;
  expect(await message()).toMatchObject({ status: "queued", attempts: 1, reason: "no answer within 15s" });
  await driven.advance("1m");
  expect(await message()).toMatchObject({ status: "sent", attempts: 2 });
});

test("what a careless provider returns is stored as far as it can be, and is not sent again for it", async () => {
  const strange: Outcome[] = [
    { kind: "sent", providerMessageId: "a\0b\ud800", statusCode: 99_999 },
    { kind: "sent", providerMessageId: 7 as never, statusCode: 4.5 },
    { kind: "delivered", providerMessageId: null, statusCode: Number.NaN },
    { kind: "rejected", reason: undefined as never, statusCode: "422" as never },
    { kind: "retry", reason: "x", statusCode: null, afterMs: Number.NaN },
    { kind: "rateLimited", reason: "x", statusCode: 429, afterMs: Number.POSITIVE_INFINITY },
    { kind: "rateLimited", reason: "x", statusCode: 429, afterMs: undefined as never },
    { kind: "sent" } as never,
    { kind: "unheard of" } as never,
    undefined as never,
  ];
  const driven = await answering((count, user) => (count > 1 ? sent() : strange[Number(user)]!));
  await notify(
    driven,
    strange.map((_outcome, index) => String(index)),
  );
  await driven.advance("1d");
  const statuses = (await messagesOf(database)).map(({ status }) => status);
  expect(statuses).toEqual([
    "sent",
    "sent",
    "delivered",
    "undelivered",
    "sent",
    "undelivered",
    "sent",
    "sent",
    "undelivered",
    "undelivered",
  ]);
  expect(captured(driven, "email").messages).toHaveLength(12);
});

test("a message whose channel is no longer configured says so and is not tried again", async () => {
  const driven = await answering(() => retry("later"));
  await notify(driven);
  await driven.settle();
  const without = await drive({ database, handles: [mail, both], providers: { email: null }, clock: driven.clock });
  await without.advance("1h");
  expect(await message()).toMatchObject({
    status: "undelivered",
    attempts: 1,
    reason: 'channel "email" is no longer configured',
  });
  await notify(without, ["bob"]);
  await without.settle();
  expect((await runsOf(database)).at(-1)!.trace).toMatchObject([
    { outcome: "skipped", code: "CHANNEL_NOT_CONFIGURED" },
  ]);
});

test("in a sandbox a message is stored and never sent; the feed needs no provider", async () => {
  const driven = await drive({ database, handles: [both], sandboxed: ["email"] });
  await notify(driven, ["ada"], "both");
  await driven.advance("1d");
  expect((await messagesOf(database)).map(({ step, status }) => [step, status])).toEqual([
    ["feed", "delivered"],
    ["mail", "not_sent"],
  ]);
  expect([...captured(driven, "email").messages, ...captured(driven, "inApp").messages]).toEqual([]);
});

test("a retry stays with the process that took it as long as that lives, and goes to another one soon after", async () => {
  let died = false;
  const driven = await answering((count) => {
    if (count === 1) return retry("later");
    if (!died) return new Promise<Outcome>(() => void (died = true));
    return sent();
  });
  await notify(driven);
  await driven.settle();
  await driven.clock.advance(60_000);
  // Nobody waits for this one any more.
  void driven.settle();
  await eventually(async () => died, Boolean, { every: 1 });
  const leasedUntil = async () => (await nextDue(driven.knock.engine.internals))!.getTime() - START.getTime();
  expect(await leasedUntil()).toBe(75_000);
  await driven.clock.advance(4_000);
  await eventually(leasedUntil, (end) => end === 79_000, { every: 1 });
  await driven.clock.advance(4_000);
  await eventually(leasedUntil, (end) => end === 83_000, { every: 1 });

  // Here its process dies: its clock stands still.
  const alive = await drive({
    database,
    handles: [mail, both],
    providers: { email: capture("email", { answer: () => sent() }) },
  });
  await alive.clock.advance(82_000);
  await alive.settle();
  expect(captured(alive, "email").messages).toEqual([]);
  await alive.advance("1s");
  expect(await message()).toMatchObject({ status: "sent" });
});

test("a job with more than its provider takes in time leaves the rest to another job, and nothing is sent twice", async () => {
  const sends: number[] = [];
  const email = capture("email", { answer: () => (sends.push(driven.clock.now().getTime()), sent()) });
  const slow = Object.assign(email, { rate: { count: 1, per: "10s" as const } });
  const driven = await drive({ database, handles: [mail, both], providers: { email: slow } });
  await notify(
    driven,
    Array.from({ length: 80 }, (_, index) => `u${index}`),
  );
  const { internals, handlers } = driven.knock.engine;
  const [express] = await ask<{ id: string }>(database, sql`select id from knock.notifications`);
  await handlers.express({ notifications: [express!.id] });
  const messages = (await messagesOf(database)).map(({ id }) => id);
  let over: number | null = null;
  const begun = driven.clock.now().getTime();
  const first = handlers.deliver({ messages }).then(() => (over = driven.clock.now().getTime()));
  const step = async () => driven.clock.advance(1_000);
  await eventually(step, () => over !== null, { tries: 2_000, every: 1 });
  await first;
  // Five minutes, and what was waiting for its turn by then. (The end itself also waits for the database, in real time.)
  expect(sends.at(-1)! - begun).toBeLessThanOrEqual(310_000);
  expect(sends.length).toBeGreaterThan(20);
  expect(sends.length).toBeLessThan(40);
  const rest = driven.settle();
  await eventually(step, () => sends.length === 80, { tries: 4_000, every: 1 });
  await rest;
  expect(new Set(email.messages.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(80);
  expect(email.messages).toHaveLength(80);
  for (const [index, at] of sends.slice(1).entries()) expect(at - sends[index]!).toBeGreaterThanOrEqual(10_000);
  expect(internals.gates.size).toBe(1);
});

test("runs go on in time while retries wait for a provider that hangs", async () => {
  const driven = await answering((count) => (count === 1 ? retry("later") : new Promise<Outcome>(() => {})));
  await notify(driven, ["ada"], "both");
  await driven.settle();
  // The retry comes first and hangs; the run is due within its timeout.
  const stopping = new AbortController();
  const keeping = keepTime(driven.knock.engine.internals, stopping.signal);
  const step = async () => {
    await driven.clock.advance(250);
    return messagesOf(database);
  };
  const sends = captured(driven, "email").messages;
  await eventually(step, () => sends.length === 2, { tries: 80, every: 20 });
  const found = await eventually(step, (messages) => messages.length === 2, { tries: 50, every: 20 });
  expect(found[0]).toMatchObject({ step: "feed", status: "delivered" });
  expect(found[1]).toMatchObject({ step: "mail", status: "queued" });
  stopping.abort();
  await driven.clock.advance(60_000);
  await keeping;
});
