// What is read to explain who got what, for many people and notifications at once.
import { sql } from "drizzle-orm";
import type { JsonObject } from "../../base/canonical-json.ts";
import { lowestId } from "../../base/id-range.ts";
import type { Structure } from "../../registry/structure.ts";
import { instant, rows, type Executor } from "../executor.ts";

/** A version of a workflow, as runs keep it. */
export interface VersionRead {
  number: number;
  structure: Structure;
}

/** Versions by id. */
export async function readVersions(db: Executor, ids: readonly string[]): Promise<Map<string, VersionRead>> {
  const found = await rows<VersionRead & { id: string } & Record<string, unknown>>(
    db,
    sql`select id, number, structure from knock.workflow_versions where id = any(${sql.param(ids)}::uuid[])`,
  );
  return new Map(found.map(({ id, number, structure }) => [id, { number, structure }]));
}

/** Somebody's time in a list; `leftAt` is `null` for one who is still in it. */
export interface MembershipRead {
  list: string;
  joinedAt: Date;
  leftAt: Date | null;
  /** Of a present membership. */
  properties: JsonObject | null;
}

/** Present and past memberships that are read of one person, each. */
const MOST_MEMBERSHIPS = 100;

/** The lists in which people are and were, those of `lists` first, then the newest; by user. */
export async function readMemberships(
  db: Executor,
  { users, lists }: { users: readonly string[]; lists: readonly string[] },
): Promise<Map<string, MembershipRead[]>> {
  const asked = sql`list = any(${sql.param(lists)}::text[])`;
  type Raw = { userId: string; list: string; joinedAt: string; leftAt: string | null; properties: JsonObject | null };
  const found = await rows<Raw>(
    db,
    sql`select person.id as "userId", membership.list, membership.joined_at as "joinedAt", membership.left_at as "leftAt",
      membership.properties
    from unnest(${sql.param(users)}::text[]) as person (id)
    cross join lateral (
      (
        select list, created_at as joined_at, null::timestamptz as left_at, properties from knock.list_members
        where user_id = person.id order by ${asked} desc, created_at desc, list limit ${MOST_MEMBERSHIPS}
      )
      union all
      (
        select list, joined_at, left_at, null from knock.list_departures
        where user_id = person.id order by ${asked} desc, left_at desc, list limit ${MOST_MEMBERSHIPS}
      )
    ) as membership`,
  );
  const read = Map.groupBy(found, ({ userId }) => userId);
  return new Map(
    [...read].map(([userId, memberships]) => [
      userId,
      memberships.map(({ list, properties, joinedAt, leftAt }) => ({
        list,
        properties,
        joinedAt: instant(joinedAt),
        leftAt: instant(leftAt),
      })),
    ]),
  );
}

/** Somebody and a notification that may have reached them. */
export interface Pair {
  notificationId: string;
  userId: string;
}

/** How far the fan-out came that could have reached somebody. */
export interface Coverage {
  /** The person is a known user. */
  known: boolean;
  /** A part of the recipients that holds the person has no runs yet. */
  open: boolean;
  /** A part of the recipients that holds the person has its runs. */
  done: boolean;
}

/** How far the fan-out came for people who have no run, in the order of the pairs. */
export async function readCoverage(db: Executor, pairs: readonly Pair[]): Promise<Coverage[]> {
  const found = await rows<Coverage & Record<string, unknown>>(
    db,
    // Where the person stands among those whom a call names is looked up once, not for each of its chunks.
    sql`with pair as materialized (
      select asked.id, asked."userId", asked.position, array_position(notification.recipients, asked."userId") as place
      from unnest(${sql.param(pairs.map((pair) => pair.notificationId))}::uuid[], ${sql.param(pairs.map((pair) => pair.userId))}::text[])
        with ordinality as asked (id, "userId", position)
      left join knock.notifications as notification on notification.id = asked.id
    )
    select exists(select from knock.users where id = pair."userId") as known,
      coalesce(bool_or(chunk.done_at is null) filter (where chunk.number is not null), false) as open,
      coalesce(bool_or(chunk.done_at is not null), false) as done
    from pair left join knock.fan_out_chunks as chunk on chunk.notification_id = pair.id and case
      when chunk.list is null then pair.place between chunk.after::int + 1 and chunk.up_to::int
      else (chunk.after is null or pair."userId" > chunk.after) and pair."userId" <= chunk.up_to
    end
    group by pair.position, pair."userId" order by pair.position`,
  );
  return found.map(({ known, open, done }) => ({ known, open, done }));
}

/** A notification that may have to do with somebody. */
export interface CandidateRead extends Record<string, unknown> {
  id: string;
  lists: string[];
  /** The person is named, or is the actor. */
  named: boolean;
}

/** Which notifications of a workflow to look at. */
export interface Span {
  workflow: string;
  userId: string;
  from: Date;
  /** With this instant. */
  until: Date;
  limit: number;
}

/** The newest notifications of a workflow in a time. */
export const readCandidates = (
  db: Executor,
  { workflow, userId, from, until, limit }: Span,
): Promise<CandidateRead[]> =>
  rows<CandidateRead>(
    db,
    sql`select id, lists, coalesce(${userId}::text = any(recipients) or actor_id = ${userId}::text, false) as named
    from knock.notifications
    where workflow = ${workflow}::text and id >= ${lowestId(from)}::uuid
      and id < ${lowestId(new Date(until.getTime() + 1))}::uuid
    order by id desc limit ${limit}::int`,
  );

/** Whether a workflow was ever deployed here. */
export async function wasDeployed(db: Executor, workflow: string): Promise<boolean> {
  return (await rows(db, sql`select from knock.workflows where key = ${workflow}::text`)).length > 0;
}
