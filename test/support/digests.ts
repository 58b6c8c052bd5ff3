// What became of a storm of notifications to workflows that collect.
import { sql } from "drizzle-orm";
import { expect } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { ask } from "./inspect.ts";

/** A message of a workflow that collects. */
export interface DigestMessage extends Record<string, unknown> {
  workflow: string;
  recipient: string;
  count: number;
  numbers: number[];
}

/** All messages, read back from their texts. */
export async function digestMessages(database: Database): Promise<DigestMessage[]> {
  const messages = await ask<{ workflow: string; recipient: string; body: string }>(
    database,
    sql`select workflow, recipient_id as recipient, content->>'body' as body from knock.messages`,
  );
  return messages.map(({ body, ...message }) => ({
    ...message,
    ...(JSON.parse(body) as { count: number; numbers: number[] }),
  }));
}

/** What is left to do: notifications whose runs are still to be made, and runs that wait. */
export async function leftToDo(database: Database): Promise<number> {
  const [row] = await ask<{ left: number }>(
    database,
    sql`select ((select count(*) from knock.notifications where planned_at is null)
      + (select count(*) from knock.runs where status = 'waiting'))::int as left`,
  );
  return row!.left;
}

/** Each number that a person was notified of is in exactly one message, and each message counts what it holds. */
export function expectEachOnce(
  messages: readonly DigestMessage[],
  expected: ReadonlyMap<string, readonly number[]>,
): void {
  const received = new Map<string, number[]>();
  for (const { workflow, recipient, count, numbers } of messages) {
    expect(count).toBe(numbers.length);
    const of = `${workflow} ${recipient}`;
    received.set(of, [...(received.get(of) ?? []), ...numbers]);
  }
  const sorted = (all: ReadonlyMap<string, readonly number[]>) =>
    Object.fromEntries([...all].toSorted().map(([of, numbers]) => [of, numbers.toSorted((a, b) => a - b)]));
  expect(sorted(received)).toEqual(sorted(expected));
}

/** As the tables tell it: one message per batch, no batch that nobody carries, no activity twice, no run left over. */
export async function expectTablesAgree(database: Database): Promise<void> {
  const wrong = await ask(
    database,
    sql`select 'waiting' as what, id::text from knock.runs where status = 'waiting'
    union all select 'count', id::text from knock.batches as batch
      where count <> (select count(*) from knock.batch_activities where batch_id = batch.id)
    union all select 'open', id::text from knock.batches where closed_at is null and count > 0
    union all select 'run', id::text from knock.batches as batch where count > 0 and not exists (
      select from knock.runs as run join knock.messages as message on message.run_id = run.id where run.id = batch.run_id)
    union all select 'twice', run_id::text from knock.batch_activities group by run_id having count(*) > 1
    union all select 'nowhere', id::text from knock.runs as run
      where trace->0->>'outcome' = 'joined' and status <> 'cancelled' and not exists (select from knock.batch_activities where run_id = run.id)`,
  );
  expect(wrong).toEqual([]);
}
