// A broadcast to a list, from the call to the last written status; and its runs woken after a delay.
import { sql } from "drizzle-orm";
import type { Knock, WorkflowHandle } from "knock";
import type { Listeners } from "../src/engine/events.ts";
import type { Database } from "../src/store/database.ts";
import { rows } from "../src/store/executor.ts";
import { insertRaw, type Raw } from "./raw.ts";
import { watchUsage, type Usage } from "./usage.ts";
import { type announcement, firstStep, later, news, populate, systemOn } from "./world.ts";

/** What a broadcast took and left. */
export interface FanOut {
  people: number;
  milliseconds: number;
  usage: Usage;
  /** Inserting the same rows again, with nothing else to do. */
  raw: Raw;
  counts: { runs: number; inApp: number; emails: number; attempts: number };
  /** Highest resident memory of the process meanwhile, in megabytes. */
  memory: number;
}

/** People of a broadcast that is not measured: the code is compiled, the connections are open, as in any server. */
const WARM_UP = 5_000;

async function countsOf({ db }: Database, id: string): Promise<FanOut["counts"]> {
  const [counts] = await rows<FanOut["counts"] & Record<string, unknown>>(
    db,
    sql`select (select count(*) from knock.runs where notification_id = ${id})::int as runs,
      count(*) filter (where channel_type = 'inApp')::int as "inApp",
      count(*) filter (where channel_type = 'email' and status = 'sent')::int as emails,
      (select count(*) from knock.delivery_attempts join knock.messages on id = message_id where notification_id = ${id})::int as attempts
    from knock.messages where notification_id = ${id}`,
  );
  return counts!;
}

/** Tells when a step has ended or waits for everybody, and every e-mail has its status, without asking the database. */
export function finishLine() {
  let line = { ref: "", left: 0, reached: Promise.withResolvers<void>() };
  let open = 0;
  const check = () => {
    if (line.left <= 0 && open === 0) line.reached.resolve();
  };
  const listeners: Listeners = {
    onRun({ entry, channel }) {
      if (entry.ref === line.ref) line.left--;
      if (channel === "mail") open++;
      check();
    },
    onDelivery() {
      open--;
      check();
    },
  };
  const draw = (ref: string, people: number): Promise<void> => {
    line = { ref, left: people, reached: Promise.withResolvers() };
    return line.reached.promise;
  };
  return { listeners, draw };
}

/** Calls notify for a list and answers the notification's id. */
export async function broadcast(knock: Knock, workflow: WorkflowHandle, list: string): Promise<string> {
  const outcome = await knock.notify(workflow as typeof announcement, { lists: [list], data: news });
  if (!outcome.ok) throw outcome.error;
  return outcome.notification.id;
}

async function timed<Result>(database: Database, work: () => Promise<Result>) {
  const used = await watchUsage(database);
  const started = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - started, usage: used() };
}

async function prepare(database: Database, workflow: WorkflowHandle, people: number) {
  const { listeners, draw } = finishLine();
  const knock = await systemOn(database, listeners);
  await knock.start();
  for (const [list, size] of [
    ["warm-up", WARM_UP],
    ["everyone", people],
  ] as const)
    await populate(database, list, size);
  const send = async (list: string, size: number) => {
    const reached = draw(firstStep(workflow), size);
    const id = await broadcast(knock, workflow, list);
    await reached;
    return id;
  };
  await send("warm-up", WARM_UP);
  return { knock, draw, send: () => send("everyone", people) };
}

/** Broadcasts to `people` and measures. */
export async function measureFanOut(database: Database, workflow: WorkflowHandle, people: number): Promise<FanOut> {
  const { knock, send } = await prepare(database, workflow, people);
  let memory = 0;
  const watching = setInterval(() => (memory = Math.max(memory, process.memoryUsage.rss())), 50);
  const { result: id, milliseconds, usage } = await timed(database, send);
  clearInterval(watching);
  await knock.stop();
  const counts = await countsOf(database, id);
  return {
    people,
    milliseconds,
    usage,
    raw: await insertRaw(database, id),
    counts,
    memory: Math.round(memory / 2 ** 20),
  };
}

/** Lets `people` wait in a delay, and measures from the moment when all are due to the last message. */
export async function measureWake(database: Database, people: number): Promise<FanOut> {
  const { knock, draw, send } = await prepare(database, later, people);
  const id = await send();
  const reached = draw("feed", people);
  // All at once, so nothing is seen before the end of the statement.
  await rows(database.db, sql`update knock.runs set wake_at = now() where notification_id = ${id}`);
  const { milliseconds, usage } = await timed(database, () => reached);
  await knock.stop();
  const counts = await countsOf(database, id);
  return { people, milliseconds, usage, raw: await insertRaw(database, id), counts, memory: 0 };
}
