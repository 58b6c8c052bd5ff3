// `npm run bench`: how fast the engine is, as ratios against what this machine can do at all, measured
// in the same run. Absolute numbers are for orientation. See README.md.
import { parseArgs } from "node:util";
import { openDatabase, type Database } from "../src/store/database.ts";
import { migrate } from "../src/store/migrate.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { measureAccept } from "./accept.ts";
import { costOf, drawCurve } from "./curve.ts";
import { measureFeeds, measureLooking } from "./feed.ts";
import { measureFanOut, measureWake, type FanOut } from "./fan-out.ts";
import { measureAcceptRate, measureIdle } from "./http.ts";
import { measureMemory } from "./memory.ts";
import { measurePeers } from "./peers.ts";
import { measurePriority } from "./priority.ts";
import { measureOpen, measureTelling } from "./subscriptions.ts";
import { total } from "./usage.ts";
import { measureWaiting } from "./waiting.ts";
import { announcement, digest, later, notice } from "./world.ts";

const PARTS = [
  "fan-out",
  "wake",
  "embedded",
  "calls",
  "http",
  "idle",
  "priority",
  "waiting",
  "memory",
  "subscriptions",
  "feeds",
  "looking",
  "peers",
  "curve",
];
/** What runs unless it is asked for: all but the picture, which takes minutes and writes a file. */
const BY_DEFAULT = PARTS.filter((part) => part !== "curve");

const { values } = parseArgs({
  options: {
    people: { type: "string", default: "100000" },
    tries: { type: "string", default: "3" },
    only: { type: "string", default: BY_DEFAULT.join(",") },
  },
});
const people = Number(values.people);
const tries = Number(values.tries);
const parts = new Set(values.only.split(","));
for (const part of parts) if (!PARTS.includes(part)) throw new Error(`--only takes ${PARTS.join(", ")}; not "${part}"`);

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
const rate = (perSecond: number) => `${Math.round(perSecond).toLocaleString("en")}/s`;
const ms = (milliseconds: number) => milliseconds.toFixed(1);

type Row = Record<string, string | number>;

const server = await startPostgres();
const postgres = async () => openDatabase({ url: await server.create() });
const embedded = () => openDatabase({ memory: true });

/** Runs a measurement several times, each on a database of its own. */
async function repeated<Result>(
  measure: (database: Database) => Promise<Result>,
  open: () => Promise<Database> = postgres,
  times = tries,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < times; index++) {
    const database = await open();
    try {
      results.push(await measure(database));
    } finally {
      await database.close();
    }
  }
  return results;
}

function fanOutRow(what: string, results: FanOut[]): Row {
  const { counts } = results[0]!;
  const of = (read: (result: FanOut) => number) => median(results.map(read));
  return {
    what,
    runs: counts.runs,
    "in-app": counts.inApp,
    "e-mails": counts.emails,
    rate: rate((people / of(({ milliseconds }) => milliseconds)) * 1_000),
    raw: rate((people / of(({ raw }) => raw.milliseconds)) * 1_000),
    ratio: of(({ milliseconds, raw }) => raw.milliseconds / milliseconds).toFixed(2),
    "CPU ratio": of(({ usage, raw }) => total(raw.usage) / total(usage)).toFixed(2),
    "CPU us each": Math.round(of(costOf)),
    "of that Node": Math.round(of(({ usage }) => (usage.node * 1_000) / people)),
  };
}

