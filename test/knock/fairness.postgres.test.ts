// Broadcasts of several tenants share the workers: chunk by chunk, in turn.
import { sql } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { testPool, testPostgresUrl } from "../support/database.ts";
import { eventually } from "../support/engine.ts";
import { ask } from "../support/inspect.ts";
import { audience, totals } from "./processes/audience.ts";
import { type Peer, startPeer } from "./processes/start-peer.ts";

const PEOPLE = 20_000;
/** Members of the smaller list, and the chunks that either list is cut into. */
const FEW = 3_000;
const CHUNKS = PEOPLE / 1_000;
/** A worker has two chunks under way and two planned ones at hand. */
const LEAD = 4;

let url: string;
let database: Database;
beforeEach(async () => {
  url = await testPostgresUrl();
  database = await testPool(url, 2);
  await audience(database, PEOPLE);
  await ask(database, sql`insert into knock.lists (name, created_at, updated_at) values ('some', now(), now())`);
  await ask(
    database,
    sql`insert into knock.list_members (list, user_id, created_at)
    select 'some', user_id, now() from knock.list_members where list = 'everyone' order by user_id limit ${FEW}`,
  );
});

async function broadcast(peer: Peer, tenant: string, list: string): Promise<void> {
  const [outcome] = await peer.notify([{ workflow: "announcement", lists: [list], tenant }]);
  expect(outcome).toMatchObject({ kind: "accepted" });
}

/** The tenants whose chunks were done, in the order in which they were. */
async function turns(): Promise<string[]> {
  const done = await ask<{ tenant: string }>(
    database,
    sql`select tenant_id as tenant from knock.fan_out_chunks
    join knock.notifications on notifications.id = notification_id
    where done_at is not null order by done_at, number, tenant_id`,
  );
  return done.map(({ tenant }) => tenant);
}

const allRuns = (expected: number) =>
  eventually(
    () => totals(database),
    ({ runs }) => runs === expected,
    { tries: 1_200, every: 50 },
  );

test("two broadcasts of the same size take turns", { timeout: 120_000 }, async () => {
  const accepting = await startPeer({ url, work: false });
  await broadcast(accepting, "first", "everyone");
  await broadcast(accepting, "second", "everyone");
  const working = await startPeer({ url, work: true });
  await allRuns(2 * PEOPLE);
  const order = await turns();
  expect(order).toHaveLength(2 * CHUNKS);
  let lead = 0;
  const leads = order.map((tenant) => Math.abs((lead += tenant === "first" ? 1 : -1)));
  expect(Math.max(...leads)).toBeLessThanOrEqual(LEAD);
  await Promise.all([accepting.stop(), working.stop()]);
});

test("a small broadcast does not wait for a large one that is under way", { timeout: 120_000 }, async () => {
  const accepting = await startPeer({ url, work: false });
  const working = await startPeer({ url, work: true });
  await broadcast(accepting, "large", "everyone");
  await eventually(turns, (done) => done.length >= 2, { tries: 4_000, every: 5 });
  await broadcast(accepting, "small", "some");
  await allRuns(PEOPLE + FEW);
  const order = await turns();
  expect(order.filter((tenant) => tenant === "small")).toHaveLength(FEW / 1_000);
  // What came later was done with while the large one was still under way.
  expect(order.lastIndexOf("small")).toBeLessThan(order.lastIndexOf("large"));
  await Promise.all([accepting.stop(), working.stop()]);
});
