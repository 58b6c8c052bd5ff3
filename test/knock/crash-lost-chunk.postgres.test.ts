// How long the work of a killed process lies there. The promise is 20 s: 10 s without a sign of life, at most 5 s until
// somebody looks, and a second of pause. What it took is told; the test itself allows for a slow machine.
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { eventually } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";
import { audience, totals } from "./processes/audience.ts";
import { startPeer } from "./processes/start-peer.ts";

const PEOPLE = 20_000;
/** Seconds. Without the sign of life it would be a quarter of an hour. */
const LONGEST = 60;

test("chunks of a killed process are back at work soon", { timeout: 120_000 }, async () => {
  const url = await testPostgresUrl();
  const database = await testPool(url, 2);
  await audience(database, PEOPLE);
  const [accepting, victim] = await Promise.all([startPeer({ url, work: false }), startPeer({ url, work: true })]);
  await accepting.notify([{ workflow: "announcement", lists: ["everyone"] }]);
  await eventually(
    () => totals(database),
    ({ runs }) => runs > 0,
    { tries: 4_000, every: 5 },
  );
  await victim.kill();
  const [killed] = await ask<{ at: string }>(database, sql`select now()::text as at`);
  const other = await startPeer({ url, work: true });
  await eventually(
    () => totals(database),
    ({ completed, sent }) => completed === PEOPLE && sent === PEOPLE * 0.9,
    { tries: 600, every: 100 },
  );
  const lost = await ask<{ seconds: number }>(
    database,
    sql`select extract(epoch from started_on - ${killed!.at}::timestamptz)::float as seconds
    from knock_jobs.job where retry_count > 0 and name in ('chunk', 'deliver', 'fanOut') order by 1`,
  );
  const last = lost.at(-1)?.seconds ?? 0;
  console.log(
    `${lost.length} lost jobs were back at work after ${lost[0]?.seconds.toFixed(1)} to ${last.toFixed(1)} s`,
  );
  expect(lost.length).toBeGreaterThan(0);
  expect(last).toBeLessThan(LONGEST);
  await Promise.all([accepting.stop(), other.stop()]);
});
