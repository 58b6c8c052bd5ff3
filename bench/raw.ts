// The limit: how fast this machine inserts the very rows that a fan-out left, from Node, in the same
// tables, with nothing else to do.
import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../src/store/database.ts";
import { rows, type Executor } from "../src/store/executor.ts";
import { watchUsage, type Usage } from "./usage.ts";

const TABLES = ["runs", "messages", "delivery_attempts", "batches", "batch_activities"] as const;

/** The run that a row belongs to, where no column says so. */
const OWNERS: Record<string, SQL> = {
  runs: sql`id`,
  delivery_attempts: sql`(select run_id from knock.messages where id = message_id)`,
};

/** The rows of a notification, where no column says so. */
const BELONGS: Record<string, (notification: string) => SQL> = {
  delivery_attempts: (id) => sql`message_id in (select id from knock.messages where notification_id = ${id})`,
  batches: (id) => sql`id in (select batch_id from knock.batch_activities where notification_id = ${id})`,
};

interface Column extends Record<string, unknown> {
  name: string;
  type: string;
}

interface Copied {
  table: string;
  columns: Column[];
  /** Column by column, as text. */
  values: (string | null)[][];
  /** Which recipient each row belongs to, as a position. */
  owners: number[];
}

const columnsOf = (db: Executor, table: string) =>
  rows<Column>(
    db,
    sql`select attname as name, format_type(atttypid, null) as type from pg_attribute
    where attrelid = ${`knock.${table}`}::regclass and attnum > 0 and not attisdropped order by attnum`,
  );

async function copyOf(
  db: Executor,
  table: string,
  notification: string,
  positions: Map<string, number>,
): Promise<Copied> {
  const columns = await columnsOf(db, table);
  const texts = sql.join(
    columns.map(({ name }) => sql`${sql.identifier(name)}::text`),
    sql`, `,
  );
  const owner = OWNERS[table] ?? sql`run_id`;
  const where = BELONGS[table]?.(notification) ?? sql`notification_id = ${notification}`;
  const found = await rows<{ owner: string; row: (string | null)[] }>(
    db,
    sql`select ${owner}::text as owner, jsonb_build_array(${texts}) as row from ${sql.raw(`knock.${table}`)} where ${where}`,
  );
  const owners = found.map((row) => {
    const position = positions.get(row.owner) ?? positions.size;
    positions.set(row.owner, position);
    return position;
  });
  return {
    table,
    columns,
    owners,
    values: columns.map((_column, index) => found.map(({ row }) => row[index] ?? null)),
  };
}

function slice({ owners }: Copied, from: number, upTo: number): number[] {
  return owners.flatMap((owner, index) => (owner >= from && owner < upTo ? [index] : []));
}

function insertion({ table, columns, values }: Copied, picked: number[]): SQL {
  const names = sql.join(
    columns.map(({ name }) => sql.identifier(name)),
    sql`, `,
  );
  const arrays = sql.join(
    values.map((column) => sql`${sql.param(picked.map((index) => column[index]))}::text[]`),
    sql`, `,
  );
  const casts = sql.join(
    columns.map(({ name, type }) => sql`${sql.identifier(name)}::${sql.raw(type)}`),
    sql`, `,
  );
  return sql`insert into ${sql.raw(`knock_raw.${table}`)} (${names}) select ${casts} from unnest(${arrays}) as given (${names})`;
}

/** Recipients whose rows one transaction inserts, as in the engine. */
const CHUNK = 1_000;

/** More do not make it faster on two cores. */
const CONNECTIONS = 2;

/** What the inserting took. */
export interface Raw {
  milliseconds: number;
  usage: Usage;
}

/** Inserts the rows of a notification again, in chunks as the engine does. */
export async function insertRaw(database: Database, notification: string): Promise<Raw> {
  const { db } = database;
  await rows(db, sql`create schema if not exists knock_raw`);
  for (const table of TABLES) {
    await rows(db, sql.raw(`drop table if exists knock_raw.${table}`));
    await rows(db, sql.raw(`create table knock_raw.${table} (like knock.${table} including all)`));
  }
  const positions = new Map<string, number>();
  const copies: Copied[] = [];
  for (const table of TABLES) copies.push(await copyOf(db, table, notification, positions));
  const starts = Array.from({ length: Math.ceil(positions.size / CHUNK) }, (_, index) => index * CHUNK);
  // What is inserted is picked beforehand, so that only the inserting is measured.
  const chunks = starts.map((from) => copies.map((copy) => ({ copy, picked: slice(copy, from, from + CHUNK) })));
  const used = await watchUsage(database);
  const started = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
        const inserts = chunk.filter(({ picked }) => picked.length > 0);
        await database.transaction(async (tx) => {
          for (const { copy, picked } of inserts) await rows(tx, insertion(copy, picked));
        });
      }
    }),
  );
  return { milliseconds: performance.now() - started, usage: used() };
}
