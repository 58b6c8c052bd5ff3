// The whole engine against the reference in `batch-model.ts`, over random schedules.
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../src/definition/workflow.ts";
import { sweep } from "../../src/engine/timekeeper.ts";
import type { Database } from "../../src/store/database.ts";
import { emptyTables, testDatabase } from "../support/database.ts";
import { Crash, crashing, type Crashing } from "../support/crashing.ts";
import type { Ref } from "../../src/definition/refs.ts";
import { accepted, drive, type Driven } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";
import { BatchModel, type Digest, type Rule } from "./batch-model.ts";

const MINUTE = 60_000;
const SCHEDULES = 60;

const data = z.object({ n: z.number(), page: z.string() });
const said = ({ steps: { batch } }: { steps: { batch: { count: number; activities: { data: { n: number } }[] } } }) =>
  JSON.stringify({ count: batch.count, numbers: batch.activities.map((activity) => activity.data.n) });

const key = ({ data: given }: { data: { page: Ref<string> } }) => given.page;
const all = { take: 1_000, key };

const handles = [
  workflow("fixed", { data })
    .batch("batch", { ...all, window: "10m" })
    .inApp("feed", { body: said }),
  workflow("sliding", { data })
    .batch("batch", { ...all, window: "10m", sliding: { limit: "25m" } })
    .inApp("feed", { body: said }),
  workflow("impatient", { data })
    .batch("batch", { ...all, window: "10m", sliding: { limit: "4m" } })
    .inApp("feed", { body: said }),
  workflow("three", { data })
    .batch("batch", { ...all, window: "10m", maxItems: 3 })
    .inApp("feed", { body: said }),
  workflow("flushing", { data })
    .batch("batch", { ...all, window: "10m", sliding: { limit: "25m" }, maxItems: 3, flushLeading: true })
    .inApp("feed", { body: said }),
];

const rule = (given: Partial<Rule>): Rule => ({
  window: 10 * MINUTE,
  limit: null,
  maxItems: null,
  flushLeading: false,
  ...given,
});
const rules = new Map([
  ["fixed", rule({})],
  ["sliding", rule({ limit: 25 * MINUTE })],
  ["impatient", rule({ limit: 4 * MINUTE })],
  ["three", rule({ maxItems: 3 })],
  ["flushing", rule({ limit: 25 * MINUTE, maxItems: 3, flushLeading: true })],
]);

interface Arriving {
  workflow: string;
  recipients: string[];
  page: string;
  cancellationKey: string;
}

type Action =
  | { kind: "notify"; calls: Arriving[] }
  | { kind: "cancel"; cancellationKey: string; recipient: string | null }
  | { kind: "wait"; minutes: number }
  | { kind: "work"; crashes: number[] }
  | { kind: "crash"; statements: number };

const cancellationKey = fc.constantFrom("c0", "c1", "c2", "c3");
const recipient = fc.constantFrom("ada", "bob");

