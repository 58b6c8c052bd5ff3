// A broadcast to a list, from the call to the last written status.
import { sql } from "drizzle-orm";
import type { WorkflowHandle } from "knock";
import type { Database } from "../src/store/database.ts";
import { rows } from "../src/store/executor.ts";
import { insertRaw } from "./raw.ts";
import { news, populate, systemOn } from "./world.ts";

/** What a broadcast took and left. */
export interface FanOut {
  people: number;
  /** From the call to the last written status. */
  milliseconds: number;
  /** Inserting the same rows again, with nothing else to do. */
  rawMilliseconds: number;
  counts: { runs: number; inApp: number; emails: number; attempts: number };
  /** Highest resident memory of the process meanwhile, in megabytes. */
  memory: number;
}

interface Progress extends Record<string, unknown> {
  runs: number;
  inApp: number;
  emails: number;
  attempts: number;
  open: number;
}

async function progressOf({ db }: Database, id: string): Promise<Progress> {
  const [progress] = await rows<Progress>(
    db,
    sql`select (select count(*) from knock.runs where notification_id = ${id})::int as runs,
      (select count(*) from knock.messages where notification_id = ${id} and channel_type = 'inApp')::int as "inApp",
      (select count(*) from knock.messages where notification_id = ${id} and channel_type = 'email')::int as emails,
      (select count(*) from knock.delivery_attempts)::int as attempts,
      (select count(*) from knock.messages where notification_id = ${id} and status = 'queued')::int as open`,
  );
  return progress!;
}

const moment = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits for `done` runs and no queued message, looking rarely so that looking costs little. */
async function finished(database: Database, id: string, people: number): Promise<Progress> {
  for (;;) {
    await moment(100);
    const [open] = await rows<{ chunks: number; planned: boolean }>(
      database.db,
      sql`select planned_at is not null as planned,
        (select count(*) from knock.fan_out_chunks where notification_id = id and done_at is null)::int as chunks
      from knock.notifications where id = ${id}`,
    );
    if (!open?.planned || open.chunks > 0) continue;
    const progress = await progressOf(database, id);
    if (progress.runs >= people && progress.open === 0) return progress;
  }
}

/** Broadcasts to `people` and measures. */
export async function measureFanOut(database: Database, workflow: WorkflowHandle, people: number): Promise<FanOut> {
  const knock = await systemOn(database);
  await knock.start();
  const list = `everyone.${people}.${workflow.key}`;
  await populate(database, list, people);
  let memory = 0;
  const watching = setInterval(() => (memory = Math.max(memory, process.memoryUsage().rss)), 50);
  const started = performance.now();
  const outcome = await knock.notify(workflow, { lists: [list], data: news });
  if (!outcome.ok) throw outcome.error;
  const { open: _open, ...counts } = await finished(database, outcome.notification.id, people);
  const milliseconds = performance.now() - started;
  clearInterval(watching);
  await knock.stop();
  const rawMilliseconds = await insertRaw(database, outcome.notification.id);
  return { people, milliseconds, rawMilliseconds, counts, memory: Math.round(memory / 2 ** 20) };
}
