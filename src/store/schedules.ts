// Schedules: stored, changed, and held for one process alone when they are due.
import { sql, type SQL } from "drizzle-orm";
import type { JsonObject } from "../base/canonical-json.ts";
import { storableJson } from "../base/stored-json.ts";
import { schedulesNotOf } from "./due.ts";
import { instant, rows, type Executor } from "./executor.ts";
import { storable } from "./input.ts";
import type { MissedPolicy, ScheduleStatus } from "./schema/schedules.ts";

/** A stored schedule. Spelled out, as the library's users see it: what drizzle infers needs drizzle to be read. */
export interface StoredSchedule {
  id: string;
  workflow: string;
  status: ScheduleStatus;
  /** The recipient; `null` for a schedule of lists. */
  recipientId: string | null;
  lists: string[];
  actorId: string | null;
  tenantId: string | null;
  data: JsonObject;
  /** `RRULE:…` without `DTSTART`, or five cron fields; `null` for one moment only. */
  recurrence: string | null;
  /** IANA zone; `null` takes the recipient's, at each moment anew. */
  timezone: string | null;
  /** The first moment at the earliest; the moment itself when there is no recurrence. */
  startsAt: Date;
  endsAt: Date | null;
  onMissed: MissedPolicy;
  /** The next moment; `null` when there is none. */
  nextAt: Date | null;
  lastAt: Date | null;
  /** Moments that have become notifications. */
  count: number;
  /** Why the last moment made no notification; `null` when it did. */
  problem: string | null;
  createdAt: Date;
  updatedAt: Date;
}

type Times = "startsAt" | "createdAt" | "updatedAt";
type PossibleTimes = "endsAt" | "nextAt" | "lastAt";

/** A schedule as a raw row: times as text. */
export type RawSchedule = Omit<StoredSchedule, Times | PossibleTimes> &
  Record<Times, string> &
  Record<PossibleTimes, string | null>;

/** What a raw row has, in the names of a stored schedule. */
export const scheduleColumns = sql`id, workflow, status, recipient_id as "recipientId", lists, actor_id as "actorId",
  tenant_id as "tenantId", data, recurrence, timezone, starts_at as "startsAt", ends_at as "endsAt",
  on_missed as "onMissed", next_at as "nextAt", last_at as "lastAt", count, problem, created_at as "createdAt",
  updated_at as "updatedAt"`;

/** The schedule of a raw row. */
export const scheduleOf = (raw: RawSchedule): StoredSchedule => ({
  ...raw,
  startsAt: instant(raw.startsAt),
  endsAt: instant(raw.endsAt),
  nextAt: instant(raw.nextAt),
  lastAt: instant(raw.lastAt),
  createdAt: instant(raw.createdAt),
  updatedAt: instant(raw.updatedAt),
});

const found = async (db: Executor, query: SQL): Promise<StoredSchedule[]> =>
  (await rows<RawSchedule & Record<string, unknown>>(db, query)).map(scheduleOf);

const given = (schedules: readonly StoredSchedule[]) =>
  sql`jsonb_to_recordset(${storableJson(schedules)}::text::jsonb) as given (id uuid, workflow text, status text,
    "recipientId" text, lists jsonb, "actorId" text, "tenantId" text, data jsonb, recurrence text, timezone text,
    "startsAt" timestamptz, "endsAt" timestamptz, "onMissed" text, "nextAt" timestamptz, "lastAt" timestamptz, count int,
    problem text, "createdAt" timestamptz, "updatedAt" timestamptz)`;

/** Stores new schedules in one statement. */
export async function insertSchedules(db: Executor, schedules: readonly StoredSchedule[]): Promise<void> {
  await rows(
    db,
    sql`insert into knock.schedules (id, workflow, status, recipient_id, lists, actor_id, tenant_id, data, recurrence,
      timezone, starts_at, ends_at, on_missed, next_at, last_at, count, problem, created_at, updated_at)
    select id, workflow, status, "recipientId", array(select jsonb_array_elements_text(lists)), "actorId", "tenantId", data,
      recurrence, timezone, "startsAt", "endsAt", "onMissed", "nextAt", "lastAt", count, problem, "createdAt", "updatedAt"
    from ${given(schedules)}`,
  );
}

