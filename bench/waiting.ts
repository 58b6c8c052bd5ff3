// A great many runs that wait: what they cost while nothing is due, and how due ones are found.
import { sql } from "drizzle-orm";
import type { Database } from "../src/store/database.ts";
import { rows } from "../src/store/executor.ts";
import { watchUsage, type Usage } from "./usage.ts";
import { systemOn } from "./world.ts";

const WATCHED_MILLISECONDS = 10_000;

/** What waiting costs. */
export interface Waiting {
  /** Processor time of ten idle seconds, without and with the waiting runs. */
  without: Usage;
  with: Usage;
  /** The plan of looking for due runs. */
  plan: string[];
}

async function idle(database: Database): Promise<Usage> {
  const used = await watchUsage(database);
  await new Promise((resolve) => setTimeout(resolve, WATCHED_MILLISECONDS));
  return used();
}

/** Lets `runs` wait, and looks. */
export async function measureWaiting(database: Database, runs: number): Promise<Waiting> {
  const knock = await systemOn(database);
  await knock.start();
  const { db } = database;
  const without = await idle(database);
  await rows(
    db,
    sql`insert into knock.runs (id, notification_id, version_id, recipient_id, status, step, state, trace, wake_at, created_at)
    select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'person_' || i, 'waiting', 'pause', '{}', '[]',
      now() + interval '1 day' + i * interval '1 second', now() from generate_series(1, ${runs}::int) i`,
  );
  // As autovacuum does soon; not in the watched time.
  await rows(db, sql`vacuum analyze knock.runs`);
  await rows(db, sql`checkpoint`);
  const waiting = await idle(database);
  const plan = await rows<{ "QUERY PLAN": string }>(
    db,
    sql`explain (analyze, costs off, timing off, summary off) select id from knock.runs where wake_at <= now()
    order by wake_at limit 500 for update skip locked`,
  );
  await knock.stop();
  return { without, with: waiting, plan: plan.map((row) => row["QUERY PLAN"]) };
}
