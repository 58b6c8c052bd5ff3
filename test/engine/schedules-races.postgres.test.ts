// Several processes look at the same schedules at once.
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { runDueSchedules } from "../../src/engine/schedules/run-due.ts";
import { scheduleVerbs } from "../../src/engine/schedules/verbs.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { drive, START } from "../support/engine.ts";
import { ask, count } from "../support/inspect.ts";

const digest = workflow("digest", { data: z.object({}) }).inApp("feed", { body: "b" });
const PEOPLE = 600;

async function twoProcesses() {
  const url = await testPostgresUrl();
  const first = await drive({ database: await testPool(url, 4), handles: [digest], clock: virtualClock(START) });
  const second = await drive({ database: await testPool(url, 4), handles: [digest], clock: virtualClock(START) });
  return { database: first.knock.engine.context.database, first, second };
}

test("two processes run the same schedules at once: each moment once, none lost", async () => {
  const { database, first, second } = await twoProcesses();
  const verbs = scheduleVerbs(first.knock.engine.context);
  const recipients = Array.from({ length: PEOPLE }, (_, index) => `u${index}`);
  expect(
    await verbs.create({ workflow: "digest", recipients, recurrence: "0 * * * *", onMissed: "all" }),
  ).toMatchObject({ ok: true });
  // Their clocks are not quite the same.
  await first.clock.advance(5 * 3_600_000);
  await second.clock.advance(5 * 3_600_000 - 250);
  const both = [first, second].map(({ knock }) => knock.engine.internals);
  const share = [0, 0];
  for (let idle = 0; idle < 2;) {
    const done = await Promise.all([...both, ...both].map((internals) => runDueSchedules(internals)));
    done.forEach((schedules, index) => (share[index % 2]! += schedules));
    idle = done.some((schedules) => schedules > 0) ? 0 : idle + 1;
  }
  // Both took part, or this test shows nothing.
  expect(Math.min(...share)).toBeGreaterThan(0);
  expect(await count(database, "notifications")).toBe(PEOPLE * 5);
  await Promise.all([first.settle(), second.settle()]);
  const [seen] = await ask(
    database,
    sql`select count(*)::int as pairs, min(runs)::int as fewest, max(runs)::int as most
    from (select recipient_id, count(*) as runs from knock.runs group by 1) as people`,
  );
  expect(seen).toEqual({ pairs: PEOPLE, fewest: 5, most: 5 });
  expect(
    await ask(database, sql`select distinct count, next_at at time zone 'UTC' as at from knock.schedules`),
  ).toHaveLength(1);
});

test("who changes or deletes a schedule while another process runs it: before or after, never half", async () => {
  const { database, first, second } = await twoProcesses();
  const verbs = scheduleVerbs(second.knock.engine.context);
  const recipients = Array.from({ length: 60 }, (_, index) => `u${index}`);
  const made = await verbs.create({ workflow: "digest", recipients, recurrence: "0 * * * *" });
  if (!made.ok) throw made.error;
  const ids = made.schedules.map(({ id }) => id);
  await first.clock.advance(3_600_000);
  await second.clock.advance(3_600_000);
  const [, deleted, paused] = await Promise.all([
    runDueSchedules(first.knock.engine.internals),
    verbs.delete(ids.slice(0, 20)),
    verbs.pause(ids.slice(20, 40)),
    runDueSchedules(second.knock.engine.internals),
  ]);
  expect([deleted.ok, paused.ok]).toEqual([true, true]);
  while ((await runDueSchedules(first.knock.engine.internals)) > 0);
  const made20 = await ask<{ id: string }>(database, sql`select source->>'id' as id from knock.notifications`);
  const runs = new Map<string, number>();
  for (const { id } of made20) runs.set(id, (runs.get(id) ?? 0) + 1);
  expect(Math.max(...runs.values())).toBe(1);
  // Nobody touched the last ones.
  for (const id of ids.slice(40)) expect(runs.get(id)).toBe(1);
  const left = await ask<{ id: string; status: string; count: number }>(
    database,
    sql`select id, status, count from knock.schedules`,
  );
  expect(left).toHaveLength(40);
  for (const { id, status, count: moments } of left) {
    expect(moments).toBe(runs.get(id) ?? 0);
    expect(status).toBe(ids.indexOf(id) < 40 ? "paused" : "active");
  }
});

test("what is due is found through an index, however many schedules there are", async () => {
  const { database, first } = await twoProcesses();
  const verbs = scheduleVerbs(first.knock.engine.context);
  for (let call = 0; call < 5; call++) {
    const recipients = Array.from({ length: 1_000 }, (_, index) => `u${call}-${index}`);
    await verbs.create({ workflow: "digest", recipients, recurrence: "0 12 * * *" });
  }
  await ask(database, sql`analyze knock.schedules`);
  const plan = async (query: ReturnType<typeof sql>) =>
    (await ask<Record<"QUERY PLAN", string>>(database, sql`explain ${query}`))
      .map((row) => row["QUERY PLAN"])
      .join("\n");
  expect(
    await plan(sql`select id from knock.schedules where next_at <= ${START.toISOString()}::timestamptz and status = 'active'
      order by next_at limit 500 for update skip locked`),
  ).toContain("schedules_due");
  expect(
    await plan(sql`select id from knock.schedules where recipient_id = 'u1-1' order by id desc limit 51`),
  ).toContain("schedules_recipient");
});
