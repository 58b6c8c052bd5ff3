import { sql } from "drizzle-orm";
import type { Clock } from "../base/clock.ts";
import { KnockError } from "../base/errors.ts";
import type { Database } from "./database.ts";
import type { Settings } from "./connection.ts";
import { connectionPool } from "./connection-pool.ts";
import { rows } from "./executor.ts";
import { postgresJobDatabase } from "./job-database.ts";
import { listen } from "./listener.ts";
import { databaseUnreachable } from "./unreachable.ts";

const DEFAULT_CONNECTIONS = 10;
/** pg-boss fetches and completes jobs by the batch; a few connections carry it. */
const JOB_CONNECTIONS = 4;
const CONNECT_TIMEOUT_SECONDS = 10;
/** A database that comes back is used again after at most this long. */
const LONGEST_BACKOFF_SECONDS = 2;

const settings = {
  prepare: true,
  connect_timeout: CONNECT_TIMEOUT_SECONDS,
  onnotice: () => {},
  backoff: (failures: number) => Math.min(0.05 * 2 ** failures, LONGEST_BACKOFF_SECONDS),
  // A plan that was made while the tables were small would read all of a table that has grown meanwhile: ten times
  // slower within the first minute of a broadcast. Planning anew costs a fraction of a millisecond.
  connection: { application_name: "knock", TimeZone: "UTC", plan_cache_mode: "force_custom_plan" },
} satisfies Settings;

/** Times stay text: drizzle reads them by column, and `instant` those of raw rows. */
const time = {
  to: 1184,
  from: [1082, 1083, 1114, 1184],
  serialize: (value: unknown) => (value instanceof Date ? value.toISOString() : value),
  parse: (text: string) => text,
};

/** Host and port of a connection string, for people. Refuses text that is none, without echoing it. */
function serverOf(url: string): string {
  const fail = () =>
    new KnockError("INVALID_CONFIG", {
      problem: "the database url is not a PostgreSQL connection string",
      fix: "Write it as postgres://user:password@host:5432/database.",
    });
  if (!/^postgres(ql)?:\/\//.test(url)) throw fail();
  const [hosts] = url.replace(/^\w+:\/\//, "").split(/[/?]/);
  const host = hosts!.slice(hosts!.lastIndexOf("@") + 1);
  // Several hosts make no URL; the first stands for all, as in the driver.
  if (!URL.canParse(url.replace(host, host.split(",")[0]!))) throw fail();
  return host === "" ? "localhost:5432" : /:\d+$/.test(host) ? host : `${host}:5432`;
}

/** The same with the database: one server may have that of each environment. */
function addressOf(url: string, server: string): string {
  // Nothing else of a url that somebody wrote oddly: it may be a part of the password.
  const name = /^\w+:\/\/[^/?]*\/([\w.-]+)(?:\?|$)/.exec(url)?.[1];
  return name === undefined ? server : `${server}/${name}`;
}

/** Opens PostgreSQL. See `openDatabase`. */
export async function openPostgres(target: { url: string; connections?: number }, clock: Clock): Promise<Database> {
  const { url, connections = DEFAULT_CONNECTIONS } = target;
  const server = serverOf(url);
  // Apart from each other, so a single statement inside a transaction's work never waits for that transaction.
  const transactions = connectionPool(url, { ...settings, types: { time } }, connections);
  const statements = connectionPool(url, { ...settings, types: { time } }, Math.ceil(connections / 2));
  const db = statements.executor;
  const closers = [transactions.close, statements.close];

  const reaching = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw databaseUnreachable(error, server) ?? error;
    }
  };
  const subscribe = (channel: string, onPayload: (payload: string) => void, onSubscribed: () => void) =>
    reaching(() => listen({ url, settings, clock, channel, onPayload, onSubscribed }));

  const database: Database = {
    driver: "postgres",
    address: addressOf(url, server),
    db,
    transaction: (work) => reaching(() => transactions.transaction(work)),
    session: (work) => reaching(() => transactions.session(work)),
    listen: (channel, onPayload, onSubscribed = () => {}) => subscribe(channel, onPayload, onSubscribed),
    notify: (channel, payload) =>
      reaching(async () => void (await rows(db, sql`select pg_notify(${channel}::text, ${payload}::text)`))),
    async jobDatabase() {
      const jobs = postgresJobDatabase(url, { ...settings, connections: JOB_CONNECTIONS }, async (...subscription) => ({
        close: await subscribe(...subscription),
      }));
      closers.push(jobs.close);
      return jobs;
    },
    announce: async () => {},
    ping: () => reaching(async () => void (await rows(db, sql`select 1`))),
    async close() {
      await Promise.all(closers.splice(0).map((close) => close()));
    },
  };

  try {
    await database.ping();
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
