// `npm run bench`: how fast the engine is, as ratios against what this machine can do at all, measured
// in the same run. Absolute numbers are for orientation.
import { parseArgs } from "node:util";
import { openDatabase, type Database } from "../src/store/database.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { measureAccept } from "./accept.ts";
import { measureFanOut } from "./fan-out.ts";
import { measureMemory } from "./memory.ts";
import { announcement, notice } from "./world.ts";

const { values } = parseArgs({
  options: { people: { type: "string", default: "100000" }, tries: { type: "string", default: "3" } },
});
const people = Number(values.people);
const tries = Number(values.tries);

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
const perSecond = (count: number, milliseconds: number) =>
  `${Math.round((count / milliseconds) * 1_000).toLocaleString("en")}/s`;

type Row = Record<string, string | number>;

/** Runs a measurement several times, each on a database of its own. */
async function repeated<Result>(
  open: () => Promise<Database>,
  measure: (database: Database) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < tries; index++) {
    const database = await open();
    results.push(await measure(database));
    await database.close();
  }
  return results;
}

async function fanOutRow(
  what: string,
  open: () => Promise<Database>,
  workflow: typeof announcement | typeof notice,
): Promise<Row> {
  const results = await repeated(open, (database) => measureFanOut(database, workflow, people));
  const { counts } = results[0]!;
  return {
    what,
    people,
    runs: counts.runs,
    "in-app": counts.inApp,
    "e-mails": counts.emails,
    rate: perSecond(people, median(results.map(({ milliseconds }) => milliseconds))),
    "raw insert": perSecond(people, median(results.map(({ rawMilliseconds }) => rawMilliseconds))),
    ratio: median(results.map(({ milliseconds, rawMilliseconds }) => rawMilliseconds / milliseconds)).toFixed(2),
    "peak MB": Math.max(...results.map(({ memory }) => memory)),
  };
}

const server = await startPostgres();
try {
  console.log(`${server.description}; Node ${process.versions.node}; ${tries} tries, medians`);
  const postgres = async () => openDatabase({ url: await server.create() });
  const embedded = () => openDatabase({ memory: true });
  console.table([
    await fanOutRow("in-app + e-mail, PostgreSQL", postgres, announcement),
    await fanOutRow("in-app, PostgreSQL", postgres, notice),
    await fanOutRow("in-app + e-mail, embedded", embedded, announcement),
  ]);
  const accepts = await repeated(postgres, measureAccept);
  console.table([
    {
      what: "single calls, library, 64 in flight",
      rate: perSecond(1, median(accepts.map(({ millisecondsPerCall }) => millisecondsPerCall))),
      "p50 ms": median(accepts.map(({ p50 }) => p50)).toFixed(1),
      "p99 ms": median(accepts.map(({ p99 }) => p99)).toFixed(1),
    },
  ]);
  const url = await server.create();
  const database = await openDatabase({ url });
  console.log("Memory of one worker process while broadcasts drain through it, in megabytes:");
  console.table(await measureMemory(database, url, [people / 10, people, people * 2]));
  await database.close();
} finally {
  await server.stop();
}
