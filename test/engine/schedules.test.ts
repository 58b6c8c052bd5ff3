// What can be said about schedules: create, change, pause, delete, list; and what is refused.
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { newId } from "../../src/base/ids.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { type ScheduleVerbs, scheduleVerbs } from "../../src/engine/schedules/verbs.ts";
import type { Refused } from "../../src/engine/notify-call.ts";
import type { Database } from "../../src/store/database.ts";
import { upsertTenant } from "../../src/store/tenants.ts";
import { deleteUser, upsertUsers } from "../../src/store/users.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { drive, type Driven, START } from "../support/engine.ts";
import { count, footprint } from "../support/inspect.ts";

const digest = workflow("digest", { data: z.object({ topic: z.string().default("all") }) }).inApp("feed", {
  body: ({ data }) => data.topic,
});

let database: Database;
let driven: Driven;
let schedules: ScheduleVerbs;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await emptyTables(database);
  driven = await drive({ database, handles: [digest], timezone: "Europe/Zurich" });
  schedules = scheduleVerbs(driven.knock.engine.context);
});

const daily = { workflow: "digest", recipients: ["ada"], recurrence: "0 8 * * *" };

type Input = Parameters<ScheduleVerbs["create"]>[0];

async function create(input: Partial<Input> = {}) {
  const outcome = await schedules.create({ ...daily, ...input });
  if (!outcome.ok) throw outcome.error;
  return outcome.schedules;
}

/** The codes and places of a refusal. */
function refusalOf(outcome: { ok: true } | Refused) {
  if (outcome.ok) throw new Error("not refused");
  const { code, details } = outcome.error;
  const issues = "issues" in details ? details.issues.map(({ path }) => path.join(".")) : [];
  return [code, ...issues].join(" ");
}

const next = async (input: Partial<Input>) => (await create(input)).map(({ nextAt }) => nextAt!.toISOString());
/** A patch of the only schedule there is. */
async function patched(patch: Parameters<ScheduleVerbs["update"]>[1]) {
  const { nodes } = await schedules.list();
  const outcome = await schedules.update([nodes[0]!.id], patch);
  if (!outcome.ok) throw outcome.error;
  return outcome.schedules[0]!;
}

