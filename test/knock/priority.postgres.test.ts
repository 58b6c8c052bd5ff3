// A notification to one person does not wait for a broadcast that one worker is at. What it takes is told and not
// tested: no machine is fast at all times.
import { sql } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { stopwatch } from "../../src/base/clock.ts";
import type { Database } from "../../src/store/database.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { eventually } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";
import { audience } from "./processes/audience.ts";
import { type Peer, startPeer } from "./processes/start-peer.ts";

const PEOPLE = 20_000;
const TRIES = 30;

let url: string;
let database: Database;
beforeAll(async () => {
  url = await testPostgresUrl();
  database = await testPool(url, 2);
  await audience(database, PEOPLE);
});

/** Notifies somebody, and answers after how many milliseconds the message is in the feed. */
async function latency(peer: Peer, recipient: string): Promise<number> {
  const elapsed = stopwatch();
  const [outcome] = await peer.notify([{ workflow: "announcement", recipients: [recipient] }]);
  expect(outcome).toMatchObject({ kind: "accepted" });
  await eventually(
    () => ask(database, sql`select 1 from knock.messages where recipient_id = ${recipient}`),
    (found) => found.length === 1,
    { tries: 8_000, every: 5 },
  );
  return elapsed();
}

/** Runs of broadcasts. */
async function begun(): Promise<number> {
  const [found] = await ask<{ count: number }>(
    database,
    sql`select count(*)::int as count from knock.runs where recipient_id like 'u%'`,
  );
  return found!.count;
}

/** Sees to it that there is at least half a broadcast to come. */
function broadcasting(peer: Peer) {
  let wanted = 0;
  return {
    async keepUp(): Promise<void> {
      const runs = await begun();
      if (wanted - runs > PEOPLE / 2) return;
      await peer.notify([{ workflow: "announcement", lists: ["everyone"] }]);
      wanted += PEOPLE;
      await eventually(begun, (now) => now > runs, { tries: 8_000, every: 5 });
    },
    /** Runs of broadcasts that are still to come. */
    left: async () => wanted - (await begun()),
  };
}

const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((one, other) => one - other);

const quantile = (numbers: readonly number[], part: number): number =>
  sorted(numbers)[Math.ceil(numbers.length * part) - 1]!;

const told = (name: string, numbers: readonly number[]): string =>
  `${name}: p50 ${quantile(numbers, 0.5).toFixed(0)} ms, p99 ${quantile(numbers, 0.99).toFixed(0)} ms`;

test("one person is notified while a broadcast drains, every time", { timeout: 180_000 }, async () => {
  const [accepting, working] = await Promise.all([startPeer({ url, work: false }), startPeer({ url, work: true })]);
  const idle: number[] = [];
  for (let index = 0; index < TRIES; index++) idle.push(await latency(accepting, `idle ${index}`));

  const { keepUp, left } = broadcasting(accepting);
  const busy: number[] = [];
  for (let index = 0; index < TRIES; index++) {
    await keepUp();
    busy.push(await latency(accepting, `busy ${index}`));
    // The message was there before the last run of a broadcast that began earlier.
    expect(await left()).toBeGreaterThan(0);
  }

  const ratio = (part: number) => (quantile(busy, part) / quantile(idle, part)).toFixed(1);
  console.log(`${told("idle", idle)}; ${told("during a broadcast", busy)}; ratio ${ratio(0.5)} and ${ratio(0.99)}`);
  await Promise.all([accepting.stop(), working.stop()]);
});
