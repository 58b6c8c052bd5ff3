// What schedules do in time: moments become notifications, over edges of daylight saving, downtimes and refusals.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { runDueSchedules } from "../../src/engine/schedules/run-due.ts";
import { type ScheduleVerbs, scheduleVerbs } from "../../src/engine/schedules/verbs.ts";
import type { Database } from "../../src/store/database.ts";
import { addListMembers } from "../../src/store/lists.ts";
import { upsertUsers } from "../../src/store/users.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { drive, type Driven, START } from "../support/engine.ts";
import { ask, count, messagesOf, runsOf } from "../support/inspect.ts";

let fails = false;
const digest = workflow("digest", {
  data: z.object({ topic: z.string().default("all") }).refine(() => {
    if (fails) throw new Error("the schema is broken");
    return true;
  }),
}).inApp("feed", { body: ({ data, actor }) => `${data.topic} ${actor?.id ?? ""}` });
const stricter = workflow("digest", { data: z.object({ topic: z.enum(["news"]) }) }).inApp("feed", { body: "b" });

let database: Database;
let driven: Driven;
let schedules: ScheduleVerbs;
async function begin(at: Date | string = START, handles = [digest]): Promise<void> {
  driven = await drive({ database, handles, clock: virtualClock(new Date(at)) });
  schedules = scheduleVerbs(driven.knock.engine.context);
}
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  fails = false;
  await emptyTables(database);
  await begin();
});

type Input = Parameters<ScheduleVerbs["create"]>[0];
async function create(input: Partial<Input>): Promise<string> {
  const outcome = await schedules.create({ workflow: "digest", recipients: ["ada"], ...input });
  if (!outcome.ok) throw outcome.error;
  return outcome.schedules[0]!.id;
}

/** When notifications were made. */
const moments = async () =>
  (
    await ask<{ at: string }>(
      database,
      sql`select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI') as at from knock.notifications order by created_at, id`,
    )
  ).map(({ at }) => at);

/** Time passes and no process runs. */
const downtime = (hours: number) => driven.clock.advance(hours * 3_600_000);

test("a moment is a notification with its source, data of the schema and the actor of the schedule", async () => {
  await upsertUsers(database.db, [{ id: "zoe" }], START);
  const id = await create({ recurrence: "0 12 * * *", actor: "zoe" });
  await driven.advance("2h");
  expect(await count(database, "notifications")).toBe(0);
  await driven.advance("1h");
  expect(await moments()).toEqual(["2026-01-05T12:00"]);
  expect(await messagesOf(database)).toMatchObject([{ recipient: "ada", content: { body: "all zoe" } }]);
  expect(await ask(database, sql`select source, data, actor_id as actor from knock.notifications`)).toEqual([
    { source: { kind: "schedule", id, via: [] }, data: { topic: "all" }, actor: "zoe" },
  ]);
  expect(await schedules.find(id)).toMatchObject({
    status: "active",
    count: 1,
    lastAt: new Date("2026-01-05T12:00:00Z"),
    nextAt: new Date("2026-01-06T12:00:00Z"),
    problem: null,
  });
});

test("the id of a notification begins with its moment, so it is listed among those of its time", async () => {
  await create({ recurrence: "0 12 * * *" });
  await driven.advance("28h");
  const early = await driven.knock.engine.notify({ workflow: "digest", recipients: ["ada"] });
  await driven.advance("24h");
  const ids = (await ask<{ id: string }>(database, sql`select id from knock.notifications order by id`)).map(
    ({ id }) => id,
  );
  expect(ids).toHaveLength(4);
  expect(ids[2]).toBe(early.ok && early.notification.id);
});

test("lists: all members, by one schedule", async () => {
  const members = ["ada", "bob"].map((userId) => ({ userId }));
  await addListMembers(database.db, { list: "team", members }, START);
  await create({ recipients: [], lists: ["team"], recurrence: null, at: "2026-01-05T10:00:00Z" });
  // Who joins before the moment belongs to it.
  await addListMembers(database.db, { list: "team", members: [{ userId: "cyd" }] }, START);
  await driven.advance("1h");
  expect((await runsOf(database)).map(({ recipient }) => recipient)).toEqual(["ada", "bob", "cyd"]);
  expect(await count(database, "notifications")).toBe(1);
});

test("once, and it is over; with an end, and it is over too", async () => {
  const once = await create({ recurrence: null, at: "2026-01-05T10:00:00Z" });
  const ending = await create({ recurrence: "0 12 * * *", endsAt: "2026-01-07T12:00:00Z" });
  const counted = await create({ recurrence: "RRULE:FREQ=DAILY;COUNT=2", startsAt: "2026-01-05T18:00:00Z" });
  await driven.advance("30d");
  const over = { status: "ended", nextAt: null };
  expect(await schedules.find(once)).toMatchObject({ ...over, count: 1 });
  expect(await schedules.find(ending)).toMatchObject({ ...over, count: 3, lastAt: new Date("2026-01-07T12:00:00Z") });
  expect(await schedules.find(counted)).toMatchObject({ ...over, count: 2 });
});