describe("create", () => {
  test("one schedule per recipient, and one for all lists together", async () => {
    const made = await create({ recipients: ["ada", "bob", "ada"], lists: ["team", "staff"], data: { topic: "news" } });
    expect(made.map(({ recipientId, lists }) => [recipientId, lists])).toEqual([
      ["ada", []],
      ["bob", []],
      [null, ["team", "staff"]],
    ]);
    expect(made[0]).toMatchObject({
      workflow: "digest",
      status: "active",
      data: { topic: "news" },
      recurrence: "0 8 * * *",
      timezone: null,
      onMissed: "last",
      startsAt: START,
      endsAt: null,
      // 08:00 in Zurich has passed on this day.
      nextAt: new Date("2026-01-06T07:00:00Z"),
      lastAt: null,
      count: 0,
      problem: null,
      createdAt: START,
    });
    for (const schedule of made) expect(await schedules.find(schedule.id)).toEqual(schedule);
  });

  test("the zone: its own, the recipient's, the tenant's, the configured one", async () => {
    await upsertUsers(database.db, [{ id: "ada", timezone: "Asia/Tokyo" }, { id: "bob" }], START);
    await upsertTenant(database.db, { id: "acme", properties: { timezone: "America/New_York" } }, START);
    const recipients = ["ada", "bob", { id: "cyd", timezone: "Asia/Kathmandu" }];
    expect(await next({ recipients, lists: ["team"] })).toEqual([
      "2026-01-05T23:00:00.000Z",
      "2026-01-06T07:00:00.000Z",
      "2026-01-06T02:15:00.000Z",
      "2026-01-06T07:00:00.000Z",
    ]);
    expect(await next({ recipients: ["ada", "bob"], lists: ["team"], tenant: "acme" })).toEqual([
      "2026-01-05T23:00:00.000Z",
      "2026-01-05T13:00:00.000Z",
      "2026-01-05T13:00:00.000Z",
    ]);
    expect(await next({ recipients: ["ada"], tenant: "acme", timezone: "Etc/UTC" })).toEqual([
      "2026-01-06T08:00:00.000Z",
    ]);
  });

  test("once, and from a start on", async () => {
    expect(await next({ recurrence: null, at: "2026-01-05T09:00:30+00:00" })).toEqual(["2026-01-05T09:00:30.000Z"]);
    expect(await next({ startsAt: new Date("2026-03-01T07:00:59Z") })).toEqual(["2026-03-01T07:00:00.000Z"]);
    // Without a start a rule begins now, and its first moment is the next one.
    expect(await next({ recurrence: "RRULE:FREQ=DAILY" })).toEqual(["2026-01-06T09:00:00.000Z"]);
    // What was named and is only a little late is still on time; the distant past is nobody's.
    expect(await next({ recurrence: "RRULE:FREQ=DAILY", startsAt: "2026-01-05T08:58:00Z" })).toEqual([
      "2026-01-05T08:58:00.000Z",
    ]);
    expect(await next({ recurrence: "RRULE:FREQ=DAILY", startsAt: "2026-01-05T08:54:00Z" })).toEqual([
      "2026-01-06T08:54:00.000Z",
    ]);
    expect(await next({ recurrence: null, at: "2026-01-05T08:56:00Z" })).toEqual(["2026-01-05T08:56:00.000Z"]);
  });

  test("inline users are stored, and warnings are those of notify", async () => {
    const outcome = await schedules.create({
      ...daily,
      recipients: [{ id: "ada", name: "Ada" }, "bob"],
      lists: ["gone"],
    });
    expect(outcome).toMatchObject({ ok: true, warnings: [{ code: "UNKNOWN_RECIPIENT" }, { code: "UNKNOWN_LIST" }] });
    expect(await count(database, "users")).toBe(1);
  });

  test.each<[string, Partial<Input>]>([
    ["UNKNOWN_WORKFLOW", { workflow: "digets" }],
    ["RECIPIENTS_REQUIRED", { recipients: [] }],
    ["INVALID_DATA data.topic", { data: { topic: 7 } }],
    ["INVALID_DATA data", { data: { topic: "x".repeat(20_001) } }],
    ["UNKNOWN_ACTOR", { actor: "nobody", recipients: [{ id: "ada" }] }],
    ["INVALID_INPUT recipients.0", { recipients: [""] }],
    ["INVALID_INPUT tenant", { tenant: "default" }],
    ["INVALID_INPUT recipients", { recipients: Array.from({ length: 1_001 }, (_, index) => `u${index}`) }],
    ["INVALID_INPUT recurrence", { recurrence: null }],
    ["INVALID_INPUT recurrence", { recurrence: "every day" }],
    ["INVALID_INPUT recurrence", { recurrence: "RRULE:FREQ=SECONDLY" }],
    ["INVALID_INPUT recurrence", { recurrence: "0 0 30 2 *" }],
    ["INVALID_INPUT recurrence", { endsAt: "2026-01-05T10:00:00Z" }],
    ["INVALID_INPUT at", { at: "2026-02-01T00:00:00Z" }],
    ["INVALID_INPUT at", { recurrence: null, at: "2026-01-05T08:54:59Z" }],
    ["INVALID_INPUT at", { recurrence: null, at: "soon" }],
    ["INVALID_INPUT at", { recurrence: null, at: new Date(Number.NaN) }],
    ["INVALID_INPUT startsAt", { recurrence: null, at: "2026-02-01", startsAt: "2026-01-06" }],
    ["INVALID_INPUT endsAt", { recurrence: null, at: "2026-02-01", endsAt: "2026-03-06" }],
    ["INVALID_INPUT startsAt", { startsAt: "1969-01-01" }],
    ["INVALID_INPUT endsAt", { endsAt: "9999-12-31" }],
    ["INVALID_INPUT timezone", { timezone: "+01:00" }],
    ["INVALID_INPUT onMissed", { onMissed: "some" as never }],
  ])("refused: %s", async (code, input) => {
    const before = await footprint(database);
    expect(refusalOf(await schedules.create({ ...daily, ...input }))).toBe(code);
    expect(await footprint(database)).toEqual(before);
    expect(await count(database, "schedules")).toBe(0);
  });

  test("a workflow that is switched off takes no schedules, as it takes no calls", async () => {
    await driven.knock.engine.setWorkflowStatus("digest", "inactive");
    expect(refusalOf(await schedules.create(daily))).toBe("WORKFLOW_INACTIVE");
  });

  test("inside the caller's transaction: gone when that is rolled back", async () => {
    const rolledBack = database.transaction(async (tx) => {
      expect(await schedules.create({ ...daily, recipients: [{ id: "ada" }] }, { tx })).toMatchObject({ ok: true });
      throw new Error("rolled back");
    });
    await expect(rolledBack).rejects.toThrow("rolled back");
    expect([await count(database, "schedules"), await count(database, "users")]).toEqual([0, 0]);
  });
});

