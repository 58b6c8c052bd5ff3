// Why somebody did or did not get something: what was recorded, put together. A few statements, however many steps and
// people; nothing is decided anew.
import { distinct, slicesOf } from "../../base/arrays.ts";
import { KnockError } from "../../base/errors.ts";
import { derivedId } from "../../base/ids.ts";
import { nearest } from "../../base/nearest.ts";
import { readBatches } from "../../store/reads/batches.ts";
import {
  type Coverage,
  type MembershipRead,
  type Pair,
  readCandidates,
  readCoverage,
  readMemberships,
  readVersions,
  type VersionRead,
  wasDeployed,
} from "../../store/reads/explain.ts";
import { readAttempts, readMessages } from "../../store/reads/messages.ts";
import { type NotificationRead, readNotifications } from "../../store/reads/notifications.ts";
import { readRuns, type RunRead } from "../../store/reads/runs.ts";
import { existingRuns } from "../../store/runs.ts";
import type { Executor } from "../../store/executor.ts";
import { invalid, type Outcome } from "../directory/directory.ts";
import type { EngineContext } from "../engine.ts";
import type { Explanation } from "./explanation.ts";
import { type ExplainQuestion, questionIssues, timeOf } from "./question.ts";
import { reachOf } from "./reach.ts";
import { batchIdsOf, explainSteps, messageIdsOf, type Records } from "./steps.ts";
import { timeWords } from "./words.ts";

/** Explanations that one answer holds. */
export const MOST_EXPLANATIONS = 20;

/** Notifications of a workflow that one question looks at. */
const MOST_CANDIDATES = 5_000;

/** Pairs that are read together. */
const PAIRS = 1_000;

type Asking = Pick<EngineContext, "database" | "clock" | "registry">;

/** What is known of a slice of pairs. */
interface Found {
  notifications: ReadonlyMap<string, NotificationRead>;
  /** Whom the call of a notification names. */
  named: ReadonlyMap<string, ReadonlySet<string>>;
  /** By id, which is a function of the pair. */
  runs: ReadonlyMap<string, RunRead>;
  versions: ReadonlyMap<string, VersionRead>;
  memberships: ReadonlyMap<string, readonly MembershipRead[]>;
  coverage: ReadonlyMap<Pair, Coverage>;
  records: Records;
}

const runIdOf = ({ notificationId, userId }: Pair) => derivedId(notificationId, userId);

async function recordsOf(db: Executor, runs: readonly RunRead[]): Promise<Records> {
  const batchIds = distinct(runs.flatMap(batchIdsOf));
  const batches = batchIds.length > 0 ? await readBatches(db, batchIds) : new Map<string, never>();
  const own = new Set(runs.map(({ id }) => id));
  const others = distinct([...batches.values()].map(({ runId }) => runId)).filter((id) => !own.has(id));
  const elsewhere = others.length > 0 ? await readRuns(db, others) : new Map<string, RunRead>();
  const carriers = new Map([...runs.map((run) => [run.id, run] as const), ...elsewhere]);
  const messageIds = [...carriers.values()].flatMap(messageIdsOf);
  const messages = messageIds.length > 0 ? await readMessages(db, messageIds) : new Map<string, never>();
  const attempts = messages.size > 0 ? await readAttempts(db, [...messages.keys()]) : new Map<string, never>();
  return { batches, carriers, messages, attempts };
}

async function find(db: Executor, pairs: readonly Pair[]): Promise<Found> {
  const notifications = await readNotifications(db, distinct(pairs.map(({ notificationId }) => notificationId)));
  const runs = await readRuns(db, pairs.map(runIdOf));
  const all = [...notifications.values()];
  const versionIds = distinct([...all, ...runs.values()].map(({ versionId }) => versionId));
  const without = pairs.filter((pair) => !runs.has(runIdOf(pair)));
  const coverage = without.length > 0 ? await readCoverage(db, without) : [];
  return {
    notifications,
    named: new Map(all.map(({ id, recipients }) => [id, new Set(recipients)])),
    runs,
    versions: await readVersions(db, versionIds),
    memberships: await readMemberships(db, {
      users: distinct(pairs.map(({ userId }) => userId)),
      lists: distinct(all.flatMap(({ lists }) => lists)),
    }),
    coverage: new Map(without.map((pair, index) => [pair, coverage[index]!])),
    records: await recordsOf(db, [...runs.values()]),
  };
}

const runOf = ({ id, status, createdAt, finishedAt, wakeAt }: RunRead): Explanation["run"] => ({
  id,
  status,
  createdAt,
  finishedAt,
  wakeAt: status === "waiting" ? wakeAt : null,
});

