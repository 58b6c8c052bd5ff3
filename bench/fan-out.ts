// A broadcast to a list, from the call to the last written status.
import { sql } from "drizzle-orm";
import type { WorkflowHandle } from "knock";
import type { Database } from "../src/store/database.ts";
import { rows } from "../src/store/executor.ts";
import type { Listeners } from "../src/engine/events.ts";
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

async function countsOf({ db }: Database, id: string): Promise<FanOut["counts"]> {
  const [counts] = await rows<FanOut["counts"] & Record<string, unknown>>(
    db,
    sql`select (select count(*) from knock.runs where notification_id = ${id})::int as runs,
      (select count(*) from knock.messages where notification_id = ${id} and channel_type = 'inApp')::int as "inApp",
      (select count(*) from knock.messages where notification_id = ${id} and channel_type = 'email' and status = 'sent')::int as emails,
      (select count(*) from knock.delivery_attempts)::int as attempts`,
  );
  return counts!;
}

/** Tells when everybody has a finished run and every e-mail its status, without asking the database meanwhile. */
function finishLine(people: number) {
  const line = Promise.withResolvers<void>();
  const finished = new Set<string>();
  let open = 0;
  const check = () => {
    if (finished.size >= people && open === 0) line.resolve();
  };
  const listeners: Listeners = {
    onRun({ runId, channel }) {
      finished.add(runId);
      if (channel === "mail") open++;
      check();
    },
    onDelivery() {
      open--;
      check();
    },
  };
  return { listeners, reached: line.promise };
}

/** Broadcasts to `people` and measures. */
export async function measureFanOut(database: Database, workflow: WorkflowHandle, people: number): Promise<FanOut> {
  const { listeners, reached } = finishLine(people);
  const knock = await systemOn(database, listeners);
  await knock.start();
  const list = `everyone.${people}.${workflow.key}`;
  await populate(database, list, people);
  let memory = 0;
  const watching = setInterval(() => (memory = Math.max(memory, process.memoryUsage().rss)), 50);
  const started = performance.now();
  const outcome = await knock.notify(workflow, { lists: [list], data: news });
  if (!outcome.ok) throw outcome.error;
  await reached;
  const milliseconds = performance.now() - started;
  clearInterval(watching);
  const counts = await countsOf(database, outcome.notification.id);
  await knock.stop();
  const rawMilliseconds = await insertRaw(database, outcome.notification.id);
  return { people, milliseconds, rawMilliseconds, counts, memory: Math.round(memory / 2 ** 20) };
}
