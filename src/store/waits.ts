// What runs wait for, and what wakes them. Whoever wakes a run locks it before its wait, as a passage does
// whose time is over: one of the two comes first, and the other then finds the wait gone.
import { sql, type SQL } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { storableJson } from "../base/stored-json.ts";
import { rows, type Executor } from "./executor.ts";

/** A run's wait. See the table `waits`. */
export interface NewWait {
  runId: string;
  step: string;
  event: string;
  match: string;
}

/** Stores waits of runs that this transaction holds or makes. */
export async function insertWaits(db: Executor, waits: readonly NewWait[]): Promise<void> {
  await rows(
    db,
    sql`insert into knock.waits (run_id, step, event, match)
    select "runId", step, event, match
    from jsonb_to_recordset(${storableJson(waits)}::text::jsonb) as given ("runId" uuid, step text, event text, match text)
    on conflict (run_id) do update set step = excluded.step, event = excluded.event, match = excluded.match`,
  );
}

/** Ends the waits of runs that this transaction holds. */
export async function deleteWaits(db: Executor, runIds: readonly string[]): Promise<void> {
  await rows(db, sql`delete from knock.waits where run_id = any(${sql.param(runIds)}::uuid[])`);
}

/**
 * The statement's parts that wake runs: `waiting` selects waits (`run_id`, `event`, `match`). A wait that is
 * gone by the time its run is locked wakes nobody.
 */
const waking = (waiting: SQL, { lock, value, now }: { lock: SQL; value: JsonObject; now: Date }) =>
  sql`with waiting as materialized (${waiting}),
    held as materialized (
      select id from knock.runs where id in (select run_id from waiting) order by id for update ${lock}
    ),
    gone as (
      delete from knock.waits as ended using held, waiting
      where ended.run_id = held.id and waiting.run_id = ended.run_id
        and ended.event = waiting.event and ended.match = waiting.match
      returning ended.run_id, ended.step
    ),
    woken as (
      update knock.runs as run set state = run.state || ${storableJson({ reply: { ok: true, value } })}::text::jsonb,
        wake_at = ${now.toISOString()}::timestamptz
      from gone where run.id = gone.run_id and run.status = 'waiting' and run.step = gone.step
      returning run.id
    )`;

/** Something that happened, for all runs that wait for exactly this. */
export interface Signal {
  event: string;
  match: string;
  data: JsonObject;
}

/** The runs that are looked at with one statement: after `after`, up to and with `upTo`, in the order of their ids. */
export interface WaitSlice {
  after: string | null;
  upTo: string;
  limit: number;
}

/** What a slice held. */
export interface Woken extends Record<string, unknown> {
  /** Runs that go on. */
  woken: number;
  /** Waits that were looked at, and the last of them. */
  seen: number;
  last: string | null;
}

/** The last run that waits for a signal now; `null` when none does. */
export async function lastWaiting(db: Executor, { event, match }: Signal): Promise<string | null> {
  const [row] = await rows<{ id: string }>(
    db,
    sql`select run_id as id from knock.waits where match = ${match} and event = ${event} order by run_id desc limit 1`,
  );
  return row?.id ?? null;
}

/** Lets a slice of the runs that wait for a signal go on with its data. */
export async function wakeSlice(
  db: Executor,
  { event, match, data }: Signal,
  { slice: { after, upTo, limit }, now }: { slice: WaitSlice; now: Date },
): Promise<Woken> {
  const waiting = sql`select run_id, event, match from knock.waits
    where match = ${match} and event = ${event} and run_id <= ${upTo}::uuid
      and (${after}::uuid is null or run_id > ${after}::uuid)
    order by run_id limit ${limit}::int`;
  const [row] = await rows<Woken>(
    db,
    sql`${waking(waiting, { lock: sql``, value: data, now })}
    select (select count(*)::int from woken) as woken, (select count(*)::int from waiting) as seen,
      (select run_id from waiting order by run_id desc limit 1) as last`,
  );
  return row!;
}

/** What has become of a message: the names of its events, as waits have them. */
export interface Reached {
  messageId: string;
  events: readonly string[];
}

/**
 * Lets the runs go on that wait for what has become of messages; to be called after the messages were changed.
 * A run that is at work at this moment is left out: it has yet to look at the message itself, and locking it
 * here would be the wrong way round. Costs one look into an index per message when nobody waits.
 */
export async function wakeReached(db: Executor, reached: readonly Reached[], now: Date): Promise<void> {
  const changed = reached.filter(({ events }) => events.length > 0);
  if (changed.length === 0) return;
  const matches = sql.param(changed.map(({ messageId }) => messageId));
  const events = sql.param(changed.map((message) => JSON.stringify(message.events)));
  const waiting = sql`select waits.run_id, waits.event, waits.match
    from unnest(${matches}::text[], ${events}::text[]) as given (match, events)
    join knock.waits as waits on waits.match = given.match and given.events::jsonb ? waits.event`;
  await rows(
    db,
    sql`${waking(waiting, { lock: sql`skip locked`, value: {}, now })}
    select count(*)::int from woken`,
  );
}