async function fanOuts(): Promise<void> {
  const table: Row[] = [];
  const add = async (what: string, measure: (database: Database) => Promise<FanOut>, open = postgres) =>
    table.push(fanOutRow(what, await repeated(measure, open)));
  if (parts.has("fan-out")) {
    await add("in-app", (database) => measureFanOut(database, notice, people));
    await add("in-app + e-mail + statuses", (database) => measureFanOut(database, announcement, people));
    await add("into a batch", (database) => measureFanOut(database, digest, people));
    await add("into a delay", (database) => measureFanOut(database, later, people));
  }
  if (parts.has("wake")) await add("waking delayed runs", (database) => measureWake(database, people));
  if (parts.has("embedded")) {
    await add("embedded: in-app", (database) => measureFanOut(database, notice, people), embedded);
    await add("embedded: in-app + e-mail", (database) => measureFanOut(database, announcement, people), embedded);
  }
  if (parts.has("peers")) table.push(...(await measurePeers(server, people)));
  if (table.length > 0) console.table(table);
}

async function calls(): Promise<void> {
  const results = await repeated(measureAccept);
  const of = (read: (result: (typeof results)[number]) => number) => median(results.map(read));
  const row = { what: "single calls, library, 64 in flight", rate: rate(of(({ perSecond }) => perSecond)) };
  console.table([{ ...row, "p50 ms": ms(of(({ p50 }) => p50)), "p99 ms": ms(of(({ p99 }) => p99)) }]);
}

async function http(): Promise<void> {
  // One after the other, so that both meet the same machine.
  const ratios: { knock: number; plain: number }[] = [];
  for (let index = 0; index < tries; index++) {
    const plain = await measureAcceptRate("plain", await server.create());
    ratios.push({ plain, knock: await measureAcceptRate("accepting", await server.create()) });
  }
  console.table([
    {
      what: "notify over HTTP, 64 in flight",
      rate: rate(median(ratios.map(({ knock }) => knock))),
      "one prepared insert": rate(median(ratios.map(({ plain }) => plain))),
      ratio: median(ratios.map(({ knock, plain }) => knock / plain)).toFixed(2),
    },
  ]);
}

async function idle(): Promise<void> {
  const row = async (what: string, database: string) => {
    const { accepted, stored } = await measureIdle(database);
    const latency = { "accepted p50": ms(accepted.p50), "accepted p99": ms(accepted.p99) };
    return { what, ...latency, "stored p50": ms(stored.p50), "stored p99": ms(stored.p99) };
  };
  console.table([
    await row("one call over HTTP, ms, PostgreSQL", await server.create()),
    await row("one call over HTTP, ms, embedded", "memory"),
  ]);
}

async function priority(): Promise<void> {
  const [result] = await repeated((database) => measurePriority(database, people), postgres, 1);
  const { idle: alone, busy, tries: count } = result!;
  const row = { what: "notify to one, ms until stored", "idle p50": ms(alone.p50), "idle p99": ms(alone.p99) };
  const during = { "during a broadcast p50": ms(busy.p50), p99: ms(busy.p99), tries: count };
  console.table([{ ...row, ...during, "p50 to idle": (busy.p50 / alone.p50).toFixed(1) }]);
}

async function waiting(): Promise<void> {
  const runs = people * 10;
  const [result] = await repeated((database) => measureWaiting(database, runs), postgres, 1);
  const { without, with: waits, plan } = result!;
  const row = (what: string, { node, server }: typeof without) => ({
    what,
    Node: Math.round(node),
    PostgreSQL: server,
  });
  console.log("Processor time of ten idle seconds, in milliseconds, and how due runs are found:");
  console.table([row("no run waits", without), row(`${runs.toLocaleString("en")} runs wait`, waits)]);
  console.log(plan.join("\n"));
}

async function memory(): Promise<void> {
  const url = await server.create();
  const database = await openDatabase({ url });
  console.log("Memory of one worker process while broadcasts drain through it, in megabytes:");
  console.table(await measureMemory(database, url, [people / 10, people, people * 2]));
  await database.close();
}

