// Runs that wait for an answer from outside, and the answers.
import { sql } from "drizzle-orm";
import { storableJson } from "../base/stored-json.ts";
import { instant, rows, type Executor } from "./executor.ts";
import type { RunRow } from "./runs.ts";
import type { Reply } from "./schema/runs.ts";

/** Those of the runs that wait at a step and have no answer yet. */
export async function findAsking(db: Executor, ids: readonly string[]): Promise<RunRow[]> {
  const found = await rows<Omit<RunRow, "wakeAt"> & { wakeAt: string | null } & Record<string, unknown>>(
    db,
    sql`select id, notification_id as "notificationId", version_id as "versionId", recipient_id as "recipientId",
      status, step, state, trace, wake_at as "wakeAt"
    from knock.runs
    where id = any(${sql.param(ids)}::uuid[]) and status = 'waiting' and state ? 'waited' and not state ? 'reply'`,
  );
  return found.map((run) => ({ ...run, wakeAt: instant(run.wakeAt) }));
}

/** An answer for a run at a step. */
export interface NewReply {
  runId: string;
  step: string;
  reply: Reply;
}

/** Gives runs their answers and lets them go on. One that waits no more, or has an answer, is left alone. */
export async function writeReplies(db: Executor, replies: readonly NewReply[], now: Date): Promise<void> {
  await rows(
    db,
    sql`with given as materialized (
      select * from jsonb_to_recordset(${storableJson(replies)}::text::jsonb) as given ("runId" uuid, step text, reply jsonb)
    ),
    held as materialized (
      select id from knock.runs where id in (select "runId" from given) order by id for update
    )
    update knock.runs as run set state = run.state || jsonb_build_object('reply', given.reply),
      wake_at = ${now.toISOString()}::timestamptz
    from given join held on held.id = given."runId"
    where run.id = given."runId" and run.step = given.step and run.status = 'waiting'
      and run.state ? 'waited' and not run.state ? 'reply'`,
  );
}
