// The limit: how fast this machine inserts the very rows that a fan-out left, from Node, in the same
// tables, with nothing else to do.
import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../src/store/database.ts";
import { rows, type Executor } from "../src/store/executor.ts";

const TABLES = ["runs", "messages", "delivery_attempts"] as const;

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
  const owner = {
    runs: sql`id`,
    messages: sql`run_id`,
    delivery_attempts: sql`(select run_id from knock.messages where id = message_id)`,
  }[table]!;
  const where =
    table === "delivery_attempts"
      ? sql`message_id in (select id from knock.messages where notification_id = ${notification})`
      : sql`notification_id = ${notification}`;
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

/** Inserts the rows of a notification again, in chunks as the engine does. Answers milliseconds. */
export async function insertRaw(
  database: Database,
  notification: string,
  size = 1_000,
  connections = 2,
  mark = () => {},
): Promise<number> {
  const { db } = database;
  await rows(db, sql`create schema if not exists knock_raw`);
  for (const table of TABLES) {
    await rows(db, sql.raw(`drop table if exists knock_raw.${table}`));
    await rows(db, sql.raw(`create table knock_raw.${table} (like knock.${table} including all)`));
  }
  const positions = new Map<string, number>();
  const copies: Copied[] = [];
  for (const table of TABLES) copies.push(await copyOf(db, table, notification, positions));
  const starts = Array.from({ length: Math.ceil(positions.size / size) }, (_, index) => index * size);
  // What is inserted is picked beforehand, so that only the inserting is measured.
  const chunks = starts.map((from) => copies.map((copy) => ({ copy, picked: slice(copy, from, from + size) })));
  mark();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
        const inserts = chunk.filter(({ picked }) => picked.length > 0);
        await database.transaction(async (tx) => {
          for (const { copy, picked } of inserts) await rows(tx, insertion(copy, picked));
        });
      }
    }),
  );
  const took = performance.now() - started;
  mark();
  return took;
}
