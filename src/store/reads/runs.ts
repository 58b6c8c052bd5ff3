// What people and programs read of runs.
import { type SQL, sql } from "drizzle-orm";
import { findUnstorable } from "../../base/text.ts";
import { instant, rows, type Executor } from "../executor.ts";
import { type Page, type PageArguments, pageBy } from "../paging.ts";
import { where } from "./notifications.ts";
import type { RunState, RunStatus, TraceEntry } from "../schema/runs.ts";

/** A run as it is read. */
export interface RunRead {
  id: string;
  notificationId: string;
  versionId: string;
  recipientId: string;
  status: RunStatus;
  step: string | null;
  state: RunState;
  trace: TraceEntry[];
  wakeAt: Date | null;
  createdAt: Date;
  finishedAt: Date | null;
}

type Raw = Omit<RunRead, "wakeAt" | "createdAt" | "finishedAt"> &
  Record<"createdAt", string> &
  Record<"wakeAt" | "finishedAt", string | null> &
  Record<string, unknown>;

const columns = sql`run.id, run.notification_id as "notificationId", run.version_id as "versionId",
  run.recipient_id as "recipientId", run.status, run.step, run.state, run.trace, run.wake_at as "wakeAt",
  run.created_at as "createdAt", run.finished_at as "finishedAt"`;

const fromRaw = (raw: Raw): RunRead => ({
  ...raw,
  wakeAt: instant(raw.wakeAt),
  createdAt: instant(raw.createdAt),
  finishedAt: instant(raw.finishedAt),
});

/** Runs by id. */
export async function readRuns(db: Executor, ids: readonly string[]): Promise<Map<string, RunRead>> {
  const found = await rows<Raw>(
    db,
    sql`select ${columns} from knock.runs as run where id = any(${sql.param(ids)}::uuid[])`,
  );
  return new Map(found.map((raw) => [raw.id, fromRaw(raw)]));
}

/** One page of the runs that failed, newest first. Errors: `INVALID_INPUT` for a cursor or size that is none. */
export async function pageFailedRuns(
  db: Executor,
  { workflow }: { workflow?: string | null | undefined },
  args: PageArguments,
): Promise<Page<RunRead>> {
  const keyset = pageBy({ column: sql`run.id`, key: "id", descending: true }, args);
  const keyOf = ({ id }: RunRead) => id;
  // The database would refuse to look for what it cannot hold.
  if (findUnstorable(workflow ?? null)) return keyset.page([], keyOf);
  const ofWorkflow = sql`(select workflow from knock.notifications where id = run.notification_id) = ${workflow ?? null}`;
  const conditions = [sql`run.status = 'failed'`, workflow == null ? undefined : ofWorkflow, keyset.where];
  const found = await rows<Raw>(
    db,
    sql`select ${columns} from knock.runs as run ${where(conditions)}
    order by ${keyset.orderBy} limit ${keyset.limit}::int`,
  );
  return keyset.page(found.map(fromRaw), keyOf);
}

/** Which runs to list. Absent members ask for any. */
export interface RunFilter {
  workflow?: string | undefined;
  /** Any of these. */
  statuses?: readonly RunStatus[] | undefined;
  tenantId?: string | undefined;
  recipientId?: string | undefined;
  /** Whether something in them went wrong. */
  hasErrors?: boolean | undefined;
  createdAt?: { gte?: Date | undefined; lt?: Date | undefined } | undefined;
}

function selecting({ workflow, statuses, tenantId, recipientId, hasErrors, createdAt }: RunFilter): SQL[] {
  const ofNotification = (column: SQL, value: string) =>
    sql`(select ${column} from knock.notifications where id = run.notification_id) = ${value}`;
  const failed = sql`(run.status = 'failed' or run.trace @> '[{"outcome": "failed"}]')`;
  const since = createdAt?.gte?.toISOString();
  const until = createdAt?.lt?.toISOString();
  return [
    ...(workflow === undefined ? [] : [ofNotification(sql`workflow`, workflow)]),
    ...(tenantId === undefined ? [] : [ofNotification(sql`tenant_id`, tenantId)]),
    ...(statuses === undefined ? [] : [sql`run.status = any(${sql.param(statuses)}::text[])`]),
    ...(recipientId === undefined ? [] : [sql`run.recipient_id = ${recipientId}`]),
    ...(hasErrors === undefined ? [] : [hasErrors ? failed : sql`not ${failed}`]),
    ...(since === undefined ? [] : [sql`run.created_at >= ${since}::text::timestamptz`]),
    ...(until === undefined ? [] : [sql`run.created_at < ${until}::text::timestamptz`]),
  ];
}

/** One page of the runs, those of the newest notification first. Errors: `INVALID_INPUT` for a cursor or size that is none. */
export async function pageRuns(db: Executor, filter: RunFilter, args: PageArguments): Promise<Page<RunRead>> {
  const keyset = pageBy({ column: sql`run.id`, key: "id", descending: true }, args);
  const keyOf = ({ id }: RunRead) => id;
  if (findUnstorable(filter) !== null) return keyset.page([], keyOf);
  const found = await rows<Raw>(
    db,
    sql`select ${columns} from knock.runs as run ${where([...selecting(filter), keyset.where])}
    order by ${keyset.orderBy} limit ${keyset.limit}::int`,
  );
  return keyset.page(found.map(fromRaw), keyOf);
}

/** One page of the runs of each notification, in one query. */
export async function pageRunsOf(
  db: Executor,
  notifications: readonly string[],
  args: PageArguments,
): Promise<Map<string, Page<RunRead>>> {
  const keyset = pageBy({ column: sql`run.id`, key: "id" }, args);
  const found = await rows<Raw>(
    db,
    sql`select run.* from unnest(${sql.param(notifications)}::uuid[]) as parent (id)
    cross join lateral (
      select ${columns} from knock.runs as run
      where run.notification_id = parent.id ${keyset.where ? sql`and ${keyset.where}` : sql``}
      order by ${keyset.orderBy} limit ${keyset.limit}::int
    ) as run`,
  );
  const byNotification = Map.groupBy(found.map(fromRaw), (run) => run.notificationId);
  return new Map(notifications.map((id) => [id, keyset.page(byNotification.get(id) ?? [], (run) => run.id)]));
}
