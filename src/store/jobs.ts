// What the job engine holds, read from its own table: how much, how old, and which rows of ours have no job.
import { sql } from "drizzle-orm";
import { type Executor, instant, rows } from "./executor.ts";

/** Schema of the job engine's tables. */
export const JOB_SCHEMA = "knock_jobs";

/** The queue of jobs that failed for good. */
export const DEAD_QUEUE = "dead";

const job = sql`${sql.identifier(JOB_SCHEMA)}.job`;

/** The job engine makes its tables when it is first started. */
async function installed(db: Executor): Promise<boolean> {
  const [found] = await rows<{ there: boolean }>(
    db,
    sql`select to_regclass(${`${JOB_SCHEMA}.job`}::text) is not null as there`,
  );
  return found!.there;
}

/** Jobs of one kind in one state. */
export interface QueueDepth extends Record<string, unknown> {
  kind: string;
  /** `dead`: failed for good, and put back after a while. */
  state: "waiting" | "active" | "dead";
  jobs: number;
  /** Since the oldest of them could have begun, by the database's clock. */
  oldestSeconds: number;
}

/** How much there is to do, by kind and state. What is done is not counted. */
export async function queueDepths(db: Executor): Promise<QueueDepth[]> {
  if (!(await installed(db))) return [];
  return rows<QueueDepth>(
    db,
    sql`select case when name = ${DEAD_QUEUE} then coalesce(source_name, name) else name end as kind,
      case when name = ${DEAD_QUEUE} then 'dead' when state = 'active' then 'active' else 'waiting' end as state,
      count(*)::int as jobs,
      greatest(0, extract(epoch from now() - min(case when state = 'active' then started_on else created_on end)))::float8 as "oldestSeconds"
    from ${job} where state < 'completed' group by 1, 2 order by 1, 2`,
  );
}

/** When the queues were made; `null` when there are none. Rows that are older may have lost their jobs. */
export async function queuesMadeAt(db: Executor): Promise<Date | null> {
  if (!(await installed(db))) return null;
  const [found] = await rows<{ at: string | null }>(
    db,
    sql`select min(created_on)::text as at from ${sql.identifier(JOB_SCHEMA)}.queue`,
  );
  return instant(found?.at ?? null);
}

/** A job that failed for good. */
export interface DeadJob extends Record<string, unknown> {
  id: string;
  kind: string;
  data: Record<string, unknown>;
  /** How often it was put back before. */
  returned: number;
}

/**
 * Takes jobs that failed for good and whose time to be put back has come, for this transaction alone: a minute
 * after the first time, four times as long each further time, at most six hours. With `all`, every one.
 */
export const holdDeadJobs = (db: Executor, { all, limit }: { all: boolean; limit: number }): Promise<DeadJob[]> =>
  rows<DeadJob>(
    db,
    sql`select id, source_name as kind, data - 'returned' as data, coalesce((data->>'returned')::int, 0) as returned
    from ${job} where name = ${DEAD_QUEUE} and state = 'created' and source_name is not null and (
      ${all}::boolean or created_on < now() - least(
        interval '1 minute' * power(4, least(10, coalesce((data->>'returned')::int, 0))), interval '6 hours'
      )
    )
    order by created_on limit ${limit}::int for update skip locked`,
  );

/** What jobs point at. A chunk is written as `<notification>/<number>`. */
export type Pointed = "notification" | "chunk" | "message";

const pointers = {
  notification: sql`select data->>'notification' as key from live where kind = 'fanOut'
    union all select jsonb_array_elements_text(data->'notifications') from live where kind = 'express'`,
  chunk: sql`select (data->>'notification') || '/' || (data->>'number') as key from live where kind = 'chunk'`,
  message: sql`select jsonb_array_elements_text(data->'messages') as key from live where kind in ('deliver', 'deliverExpress')`,
} satisfies Record<Pointed, unknown>;

/** Those of the keys that no job points at, neither one to be done nor one that failed. */
export async function keysWithoutJob(db: Executor, what: Pointed, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const found = await rows<{ key: string }>(
    db,
    sql`with live as (
      select case when name = ${DEAD_QUEUE} then source_name else name end as kind, data from ${job} where state < 'completed'
    ),
    held as (${pointers[what]})
    select key from unnest(${sql.param(keys)}::text[]) as given (key)
    where not exists (select from held where held.key = given.key)`,
  );
  return found.map(({ key }) => key);
}

/** Jobs of one kind that failed for good. */
export interface DeadLetters extends Record<string, unknown> {
  kind: string;
  jobs: number;
  oldestSeconds: number;
  /** What the last one failed with. */
  reason: string | null;
}

/** The jobs that failed for good, by kind. */
export async function deadLetters(db: Executor): Promise<DeadLetters[]> {
  if (!(await installed(db))) return [];
  return rows<DeadLetters>(
    db,
    sql`select coalesce(source_name, name) as kind, count(*)::int as jobs,
      greatest(0, extract(epoch from now() - min(created_on)))::float8 as "oldestSeconds",
      (array_agg(source_output->>'message' order by created_on desc))[1] as reason
    from ${job} where name = ${DEAD_QUEUE} and state = 'created' group by 1 order by 1`,
  );
}
