// How the system is, in a few cheap reads.
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { earliestDue } from "./due.ts";
import { type Executor, instant, rows } from "./executor.ts";

/** How late the earliest thing is that is due, in milliseconds; 0 when nothing is. */
export async function overdueBy(db: Executor, now: Date): Promise<number> {
  const at = await earliestDue(db);
  return at ? Math.max(0, now.getTime() - at.getTime()) : 0;
}

/** What a database says of itself. */
export interface ServerFacts {
  /** Such as `18.4`. */
  version: string;
  /** The number to compare: 180004. */
  versionNumber: number;
  /** The database's clock. */
  now: Date;
}

/** Version and clock of the database. */
export async function serverFacts({ db }: Pick<Database, "db">): Promise<ServerFacts> {
  const [found] = await rows<{ version: string; number: number; now: string }>(
    db,
    sql`select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
      clock_timestamp()::text as now`,
  );
  const { version, number, now } = found!;
  return { version: version.split(" ")[0]!, versionNumber: number, now: instant(now) };
}

/** How the sends of one channel went. */
export interface ChannelHealth extends Record<string, unknown> {
  channel: string;
  attempts: number;
  failed: number;
  /** Why the last one failed, in the provider's words. */
  reason: string | null;
}

/**
 * How the sends of each channel went, by the latest messages of notifications made since a time. Reads a range of the
 * primary key and stops after so many messages.
 */
export const channelHealth = (
  db: Executor,
  { from, limit }: { from: string; limit: number },
): Promise<ChannelHealth[]> =>
  rows<ChannelHealth>(
    db,
    sql`with latest as (
      select id, channel from knock.messages where id > ${from}::uuid and channel_type <> 'inApp'
      order by id desc limit ${limit}::int
    )
    select channel, count(*)::int as attempts,
      (count(*) filter (where outcome not in ('sent', 'delivered')))::int as failed,
      (array_agg(attempt.reason order by finished_at desc) filter (where outcome not in ('sent', 'delivered')))[1] as reason
    from latest join knock.delivery_attempts as attempt on attempt.message_id = latest.id
    group by channel order by channel`,
  );

/** Chunks of notifications before an id that are not done, and the notification of the oldest. */
export async function openChunksBefore(
  db: Executor,
  before: string,
): Promise<{ chunks: number; oldest: string | null }> {
  const [found] = await rows<{ chunks: number; oldest: string | null }>(
    db,
    sql`select count(*)::int as chunks, min(notification_id::text) as oldest
    from knock.fan_out_chunks where done_at is null and notification_id < ${before}::uuid`,
  );
  return found!;
}

/** A workflow as the database has it: on or off, and the structures it ever had. */
export interface KnownWorkflow extends Record<string, unknown> {
  key: string;
  active: boolean;
  hashes: string[];
}

/** The workflows that were ever deployed. */
export const knownWorkflows = (db: Executor): Promise<KnownWorkflow[]> =>
  rows<KnownWorkflow>(
    db,
    sql`select workflow.key, workflow.status = 'active' as active,
      coalesce(jsonb_agg(version.hash) filter (where version.hash is not null), '[]'::jsonb) as hashes
    from knock.workflows as workflow left join knock.workflow_versions as version on version.workflow = workflow.key
    group by workflow.key order by workflow.key`,
  );
