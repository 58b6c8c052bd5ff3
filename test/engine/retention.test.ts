// What the retention says goes, and nothing else, however much there is.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, inject, test } from "vitest";
import { z } from "zod";
import { durationMs, type Duration } from "../../src/base/duration.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { type Purged, purge } from "../../src/engine/retention.ts";
import type { Config } from "../../src/registry/config.ts";
import type { Database } from "../../src/store/database.ts";
import { driver, emptyTables, testDatabase, testPool } from "../support/database.ts";
import { accepted, drive, type Driven, eventually, START } from "../support/engine.ts";
import { ask, count } from "../support/inspect.ts";

const plain = workflow("plain", { data: z.object({}) })
  .inApp("feed", { body: "b" })
  .email("mail", { subject: "s", body: "b" });
const patient = workflow("patient", { data: z.object({}) })
  .inApp("first", { body: "b" })
  .delay("wait", "40d")
  .inApp("second", { body: "b" });
const digest = workflow("digest", { data: z.object({}) })
  .batch("all", { window: "10d" })
  .inApp("first", { body: ({ steps }) => String(steps.all.count) })
  .delay("wait", "30d")
  .inApp("second", { body: ({ steps }) => String(steps.all.activities.length) });

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  await ask(
    database,
    sql`insert into knock.users (id, email, created_at, updated_at)
    select id, id || '@example.com', now(), now()
    from (select unnest(array['a', 'b', 'c']) as id union all select 'u' || n from generate_series(0, 2999) as n) as people`,
  );
});

const start = (retention?: Config["retention"]): Promise<Driven> =>
  drive({ database, handles: [plain, patient, digest], ...(retention && { retention }) });

const notify = async ({ knock }: Driven, call: { workflow: string; recipients: string[] }): Promise<string> =>
  accepted(await knock.engine.notify(call)).notification.id;

/** Ages without working: time passes, nothing is done in it. */
const age = ({ clock }: Driven, by: Duration) => clock.advance(durationMs(by));
const purged = ({ knock }: Driven): Promise<Purged> => purge(knock.engine.internals);
const ids = async (table: string) =>
  (await ask<{ id: string }>(database, sql`select id from ${sql.raw(`knock.${table}`)} order by id`)).map(
    ({ id }) => id,
  );
const counts = async (...tables: string[]) =>
  Object.fromEntries(await Promise.all(tables.map(async (table) => [table, await count(database, table)])));

test("without a retention everything is kept, for ever", async () => {
  const driven = await start();
  await notify(driven, { workflow: "plain", recipients: ["a"] });
  await driven.settle();
  await age(driven, "3650d");
  expect(await purged(driven)).toMatchObject({ notifications: 0, runs: 0, messages: 0 });
  expect(await counts("notifications", "runs", "messages")).toEqual({ notifications: 1, runs: 1, messages: 2 });
});

test("old notifications go with all that belongs to them, younger ones stay as they are", async () => {
  const driven = await start({ runs: "30d" });
  await notify(driven, { workflow: "plain", recipients: ["a", "b", "c"] });
  await driven.settle();
  await age(driven, "29d");
  const young = await notify(driven, { workflow: "plain", recipients: ["a"] });
  await driven.settle();
  expect(await purged(driven)).toMatchObject({ notifications: 0, runs: 0, messages: 0 });
  await age(driven, "1d");
  await age(driven, "1m");
  expect(await purged(driven)).toMatchObject({ notifications: 1, runs: 3, messages: 6 });
  expect(await ids("notifications")).toEqual([young]);
  expect(await counts("runs", "messages", "delivery_attempts")).toEqual({ runs: 1, messages: 2, delivery_attempts: 1 });
  expect(await purged(driven)).toMatchObject({ notifications: 0, runs: 0, messages: 0 });
});

test("a notification with a run that waits is kept whole until that has ended", async () => {
  const driven = await start({ runs: "30d" });
  const waiting = await notify(driven, { workflow: "patient", recipients: ["a"] });
  await driven.settle();
  await age(driven, "39d");
  expect(await purged(driven)).toMatchObject({ notifications: 0, runs: 0, messages: 0 });
  expect(await ids("notifications")).toEqual([waiting]);
  await driven.advance("1d");
  expect(await counts("messages")).toEqual({ messages: 2 });
  // The run has ended: it goes, and so does the message of day 1. The one of day 40 is young.
  expect(await purged(driven)).toMatchObject({ notifications: 1, runs: 1, messages: 1 });
  await age(driven, "31d");
  expect(await purged(driven)).toMatchObject({ messages: 1 });
});

