import { sql } from "drizzle-orm";
import type { Database } from "../../../src/store/database.ts";
import { ask } from "../../support/inspect.ts";

/** Users `u000000` … in the list `everyone`; every tenth opted out of e-mail. */
export async function audience(database: Database, size: number): Promise<void> {
  const id = sql.raw("'u' || lpad(n::text, 6, '0')");
  const members = sql`generate_series(0, ${size - 1}::int) as n`;
  await ask(
    database,
    sql`insert into knock.users (id, email, created_at, updated_at) select ${id}, ${id} || '@example.com', now(), now() from ${members}`,
  );
  await ask(database, sql`insert into knock.lists (name, created_at, updated_at) values ('everyone', now(), now())`);
  await ask(
    database,
    sql`insert into knock.list_members (list, user_id, created_at) select 'everyone', ${id}, now() from ${members}`,
  );
  await ask(
    database,
    sql`insert into knock.preference_sets (owner, owner_id, set_id, document, updated_at)
    select 'user', ${id}, 'default', '{"channelTypes": {"email": false}}', now() from ${members} where n % 10 = 0`,
  );
  await ask(database, sql`analyze knock.users, knock.list_members, knock.preference_sets`);
}

export interface Totals extends Record<string, unknown> {
  runs: number;
  people: number;
  completed: number;
  inApp: number;
  email: number;
  sent: number;
  /** Runs that say why there was no e-mail. */
  explained: number;
  /** Runs whose record is not one decision per step. */
  unclear: number;
}

/** What there is, counted. */
export async function totals(database: Database): Promise<Totals> {
  const [found] = await ask<Totals>(
    database,
    sql`select runs.*, messages.* from (
      select count(*)::int as runs, count(distinct recipient_id)::int as people,
        (count(*) filter (where status = 'completed'))::int as completed,
        (count(*) filter (where trace->1->>'code' = 'PREFERENCES' and trace->1->>'reason' <> ''))::int as explained,
        (count(*) filter (where jsonb_array_length(trace) <> 2 or trace->0->>'outcome' <> 'done'))::int as unclear
      from knock.runs
    ) as runs, (
      select (count(*) filter (where channel_type = 'inApp' and status = 'delivered'))::int as "inApp",
        (count(*) filter (where channel_type = 'email'))::int as email,
        (count(*) filter (where channel_type = 'email' and status = 'sent'))::int as sent
      from knock.messages
    ) as messages`,
  );
  return found!;
}
