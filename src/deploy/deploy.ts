// Deploys: everything is checked before anything is written, then one transaction writes it all. Deploys come one after
// the other, whoever makes them: each sees what the one before has made current.
import { KnockError } from "../base/errors.ts";
import { untilAlone } from "../store/conflict.ts";
import { currentVersions, knownVersions, latestDeploy, lockDeploys, type DeployKind } from "../store/deploys.ts";
import type { Executor } from "../store/executor.ts";
import { buildPlan } from "./plan/build-plan.ts";
import { changesOf, type Change } from "./plan/changes.ts";
import type { DeployContext, DeployOutcome } from "./context.ts";
import { openRelease, type OpenedRelease } from "./open-release.ts";
import type { DeployPlan } from "./plan/plan.ts";
import { refusalOf } from "./refusals.ts";
import type { DeployOptions, Release } from "./release.ts";
import { mendCode, writeDeploy } from "./write-deploy.ts";

export type { DeployContext, DeployOutcome } from "./context.ts";

/** What becomes of every workflow; of one alone when the others are only there to be compiled with it. */
async function compare(
  db: Executor,
  { registry, workflows }: OpenedRelease,
  only: string | null = null,
): Promise<Change[]> {
  const current = await currentVersions(db);
  const identities = workflows.map(({ key, artifact }) => ({ workflow: key, hash: registry.get(key)!.hash, artifact }));
  const changes = changesOf({ registry, workflows, current, known: await knownVersions(db, identities) });
  return only === null ? changes : changes.filter(({ key }) => key === only);
}

/**
 * What a deploy of the release would change. Writes nothing. Throws `ARTIFACT_REFUSED` and `INVALID_WORKFLOW`, as the
 * deploy would answer.
 *
 * @param options.ownCode The release is what this process was started with, so it may be looked at unsigned. Default:
 * no.
 * @example const { workflows, breaking } = await planDeploy(context, release);
 */
export async function planDeploy(
  context: DeployContext,
  release: Release,
  { ownCode = false }: { ownCode?: boolean } = {},
): Promise<DeployPlan> {
  const { db } = context.database;
  const unsigned = ownCode && release.workflows.every(({ signature }) => signature === null);
  const opened = await openRelease(unsigned ? { ...context, publicKeys: [] } : context, db, release);
  return buildPlan(context, db, { opened, changes: await compare(db, opened) });
}

/** A deploy that was opened, and who makes it. */
export interface Deploying {
  opened: OpenedRelease;
  kind: DeployKind;
  commit: string | null;
  author: string | null;
  options: DeployOptions;
  /** The one workflow that is changed; the others stay as they are. */
  only?: string;
}

/** Deploys what was opened, in a transaction that holds the lock of deploys. Refused, it has written nothing. */
export async function deployOpened(
  context: DeployContext,
  tx: Executor,
  { opened, kind, commit, author, options, only }: Deploying,
): Promise<DeployOutcome> {
  const now = context.clock.now();
  const changes = await compare(tx, opened, only);
  const plan = await buildPlan(context, tx, { opened, changes });
  const isLate = options.onlyFirst && (await latestDeploy(tx)) !== null;
  if (isLate) return { ok: true, id: null, plan };
  if (!plan.changes) {
    await mendCode(tx, { changes, brought: opened.brought, now });
    return { ok: true, id: null, plan };
  }
  const error = await refusalOf(tx, { plan, options, now });
  if (error) return { ok: false, error, plan };
  const { archiveOpen = null } = options;
  const id = await writeDeploy(tx, { kind, commit, author, changes, archiveOpen, brought: opened.brought, now });
  return { ok: true, id, plan };
}

/**
 * Runs a deploy in a transaction of its own that holds the lock of deploys. What is refused is answered, and nothing of
 * it is written.
 */
export async function alone(
  { database, logger }: DeployContext,
  work: (tx: Executor) => Promise<DeployOutcome>,
): Promise<DeployOutcome> {
  try {
    const outcome = await untilAlone(() =>
      database.transaction(async (tx) => {
        await lockDeploys(tx);
        return work(tx);
      }),
    );
    if (outcome.ok && outcome.id) logger.info("deployed", { deploy: outcome.id });
    return outcome;
  } catch (error) {
    if (KnockError.is(error) && isRefusal(error)) return { ok: false, error, plan: null };
    throw error;
  }
}

const REFUSALS: readonly string[] = ["ARTIFACT_REFUSED", "INVALID_WORKFLOW", "UNKNOWN_VERSION", "UNKNOWN_WORKFLOW"];

const isRefusal = ({ code }: KnockError) => REFUSALS.includes(code);

/**
 * Deploys a release: what new calls run from now on. All of it or nothing. The same release again changes nothing.
 *
 * Answers `ARTIFACT_REFUSED`, `INVALID_WORKFLOW`, `BREAKING_CHANGE` without `allowBreaking`, `OPEN_RUNS` for workflows
 * to be archived that have open runs without `archiveOpen`.
 *
 * @example const outcome = await deployRelease(context, release, { allowBreaking: true });
 */
export async function deployRelease(
  context: DeployContext,
  release: Release,
  options: DeployOptions = {},
): Promise<DeployOutcome> {
  let opened: OpenedRelease;
  try {
    // Authors' code runs here, before anything is locked.
    opened = await openRelease(context, context.database.db, release);
  } catch (error) {
    if (KnockError.is(error) && isRefusal(error)) return { ok: false, error, plan: null };
    throw error;
  }
  const { commit, author } = release;
  return alone(context, (tx) => deployOpened(context, tx, { opened, kind: "sync", commit, author, options }));
}