function explanationOf(pair: Pair, found: Found): Explanation | null {
  const { notificationId, userId } = pair;
  const notification = found.notifications.get(notificationId);
  if (!notification) return null;
  const { id, workflow, createdAt, cancelledAt, source, actorId, tenantId, lists, warnings, versionId } = notification;
  const run = found.runs.get(runIdOf(pair)) ?? null;
  const version = found.versions.get(run?.versionId ?? versionId);
  const asked = new Set(lists);
  const memberships = (found.memberships.get(userId) ?? []).map((each) => ({ ...each, asked: asked.has(each.list) }));
  const named = found.named.get(id)!.has(userId);
  const told = warnings.map(({ message }) => message);
  return {
    userId,
    notification: {
      id,
      workflow,
      version: version?.number ?? null,
      createdAt,
      cancelledAt,
      source,
      actorId,
      tenantId,
      warnings: told,
    },
    reach: reachOf({ userId, notification, named, run, memberships, coverage: found.coverage.get(pair) ?? null }),
    run: run && runOf(run),
    steps: run ? explainSteps(run, version?.structure ?? null, found.records) : [],
  };
}

/**
 * What became of notifications for people, in the order of the pairs, with about ten statements per thousand. A pair
 * whose notification does not exist is left out.
 */
export async function explainMany(
  { database }: Pick<Asking, "database">,
  pairs: readonly Pair[],
): Promise<Explanation[]> {
  const explanations: Explanation[] = [];
  for (const slice of slicesOf(pairs, PAIRS)) {
    const found = await find(database.db, slice);
    explanations.push(...slice.flatMap((pair) => explanationOf(pair, found) ?? []));
  }
  return explanations;
}

/** What was found out. */
export interface Explained {
  /** The newest notification first; of a workflow those that have to do with the person, if there are such. */
  explanations: Explanation[];
  /** There are more than are told. */
  more: boolean;
  /** Why there is no explanation; `null` when there is one. */
  reason: string | null;
}

async function unknownWorkflow({ database, registry }: Asking, workflow: string): Promise<KnockError | null> {
  const keys = registry().keys();
  if (registry().get(workflow) || (await wasDeployed(database.db, workflow))) return null;
  return new KnockError("UNKNOWN_WORKFLOW", { workflow, nearest: nearest(workflow, keys) });
}

/** The notifications of a workflow that have to do with somebody, or else the newest ones; one more than are told. */
async function choose({ database: { db } }: Asking, span: Parameters<typeof readCandidates>[1]) {
  const found = await readCandidates(db, span);
  const { userId } = span;
  const lists = distinct(found.flatMap((each) => each.lists));
  const memberships = (await readMemberships(db, { users: [userId], lists })).get(userId) ?? [];
  const been = new Set(memberships.map(({ list }) => list));
  const begun = await existingRuns(
    db,
    found.map(({ id }) => derivedId(id, userId)),
  );
  const concerned = found.filter(
    ({ id, named, lists: asked }) => named || begun.has(derivedId(id, userId)) || asked.some((list) => been.has(list)),
  );
  const chosen = concerned.length > 0 ? concerned : found;
  const more = chosen.length > MOST_EXPLANATIONS || found.length === span.limit;
  return { ids: chosen.slice(0, MOST_EXPLANATIONS).map(({ id }) => id), more };
}

async function ofWorkflow(context: Asking, workflow: string, question: ExplainQuestion): Promise<Outcome<Explained>> {
  const { userId } = question;
  const { from, until } = timeOf(question, context.clock.now());
  const { ids, more } = await choose(context, { workflow, userId, from, until, limit: MOST_CANDIDATES });
  if (ids.length === 0) {
    const error = await unknownWorkflow(context, workflow);
    if (error) return { ok: false, error };
    const time = `${question.from ? `from ${timeWords(from)} ` : ""}until ${timeWords(until)}`;
    return { ok: true, explanations: [], more, reason: `there is no notification of "${workflow}" ${time}` };
  }
  const pairs = ids.map((notificationId) => ({ notificationId, userId }));
  return { ok: true, explanations: await explainMany(context, pairs), more, reason: null };
}

/**
 * Why somebody did or did not get something: of one notification, or of a workflow in a time, newest first, at most 20.
 * What was recorded counts, not what would be decided now. Errors: `INVALID_INPUT`, `NOT_FOUND`, `UNKNOWN_WORKFLOW`.
 *
 * @example await explain(context, { userId: "user_1", notificationId })
 */
export async function explain(context: Asking, question: ExplainQuestion): Promise<Outcome<Explained>> {
  const issues = questionIssues(question);
  if (issues.length > 0) return invalid("The question", issues);
  const { userId, notificationId, workflow } = question;
  if (workflow !== null && workflow !== undefined) return ofWorkflow(context, workflow, question);
  const id = notificationId!.toLowerCase();
  const explanations = await explainMany(context, [{ notificationId: id, userId }]);
  if (explanations.length > 0) return { ok: true, explanations, more: false, reason: null };
  return { ok: false, error: new KnockError("NOT_FOUND", { what: "notification", id }) };
}