test("what was accepted and never executed is not finished, however old", async () => {
  const driven = await start({ runs: "1d" });
  const stuck = await notify(driven, { workflow: "plain", recipients: ["a"] });
  await age(driven, "90d");
  expect(await purged(driven)).toMatchObject({ notifications: 0 });
  expect(await ids("notifications")).toEqual([stuck]);
});

test("what is in a batch is kept until the run that goes on with it has ended", async () => {
  const driven = await start({ runs: "1d" });
  await notify(driven, { workflow: "digest", recipients: ["a"] });
  await driven.settle();
  await notify(driven, { workflow: "digest", recipients: ["a"] });
  await driven.settle();
  // Joined and ended long ago, in a batch that is open.
  await age(driven, "5d");
  expect(await purged(driven)).toMatchObject({ notifications: 0, batches: 0 });
  // Collected, by a run that waits once more.
  await driven.advance("10d");
  expect(await counts("messages")).toEqual({ messages: 1 });
  expect(await purged(driven)).toMatchObject({ notifications: 0, batches: 0 });
  await driven.advance("31d");
  const bodies = await ask<{ body: string }>(
    database,
    sql`select content->>'body' as body from knock.messages order by id`,
  );
  expect(bodies).toEqual([{ body: "2" }, { body: "2" }]);
  expect(await purged(driven)).toMatchObject({ notifications: 2, runs: 2, batches: 1 });
  expect(await counts("batches", "batch_activities")).toEqual({ batches: 0, batch_activities: 0 });
});

test("messages may go before their runs", async () => {
  const shorter = await start({ runs: "30d", messages: "7d" });
  await notify(shorter, { workflow: "plain", recipients: ["a"] });
  await shorter.settle();
  await age(shorter, "8d");
  expect(await purged(shorter)).toMatchObject({ notifications: 0, messages: 2 });
});

test("messages may stay longer than their runs", async () => {
  const longer = await start({ runs: "7d", messages: "30d" });
  await notify(longer, { workflow: "plain", recipients: ["a"] });
  await longer.settle();
  await age(longer, "8d");
  expect(await purged(longer)).toMatchObject({ notifications: 1, messages: 0 });
  await age(longer, "30d");
  expect(await purged(longer)).toMatchObject({ messages: 2 });
  expect(await count(database, "delivery_attempts")).toBe(0);
});

test("a message that is still to be sent is kept, whatever its age", async () => {
  const driven = await start({ messages: "1d" });
  await notify(driven, { workflow: "plain", recipients: ["a"] });
  await driven.settle();
  await ask(database, sql`update knock.messages set status = 'queued' where channel_type = 'email'`);
  await age(driven, "8d");
  expect(await purged(driven)).toMatchObject({ messages: 1 });
  await ask(database, sql`update knock.messages set status = 'undelivered'`);
  expect(await purged(driven)).toMatchObject({ messages: 1 });
});

test("more than one slice of everything, also of one notification, and a second purge at the same time", async () => {
  const driven = await start({ runs: "1d" });
  const people = Array.from({ length: 2_500 }, (_, index) => `u${index}`);
  await notify(driven, { workflow: "plain", recipients: people });
  for (let index = 0; index < 10; index++) await notify(driven, { workflow: "plain", recipients: [`u${index}`] });
  await driven.settle();
  await age(driven, "9d");
  const both = await Promise.all([purged(driven), purged(driven)]);
  const total = (what: keyof Purged) => both.reduce((sum, each) => sum + each[what], 0);
  expect({ runs: total("runs"), messages: total("messages") }).toEqual({ runs: 2_510, messages: 5_020 });
  await purged(driven);
  expect(await counts("notifications", "runs", "messages", "delivery_attempts", "fan_out_chunks")).toEqual({
    notifications: 0,
    runs: 0,
    messages: 0,
    delivery_attempts: 0,
    fan_out_chunks: 0,
  });
}, 60_000);

