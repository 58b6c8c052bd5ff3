// Notifications with every kind of step are in flight on three processes while these are killed at random moments, or
// their connections cut and PostgreSQL restarted. What comes out is what comes out when nobody disturbs them.
import { randomInt } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { type EmbeddedServer, startEmbeddedPostgres } from "../support/embedded-postgres.ts";
import { eventually } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";
import { connectPostgres, runOn } from "../support/postgres.ts";
import { EXPECTED, pour, sleep, type Storm } from "./processes/pour.ts";
import { type Peer, startPeer } from "./processes/start-peer.ts";
import { stormProgress, stormTotals, type StormTotals } from "./processes/storm-totals.ts";

const WORKERS = 3;
const KILLS = 12;
/** Sends of a channel, and calls of fetch steps, that a process may have at hand and not written. */
const UNWRITTEN = { sends: 256, fetches: 100 };

let folder: string;
let calm: StormTotals;
let calmRepeats: number;

/** Starts the n-th worker on a database: each has a file of its own for what it sent. */
const worker = (url: string, name: string) => startPeer({ url, work: true, sends: join(folder, name) });

const keysIn = async (file: string) => (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);

/** The keys of all sends of the workers whose names begin so. */
async function sendsOf(prefix: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  return (await Promise.all(files.map((name) => keysIn(join(folder, name))))).flat();
}

const repeats = (keys: readonly string[]): number => keys.length - new Set(keys).size;

const mails = async (database: Database): Promise<string[]> =>
  (
    await ask<{ id: string }>(database, sql`select id from knock.messages where channel_type = 'email' order by id`)
  ).map(({ id }) => id);

/** Nothing is sent that is no message, every message is, and each under its own key; the same for fetches. */
async function expectSent(database: Database, sends: readonly string[], { fetched }: Storm): Promise<void> {
  expect([...new Set(sends)].toSorted()).toEqual(await mails(database));
  expect(new Set(fetched).size).toBe(EXPECTED.fetches);
}

/** Numbers from 0 to below 1 that are the same for the same seed. */
function numbersOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "knock-storm-"));
  const url = await testPostgresUrl();
  const database = await testPool(url, 2);
  const alone = await worker(url, "calm");
  const storm = await pour({ url, database });
  await storm.poured;
  await storm.drained();
  calm = await stormTotals(database);
  const sends = await sendsOf("calm");
  await expectSent(database, sends, storm);
  calmRepeats = repeats(sends) + repeats(storm.fetched);
  await Promise.all([alone.stop(), storm.end()]);
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test("undisturbed, everything is as the input says", () => {
  const { fetches, failed, ticks } = EXPECTED;
  expect(calm.runs).toEqual([
    expect.stringContaining(`everything completed ${fetches - failed} `),
    expect.stringContaining(`everything failed ${failed} `),
    expect.stringContaining(`nested completed ${fetches - failed} `),
    expect.stringContaining(`tick completed ${ticks} `),
  ]);
  expect(calm.messages).toContain(`everything feed delivered ${fetches} ${fetches}`);
  expect(calm.messages).toContain(`everything sorry delivered ${failed} ${failed}`);
  expect(calm.messages).toContain(`nested feed delivered ${fetches - failed} ${fetches - failed}`);
  const collected = fetches - failed;
  expect(calm.batches).toEqual({ activities: collected, runs: collected, told: collected });
  expect(calmRepeats).toBe(0);
  expect(Object.entries(calm.wrong).filter(([, count]) => count > 0)).toEqual([]);
});

/** Sends of a process that has just been killed of which nobody else knows. */
async function unwritten(database: Database, name: string): Promise<number> {
  const keys = await keysIn(join(folder, name));
  const [found] = await ask<{ count: number }>(
    database,
    sql`select count(*)::int as count from knock.messages where status = 'queued' and id = any(${sql.param(keys)}::uuid[])`,
  );
  return found!.count;
}