/** Schedules by id, held against others until the transaction ends. */
export const holdSchedules = (db: Executor, ids: readonly string[]): Promise<StoredSchedule[]> =>
  found(
    db,
    sql`select ${scheduleColumns} from knock.schedules where id = any(${sql.param(ids)}::uuid[]) order by id for update`,
  );

/** Writes what of held schedules may be changed, in one statement. */
export async function changeSchedules(db: Executor, schedules: readonly StoredSchedule[]): Promise<void> {
  await rows(
    db,
    sql`update knock.schedules as schedule set status = given.status, actor_id = given."actorId",
      tenant_id = given."tenantId", data = given.data, recurrence = given.recurrence, timezone = given.timezone,
      starts_at = given."startsAt", ends_at = given."endsAt", on_missed = given."onMissed", next_at = given."nextAt",
      problem = given.problem, updated_at = given."updatedAt"
    from ${given(schedules)} where schedule.id = given.id`,
  );
}

/** Deletes schedules. Answers the ids of those that there were. */
export async function deleteSchedules(db: Executor, ids: readonly string[]): Promise<string[]> {
  // In the order of their ids, as everyone holds them.
  const gone = await rows<{ id: string }>(
    db,
    sql`with held as materialized (
        select id from knock.schedules where id = any(${sql.param(ids)}::uuid[]) order by id for update
      )
      delete from knock.schedules as schedule using held where schedule.id = held.id returning schedule.id`,
  );
  return gone.map(({ id }) => id);
}

/**
 * Takes schedules that are due, for this transaction alone: others skip them, a crash gives them back. Those of the
 * workflows in `left` stay where they are.
 */
export const holdDueSchedules = (
  db: Executor,
  now: Date,
  { limit, left }: { limit: number; left: readonly string[] },
): Promise<StoredSchedule[]> =>
  found(
    db,
    sql`select ${scheduleColumns} from knock.schedules
    where next_at <= ${now.toISOString()}::timestamptz and status = 'active' ${schedulesNotOf(left)}
    order by next_at limit ${limit} for update skip locked`,
  );

/** What a pass leaves of a schedule that was due. */
export interface PassedSchedule {
  id: string;
  status: ScheduleStatus;
  nextAt: Date | null;
  lastAt: Date | null;
  /** Moments that became notifications in this pass. */
  made: number;
  problem: string | null;
}

/** Writes where held schedules stand after their moments, in one statement. */
export async function recordMoments(db: Executor, passed: readonly PassedSchedule[]): Promise<void> {
  await rows(
    db,
    sql`update knock.schedules as schedule set status = given.status, next_at = given."nextAt",
      last_at = given."lastAt", count = schedule.count + given.made, problem = given.problem
    from jsonb_to_recordset(${storableJson(passed)}::text::jsonb) as given (id uuid, status text, "nextAt" timestamptz,
      "lastAt" timestamptz, made int, problem text)
    where schedule.id = given.id`,
  );
}

/** The zones of people and tenants, by id; who has none is absent. */
export interface KnownZones {
  users: ReadonlyMap<string, string>;
  tenants: ReadonlyMap<string, string>;
}

/** Reads the zones of people and tenants in one statement. */
export async function loadZones(
  db: Executor,
  asked: { users: readonly string[]; tenants: readonly string[] },
): Promise<KnownZones> {
  const known = await rows<{ kind: string; id: string; zone: string }>(
    db,
    sql`select 'user' as kind, id, timezone as zone from knock.users
      where id = any(${sql.param(storable(asked.users))}::text[]) and timezone is not null
    union all select 'tenant', id, properties->>'timezone' from knock.tenants
      where id = any(${sql.param(storable(asked.tenants))}::text[]) and jsonb_typeof(properties->'timezone') = 'string'`,
  );
  const of = (kind: string) =>
    new Map(known.filter((row) => row.kind === kind).map(({ id, zone }) => [id, zone] as const));
  return { users: of("user"), tenants: of("tenant") };
}