test("without a retention, what has no use any more goes all the same: done chunks and ended throttles", async () => {
  const driven = await start();
  const people = Array.from({ length: 150 }, (_, index) => `u${index}`);
  await notify(driven, { workflow: "plain", recipients: people });
  await driven.settle();
  const open = await notify(driven, { workflow: "plain", recipients: people });
  await driven.jobs.drain();
  await ask(database, sql`update knock.fan_out_chunks set done_at = null where notification_id = ${open}`);
  const ends = (days: number) => new Date(START.getTime() + days * 86_400_000).toISOString();
  await ask(
    database,
    sql`insert into knock.throttles (workflow, step, recipient_id, key, count, ends_at)
    values ('plain', 'once', 'a', '', 1, ${ends(1)}), ('plain', 'once', 'b', '', 1, ${ends(20)})`,
  );
  await age(driven, "8d");
  expect(await purged(driven)).toMatchObject({ chunks: 1, throttles: 1, notifications: 0 });
  expect(await ask(database, sql`select notification_id as id from knock.fan_out_chunks`)).toEqual([{ id: open }]);
  expect(await ask(database, sql`select recipient_id as id from knock.throttles`)).toEqual([{ id: "b" }]);
});

test.each([{ runs: "23h" }, { messages: "5m" }, { runs: "soon" }] as unknown as NonNullable<Config["retention"]>[])(
  "a retention of %o is refused",
  async (retention) => {
    await expect(start(retention)).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  },
);

/** Copies of what there is, made later, so many times over. */
async function young(times: number): Promise<void> {
  const id = (column: string) => sql.raw(`('0fffffff' || substr(md5(${column}::text || n), 9))::uuid`);
  const copies = sql`generate_series(1, ${times}::int) as n`;
  await ask(
    database,
    sql`insert into knock.runs select ${id("id")}, ${id("notification_id")}, version_id, recipient_id, status, step, state, trace,
      wake_at, created_at, finished_at from knock.runs, ${copies}`,
  );
  await ask(
    database,
    sql`insert into knock.messages (id, run_id, notification_id, workflow, step, recipient_id, channel, channel_type, content,
      status, created_at)
    select ${id("id")}, ${id("run_id")}, ${id("notification_id")}, workflow, step, recipient_id, channel, channel_type, content,
      status, now() from knock.messages, ${copies}`,
  );
  await ask(
    database,
    sql`insert into knock.delivery_attempts select ${id("message_id")}, number, provider, outcome, status_code, reason,
      started_at, finished_at from knock.delivery_attempts, ${copies}`,
  );
  await ask(database, sql`analyze`);
}

test.runIf(driver === "postgres")(
  "what is old is found among much that is young, through indexes alone",
  async () => {
    const driven = await start({ runs: "1d" });
    await notify(driven, { workflow: "plain", recipients: Array.from({ length: 2_000 }, (_, index) => `u${index}`) });
    await driven.settle();
    await age(driven, "2d");
    await young(40);
    // A session tells what it did some time later, or when it ends: all but one end.
    const [{ name }] = (await ask<{ name: string }>(database, sql`select current_database() as name`)) as [
      { name: string },
    ];
    const server = new URL(inject("postgres").url);
    const session = await testPool(new URL(`/${name}`, server).href, 1);
    const others = sql`from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
    await ask(session, sql`select pg_terminate_backend(pid) ${others}`);
    await eventually(
      () => ask(session, sql`select pid ${others}`),
      (left) => left.length === 0,
    );
    const scans = async () => {
      await ask(session, sql`select pg_stat_force_next_flush()`);
      return ask<{ name: string; scans: number }>(
        session,
        sql`select relname as name, seq_scan::int as scans from pg_stat_user_tables
      where schemaname = 'knock' and relname in ('runs', 'messages', 'delivery_attempts') order by 1`,
      );
    };
    const before = await scans();
    const internals = { ...driven.knock.engine.internals, database: session };
    expect(await purge(internals)).toMatchObject({ runs: 2_000, messages: 4_000 });
    expect(await scans()).toEqual(before);
  },
  60_000,
);