test("workers are killed at random moments", { timeout: 180_000 }, async () => {
  const seed = randomInt(2 ** 31);
  onTestFailed(() => console.log(`seed ${seed}`));
  const random = numbersOf(seed);
  const url = await testPostgresUrl();
  const database = await testPool(url, 2);
  const workers: { name: string; peer: Peer }[] = [];
  let started = 0;
  const start = async () => {
    const name = `killed ${started++}`;
    workers.push({ name, peer: await worker(url, name) });
  };
  await Promise.all(Array.from({ length: WORKERS }, start));
  const storm = await pour({ url, database, pace: 150 });
  let atHand = 0;
  const starting: Promise<void>[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(50 + random() * 900);
    // A process takes a while to start: the next kill waits for the last one at most.
    await eventually(
      async () => workers.length,
      (alive) => alive > 0,
    );
    const [victim] = workers.splice(Math.floor(random() * workers.length), 1);
    await victim!.peer.kill();
    starting.push(start());
    const lost = await unwritten(database, victim!.name);
    expect(lost).toBeLessThanOrEqual(UNWRITTEN.sends);
    atHand += lost;
  }
  expect((await stormProgress(database)).ended).toBeLessThan(EXPECTED.runs);
  await Promise.all([storm.poured, ...starting]);
  await storm.drained();

  expect(await stormTotals(database)).toEqual(calm);
  const sends = await sendsOf("killed");
  await expectSent(database, sends, storm);
  console.log(
    `${KILLS} kills: ${repeats(sends)} of ${sends.length} mails sent again (${atHand} were at hand),`,
    `${repeats(storm.fetched)} of ${storm.fetched.length} calls made again`,
  );
  expect(repeats(sends)).toBeLessThanOrEqual(atHand);
  expect(repeats(storm.fetched)).toBeLessThanOrEqual(KILLS * UNWRITTEN.fetches);
  await Promise.all([...workers.map(({ peer }) => peer.stop()), storm.end()]);
});

/** What a process said of the database: how often it was lost and was back, and every error beside. */
function said({ log }: Peer): { lost: number; back: number; others: string[] } {
  const lost = log.filter((line) => line.includes("the connection to the database is lost"));
  const back = log.filter((line) => line.includes("the database is back")).length;
  const others = log.filter((line) => line.startsWith("error") && !lost.includes(line));
  return { lost: lost.length, back, others };
}

/** Cuts every connection of ours each second, until told to end. Answers how often. */
async function cutting(url: string, ended: AbortSignal): Promise<number> {
  let cuts = 0;
  for (; !ended.aborted; cuts++) {
    await sleep(1_000);
    // The server may be away itself.
    await runOn(url, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'knock'`).catch(
      () => {},
    );
  }
  return cuts;
}

// A server of its own: that of the other tests must not go away.
let server: EmbeddedServer | undefined;
afterAll(() => server?.stop());

test("connections are cut every second and PostgreSQL is restarted", { timeout: 180_000 }, async () => {
  server = await startEmbeddedPostgres();
  const url = await connectPostgres(server.url).create();
  const database = await testPool(url, 2);
  await migrate(database);
  const peers = await Promise.all(Array.from({ length: WORKERS }, (_, index) => worker(url, `cut ${index}`)));
  const storm = await pour({ url, database, pace: 150 });
  const over = new AbortController();
  const cuts = cutting(server.url, over.signal);
  const restarts = [EXPECTED.runs * 0.2, EXPECTED.runs * 0.6];
  for (const runs of restarts) {
    await eventually(
      () => stormProgress(database),
      (found) => found.runs >= runs,
      { tries: 2_000, every: 20 },
    );
    await server.restart();
  }
  await storm.poured;
  over.abort();
  const outages = (await cuts) + restarts.length;
  await storm.drained();

  expect(await stormTotals(database)).toEqual(calm);
  const sends = await sendsOf("cut");
  await expectSent(database, sends, storm);
  console.log(
    `${outages} outages: ${repeats(sends)} of ${sends.length} mails sent again,`,
    `${repeats(storm.fetched)} of ${storm.fetched.length} calls made again`,
  );
  for (const peer of peers) {
    const { lost, back, others } = said(peer);
    expect(others).toEqual([]);
    expect(lost).toBeGreaterThanOrEqual(restarts.length);
    expect(lost).toBeLessThanOrEqual(outages);
    expect(back).toBe(lost);
  }
  await Promise.all([...peers.map((peer) => peer.stop()), storm.end()]);
});
