// Failed runs that are to go on.
import { sql } from "drizzle-orm";
import { rows, type Executor } from "./executor.ts";
import type { RunStatus } from "./schema/runs.ts";

/**
 * Puts failed runs back to the step that failed, due now; others stay as they are. Answers the status that each
 * of the runs had; one that does not exist is missing.
 */
export async function rerunFailed(
  db: Executor,
  ids: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, RunStatus>> {
  const at = now.toISOString();
  const found = await rows<{ id: string; status: RunStatus }>(
    db,
    sql`with held as materialized (
      select id, status, state, coalesce(state->'failure'->>'step', step) as "from"
      from knock.runs where id = any(${sql.param(ids)}::uuid[]) order by id for update
    ),
    again as (
      update knock.runs as run set status = 'waiting', step = held."from", finished_at = null, wake_at = ${at}::timestamptz,
        state = run.state - 'failure',
        trace = run.trace || jsonb_build_array(jsonb_build_object(
          'ref', held."from", 'kind', 'rerun', 'outcome', 'done', 'code', 'RERUN', 'at', ${at}::text,
          'reason', 'run again from this step'
        ))
      from held where run.id = held.id and held.status = 'failed'
    )
    select id, status from held`,
  );
  return new Map(found.map(({ id, status }) => [id, status]));
}