describe("local time", () => {
  test.each([
    ["America/New_York", "2026-03-06T20:00:00Z", 2, ["2026-03-07T07:30", "2026-03-08T07:30", "2026-03-09T06:30"]],
    ["America/New_York", "2026-10-30T20:00:00Z", 1, ["2026-10-31T05:30", "2026-11-01T05:30", "2026-11-02T06:30"]],
    ["Europe/London", "2026-03-27T20:00:00Z", 1, ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"]],
    ["Europe/London", "2026-10-23T20:00:00Z", 1, ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]],
    ["Europe/Zurich", "2026-03-27T20:00:00Z", 2, ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"]],
    ["Europe/Zurich", "2026-10-23T20:00:00Z", 2, ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]],
  ])("%s from %s: %i:30 comes once each day", async (timezone, from, hour, expected) => {
    await begin(from);
    await create({ recurrence: `30 ${hour} * * *`, timezone });
    await create({ recurrence: `RRULE:FREQ=DAILY;BYHOUR=${hour};BYMINUTE=30`, timezone, recipients: ["bob"] });
    await driven.advance("3d");
    expect(await moments()).toEqual(expected.flatMap((at) => [at, at]));
  });

  test("the leap day, and months without a 31st", async () => {
    await begin("2028-01-31T12:00:00Z");
    await create({ recurrence: "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=9;BYMINUTE=0" });
    await create({ recurrence: "0 10 29 2 *" });
    await create({ recurrence: "0 11 31 * *" });
    await driven.advance("65d");
    expect(await moments()).toEqual(["2028-02-29T09:00", "2028-02-29T10:00", "2028-03-31T09:00", "2028-03-31T11:00"]);
  });

  test("a recipient who moves takes the schedule along, from the next moment on", async () => {
    await upsertUsers(database.db, [{ id: "ada", timezone: "Europe/Zurich" }], START);
    await create({ recurrence: "0 12 * * *" });
    await driven.advance("1d");
    await upsertUsers(database.db, [{ id: "ada", timezone: "America/New_York" }], START);
    await driven.advance("2d");
    expect(await moments()).toEqual(["2026-01-05T11:00", "2026-01-06T11:00", "2026-01-06T17:00", "2026-01-07T17:00"]);
  });
});

