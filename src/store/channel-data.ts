import { sql } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { objectOf } from "../base/object-id.ts";
import { userIdProblem } from "../base/text.ts";
import { type Executor, rows } from "./executor.ts";
import { idIssue, refuse, storable, textIssue } from "./input.ts";
import { users } from "./schema/users.ts";

/** What a channel knows of a recipient; `null` when it knows nothing. */
export async function findChannelData(db: Executor, recipientId: string, channel: string): Promise<JsonObject | null> {
  const [found] = await rows<{ data: JsonObject | null }>(
    db,
    sql`select channel_data->${channel}::text as data from ${users} where id = any(${sql.param(storable([recipientId]))}::text[])`,
  );
  return found?.data ?? null;
}

/** What a channel is to know of a recipient, who is made when absent. */
export interface ChannelDataInput {
  recipientId: string;
  /** Key of the channel. */
  channel: string;
  data: JsonObject;
}

/** Puts what a channel knows of a recipient in the place of what it knew. Errors: `INVALID_INPUT`. */
export async function putChannelData(
  db: Executor,
  { recipientId, channel, data }: ChannelDataInput,
  now: Date,
): Promise<void> {
  refuse("The channel data", [
    idIssue(["recipientId"], "An id", userIdProblem(recipientId)),
    textIssue(["data"], data),
  ]);
  const at = sql`${now.toISOString()}::text::timestamptz`;
  await rows(
    db,
    sql`insert into ${users} as stored (id, channel_data, collection, created_at, updated_at)
      values (${recipientId}::text, ${JSON.stringify({ [channel]: data })}::text::jsonb,
        ${objectOf(recipientId)?.collection ?? null}::text, ${at}, ${at})
      on conflict (id) do update set channel_data = stored.channel_data || excluded.channel_data, updated_at = excluded.updated_at`,
  );
}

/** Forgets what a channel knows of a recipient. Tells whether it knew anything. */
export async function deleteChannelData(
  db: Executor,
  { recipientId, channel }: Omit<ChannelDataInput, "data">,
  now: Date,
): Promise<boolean> {
  const gone = await rows(
    db,
    sql`update ${users} set channel_data = channel_data - ${channel}::text, updated_at = ${now.toISOString()}::text::timestamptz
      where id = any(${sql.param(storable([recipientId]))}::text[]) and channel_data ? ${channel}::text returning id`,
  );
  return gone.length > 0;
}
