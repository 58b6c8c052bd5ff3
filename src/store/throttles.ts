// Throttles: how many came in the present window of one recipient and key.
import { sql } from "drizzle-orm";
import { storableJson } from "../base/stored-json.ts";
import { instant, rows, type Executor } from "./executor.ts";

/** So many more in the window of a step, recipient and key; it ends at `endsAt` if none is open. */
export interface ThrottleCount {
  workflow: string;
  step: string;
  recipientId: string;
  key: string;
  count: number;
  endsAt: Date;
}

/**
 * Counts, with a new window where none is open, and answers where each stands: all that came in the window, and
 * its end. One statement in one order, so of two transactions that count the same the second waits for the first.
 */
export async function countThrottles(
  db: Executor,
  added: readonly ThrottleCount[],
  now: Date,
): Promise<ThrottleCount[]> {
  const over = sql`throttle.ends_at <= ${now.toISOString()}::timestamptz`;
  const counted = await rows<Omit<ThrottleCount, "endsAt"> & { endsAt: string }>(
    db,
    sql`insert into knock.throttles as throttle (workflow, step, recipient_id, key, count, ends_at)
    select workflow, step, "recipientId", key, count, "endsAt"
    from jsonb_to_recordset(${storableJson(added)}::text::jsonb)
      as given (workflow text, step text, "recipientId" text, key text, count int, "endsAt" timestamptz)
    order by "recipientId", workflow, step, key
    on conflict (recipient_id, workflow, step, key) do update set
      count = excluded.count + case when ${over} then 0 else throttle.count end,
      ends_at = case when ${over} then excluded.ends_at else throttle.ends_at end
    returning workflow, step, recipient_id as "recipientId", key, count, ends_at as "endsAt"`,
  );
  return counted.map(({ endsAt, ...row }) => ({ ...row, endsAt: instant(endsAt) }));
}