async function feeds(): Promise<void> {
  const messages = people * 10;
  const [result] = await repeated((database) => measureFeeds(database, messages, people), postgres, 1);
  const { lookUp, firstCount, markAll, marked, pagePlan, countPlan, ...tries } = result!;
  console.log(
    `Feeds: ${messages.toLocaleString("en")} messages of one person, 5 of ${people.toLocaleString("en")} each; p50:`,
  );
  const names = {
    heavyPage: "page of 50 of the one",
    heavyNext: "the next page",
    heavyCounts: "counts of the one",
    smallPage: "page of the others",
    smallCounts: "counts of the others",
    mark: "one message marked",
  };
  const row = (what: string, taken: number) => ({
    what,
    ms: taken.toFixed(2),
    "to a look-up by id": (taken / lookUp).toFixed(1),
  });
  console.table([
    row("look-up by id", lookUp),
    ...Object.entries(names).map(([name, what]) => row(what, tries[name as keyof typeof names])),
    row("first count of the one", firstCount),
  ]);
  console.log(`All ${marked} unread of the one marked as read: ${ms(markAll)} ms`);
  console.log(["Plan of the page:", ...pagePlan, "Plan of the counts:", ...countPlan].join("\n"));
}

async function looking(): Promise<void> {
  const [subscribers, messages] = [people / 10, people / 5];
  const [result] = await repeated((database) => measureLooking(database, subscribers, messages), postgres, 1);
  const { opened, memory, idleCpu, milliseconds, inserted, perEvent, p50, p99 } = result!;
  console.log(`${subscribers} people look on in one process, ${messages} messages come:`);
  console.table([
    {
      "opened, ms": ms(opened),
      "bytes each": Math.round(memory),
      "idle, ms of a second": ms(idleCpu),
      "inserted, ms": ms(inserted),
      "all told, ms": ms(milliseconds),
      "us of Node each": Math.round(perEvent),
      "told after, p50 ms": ms(p50),
      p99: ms(p99),
    },
  ]);
}

/** An own database with its tables. */
async function migratedUrl(): Promise<string> {
  const url = await server.create();
  const database = await openDatabase({ url });
  await migrate(database);
  await database.close();
  return url;
}

async function subscriptions(): Promise<void> {
  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  const open = await measureOpen(await migratedUrl(), 10_000);
  console.log("10,000 people look at their feeds in one server process:");
  console.table([
    {
      "opened in s": (open.opened / 1_000).toFixed(1),
      "RSS MB": megabytes(open.rss),
      "kB each": Math.round(open.each / 1_024),
      "heap kB each": Math.round(open.heapEach / 1_024),
      "CPU idle": `${(open.idle * 100).toFixed(1)} %`,
    },
  ]);
  const told = await measureTelling(await migratedUrl(), { people: 5_000, messages: 20_000, pause: 50 });
  console.log("5,000 people in two server processes, 20,000 messages at 2,000/s; each told exactly theirs, in order:");
  console.table([
    {
      right: String(told.right),
      s: (told.milliseconds / 1_000).toFixed(1),
      "p50 ms": ms(told.p50),
      "p99 ms": ms(told.p99),
      "worst ms": ms(told.worst),
      "RSS MB": told.servers.map(({ rss }) => megabytes(rss)).join(", "),
      "CPU s": told.servers.map(({ cpu }) => (cpu / 1_000).toFixed(1)).join(", "),
    },
  ]);
}

async function curve(): Promise<void> {
  const results: FanOut[] = [];
  for (const size of [1_000, 10_000, 100_000, 1_000_000]) {
    results.push(...(await repeated((database) => measureFanOut(database, announcement, size), postgres, 1)));
  }
  console.table(results.map((result) => ({ people: result.people, "CPU us each": Math.round(costOf(result)) })));
  await drawCurve(results);
}

try {
  console.log(`${server.description}; Node ${process.versions.node}; ${people} people, ${tries} tries, medians`);
  await fanOuts();
  const others = { calls, http, idle, priority, waiting, memory, subscriptions, feeds, looking, curve };
  for (const [part, measure] of Object.entries(others)) if (parts.has(part)) await measure();
} finally {
  await server.stop();
}
