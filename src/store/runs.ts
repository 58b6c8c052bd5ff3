// Runs: written in chunks, found again when they are due.
import { sql, type SQL } from "drizzle-orm";
import { column, jsonColumn, shapesOf, textColumn } from "./columns.ts";
import { runsNotOf } from "./due.ts";
import { rows, type Executor } from "./executor.ts";
import type { RunState, RunStatus, TraceEntry } from "./schema/runs.ts";

/** A run as a passage leaves it. */
export interface RunRow {
  id: string;
  notificationId: string;
  versionId: string;
  recipientId: string;
  status: RunStatus;
  step: string | null;
  state: RunState;
  trace: TraceEntry[];
  wakeAt: Date | null;
}

/** Separates the members of a key; none of them holds it. */
const BETWEEN = "\u001f";

/** Runs as rows of a statement. Those of a broadcast mostly say the same: that is sent once. */
function given(runs: readonly RunRow[]): SQL {
  const { firsts, keys, numbers } = shapesOf(
    runs,
    ({ notificationId, versionId, status, step, wakeAt, state, trace }) =>
      [notificationId, versionId, status, step, wakeAt?.getTime(), JSON.stringify(state), JSON.stringify(trace)].join(
        BETWEEN,
      ),
  );
  const texts = keys.map((key) => key.split(BETWEEN).slice(-2) as [string, string]);
  const id = column(
    "uuid",
    runs.map((run) => run.id),
  );
  const recipient = textColumn(runs.map(({ recipientId }) => recipientId));
  const notification = column(
    "uuid",
    firsts.map(({ notificationId }) => notificationId),
  );
  const version = column(
    "uuid",
    firsts.map(({ versionId }) => versionId),
  );
  const status = textColumn(firsts.map((run) => run.status));
  const step = textColumn(firsts.map((run) => run.step));
  const wakeAt = column(
    "timestamptz",
    firsts.map((run) => run.wakeAt),
  );
  return sql`(
    select given.id, given.recipient_id, shape.*
    from unnest(${id}, ${recipient}, ${column("integer", numbers)}) as given (id, recipient_id, number)
    join (
      select number, notification_id, version_id, status, step, wake_at, state::jsonb, trace::jsonb
      from unnest(${notification}, ${version}, ${status}, ${step}, ${wakeAt}, ${jsonColumn(texts.map(([state]) => state))},
        ${jsonColumn(texts.map(([, trace]) => trace))})
        with ordinality as shape (notification_id, version_id, status, step, wake_at, state, trace, number)
      -- Parsed here, once for each shape, and not after the join.
      offset 0
    ) as shape using (number)
  ) as given`;
}

/** Inserts runs that already went through their first steps. Answers the ids that were new. */
export async function insertRuns(db: Executor, runs: readonly RunRow[], now: Date): Promise<Set<string>> {
  const at = sql`${now.toISOString()}::timestamptz`;
  // Mostly all are new: then no id has to come back.
  const [inserted] = await rows<{ all: boolean; ids: string[] | null }>(
    db,
    sql`with inserted as (
      insert into knock.runs
        (id, notification_id, version_id, recipient_id, status, step, state, trace, wake_at, created_at, finished_at)
      select id, notification_id, version_id, recipient_id, status, step, state, trace, wake_at, ${at},
        case when status <> 'waiting' then ${at} end
      from ${given(runs)} on conflict (id) do nothing returning id
    )
    select count(*) = ${runs.length} as all, case when count(*) <> ${runs.length} then array_agg(id::text) end as ids from inserted`,
  );
  return new Set(inserted!.all ? runs.map(({ id }) => id) : inserted!.ids);
}

/** Those of the runs that exist. */
export async function existingRuns(db: Executor, ids: readonly string[]): Promise<Set<string>> {
  const found = await rows<{ id: string }>(
    db,
    sql`select id from knock.runs where id = any(${sql.param(ids)}::uuid[])`,
  );
  return new Set(found.map(({ id }) => id));
}

/** Writes runs that this transaction holds. */
export async function updateRuns(db: Executor, runs: readonly RunRow[], now: Date): Promise<void> {
  await rows(
    db,
    sql`update knock.runs as run set status = given.status, step = given.step, state = given.state, trace = given.trace,
      wake_at = given.wake_at,
      finished_at = case when given.status <> 'waiting' then ${now.toISOString()}::timestamptz end
    from ${given(runs)} where run.id = given.id`,
  );
}

/**
 * Lets waiting runs go on earlier than their rows say. One that another transaction holds is left out: what
 * holds a waiting run either lets it go on or ends it.
 */
export async function wakeRuns(db: Executor, runs: readonly { runId: string; at: Date }[]): Promise<void> {
  await rows(
    db,
    sql`with due as (
      select run.id, given.at from jsonb_to_recordset(${JSON.stringify(runs)}::text::jsonb) as given ("runId" uuid, at timestamptz)
      join knock.runs as run on run.id = given."runId"
      where run.status = 'waiting' and run.wake_at > given.at
      order by run.id for update of run skip locked
    )
    update knock.runs as run set wake_at = due.at from due where run.id = due.id`,
  );
}

type RawRun = Omit<RunRow, "wakeAt"> & Record<string, unknown>;

/** Bytes of JSON text. What is short is not unpacked for it. */
const sizeOf = (json: SQL) =>
  sql`case when pg_column_size(${json}) < 2000 then pg_column_size(${json}) else octet_length(${json}::text) end`;

/** How much one passage takes: runs, and bytes of what they keep and of the data of their notifications. */
export interface Most {
  runs: number;
  bytes: number;
  /** Workflows whose runs are left to other processes. */
  left: readonly string[];
}

/**
 * Takes runs that are due, for this transaction alone: others skip them, a crash gives them back. At least one, and
 * no more than there is room for: what is left is still due.
 */
export async function holdDueRuns(db: Executor, now: Date, most: Most): Promise<RunRow[]> {
  const due = await rows<RawRun>(
    db,
    sql`with due as materialized (
      select id, notification_id, version_id, recipient_id, status, step, state, trace, wake_at
      from knock.runs where wake_at <= ${now.toISOString()}::timestamptz ${runsNotOf(most.left)}
      order by wake_at limit ${most.runs} for update skip locked
    ),
    numbered as (
      select *, row_number() over (order by wake_at, id) as number,
        row_number() over (partition by notification_id order by wake_at, id) as nth
      from due
    ),
    weighed as (
      select *, sum(${sizeOf(sql`state`)} + case when nth = 1 then coalesce(
        (select ${sizeOf(sql`data`)} from knock.notifications where id = numbered.notification_id), 0) else 0 end
      ) over (order by number) as bytes
      from numbered
    )
    select id, notification_id as "notificationId", version_id as "versionId", recipient_id as "recipientId",
      status, step, state, trace
    from weighed where number = 1 or bytes <= ${most.bytes} order by number`,
  );
  return due.map((run) => ({ ...run, wakeAt: null }));
}

/** Puts due runs off. */
export async function putOffRuns(db: Executor, ids: readonly string[], until: Date): Promise<void> {
  const at = sql`${until.toISOString()}::timestamptz`;
  await rows(
    db,
    sql`update knock.runs set wake_at = ${at} where id = any(${sql.param(ids)}::uuid[]) and wake_at < ${at}`,
  );
}
