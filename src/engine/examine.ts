// Looks at a system from outside: its database, what waits in it, what failed; and says what to do. Changes nothing.
import type { Clock } from "../base/clock.ts";
import { durationMs } from "../base/duration.ts";
import { lowestId } from "../base/id-range.ts";
import { lackingIn } from "../registry/lacking.ts";
import { planOf } from "../registry/plan.ts";
import type { Registry } from "../registry/registry.ts";
import type { Database } from "../store/database.ts";
import { currentVersions } from "../store/deploys.ts";
import { channelHealth, knownWorkflows, overdueBy, serverFacts } from "../store/health.ts";
import { deadLetters, keysWithoutJob, queueDepths } from "../store/jobs.ts";
import { migrationState } from "../store/migrate.ts";
import { openChunks, unplannedIn } from "../store/recovery.ts";

/** How something is: in order, worth knowing, wrong. */
export type FindingState = "ok" | "warn" | "bad";

/** One thing that was looked at. */
export interface Finding {
  check:
    | "database"
    | "migrations"
    | "clock"
    | "queues"
    | "dead letters"
    | "lost work"
    | "timekeeper"
    | "channels"
    | "deploy"
    | "workflows";
  state: FindingState;
  /** What was found, as a sentence without its full stop. */
  message: string;
  /** What to do; `null` when there is nothing to do. */
  fix: string | null;
}

/** What is examined. */
export interface Examined {
  database: Database;
  clock: Clock;
  registry: Registry;
}

const OLDEST_VERSION = 150_000;
const SKEW = durationMs("1s");
/** Work that waits for so long has probably nobody who does it. */
const SLOW = durationMs("30s");
const STUCK = durationMs("5m");
const SETTLED = durationMs("10m");
/** Of so many sends, such a share may fail. */
const ENOUGH_SENDS = 5;
const SOME_FAIL = 0.1;
const MOST_FAIL = 0.5;
const MOST_SENDS = 5_000;
const MOST_ROWS = 20_000;
const START_WORKER = "Start a worker (knock worker, or knock start), or more of them.";

const ok = (check: Finding["check"], message: string): Finding => ({ check, state: "ok", message, fix: null });