describe("update", () => {
  test("what is absent stays; a new timing begins now, other changes leave the next moment as it is", async () => {
    const [made] = await create();
    await driven.clock.advance(3_600_000);
    expect(await patched({ data: { topic: "news" }, onMissed: "all" })).toEqual({
      ...made,
      data: { topic: "news" },
      onMissed: "all",
      updatedAt: driven.clock.now(),
    });
    expect(await patched({ timezone: "America/New_York" })).toMatchObject({ nextAt: new Date("2026-01-05T13:00:00Z") });
    expect(await patched({ timezone: null })).toMatchObject({ nextAt: new Date("2026-01-06T07:00:00Z") });
    expect(await patched({ recurrence: "30 9 * * *", endsAt: "2026-02-01" })).toMatchObject({
      data: { topic: "news" },
      endsAt: new Date("2026-02-01T00:00:00Z"),
      nextAt: new Date("2026-01-06T08:30:00Z"),
    });
    expect(await patched({ at: "2026-01-05T12:00:00Z" })).toMatchObject({
      recurrence: null,
      nextAt: new Date("2026-01-05T12:00:00Z"),
      endsAt: null,
    });
    expect(await patched({ recurrence: "0 0 * * *", timezone: "Etc/UTC" })).toMatchObject({
      nextAt: new Date("2026-01-06T00:00:00Z"),
    });
    expect(await schedules.find(made!.id)).toMatchObject({ recurrence: "0 0 * * *", timezone: "Etc/UTC", count: 0 });
  });

  test("pause keeps it still, resume goes on with the next moment ahead; one that passed is ended", async () => {
    const ids = [...(await create()), ...(await create({ recurrence: null, at: "2026-01-05T12:00:00Z" }))].map(
      ({ id }) => id,
    );
    expect(await schedules.pause(ids)).toMatchObject({
      schedules: [
        { status: "paused", nextAt: null },
        { status: "paused", nextAt: null },
      ],
    });
    await driven.advance("30h");
    expect(await count(database, "notifications")).toBe(0);
    // Changing the timing of what is paused does not start it.
    expect(await schedules.update([ids[0]!], { recurrence: "0 9 * * *" })).toMatchObject({
      schedules: [{ status: "paused", nextAt: null }],
    });
    expect(await schedules.resume(ids)).toMatchObject({
      schedules: [
        { status: "active", nextAt: new Date("2026-01-07T08:00:00Z") },
        { status: "ended", nextAt: null },
      ],
    });
    // What has ended lives again with a new timing.
    expect(await schedules.update([ids[1]!], { at: "2026-01-08T12:00:00Z" })).toMatchObject({
      schedules: [{ status: "active" }],
    });
  });

  test("all or none: an unknown id, data that does not fit, a timing that never comes", async () => {
    const [made] = await create();
    const update = async (ids: string[], patch: Parameters<ScheduleVerbs["update"]>[1]) =>
      refusalOf(await schedules.update(ids, patch));
    expect(await update([made!.id, newId(START)], { onMissed: "all" })).toBe("NOT_FOUND");
    expect(await update([made!.id, "no id"], { onMissed: "all" })).toBe("NOT_FOUND");
    expect(await update([made!.id], { data: { topic: 1 }, onMissed: "all" })).toBe("INVALID_DATA data.topic");
    expect(await update([made!.id], { data: { topic: "x".repeat(20_001) } })).toBe("INVALID_DATA data");
    expect(await update([made!.id], { actor: "nobody" })).toBe("UNKNOWN_ACTOR");
    expect(await update([made!.id], { tenant: "" })).toBe("INVALID_INPUT tenant");
    expect(await update([made!.id], { recurrence: "0 0 30 2 *" })).toBe("INVALID_INPUT recurrence");
    expect(await update([made!.id], { recurrence: null })).toBe("INVALID_INPUT recurrence");
    expect(await update([made!.id], { endsAt: "2026-01-05T10:00:00Z" })).toBe("INVALID_INPUT recurrence");
    expect(await update([made!.id], { timezone: "Mars/Base" })).toBe("INVALID_INPUT timezone");
    expect(await update([made!.id], { status: "ended" as never })).toBe("INVALID_INPUT status");
    expect(
      await update(
        Array.from({ length: 1_001 }, () => made!.id),
        {},
      ),
    ).toBe("INVALID_INPUT ids");
    expect(await schedules.find(made!.id)).toEqual(made);
  });
});

test("delete: the schedule goes, and says which there were; with its user too", async () => {
  const [first] = await create();
  const [second] = await create({ recipients: [{ id: "bob" }] });
  expect(await schedules.delete([first!.id, first!.id, newId(START), "no id"])).toEqual({
    ok: true,
    deleted: [first!.id],
  });
  expect(await schedules.find(first!.id)).toBeNull();
  expect(await schedules.find("no id")).toBeNull();
  await deleteUser(database.db, "bob", START);
  expect(await schedules.find(second!.id)).toBeNull();
});

test("list: newest first, by recipient, workflow and status, page by page", async () => {
  const ids: string[] = [];
  for (const recipient of ["ada", "bob", "ada", "ada"]) {
    ids.push(...(await create({ recipients: [recipient] })).map(({ id }) => id));
    await driven.clock.advance(1);
  }
  const listed = async (...args: Parameters<ScheduleVerbs["list"]>) =>
    (await schedules.list(...args)).nodes.map(({ id }) => ids.indexOf(id));
  expect(await listed()).toEqual([3, 2, 1, 0]);
  expect(await listed({ recipient: "ada" })).toEqual([3, 2, 0]);
  expect(await listed({ recipient: "ada", workflow: "other" })).toEqual([]);
  expect(await listed({ recipient: "\0" })).toEqual([]);
  await schedules.pause([ids[2]!]);
  expect(await listed({ status: "paused", workflow: "digest" })).toEqual([2]);
  const page = await schedules.list({ recipient: "ada" }, { first: 2 });
  expect(page.hasNextPage).toBe(true);
  expect(await listed({ recipient: "ada" }, { first: 2, after: page.endCursor })).toEqual([0]);
});