describe("after a downtime", () => {
  const during = async (onMissed: Input["onMissed"], recurrence: string, hours: number) => {
    const id = await create({ recurrence, ...(onMissed && { onMissed }) });
    await downtime(hours);
    await driven.settle();
    return schedules.find(id);
  };

  test("last: of several moments the last one", async () => {
    expect(await during("last", "0 12 * * *", 5 * 24)).toMatchObject({
      count: 1,
      lastAt: new Date("2026-01-09T12:00:00Z"),
      nextAt: new Date("2026-01-10T12:00:00Z"),
    });
    expect(await count(database, "notifications")).toBe(1);
  });

  test("last is the default, and a year of minutes is no work", async () => {
    const began = performance.now();
    expect(await during(undefined, "* * * * *", 365 * 24)).toMatchObject({
      count: 1,
      lastAt: new Date("2027-01-05T09:00:00Z"),
      nextAt: new Date("2027-01-05T09:01:00Z"),
    });
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test("all: each moment, in order, in passes of at most a hundred", async () => {
    const id = await create({ recurrence: "0 * * * *", onMissed: "all" });
    await downtime(250);
    expect(await runDueSchedules(driven.knock.engine.internals)).toBe(1);
    expect(await schedules.find(id)).toMatchObject({ count: 100, nextAt: new Date("2026-01-09T14:00:00Z") });
    await driven.settle();
    expect(await schedules.find(id)).toMatchObject({ count: 250, nextAt: new Date("2026-01-15T20:00:00Z") });
    expect(await count(database, "notifications")).toBe(250);
  });

  test("a pass makes no more than some thousand notifications, however many schedules are late", async () => {
    const recipients = Array.from({ length: 30 }, (_, index) => `u${index}`);
    await create({ recipients, recurrence: "0 * * * *", onMissed: "all" });
    await downtime(50);
    expect(await runDueSchedules(driven.knock.engine.internals)).toBe(20);
    expect(await count(database, "notifications")).toBe(1_000);
    await driven.settle();
    expect(await count(database, "notifications")).toBe(1_500);
  });

  test("skip: what is more than five minutes late is left out", async () => {
    expect(await during("skip", "30 11 * * *", 26)).toMatchObject({
      count: 0,
      lastAt: null,
      status: "active",
      nextAt: new Date("2026-01-06T11:30:00Z"),
    });
  });

  test("skip: what is a little late is not missed", async () => {
    const id = await create({ recurrence: "0,1,2,3,4,5,6 10 * * *", onMissed: "skip" });
    await driven.clock.advance(66 * 60_000);
    await driven.settle();
    expect(await schedules.find(id)).toMatchObject({ count: 6, lastAt: new Date("2026-01-05T10:06:00Z") });
  });

  test("skip: one moment that was missed is gone, and the schedule over", async () => {
    const id = await create({ recurrence: null, at: "2026-01-05T10:00:00Z", onMissed: "skip" });
    await downtime(2);
    await driven.settle();
    expect(await schedules.find(id)).toMatchObject({ count: 0, status: "ended", nextAt: null });
  });
});

describe("a moment whose call is refused leaves its reason, and the schedule goes on", () => {
  test("switched off for a day", async () => {
    const id = await create({ recurrence: "0 12 * * *" });
    await driven.knock.engine.setWorkflowStatus("digest", "inactive");
    await driven.advance("1d");
    expect(await schedules.find(id)).toMatchObject({
      status: "active",
      count: 0,
      problem: 'Workflow "digest" is switched off.',
      nextAt: new Date("2026-01-06T12:00:00Z"),
    });
    await driven.knock.engine.setWorkflowStatus("digest", "active");
    await driven.advance("1d");
    expect(await schedules.find(id)).toMatchObject({ count: 1, problem: null });
  });

  test("data that no longer fits, an actor who is gone, a workflow that is gone, a schema that throws", async () => {
    await upsertUsers(database.db, [{ id: "zoe" }], START);
    const id = await create({ recurrence: "0 * * * *", actor: "zoe" });
    const problem = async () => {
      await driven.advance("1h");
      return (await schedules.find(id))!.problem;
    };
    expect(await problem()).toBeNull();
    await database.transaction((tx) => ask({ db: tx as never }, sql`delete from knock.users`));
    expect(await problem()).toBe('There is no user "zoe" to be the actor.');
    fails = true;
    expect(await problem()).toMatch(/: 1 problem\. data: The schema fails on this data: the schema is broken$/);
    await begin(driven.clock.now(), [stricter] as never);
    expect(await problem()).toContain('does not fit the schema of workflow "digest"');
    await begin(driven.clock.now(), [workflow("other", { data: z.object({}) }).inApp("feed", { body: "b" })] as never);
    await ask(database, sql`update knock.workflows set status = 'archived' where key = 'digest'`);
    expect(await problem()).toBe('There is no workflow "digest".');
    expect(await schedules.find(id)).toMatchObject({ status: "active", count: 1 });
  });

  test("a reason with half a character or without end keeps no other schedule from its moment", async () => {
    const broken = workflow("broken", {
      data: z.object({ topic: z.string() }).refine(({ topic }) => {
        if (fails) throw new Error(topic.slice(0, 3) + "!".repeat(5_000));
        return true;
      }),
    }).inApp("feed", { body: "b" });
    await begin(START, [digest, broken] as never);
    const odd = await create({ workflow: "broken", data: { topic: "ab\u{1F600}" }, recurrence: "0 12 * * *" });
    const whole = await create({ at: "2026-01-05T12:00:00Z", recipients: ["bob"] });
    fails = true;
    await driven.advance("4h");
    expect((await schedules.find(odd))!.problem).toMatch(/this data: ab\ufffd!{800,}$/);
    expect(await schedules.find(whole)).toMatchObject({ status: "ended", lastAt: new Date("2026-01-05T12:00:00Z") });
  });

  test("of the others nothing is lost, and a recurrence that cannot be read is paused with its reason", async () => {
    const broken = await create({ recurrence: "0 12 * * *" });
    const whole = await create({ recurrence: "0 12 * * *", recipients: ["bob"] });
    await ask(database, sql`update knock.schedules set recurrence = 'nonsense' where id = ${broken}`);
    await driven.advance("1d");
    expect(await schedules.find(broken)).toMatchObject({
      status: "paused",
      nextAt: null,
      problem: expect.stringContaining("The next moment cannot be told: has 1 field"),
    });
    expect(await schedules.find(whole)).toMatchObject({ status: "active", count: 1 });
  });
});

test("a moment that comes again makes no second notification: its id is a function of schedule and moment", async () => {
  const id = await create({ recurrence: "0 12 * * *" });
  await driven.advance("4h");
  await ask(database, sql`update knock.schedules set next_at = '2026-01-05T12:00:00Z' where id = ${id}`);
  await driven.advance("1h");
  expect([await count(database, "notifications"), await count(database, "runs")]).toEqual([1, 1]);
});

test("a pass that fails leaves everything due", async () => {
  const id = await create({ recurrence: "0 12 * * *" });
  await downtime(4);
  const { internals } = driven.knock.engine;
  const broken = { ...internals, deployed: new Map<string, string>() };
  await expect(runDueSchedules(broken)).rejects.toThrow("not deployed");
  expect(await count(database, "notifications")).toBe(0);
  expect(await runDueSchedules(internals)).toBe(1);
  expect(await schedules.find(id)).toMatchObject({ count: 1 });
});
