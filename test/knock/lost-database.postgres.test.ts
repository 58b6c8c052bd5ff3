import { sql } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { testPool, testPostgresUrl } from "../support/database.ts";
import type { Database } from "../../src/store/database.ts";
import { eventually } from "../support/engine.ts";
import { ask, count } from "../support/inspect.ts";
import { databaseName, runOn } from "../support/postgres.ts";
import { audience, totals } from "./processes/audience.ts";
import { type Peer, startPeer } from "./processes/start-peer.ts";

const PEOPLE = 10_000;
const CALLS = 200;

let url: string;
let server: string;
let database: Database;
beforeAll(async () => {
  url = await testPostgresUrl();
  server = new URL("/postgres", url).href;
  database = await testPool(url, 2);
  await audience(database, PEOPLE);
});

const name = () => databaseName(url);
const terminate = () =>
  runOn(
    server,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name()}' and application_name = 'knock'`,
  );
const open = (allowed: boolean) => runOn(server, `alter database "${name()}" with allow_connections ${allowed}`);

/** Calls again until it is known to be stored, as a caller with an idempotency key does. */
async function insist(peer: Peer, key: string): Promise<void> {
  const call = { workflow: "announcement", recipients: [key], idempotencyKey: key };
  await eventually(
    async () => (await peer.notify([call]))[0]!,
    (outcome) => outcome.kind === "accepted" || outcome.code === "DUPLICATE_NOTIFICATION",
    { tries: 200, every: 50 },
  );
}

test(
  "connections lost again and again under load, and a database away for a while: all of it is done",
  { timeout: 120_000 },
  async () => {
    const peers = await Promise.all([
      startPeer({ url, work: false }),
      startPeer({ url, work: true }),
      startPeer({ url, work: true }),
    ]);
    await peers[0]!.notify([{ workflow: "announcement", lists: ["everyone"], idempotencyKey: "broadcast" }]);
    const calls = Promise.all(
      Array.from({ length: CALLS }, (_, index) => insist(peers[index % 3]!, `person ${index}`)),
    );
    for (const runs of [500, 2_000, 4_000]) {
      await eventually(
        () => totals(database),
        (found) => found.runs >= runs,
        { tries: 4_000, every: 10 },
      );
      await terminate();
    }
    await open(false);
    await terminate();
    // Nobody can connect: what is asked now fails, and is asked again.
    await eventually(
      async () => (await peers[0]!.notify([{ workflow: "announcement", recipients: ["nobody"] }]))[0]!,
      (outcome) => outcome.kind === "refused",
      { tries: 100, every: 100 },
    );
    await open(true);
    await calls;
    const done = {
      people: PEOPLE + CALLS,
      completed: PEOPLE + CALLS,
      inApp: PEOPLE + CALLS,
      email: PEOPLE * 0.9,
      sent: PEOPLE * 0.9,
    };
    await eventually(
      () => totals(database),
      (found) => found.completed >= done.completed && found.sent >= done.sent,
      { tries: 900, every: 100 },
    );
    expect(await totals(database)).toMatchObject({
      ...done,
      runs: PEOPLE + CALLS,
      explained: PEOPLE * 0.1,
      unclear: 0,
    });
    const keys = await ask<{ key: string; count: number }>(
      database,
      sql`select idempotency_key as key, count(*)::int as count from knock.notifications group by 1 having count(*) > 1`,
    );
    expect(keys).toEqual([]);
    expect(await count(database, "notifications")).toBe(CALLS + 1);
    await Promise.all(peers.map((peer) => peer.stop()));
  },
);