const counted = (count: number, noun: string) => `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

function waited(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}

const stateOf = (late: number): FindingState => (late >= STUCK ? "bad" : late >= SLOW ? "warn" : "ok");

async function databaseAndClock({ database, clock }: Examined): Promise<Finding[]> {
  const before = clock.now().getTime();
  const { version, versionNumber, now } = await serverFacts(database);
  const after = clock.now().getTime();
  const found = `PostgreSQL ${version} answers in ${after - before} ms`;
  const isOld = versionNumber < OLDEST_VERSION;
  const skew = (before + after) / 2 - now.getTime();
  const skewed = Math.abs(skew) > SKEW + (after - before) / 2;
  return [
    isOld
      ? { check: "database", state: "bad", message: `${found}, which is too old`, fix: "Use PostgreSQL 15 or newer." }
      : ok("database", found),
    skewed
      ? {
          check: "clock",
          state: "warn",
          message: `this machine is ${waited(Math.abs(skew))} ${skew > 0 ? "ahead of" : "behind"} the database`,
          fix: "Synchronise the clocks (NTP): what is due is decided by the clock of the process that looks.",
        }
      : ok("clock", "this machine and the database agree on the time"),
  ];
}

async function migrations({ database }: Examined): Promise<Finding> {
  const found = await migrationState(database);
  if (found.state === "current") return ok("migrations", "the tables fit this version");
  const isBehind = found.state === "behind";
  return {
    check: "migrations",
    state: "bad",
    message: isBehind
      ? `${counted(found.missing.length, "migration")} missing: ${found.missing.join(", ")}`
      : `a newer version of knock was here: ${found.unknown.join(", ")}`,
    fix: isBehind ? "Run `knock migrate`." : "Run that version, or a newer one.",
  };
}

async function queues({ database: { db } }: Examined): Promise<Finding> {
  const depths = (await queueDepths(db)).filter(({ state }) => state !== "dead");
  const waiting = depths.filter(({ state }) => state === "waiting");
  const oldest = Math.max(0, ...waiting.map(({ oldestSeconds }) => oldestSeconds * 1_000));
  const each = depths.map(({ kind, state, jobs }) => `${kind} ${jobs.toLocaleString("en-US")} ${state}`).join(", ");
  if (depths.length === 0) return ok("queues", "no job waits");
  const state = stateOf(oldest);
  return {
    check: "queues",
    state,
    message: waiting.length > 0 ? `${each}; the oldest has waited for ${waited(oldest)}` : each,
    fix: state === "ok" ? null : START_WORKER,
  };
}

async function dead({ database: { db } }: Examined): Promise<Finding[]> {
  const found = await deadLetters(db);
  if (found.length === 0) return [ok("dead letters", "no job has failed for good")];
  return found.map(({ kind, jobs, oldestSeconds, reason }) => ({
    check: "dead letters",
    state: "bad",
    message: `${counted(jobs, `${kind} job`)} failed for good, the first ${waited(oldestSeconds * 1_000)} ago${reason ? `: ${reason}` : ""}`,
    fix: "Remove the cause. They are tried again by themselves, ever more rarely; `knock doctor --requeue` does it at once.",
  }));
}

async function lost({ database: { db }, clock }: Examined): Promise<Finding> {
  const now = clock.now().getTime();
  const before = lowestId(new Date(now - SETTLED));
  const open = (await openChunks(db, before, MOST_ROWS)).map(({ notification, number }) => `${notification}/${number}`);
  const after = lowestId(new Date(now - durationMs("24h")));
  const { ids } = await unplannedIn(db, { after, before, limit: MOST_ROWS });
  const chunks = (await keysWithoutJob(db, "chunk", open)).length;
  const notifications = (await keysWithoutJob(db, "notification", ids)).length;
  if (chunks + notifications === 0) return ok("lost work", "everything that is to be done has its job");
  return {
    check: "lost work",
    state: "bad",
    message: `${counted(notifications, "notification")} and ${counted(chunks, "chunk")} have lost their jobs`,
    fix: "A running worker puts them back within a minute; `knock doctor --requeue` does it now, and looks for messages too.",
  };
}

async function timekeeper({ database: { db }, clock }: Examined): Promise<Finding> {
  const late = await overdueBy(db, clock.now());
  const state = stateOf(late);
  if (state === "ok") return ok("timekeeper", "what is due is done in time");
  const message = `the earliest run, retry or schedule that is due is ${waited(late)} late`;
  return { check: "timekeeper", state, message, fix: START_WORKER };
}

async function channels({ database: { db }, clock }: Examined): Promise<Finding[]> {
  const from = lowestId(new Date(clock.now().getTime() - durationMs("1h")));
  const found = await channelHealth(db, { from, limit: MOST_SENDS });
  if (found.length === 0) return [ok("channels", "nothing was sent in the last hour")];
  return found.map(({ channel, attempts, failed, reason }): Finding => {
    const share = attempts < ENOUGH_SENDS ? 0 : failed / attempts;
    const message = `${channel}: ${failed.toLocaleString("en-US")} of ${counted(attempts, "send")} of the last hour failed`;
    if (share < SOME_FAIL) return ok("channels", message);
    const state = share >= MOST_FAIL ? "bad" : "warn";
    return {
      check: "channels",
      state,
      message: `${message}${reason ? `: ${reason}` : ""}`,
      fix: `Check the provider of "${channel}" and its options in knock.config.ts.`,
    };
  });
}

/** Work that processes with this code would leave to others, which may not be there. */
async function lacking({ database: { db }, registry }: Examined): Promise<Finding | null> {
  const current = (await currentVersions(db)).filter(({ status }) => status === "active");
  const lacks = current.flatMap(({ workflow, structure }) => {
    const missing = lackingIn(planOf(structure), registry);
    return missing.length > 0 ? [`${workflow} (${missing.join(", ")})`] : [];
  });
  if (lacks.length === 0) return null;
  return {
    check: "workflows",
    state: "warn",
    message: `workers with this checkout leave to others what they lack something for: ${lacks.join("; ")}`,
    fix: "Have a worker with the newest checkout running; switch off a workflow that is gone for good, which ends its runs.",
  };
}

async function workflows(examined: Examined): Promise<Finding> {
  const { database, registry } = examined;
  const { db } = database;
  const left = await lacking(examined);
  if (left) return left;
  const known = new Map((await knownWorkflows(db)).map((workflow) => [workflow.key, workflow]));
  const undeployed = [...registry.values()].filter(({ key, hash }) => !known.get(key)?.hashes.includes(hash));
  const off = [...registry.keys()].filter((key) => known.get(key)?.active === false);
  if (undeployed.length > 0) {
    const keys = undeployed.map(({ key }) => key).join(", ");
    const message = `not deployed as this config has them: ${keys}`;
    return { check: "workflows", state: "warn", message, fix: "Start or restart knock with this config." };
  }
  const deployed = `${counted(registry.size, "workflow")} deployed as this config has them`;
  return ok("workflows", off.length > 0 ? `${deployed}; switched off: ${off.join(", ")}` : deployed);
}

/**
 * Examines a system. What cannot be looked at in tables that do not fit this version is left out.
 *
 * @throws KnockError DATABASE_UNREACHABLE
 */
export async function examine(examined: Examined): Promise<Finding[]> {
  const [database, clock] = (await databaseAndClock(examined)) as [Finding, Finding];
  const tables = await migrations(examined);
  const first = [database, tables, clock];
  if (tables.state !== "ok") return first;
  const further: (Finding | Finding[])[] = [];
  for (const check of [queues, dead, lost, timekeeper, channels, workflows]) further.push(await check(examined));
  return [...first, ...further.flat()];
}
