// PostgreSQL ends without a word and recovers, under load: every process goes on by itself and says so once.
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../../src/store/migrate.ts";
import type { Database } from "../../src/store/database.ts";
import { testPool } from "../support/database.ts";
import { type EmbeddedServer, startEmbeddedPostgres } from "../support/embedded-postgres.ts";
import { eventually } from "../support/engine.ts";
import { connectPostgres } from "../support/postgres.ts";
import { audience, totals } from "./processes/audience.ts";
import { startPeer } from "./processes/start-peer.ts";

const PEOPLE = 10_000;
const RESTARTS = [1_000, 4_000];

// A server of its own: that of the other tests must not go away.
let server: EmbeddedServer;
let url: string;
let database: Database;
beforeAll(async () => {
  server = await startEmbeddedPostgres();
  url = await connectPostgres(server.url).create();
  database = await testPool(url, 2);
  await migrate(database);
  await audience(database, PEOPLE);
});
afterAll(() => server?.stop());

test("a server that is restarted in the middle of a broadcast", { timeout: 120_000 }, async () => {
  const peers = await Promise.all([
    startPeer({ url, work: false }),
    startPeer({ url, work: true }),
    startPeer({ url, work: true }),
  ]);
  const [outcome] = await peers[0]!.notify([{ workflow: "announcement", lists: ["everyone"] }]);
  expect(outcome).toMatchObject({ kind: "accepted" });
  for (const runs of RESTARTS) {
    await eventually(
      () => totals(database),
      (found) => found.runs >= runs,
      { tries: 4_000, every: 10 },
    );
    await server.restart();
  }
  await eventually(
    () => totals(database),
    ({ completed, sent }) => completed === PEOPLE && sent === PEOPLE * 0.9,
    { tries: 900, every: 100 },
  );
  expect(await totals(database)).toMatchObject({ runs: PEOPLE, people: PEOPLE, inApp: PEOPLE, unclear: 0 });
  for (const { log } of peers.slice(1)) {
    const lost = log.filter((line) => line.includes("the connection to the database is lost"));
    const back = log.filter((line) => line.includes("the database is back"));
    // Who noticed only when it was over says that connections were cut.
    const cut = log.filter((line) => line.includes("connections to the database were cut"));
    expect(lost.length).toBeLessThanOrEqual(RESTARTS.length);
    expect(lost.length + cut.length).toBeGreaterThan(0);
    expect(back).toHaveLength(lost.length);
    expect(log.filter((line) => line.startsWith("error") && !lost.includes(line))).toEqual([]);
  }
  await Promise.all(peers.map((peer) => peer.stop()));
});
