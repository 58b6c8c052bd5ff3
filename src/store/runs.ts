// Runs: written in chunks, found again when they are due.
import { sql } from "drizzle-orm";
import { storableJson } from "../base/stored-json.ts";
import { instant, rows, type Executor } from "./executor.ts";
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

const columns = (runs: readonly RunRow[]) => {
  const column = <T>(read: (run: RunRow) => T) => sql.param(runs.map(read));
  return sql`${column(({ id }) => id)}::uuid[], ${column(({ notificationId }) => notificationId)}::uuid[],
    ${column(({ versionId }) => versionId)}::uuid[], ${column(({ recipientId }) => recipientId)}::text[],
    ${column(({ status }) => status)}::text[], ${column(({ step }) => step)}::text[],
    ${column(({ state }) => storableJson(state))}::text[], ${column(({ trace }) => storableJson(trace))}::text[],
    ${column(({ wakeAt }) => wakeAt?.toISOString() ?? null)}::timestamptz[]`;
};

/** Inserts runs that already went through their first steps. Answers the ids that were new. */
export async function insertRuns(db: Executor, runs: readonly RunRow[], now: Date): Promise<Set<string>> {
  const at = sql`${now.toISOString()}::timestamptz`;
  const inserted = await rows<{ id: string }>(
    db,
    sql`insert into knock.runs
      (id, notification_id, version_id, recipient_id, status, step, state, trace, wake_at, created_at, finished_at)
    select id, notification_id, version_id, recipient_id, status, step, state::jsonb, trace::jsonb, wake_at, ${at},
      case when status <> 'waiting' then ${at} end
    from unnest(${columns(runs)})
      as given (id, notification_id, version_id, recipient_id, status, step, state, trace, wake_at)
    on conflict (id) do nothing returning id`,
  );
  return new Set(inserted.map(({ id }) => id));
}

/** Writes runs that this transaction holds. */
export async function updateRuns(db: Executor, runs: readonly RunRow[], now: Date): Promise<void> {
  await rows(
    db,
    sql`update knock.runs as run set status = given.status, step = given.step, state = given.state::jsonb,
      trace = given.trace::jsonb, wake_at = given.wake_at,
      finished_at = case when given.status <> 'waiting' then ${now.toISOString()}::timestamptz end
    from unnest(${columns(runs)})
      as given (id, notification_id, version_id, recipient_id, status, step, state, trace, wake_at)
    where run.id = given.id`,
  );
}

type RawRun = Omit<RunRow, "wakeAt"> & Record<string, unknown>;

/** Takes runs that are due, for this transaction alone: others skip them, a crash gives them back. */
export async function holdDueRuns(db: Executor, now: Date, limit: number): Promise<RunRow[]> {
  const due = await rows<RawRun>(
    db,
    sql`select id, notification_id as "notificationId", version_id as "versionId", recipient_id as "recipientId",
      status, step, state, trace
    from knock.runs where wake_at <= ${now.toISOString()}::timestamptz
    order by wake_at limit ${limit} for update skip locked`,
  );
  return due.map((run) => ({ ...run, wakeAt: null }));
}

/** When the next run or retry is due; `null` when nothing waits. */
export async function nextDue(db: Executor): Promise<Date | null> {
  const [row] = await rows<{ at: string | null }>(
    db,
    sql`select least(
      (select wake_at from knock.runs where wake_at is not null order by wake_at limit 1),
      (select next_attempt_at from knock.messages where next_attempt_at is not null order by next_attempt_at limit 1)
    ) as at`,
  );
  return instant(row?.at ?? null);
}