/** One workflow for each schedule: what they share is too little to be worth the time. */
const schedules = fc.constantFrom(...rules.keys()).chain((name) => {
  const arriving = fc.record({
    workflow: fc.constant(name),
    recipients: fc.uniqueArray(recipient, { minLength: 1, maxLength: 2 }),
    page: fc.constantFrom("x", "x", "x", "y"),
    cancellationKey,
  });
  const action: fc.Arbitrary<Action> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant("notify"), calls: fc.array(arriving, { minLength: 1, maxLength: 4 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("cancel"), cancellationKey, recipient: fc.option(recipient) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("wait"), minutes: fc.integer({ min: 1, max: 12 }) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("work"), crashes: fc.array(fc.nat(25), { maxLength: 2 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash"), statements: fc.nat(12) }) },
  );
  return fc.array(action, { minLength: 5, maxLength: 30 });
});

let real: Database;
let crash: Crashing;
beforeAll(async () => {
  real = await testDatabase();
  crash = crashing(real);
});

/** Whether it came to its end before its process did. */
async function survived(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Crash || (error as Error).cause instanceof Crash) return false;
    throw error;
  }
}

/** Does everything that is due, over crashes: a job comes again, what was due is due again. */
async function workOn({ jobs, knock: { engine } }: Driven, crashes: readonly number[]): Promise<void> {
  const next = [...crashes];
  if (next.length > 0) crash.crashAfter(next.shift()!);
  const surely = async (work: () => Promise<unknown>, again = work) => {
    for (let todo = work; !(await survived(todo)); todo = again) crash.crashAfter(next.shift() ?? null);
  };
  let due = 0;
  do {
    for (let [job] = jobs.waiting(); job; [job] = jobs.waiting()) {
      const { kind, data: given } = job;
      const handler = engine.handlers[kind] as (data: object) => Promise<void>;
      await surely(
        () => jobs.drain(1),
        () => handler(given),
      );
    }
    await surely(async () => (due = await sweep(engine.internals)));
  } while (due > 0);
  crash.crashAfter(null);
}

interface Played {
  model: BatchModel;
  driven: Driven;
}

async function notify({ model, driven }: Played, calls: readonly Arriving[], first: number): Promise<void> {
  const now = calls.map((call, index) => ({ ...call, n: first + index }));
  const outcome = survived(async () => {
    const made = await driven.knock.engine.notifyMany(
      now.map(({ n, page, ...call }) => ({ ...call, data: { n, page } })),
    );
    made.forEach(accepted);
  });
  if (!(await outcome)) return;
  for (const { n, page, recipients, ...call } of now) {
    for (const id of recipients.toSorted()) model.accept({ ...call, n, key: page, recipient: id });
  }
}

async function play(actions: readonly Action[]): Promise<Played> {
  await emptyTables(real);
  crash.crashAfter(null);
  const driven = await drive({ database: crash.database, handles });
  const played = { model: new BatchModel(rules), driven };
  const { model } = played;
  const { engine } = driven.knock;
  let n = 0;
  for (const action of actions) {
    if (action.kind === "notify") {
      await notify(played, action.calls, n);
      n += action.calls.length;
    } else if (action.kind === "wait") {
      await driven.clock.advance(action.minutes * MINUTE);
    } else if (action.kind === "cancel") {
      const { cancellationKey: cancelled, recipient: whose } = action;
      let runs = 0;
      const done = await survived(async () => {
        runs = (await engine.cancel(cancelled, whose === null ? undefined : [whose])).runs;
      });
      if (done) expect(runs).toBe(model.cancel(cancelled, whose));
    } else if (action.kind === "crash") {
      crash.crashAfter(action.statements);
    } else {
      await workOn(driven, action.crashes);
      model.work(driven.clock.now().getTime());
    }
  }
  await workOn(driven, []);
  model.work(driven.clock.now().getTime());
  return played;
}

const text = (digests: readonly Digest[]) =>
  digests
    .map(({ workflow: name, recipient: id, numbers }) => `${name} ${id} ${numbers.toSorted((a, b) => a - b).join()}`)
    .toSorted();

async function received(): Promise<string[]> {
  const messages = await ask<{ workflow: string; recipient: string; body: string }>(
    real,
    sql`select workflow, recipient_id as recipient, content->>'body' as body from knock.messages`,
  );
  return text(
    messages.map(({ body, ...message }) => {
      const { count, numbers } = JSON.parse(body) as { count: number; numbers: number[] };
      expect(count).toBe(numbers.length);
      return { ...message, numbers };
    }),
  );
}

/** What must hold at any moment. */
async function expectSound(): Promise<void> {
  const wrong = await ask(
    real,
    sql`select 'count' as what, batch.id from knock.batches as batch where count <> (
      select count(*) from knock.batch_activities where batch_id = batch.id)
    union all select 'carrier', batch.id from knock.batches as batch where closed_at is null and (
      (run_id is null) <> (count = 0)
      or run_id is not null and not exists (select from knock.batch_activities as activity
        join knock.runs as run on run.id = activity.run_id
        where batch_id = batch.id and run.id = batch.run_id and run.status = 'waiting' and run.wake_at <= batch.closes_at))
    union all select 'twice', notification_id from knock.batch_activities group by notification_id, run_id having count(*) > 1`,
  );
  expect(wrong).toEqual([]);
}

test(`batches are what the reference says, over arrivals, cancels, clock steps and crashes`, { timeout: 300_000 }, () =>
  fc.assert(
    fc.asyncProperty(schedules, async (actions) => {
      const { model, driven } = await play(actions);
      await expectSound();
      expect(await received()).toEqual(text(model.digests));
      await driven.advance("1h");
      model.work(driven.clock.now().getTime());
      expect(await received()).toEqual(text(model.digests));
      await expectSound();
    }),
    { numRuns: SCHEDULES },
  ),
);
