// What there is in the database, as lines that a person can count: each counts whole sets of rows.
import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../src/store/database.ts";
import { ask } from "../../support/inspect.ts";

const lines = async (database: Database, query: SQL): Promise<string[]> =>
  (await ask<{ line: string }>(database, query)).map(({ line }) => line).toSorted();

const RUNS = sql`knock.runs as run join knock.workflow_versions as version on version.id = run.version_id`;

/** Every run there is: `order v1 waiting 1000`. */
export const runs = (database: Database): Promise<string[]> =>
  lines(
    database,
    sql`select workflow || ' v' || number || ' ' || run.status || ' ' || count(*) as line
    from ${RUNS} group by workflow, number, run.status`,
  );

/** Every message there is, by the version of the run that made it: `order v1 shipped 600: Order A-7 is on its way.` */
export const texts = (database: Database, workflow: string): Promise<string[]> =>
  lines(
    database,
    sql`select workflow || ' v' || number || ' ' || step || ' ' || count(*) || ': ' || body as line from (
      select message.workflow, number, message.step, content->>'body' as body
      from knock.messages as message join knock.runs as run on run.id = message.run_id
        join knock.workflow_versions as version on version.id = run.version_id
      where message.workflow = ${workflow}
    ) as made group by workflow, number, step, body`,
  );

/** The ways that the runs of a workflow took which have ended, decision by decision, with how many took each. */
export const ways = (database: Database, workflow: string): Promise<string[]> =>
  lines(
    database,
    sql`select 'v' || number || ' ' || count(*) || ': ' || way as line from (
      select number, (
        select string_agg(concat_ws(' ', entry->>'ref', entry->>'outcome', entry->>'code'), ', ' order by position)
        from jsonb_array_elements(trace) with ordinality as entries (entry, position)
      ) as way
      from ${RUNS} where workflow = ${workflow} and run.status <> 'waiting'
    ) as taken group by number, way`,
  );

/** The batches, by what is in them: `digest open 50 with 2`. */
export const batches = (database: Database): Promise<string[]> =>
  lines(
    database,
    sql`select workflow || case when closed_at is null then ' open ' else ' closed ' end || count(*) || ' with ' || count as line
    from knock.batches group by workflow, closed_at is null, count`,
  );

/** When each open batch of these people ends. */
export const ends = (database: Database, whose: readonly string[]): Promise<object[]> =>
  ask(
    database,
    sql`select id, closes_at::text from knock.batches
    where closed_at is null and recipient_id = any(${sql.param(whose)}::text[]) order by id`,
  );

/** How long the open batches of these people are, from their beginning to their end: `100 of 60 minutes`. */
export const windows = (database: Database, whose: readonly string[]): Promise<string[]> =>
  lines(
    database,
    sql`select count(*) || ' of ' || minutes || ' minutes' as line from (
      select round(extract(epoch from closes_at - opened_at) / 60) as minutes from knock.batches
      where closed_at is null and recipient_id = any(${sql.param(whose)}::text[])
    ) as open group by minutes`,
  );

/** Messages without a decision that made them, and decisions to make one without a message. */
export const unexplained = (database: Database): Promise<object[]> =>
  ask(
    database,
    sql`with made as (
      select run.id as run_id, entry->>'ref' as step, count(*) as times
      from knock.runs as run, jsonb_array_elements(trace) as entry
      where entry->>'kind' = 'inApp' and entry->>'outcome' = 'done' group by 1, 2
    ), there as (select run_id, step, count(*) as messages from knock.messages group by 1, 2)
    select * from made full join there using (run_id, step) where times is distinct from 1 or messages is distinct from 1`,
  );

/** Ends the waits of these people's runs, as if their time had come; the batches that they carry end with them. */
export const timeComes = (database: Database, workflow: string, whose: readonly string[]): Promise<object[]> =>
  ask(
    database,
    sql`with woken as (
      update knock.runs set wake_at = now()
      where status = 'waiting' and recipient_id = any(${sql.param(whose)}::text[])
        and version_id in (select id from knock.workflow_versions where workflow = ${workflow})
      returning id
    )
    update knock.batches set closes_at = now() where closed_at is null and run_id in (select id from woken)`,
  );
