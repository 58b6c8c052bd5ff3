// What people and programs read of schedules.
import { sql } from "drizzle-orm";
import { rows, type Executor } from "../executor.ts";
import { storable } from "../input.ts";
import { type Page, type PageArguments, pageBy } from "../paging.ts";
import { type RawSchedule, scheduleColumns, scheduleOf, type StoredSchedule } from "../schedules.ts";
import type { ScheduleStatus } from "../schema/schedules.ts";
import { findUnstorable } from "../../base/text.ts";
import { where } from "./notifications.ts";

/** Which schedules; each member narrows it down. */
export interface ScheduleFilter {
  /** Id of a user, or of an object as a recipient. */
  recipient?: string | null | undefined;
  /** Any of these recipients. */
  recipients?: readonly string[] | null | undefined;
  /** Those of recipients alone, not those of lists. */
  ofRecipients?: boolean | undefined;
  /** Id of a tenant. */
  tenant?: string | null | undefined;
  /** Key of a workflow. */
  workflow?: string | null | undefined;
  status?: ScheduleStatus | null | undefined;
}

/** Schedules by id. */
export async function readSchedules(db: Executor, ids: readonly string[]): Promise<Map<string, StoredSchedule>> {
  const found = await rows<RawSchedule & Record<string, unknown>>(
    db,
    sql`select ${scheduleColumns} from knock.schedules where id = any(${sql.param(ids)}::uuid[])`,
  );
  return new Map(found.map((raw) => [raw.id, scheduleOf(raw)]));
}

/** One page of the schedules, newest first. Errors: `INVALID_INPUT` for a cursor or size that is none. */
export async function pageSchedules(
  db: Executor,
  { recipient, recipients, ofRecipients, tenant, workflow, status }: ScheduleFilter,
  args: PageArguments,
): Promise<Page<StoredSchedule>> {
  const keyset = pageBy({ column: sql`id`, key: "id", descending: true }, args);
  const keyOf = ({ id }: StoredSchedule) => id;
  // The database would refuse to look for what it cannot hold.
  if (findUnstorable([recipient ?? null, workflow ?? null, tenant ?? null])) return keyset.page([], keyOf);
  const conditions = [
    recipient == null ? undefined : sql`recipient_id = ${recipient}`,
    recipients == null ? undefined : sql`recipient_id = any(${sql.param(storable(recipients))}::text[])`,
    ofRecipients ? sql`recipient_id is not null` : undefined,
    tenant == null ? undefined : sql`tenant_id = ${tenant}`,
    workflow == null ? undefined : sql`workflow = ${workflow}`,
    status == null ? undefined : sql`status = ${status}`,
    keyset.where,
  ];
  const found = await rows<RawSchedule & Record<string, unknown>>(
    db,
    sql`select ${scheduleColumns} from knock.schedules ${where(conditions)}
    order by ${keyset.orderBy} limit ${keyset.limit}::int`,
  );
  return keyset.page(found.map(scheduleOf), keyOf);
}
