// The input of a storm: the same calls each time, whatever becomes of the processes and the database meanwhile.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { createKnock, type Knock } from "../../../src/knock.ts";
import type { Database } from "../../../src/store/database.ts";
import { eventually } from "../../support/engine.ts";
import { type HttpServer, startHttpServer } from "../../support/http-server.ts";
import { ask } from "../../support/inspect.ts";
import { audience } from "./audience.ts";
import { configOf } from "./config.ts";
import { everything, tick } from "./storm.ts";
import { stormProgress, unfinished } from "./storm-totals.ts";

/** Members of the list: more than one chunk. */
const PEOPLE = 1_200;
/** People who are named by calls, again and again. */
const BUSY = 40;
const CALLS = 40;
const PER_CALL = 20;
const SCHEDULES = 20;
/** Each schedule was not looked at for so many moments. */
const MISSED = 30;
const ORDERS = ["a", "b", "c"];
/** Number of the call to the list. */
const BROADCAST = 1_000;

/** Every tenth call asks for something that is not there: its runs fail. */
const isLost = (call: number) => call % 10 === 9;

const FAILED = Array.from({ length: CALLS }, (_, call) => call).filter(isLost).length * PER_CALL;
const OF_EVERYTHING = PEOPLE + CALLS * PER_CALL;

/** What the storm comes to, told by the input alone. */
export const EXPECTED = {
  /** Runs that ask, and those of them that get no answer. */
  fetches: OF_EVERYTHING,
  failed: FAILED,
  ticks: SCHEDULES * MISSED,
  runs: OF_EVERYTHING * 2 - FAILED + SCHEDULES * MISSED,
};

/** Unlike a pause of the clock, it keeps the process alive. */
export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void systemClock.after(milliseconds, resolve));

/** A storm that is under way. */
export interface Storm {
  /** Keys of the fetch steps' calls that were answered for good, in the order of the answers. */
  fetched: string[];
  /** Resolves when all calls are made. Events are signalled until the end. */
  poured: Promise<void>;
  /** Resolves when nothing is left to do. */
  drained(): Promise<void>;
  end(): Promise<void>;
}

const dataOf = (call: number, { url, marks }: { url: string; marks: string }) => ({
  call,
  order: ORDERS[call % ORDERS.length]!,
  topic: `topic ${call % 2}`,
  nap: `${100 + ((call * 370) % 1_500)}ms`,
  odd: call % 2 === 1,
  url: `${url}/${isLost(call) ? "lost" : "found"}`,
  marks,
});

/** Makes a call again until it is known to be stored, as callers with an idempotency key do. */
async function insist(
  knock: Knock,
  call: number,
  data: ReturnType<typeof dataOf>,
  to: { recipients: string[] } | { lists: string[] },
): Promise<void> {
  await eventually(
    () => knock.notify(everything, { ...to, data, idempotencyKey: `call ${call}` }),
    (outcome) => outcome.ok || outcome.error.code === "DUPLICATE_NOTIFICATION",
    { tries: 600, every: 50 },
  );
}

const recipientsOf = (call: number) =>
  Array.from({ length: PER_CALL }, (_, index) => `u${String((call * 7 + index) % BUSY).padStart(6, "0")}`);

/** Schedules of every minute that no process looked at for half an hour, and that end now. */
async function missed(knock: Knock, database: Database): Promise<void> {
  const recipients = Array.from({ length: SCHEDULES }, (_, index) => `u${String(index).padStart(6, "0")}`);
  const timing = { recurrence: "* * * * *", onMissed: "all" } as const;
  const made = await knock.schedules.create(tick, { recipients, data: { name: "tick" }, ...timing });
  if (!made.ok) throw made.error;
  await ask(
    database,
    sql`update knock.schedules set starts_at = starts_at - interval '1 hour', next_at = starts_at - interval '1 hour',
      ends_at = starts_at - interval '1 hour' + make_interval(mins => ${MISSED - 1}::int)`,
  );
}

/** Signals what runs wait for, again and again: an event counts for those alone that wait already. */
async function keepSignalling(knock: Knock, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    for (const order of ORDERS) await knock.signalEvent("go", { order }, { order }).catch(() => {});
    await sleep(150);
  }
}

/** A server that fails for some keys at first, and keeps the keys of what it answered. */
async function answering(fetched: string[]): Promise<HttpServer> {
  const server = await startHttpServer();
  const failed = new Set<string>();
  server.answer = ({ path, headers }, response) => {
    const key = String(headers["idempotency-key"]);
    if (key.endsWith("0") && !failed.has(key)) {
      failed.add(key);
      return void response.writeHead(503).end();
    }
    fetched.push(key);
    response.writeHead(path === "/lost" ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify({ text: "found" }));
  };
  return server;
}

/** How a storm is begun: on a database that has all tables. */
export interface Pouring {
  url: string;
  database: Database;
  /** Milliseconds between two calls. */
  pace?: number;
}

/** Makes the people of a storm and begins it. */
export async function pour({ url, database, pace = 0 }: Pouring): Promise<Storm> {
  await audience(database, PEOPLE);
  const fetched: string[] = [];
  const server = await answering(fetched);
  const places = { url: server.url, marks: await mkdtemp(join(tmpdir(), "knock-marks-")) };
  const knock = await createKnock({ config: configOf(undefined), db: url, environment: {}, logger: silentLogger });
  await knock.start({ work: false });
  await missed(knock, database);
  const over = new AbortController();
  const signalling = keepSignalling(knock, over.signal);
  async function calls(): Promise<void> {
    await insist(knock, BROADCAST, dataOf(BROADCAST, places), { lists: ["everyone"] });
    for (let call = 0; call < CALLS; call++) {
      await insist(knock, call, dataOf(call, places), { recipients: recipientsOf(call) });
      await sleep(pace);
    }
  }
  return {
    fetched,
    poured: calls(),
    async drained() {
      try {
        await eventually(
          () => stormProgress(database),
          ({ runs, ended, unsent, behind, unplanned }) =>
            runs >= EXPECTED.runs && ended === runs && unsent + behind + unplanned === 0,
          { tries: 900, every: 100 },
        );
      } catch (error) {
        throw new Error(`the storm does not end: ${JSON.stringify(await unfinished(database))}`, { cause: error });
      }
    },
    async end() {
      over.abort();
      await signalling;
      await knock.stop();
      await server.close();
      await rm(places.marks, { recursive: true, force: true });
    },
  };
}
