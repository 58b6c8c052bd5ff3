import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { newId } from "../../src/base/ids.ts";
import type { Finding } from "../../src/engine/examine.ts";
import type { Database } from "../../src/store/database.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { ask } from "../support/inspect.ts";
import { knock, startTemporarily } from "./support/command.ts";
import { temporary } from "./support/project.ts";

const SMTP_URL = "smtp://127.0.0.1:9";

interface Told {
  ok: boolean;
  findings: Finding[];
  recovered?: Record<string, number>;
}

/** A project on a database of its own, with what `knock doctor --json` says of it. */
async function clinic() {
  const { root: cwd } = temporary();
  const url = await testPostgresUrl();
  const env = { DATABASE_URL: url, SMTP_URL };
  const database = await testPool(url, 2);
  const examine = async (...args: string[]) => {
    const { code, stdout } = await knock(["doctor", "--json", ...args], { cwd, env });
    const told = JSON.parse(stdout) as Told;
    expect(code).toBe(told.ok ? 0 : 1);
    return told;
  };
  return { cwd, env, database, examine };
}

const of = ({ findings }: Told, check: Finding["check"]) => findings.filter((finding) => finding.check === check);
const notify = (cwd: string, env: Record<string, string>) =>
  knock(["notify", "greeting", "-r", "user_1", "-d", '{"title":"Hi"}'], { cwd, env });

/** Moves everything that was made into the past. */
async function age(database: Database): Promise<void> {
  const past = (column: string) => sql.raw(`${column} = ${column} - interval '20 minutes'`);
  await ask(database, sql`update knock_jobs.job set ${past("created_on")}`);
}

test("a system in which all is well", async () => {
  const { cwd, env, examine } = await clinic();
  const worker = startTemporarily(["worker"], { cwd, env });
  await worker.waitFor(/"message":"started"/);
  const told = await examine();
  expect(told.ok).toBe(true);
  expect(told.findings.map(({ check, state }) => `${check} ${state}`)).toEqual([
    "database ok",
    "migrations ok",
    "clock ok",
    "queues ok",
    "dead letters ok",
    "lost work ok",
    "timekeeper ok",
    "channels ok",
    "workflows ok",
    "deploy ok",
  ]);
  const { code, stdout } = await knock(["doctor"], { cwd, env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/✓ database +PostgreSQL \d+(\.\d+)? answers in \d+ ms/);
  expect(stdout).toContain("everything is in order");
  expect(stdout).not.toContain("\u001B[");
});

test("a database that is away, or lacks its tables, and what to do", async () => {
  const { root: cwd } = temporary();
  const away = await knock(["doctor"], { cwd, env: { DATABASE_URL: "postgres://user:hush@127.0.0.1:9/x" } });
  expect(away.code).toBe(1);
  expect(away.stdout).toMatch(/✗ database +PostgreSQL at 127\.0\.0\.1:9 cannot be reached: nothing listens there/);
  expect(away.stdout).toContain("→ Check that it runs");
  expect(away.stdout).not.toContain("hush");
  const env = { DATABASE_URL: await testPostgresUrl({ migrated: false }) };
  const behind = await knock(["doctor", "--json"], { cwd, env });
  const told = JSON.parse(behind.stdout) as Told;
  expect([behind.code, told.ok]).toEqual([1, false]);
  expect(of(told, "migrations")).toMatchObject([{ state: "bad", fix: "Run `knock migrate`." }]);
  expect(of(told, "queues")).toEqual([]);
});

test("nobody works: what waits, what is overdue", async () => {
  const { cwd, env, database, examine } = await clinic();
  expect(of(await examine(), "workflows")).toMatchObject([{ state: "warn" }]);
  await notify(cwd, env);
  expect((await examine()).ok).toBe(true);
  await age(database);
  const now = new Date();
  await ask(
    database,
    sql`insert into knock.runs (id, notification_id, version_id, recipient_id, status, step, state, trace, wake_at, created_at)
    values (${newId(now)}, ${newId(now)}, ${newId(now)}, 'a', 'waiting', 's', '{}', '[]', now() - interval '2 hours', now())`,
  );
  const told = await examine();
  expect(told.ok).toBe(false);
  expect(of(told, "queues")).toMatchObject([
    { state: "bad", message: expect.stringContaining("20 min"), fix: expect.stringContaining("knock worker") },
  ]);
  expect(of(told, "timekeeper")).toMatchObject([{ state: "bad", message: expect.stringContaining("2 h late") }]);
});

test("failed and lost work, which --requeue puts back", async () => {
  const { cwd, env, database, examine } = await clinic();
  await notify(cwd, env);
  await ask(
    database,
    sql`update knock_jobs.job set name = 'dead', source_name = 'express', source_output = '{"message": "no such column"}'`,
  );
  const dead = await examine();
  expect(of(dead, "dead letters")).toMatchObject([
    {
      state: "bad",
      message: expect.stringMatching(/^1 express job failed for good, the first .* ago: no such column$/),
    },
  ]);
  const { recovered, ok } = await examine("--requeue");
  expect([ok, recovered]).toEqual([true, { dead: 1, chunks: 0, notifications: 0, messages: 0 }]);
  expect(await ask(database, sql`select name from knock_jobs.job where state = 'created'`)).toEqual([
    { name: "express" },
  ]);
  // An emptied queue, and a notification of an hour ago.
  await ask(database, sql`delete from knock_jobs.job`);
  const hourAgo = newId(new Date(Date.now() - 3_600_000));
  await ask(database, sql`update knock.notifications set id = ${hourAgo}`);
  expect(of(await examine(), "lost work")).toMatchObject([
    { state: "bad", message: "1 notification and 0 chunks have lost their jobs" },
  ]);
  const put = await knock(["doctor", "--requeue"], { cwd, env });
  expect([put.code, put.stdout]).toEqual([0, expect.stringContaining("put back to work: 1 notification")]);
});

test("a channel that fails names its provider's reason", async () => {
  const { database, examine } = await clinic();
  const now = new Date();
  for (let index = 0; index < 8; index++) {
    const id = newId(now);
    await ask(
      database,
      sql`insert into knock.messages (id, run_id, notification_id, workflow, step, recipient_id, channel, channel_type, content,
        status, created_at)
      values (${id}, ${id}, ${id}, 'w', 's', 'a', 'mail', 'email', '{}', 'undelivered', now())`,
    );
    await ask(
      database,
      sql`insert into knock.delivery_attempts (message_id, number, provider, outcome, reason, started_at, finished_at)
      values (${id}, 1, 'smtp', ${index < 6 ? "rejected" : "sent"}, 'relay denied', now(), now())`,
    );
  }
  expect(of(await examine(), "channels")).toMatchObject([
    { state: "bad", message: "mail: 6 of 8 sends of the last hour failed: relay denied" },
  ]);
});
