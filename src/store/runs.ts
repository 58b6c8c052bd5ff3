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

const given = (runs: readonly RunRow[]) =>
  sql`jsonb_to_recordset(${storableJson(runs)}::text::jsonb) as given (id uuid, "notificationId" uuid, "versionId" uuid,
    "recipientId" text, status text, step text, state jsonb, trace jsonb, "wakeAt" timestamptz)`;

/** Inserts runs that already went through their first steps. Answers the ids that were new. */
export async function insertRuns(db: Executor, runs: readonly RunRow[], now: Date): Promise<Set<string>> {
  const at = sql`${now.toISOString()}::timestamptz`;
  const inserted = await rows<{ id: string }>(
    db,
    sql`insert into knock.runs
      (id, notification_id, version_id, recipient_id, status, step, state, trace, wake_at, created_at, finished_at)
    select id, "notificationId", "versionId", "recipientId", status, step, state, trace, "wakeAt", ${at},
      case when status <> 'waiting' then ${at} end
    from ${given(runs)} on conflict (id) do nothing returning id`,
  );
  return new Set(inserted.map(({ id }) => id));
}

/** Writes runs that this transaction holds. */
export async function updateRuns(db: Executor, runs: readonly RunRow[], now: Date): Promise<void> {
  await rows(
    db,
    sql`update knock.runs as run set status = given.status, step = given.step, state = given.state, trace = given.trace,
      wake_at = given."wakeAt",
      finished_at = case when given.status <> 'waiting' then ${now.toISOString()}::timestamptz end
    from ${given(runs)} where run.id = given.id`,
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
