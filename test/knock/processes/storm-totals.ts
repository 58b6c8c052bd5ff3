// What a storm leaves, counted in a way that does not depend on when things happened.
import { sql } from "drizzle-orm";
import type { Database } from "../../../src/store/database.ts";
import { ask } from "../../support/inspect.ts";

export interface StormTotals {
  /** Workflow and status, with the number of runs and of people. */
  runs: string[];
  /** Workflow, step and status, with the number of messages and of their runs; without those that follow a batch. */
  messages: string[];
  /** Workflow and what made them, with the number of notifications and of their makers. */
  notifications: string[];
  throttled: Throttled;
  batches: Batches;
  /** Status, problem and moments made, with the number of schedules. */
  schedules: string[];
  /** People with the property that a step writes. */
  marked: number;
  /** What must never be. */
  wrong: Record<string, number>;
}

interface Throttled extends Record<string, unknown> {
  recipients: number;
  /** Runs that came. */
  counted: number;
  /** Mails of those that passed. */
  mails: number;
}

interface Batches extends Record<string, unknown> {
  activities: number;
  /** Runs that they came from. */
  runs: number;
  /** What the digests say they hold. */
  told: number;
}

const lines = async (database: Database, query: ReturnType<typeof sql>): Promise<string[]> =>
  (await ask<{ line: string }>(database, query)).map(({ line }) => line);

/** Counts of what must never be. */
async function wrongs(database: Database): Promise<Record<string, number>> {
  const [found] = await ask<Record<string, number>>(
    database,
    sql`select
      (select count(*)::int from knock.runs where status = 'waiting') as "still waiting",
      (select count(*)::int from knock.waits) as "waits that are over",
      (select count(*)::int from knock.fan_out_chunks where done_at is null) as "open chunks",
      (select count(*)::int from knock.notifications where planned_at is null) as "unplanned notifications",
      (select count(*)::int from knock.batches where closed_at is null) as "open batches",
      (select count(*)::int from knock.batches as batch where count <> (
        select count(*) from knock.batch_activities where batch_id = batch.id)) as "batches that count wrongly",
      (select count(*)::int from knock.batches as batch where (
        select count(*) from knock.messages where run_id = batch.run_id and step = 'digest'
          and content->>'body' = batch.count::text) <> 1) as "batches without their one digest",
      (select count(*)::int from knock.messages where step in ('digest', 'letter') and run_id not in (
        select run_id from knock.batches)) as "stray messages",
      (select count(*)::int from (
        select 1 from knock.batch_activities group by run_id having count(*) > 1) as twice) as "runs in two batches",
      (select count(*)::int from (
        select 1 from knock.messages group by run_id, step having count(*) > 1) as twice) as "messages made twice",
      (select count(*)::int from (
        select 1 from knock.runs group by notification_id, recipient_id having count(*) > 1) as twice) as "runs made twice",
      (select count(*)::int from (
        select 1 from knock.runs, jsonb_array_elements(trace) as entry
        where entry->>'outcome' in ('done', 'skipped', 'joined', 'halted')
        group by id, entry->>'ref' having count(*) > 1) as twice) as "steps done twice",
      (select count(*)::int from knock.messages where channel_type = 'email' and status <> 'sent') as "unsent mails"`,
  );
  return found!;
}

async function throttled(database: Database): Promise<Throttled> {
  const [found] = await ask<Throttled>(
    database,
    sql`select (select count(*)::int from knock.throttles) as recipients,
      (select sum(count)::int from knock.throttles) as counted,
      (select count(*)::int from knock.messages where step = 'mail') as mails`,
  );
  return found!;
}

async function batched(database: Database): Promise<Batches> {
  const [found] = await ask<Batches>(
    database,
    sql`select count(*)::int as activities, count(distinct run_id)::int as runs,
      (select sum((content->>'body')::int)::int from knock.messages where step = 'digest') as told
    from knock.batch_activities`,
  );
  return found!;
}

/** Everything that can be counted. */
export async function stormTotals(database: Database): Promise<StormTotals> {
  const [marked] = await ask<{ count: number }>(
    database,
    sql`select count(*)::int as count from knock.users where properties = '{"stormed": true}'`,
  );
  return {
    runs: await lines(
      database,
      sql`select concat_ws(' ', workflow, status, count(*), count(distinct recipient_id)) as line
      from knock.runs join knock.notifications on notifications.id = notification_id group by workflow, status order by 1`,
    ),
    messages: await lines(
      database,
      sql`select concat_ws(' ', workflow, step, status, count(*), count(distinct run_id)) as line
      from knock.messages where step not in ('digest', 'letter') group by workflow, step, status order by 1`,
    ),
    notifications: await lines(
      database,
      sql`select concat_ws(' ', workflow, source->>'kind', count(*), count(distinct source->>'id')) as line
      from knock.notifications group by workflow, source->>'kind' order by 1`,
    ),
    throttled: await throttled(database),
    batches: await batched(database),
    schedules: await lines(
      database,
      sql`select concat_ws(' ', status, problem, count, count(*)) as line from knock.schedules
      group by status, problem, count order by 1`,
    ),
    marked: marked!.count,
    wrong: await wrongs(database),
  };
}

/** How far a storm is: it is over when nothing is left to do. */
export interface StormProgress extends Record<string, unknown> {
  runs: number;
  ended: number;
  /** Messages that still have to be sent. */
  unsent: number;
  /** Schedules that still have moments to make up for. */
  behind: number;
  unplanned: number;
}

/** Counts what there is and what is left. */
export async function stormProgress(database: Database): Promise<StormProgress> {
  const [found] = await ask<StormProgress>(
    database,
    sql`select count(*)::int as runs, (count(*) filter (where status <> 'waiting'))::int as ended,
      (select count(*)::int from knock.messages where status = 'queued') as unsent,
      (select count(*)::int from knock.schedules where status = 'active') as behind,
      (select count(*)::int from knock.notifications where planned_at is null)
        + (select count(*)::int from knock.fan_out_chunks where done_at is null) as unplanned
    from knock.runs`,
  );
  return found!;
}

/** What is left to do, for people who look why. */
export const unfinished = (database: Database): Promise<string[]> =>
  lines(
    database,
    sql`select concat_ws(' ', 'run', workflow, step, 'wakes in', round(extract(epoch from wake_at - now())), 's:', count(*)) as line
    from knock.runs join knock.notifications on notifications.id = notification_id
    where status = 'waiting' group by workflow, step, round(extract(epoch from wake_at - now()))
    union all
    select concat_ws(' ', 'job', name, state, 'tries', retry_count, 'began', round(extract(epoch from now() - started_on)), 's ago:', count(*))
    from knock_jobs.job where state <> 'completed'
    group by name, state, retry_count, round(extract(epoch from now() - started_on))
    union all
    select concat_ws(' ', 'message', step, 'next in', round(extract(epoch from next_attempt_at - now())), 's:', count(*))
    from knock.messages where status = 'queued' group by step, round(extract(epoch from next_attempt_at - now()))`,
  );
