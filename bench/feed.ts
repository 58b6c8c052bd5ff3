// Feeds: a page and its counts where one person has a million messages and a hundred thousand have a few, and what it
// costs a process that thousands look on.
import { sql } from "drizzle-orm";
import { silentLogger } from "../src/base/logger.ts";
import { systemClock } from "../src/base/clock.ts";
import { markFeed, markMessages } from "../src/engine/directory/engagement.ts";
import { ringFeeds } from "../src/engine/feed/bell.ts";
import type { FeedQuestion } from "../src/engine/feed/contract.ts";
import { createFeedHub } from "../src/engine/feed/hub.ts";
import { countFeed, readFeed } from "../src/engine/feed/read-feed.ts";
import type { Database } from "../src/store/database.ts";
import { migrate } from "../src/store/migrate.ts";
import { type Executor, rows } from "../src/store/executor.ts";
import { inParallel, percentiles } from "./percentiles.ts";

/** Processor time in milliseconds. */
const processor = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;

const HEAVY = "heavy";
const EACH = 5;

const question = (userId: string): FeedQuestion => ({ userId, viewer: null, filter: {} });

/** Messages of a year for one person, and some for each of many. */
async function fill({ db }: Database, messages: number, people: number): Promise<void> {
  const insert = (recipient: string, count: number) => sql`
    insert into knock.messages (id, run_id, notification_id, workflow, step, recipient_id, channel, channel_type, content, status,
      created_at, delivered_at, seen_at, read_at, archived_at, arrived_xid)
    select gen_random_uuid(), gen_random_uuid(), notification, 'announcement', 'feed', ${sql.raw(recipient)}, 'feed', 'inApp',
      '{"title": "News", "body": "There is a new release, and it is sooner than you think."}', 'delivered', at, at,
      case when n % 3 > 0 then at end, case when n % 3 > 1 then at end, case when n % 10 = 0 then at end, pg_current_xact_id()
    from (
      select n, gen_random_uuid() as notification, now() - interval '1 day' - n * (interval '364 days' / ${count}::int) as at
      from generate_series(1, ${count}::int) as n
    ) as made`;
  await rows(db, insert(`'${HEAVY}'`, messages));
  await rows(db, insert(`'person_' || (n % ${people})`, people * EACH));
  await rows(
    db,
    sql`insert into knock.notifications (id, workflow, version_id, data, recipients, lists, created_at)
    select notification_id, workflow, gen_random_uuid(), '{"title": "Roadmap"}', '{}', '{}', created_at from knock.messages`,
  );
  for (const table of ["messages", "notifications"]) await rows(db, sql`vacuum analyze ${sql.raw(`knock.${table}`)}`);
}

/** A connection that remembers its statements. */
function recording(db: Executor): { db: Executor; said: { sql: string; params: unknown[] }[] } {
  const said: { sql: string; params: unknown[] }[] = [];
  const session = new Proxy(db._.session, {
    get(target, name, receiver) {
      if (name !== "prepareQuery") return Reflect.get(target, name, receiver) as unknown;
      return (...given: Parameters<typeof target.prepareQuery>) => {
        said.push(given[0] as (typeof said)[number]);
        return target.prepareQuery(...given);
      };
    },
  });
  const inner = { ...db._, session };
  const wrapped = new Proxy(db, {
    get: (target, name, receiver) => (name === "_" ? inner : (Reflect.get(target, name, receiver) as unknown)),
  });
  return { db: wrapped, said };
}

/** The plan of the first statement that some work executes. */
async function planOf(database: Database, work: (database: Database) => Promise<unknown>): Promise<string[]> {
  const { db, said } = recording(database.db);
  await work(
    new Proxy(database, { get: (target, name) => (name === "db" ? db : Reflect.get(target, name)) as unknown }),
  );
  const { sql: text, params } = said[0]!;
  const literal = (value: unknown) =>
    typeof value === "number"
      ? String(value)
      : `'${(Array.isArray(value) ? `{${value.join()}}` : String(value)).replaceAll("'", "''")}'`;
  const filled = text.replaceAll(/\$(\d+)/g, (_all, number: string) => literal(params[Number(number) - 1]));
  const plan = await rows<{ "QUERY PLAN": string }>(
    database.db,
    sql.raw(`explain (analyze, costs off, timing off, summary on, buffers off) ${filled}`),
  );
  return plan.map((line) => line["QUERY PLAN"]);
}

