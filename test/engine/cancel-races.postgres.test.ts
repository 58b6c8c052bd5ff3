// Cancelling while chunks of the same notification are at work, over two processes' connections.
import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import type { Database } from "../../src/store/database.ts";
import { addListMembers } from "../../src/store/lists.ts";
import { holdNotifications } from "../../src/store/notifications.ts";
import { emptyTables, testPool, testPostgresUrl } from "../support/database.ts";
import { accepted, drive, type Driven, eventually, START } from "../support/engine.ts";
import { ask, count } from "../support/inspect.ts";

const slow = workflow("slow", { data: z.object({}) })
  .inApp("feed", { body: "now" })
  .delay("grace", "1h")
  .inApp("later", { body: "later" });

const PEOPLE = 4_000;
const id = (index: number) => `u${String(index).padStart(4, "0")}`;
const everyone = Array.from({ length: PEOPLE }, (_, index) => id(index));

let pools: [Database, Database];
let engines: [Driven, Driven];
beforeAll(async () => {
  const url = await testPostgresUrl();
  pools = [await testPool(url, 6), await testPool(url, 6)];
});
beforeEach(async () => {
  await emptyTables(pools[0]);
  const first = await drive({ database: pools[0], handles: [slow] });
  engines = [first, await drive({ database: pools[1], handles: [slow], clock: first.clock })];
  await addListMembers(pools[0].db, { list: "all", members: everyone.map((userId) => ({ userId })) }, START);
});

const later = () =>
  ask<{ recipient: string }>(pools[0], sql`select recipient_id as recipient from knock.messages where step = 'later'`);

async function race(recipients: string[] | undefined, delayed: number): Promise<{ runs: number }> {
  const { engine } = engines[0].knock;
  const notified = await engine.notify({ workflow: "slow", lists: ["all"], cancellationKey: "c" });
  const notification = accepted(notified).notification.id;
  await engine.handlers.fanOut({ notification, number: 0, list: 0, after: null });
  const chunks = [0, 1, 2, 3].map(
    (number) => () => engines[number % 2]!.knock.engine.handlers.chunk({ notification, number }),
  );
  const before = Promise.all(chunks.slice(0, delayed).map((chunk) => chunk()));
  const cancelling = engines[1].knock.engine.cancel("c", recipients);
  const after = Promise.all(chunks.slice(delayed).map((chunk) => chunk()));
  const [cancelled] = await Promise.all([cancelling, before, after]);
  return cancelled;
}

test.each([0, 1, 2, 3, 4])(
  "a cancel beside four chunks, %i of them begun before it, leaves no run that goes on",
  async (begun) => {
    const { runs } = await race(undefined, begun);
    const [left] = await ask<{ waiting: number; cancelled: number; all: number }>(
      pools[0],
      sql`select (count(*) filter (where status = 'waiting'))::int as waiting, (count(*) filter (where status = 'cancelled'))::int as cancelled,
      count(*)::int as "all" from knock.runs`,
    );
    expect(left).toMatchObject({ waiting: 0, cancelled: left!.all });
    expect(runs).toBeLessThanOrEqual(left!.all);
    await engines[0].advance("2h");
    expect(await later()).toEqual([]);
  },
);

test.each([0, 2, 4])(
  "a cancel for some beside four chunks, %i of them begun before it, ends exactly theirs",
  async (begun) => {
    const some = [0, 999, 1_000, 2_500, 3_999].map(id);
    await race(some, begun);
    await race(some.slice(0, 2), 4 - begun);
    await engines[0].advance("2h");
    const reached = (await later()).map(({ recipient }) => recipient);
    expect(reached).toHaveLength(2 * PEOPLE - 5 - 2);
    expect(reached.filter((each) => some.slice(0, 2).includes(each))).toEqual([]);
    expect(await count(pools[0], "runs")).toBe(2 * PEOPLE);
  },
);

test("a cancel beside the job that makes the runs of a few people leaves no run that goes on", async () => {
  const [first, second] = engines.map(({ knock }) => knock.engine) as [
    Driven["knock"]["engine"],
    Driven["knock"]["engine"],
  ];
  for (let round = 0; round < 30; round++) {
    const cancellationKey = `round ${round}`;
    const notified = await first.notify({ workflow: "slow", recipients: everyone.slice(0, 90), cancellationKey });
    const notifications = [accepted(notified).notification.id];
    await Promise.all([
      first.handlers.express({ notifications }),
      pools[1].ping().then(() => second.cancel(cancellationKey)),
    ]);
  }
  const waiting = await ask(pools[0], sql`select id from knock.runs where status = 'waiting'`);
  expect(waiting).toEqual([]);
});

test("a cancel beside runs that are just going on ends them or comes too late, one by one", async () => {
  const { engine } = engines[0].knock;
  const some = everyone.slice(0, 1_000);
  accepted(await engine.notify({ workflow: "slow", recipients: some, cancellationKey: "c" }));
  await engines[0].settle();
  await engines[0].clock.advance(3_600_000);
  const [, , { runs }] = await Promise.all([
    engines[0].settle(),
    engines[1].settle(),
    engines[1].knock.engine.cancel("c"),
  ]);
  const finished = (await later()).length;
  expect(runs + finished).toBe(1_000);
  await engines[0].advance("1h");
  expect(await later()).toHaveLength(finished);
});

test("a chunk that comes after a waiting cancel waits behind it, or a broadcast could not be stopped", async () => {
  const { engine } = engines[0].knock;
  const notified = await engine.notify({ workflow: "slow", lists: ["all"], cancellationKey: "c" });
  const notification = accepted(notified).notification.id;
  const hold = (database: Database) => {
    const held = Promise.withResolvers<boolean>();
    const end = Promise.withResolvers<void>();
    const over = database.transaction(async (tx) => {
      const [found] = await holdNotifications(tx, [notification]);
      held.resolve(found!.cancelled);
      await end.promise;
    });
    return { held: held.promise, end: end.resolve, over };
  };
  const waiting = sql`select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  const waits = async () => (await ask<{ count: number }>(pools[1], waiting))[0]!.count;
  const first = hold(pools[0]);
  await first.held;
  const cancelling = engine.cancel("c");
  await eventually(waits, (found) => found === 1, { every: 5 });
  const second = hold(pools[1]);
  await eventually(waits, (found) => found === 2, { tries: 100, every: 5 }).finally(() => first.end());
  expect(await second.held).toBe(true);
  second.end();
  await Promise.all([cancelling, first.over, second.over]);
});