/** Half of how many tries took at most so long, in milliseconds. */
async function p50(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  return (await inParallel(count, 1, async (index) => void (await work(index)))).p50;
}

/** What reading feeds takes, in milliseconds. */
export async function measureFeeds(database: Database, messages: number, people: number) {
  await migrate(database);
  await fill(database, messages, people);
  const context = { database, clock: systemClock, registry: () => new Map() };
  const page = (userId: string) => readFeed(context, question(userId), { first: 50 });
  const count = (userId: string) => countFeed(context, question(userId));
  const someone = (index: number) => `person_${(index * 7919) % people}`;
  const [first] = (await page(HEAVY)).nodes;
  const lookUp = await p50(200, () =>
    rows(database.db, sql`select id from knock.messages where id = ${first!.id}::uuid`),
  );
  const begun = performance.now();
  await count(HEAVY);
  const firstCount = performance.now() - begun;
  const deep = (await page(HEAVY)).endCursor!;
  const results = {
    lookUp,
    firstCount,
    heavyPage: await p50(200, () => page(HEAVY)),
    heavyNext: await p50(200, () => readFeed(context, question(HEAVY), { first: 50, after: deep })),
    heavyCounts: await p50(200, () => count(HEAVY)),
    smallPage: await p50(500, (index) => page(someone(index))),
    smallCounts: await p50(500, (index) => count(someone(index))),
    mark: await p50(100, () => markMessages(context, { ids: [first!.id], as: "READ" })),
  };
  const pagePlan = await planOf(database, (on) =>
    readFeed({ ...context, database: on }, question(HEAVY), { first: 50 }),
  );
  const countPlan = await planOf(database, (on) => countFeed({ ...context, database: on }, question(HEAVY)));
  const started = performance.now();
  const all = await markFeed(context, { question: question(HEAVY), as: "READ" });
  return { ...results, marked: all.ok ? all.marked : 0, markAll: performance.now() - started, pagePlan, countPlan };
}

/** What it costs one process that many look on, and how long after its commit each is told. */
export async function measureLooking(database: Database, subscribers: number, messages: number) {
  await migrate(database);
  const hub = createFeedHub({ database, clock: systemClock, logger: silentLogger, registry: () => new Map() });
  const collect = () => (globalThis as { gc?: () => void }).gc?.();
  collect();
  const before = process.memoryUsage().heapUsed;
  const told: number[] = [];
  const sentAt = new Map<string, number>();
  const done = Promise.withResolvers<void>();
  let begun = 0;
  const ready = Promise.withResolvers<void>();
  const opening = performance.now();
  const reading = Array.from({ length: subscribers }, async (_, index) => {
    for await (const { reason, item } of hub.subscribe(question(`looking_${index}`), {})) {
      if (reason === "READY" && ++begun === subscribers) ready.resolve();
      if (reason !== "ARRIVED") continue;
      told.push(performance.now() - (sentAt.get(item!.step) ?? performance.now()));
      if (told.length === messages) done.resolve();
    }
  });
  await ready.promise;
  const opened = performance.now() - opening;
  collect();
  const memory = (process.memoryUsage().heapUsed - before) / subscribers;
  const idle = process.cpuUsage();
  await rows(database.db, sql`select pg_sleep(5)`);
  const idleCpu = processor(process.cpuUsage(idle)) / 5;
  const cpu = process.cpuUsage();
  const started = performance.now();
  const SLICE = 200;
  for (let from = 0; from < messages; from += SLICE) {
    await rows(
      database.db,
      sql`insert into knock.messages (id, run_id, notification_id, workflow, step, recipient_id, channel, channel_type, content, status,
        created_at, delivered_at, arrived_xid)
      select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'w', ${String(from)}::text, 'looking_' || (n % ${subscribers}::int),
        'feed', 'inApp', '{"body": "Hi"}', 'delivered', now(), now(), pg_current_xact_id()
      from generate_series(${from}::int, ${from + SLICE - 1}::int) as n`,
    );
    sentAt.set(String(from), performance.now());
    ringFeeds(database);
  }
  const inserted = performance.now() - started;
  await done.promise;
  const milliseconds = performance.now() - started;
  const perEvent = (processor(process.cpuUsage(cpu)) * 1_000) / messages;
  await hub.close();
  await Promise.all(reading);
  return { opened, memory, idleCpu, inserted, milliseconds, perEvent, ...percentiles(told) };
}
