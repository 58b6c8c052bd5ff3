// Work that this process leaves to others: of workflows whose current version has steps or code that it does not
// know, as its checkout is older, or as it has not yet taken over a deploy. Asked in the transaction that would do the
// work, so that nothing of a version is left out only because somebody was early.
import { lackingIn } from "../registry/lacking.ts";
import type { Registry } from "../registry/registry.ts";
import type { Executor } from "../store/executor.ts";
import { workflowsUnlike, type WorkflowState } from "../store/workflow-states.ts";
import { inTransaction, plansOf, type Internals } from "./context.ts";
import type { Job } from "./jobs/port.ts";
import type { World } from "./run.ts";

/** When somebody looks again for what was left, in milliseconds. */
const TAKEN_AGAIN = 1_000;

/** What this process knows of the current versions. */
export interface Standing {
  /** The workflows that all of it is about. */
  registry: Registry;
  /** Current versions that this process has all for, by workflow. */
  fitting: Map<string, string>;
  /** Current versions that it lacks something for. */
  lacking: Set<string>;
  /** The workflows that are left to others, as of the last look. */
  left: Set<string>;
}

/** One that knows nothing yet. */
export const createStanding = (registry: Registry): Standing => ({
  registry,
  fitting: new Map(),
  lacking: new Set(),
  left: new Set(),
});

/** Thrown in the middle of work that is to be left to others. */
export class LeftToOthers extends Error {
  readonly workflows: ReadonlySet<string>;
  /** Nothing that is stored is to blame: the same work without some of it would not do better. */
  readonly code = "LEFT_TO_OTHERS";

  constructor(workflows: ReadonlySet<string>) {
    super(`left to a process that has it: ${[...workflows].join(", ")}`);
    this.workflows = workflows;
  }
}

function standingOf(internals: Internals): Standing {
  const registry = internals.registry();
  // A reload or a deploy that was taken over: what was lacking may be there, and the other way round.
  if (internals.standing.registry !== registry) internals.standing = createStanding(registry);
  return internals.standing;
}

/** No other process can be there, whose files could have what is missing: the directory is locked. */
const isAlone = ({ content, database }: Internals) => content === "local" && database.driver === "pglite";

/** Whether this process lacks something for current versions that it has not looked at before. */
async function lookAt(internals: Internals, tx: Executor, versions: readonly WorkflowState[]): Promise<void> {
  const standing = standingOf(internals);
  const unknown = versions.filter(({ versionId }) => !standing.lacking.has(versionId!));
  if (unknown.length === 0) return;
  const plans = await plansOf(
    internals,
    tx,
    unknown.map(({ versionId }) => versionId!),
  );
  for (const { key, versionId } of unknown) {
    const plan = plans.get(versionId!);
    const lacks = plan && !isAlone(internals) ? lackingIn(plan, standing.registry) : [];
    if (lacks.length === 0) standing.fitting.set(key, versionId!);
    else {
      standing.lacking.add(versionId!);
      // A process that follows deploys mostly has it within a second.
      const level = internals.content === "deployed" ? "info" : "warn";
      internals.logger[level]("work of a workflow is left to a process that has all of it", { workflow: key, lacks });
    }
  }
  internals.onNewVersion();
}

/** Which workflows may not run, and which this process leaves to others. */
export interface WorkflowsNow {
  /** Switched off. */
  inactive: ReadonlySet<string>;
  /** They take no calls, and their runs finish. */
  archived: ReadonlySet<string>;
  left: ReadonlySet<string>;
}

const isCurrent = ({ status, versionId }: WorkflowState) => status === "active" && versionId !== null;

/** What of the workflows is not as this process has it: of some of them, unless something is new there; else of all. */
async function unlikeOwn(tx: Executor, { fitting }: Standing, some: ReadonlySet<string> | null) {
  if (some) {
    const keys = [...some];
    const versionIds = keys.flatMap((key) => fitting.get(key) ?? []);
    const unlike = await workflowsUnlike(tx, { keys, versionIds });
    if (!unlike.some(isCurrent)) return unlike;
  }
  return workflowsUnlike(tx, { keys: null, versionIds: [...fitting.values()] });
}

/**
 * Looks at the workflows as they are stored now: at all that are switched off or archived, and at what is left of all,
 * or of some while those are as they were. One statement, unless something is new.
 */
export async function workflowsNow(
  internals: Internals,
  tx: Executor,
  some: ReadonlySet<string> | null = null,
): Promise<WorkflowsNow> {
  const standing = standingOf(internals);
  const unlike = await unlikeOwn(tx, standing, standing.left.size > 0 ? null : some);
  const active = unlike.filter(isCurrent);
  await lookAt(internals, tx, active);
  const loading = internals.archived.loading();
  const keysOf = (wanted: (state: WorkflowState) => boolean) => new Set(unlike.filter(wanted).map(({ key }) => key));
  standing.left = keysOf(({ key, status, versionId }) =>
    status === "archived" ? loading.has(key) : status === "active" && standing.lacking.has(versionId!),
  );
  return {
    inactive: keysOf(({ status }) => status === "inactive"),
    archived: keysOf(({ status }) => status === "archived"),
    left: standing.left,
  };
}

/**
 * The content of workflows as it is deployed now, or was when they were archived; `null` for one that has none.
 *
 * @throws LeftToOthers when this process lacks what one of them has, or has not loaded it yet.
 */
export function contentsOf(
  internals: Internals,
  keys: ReadonlySet<string>,
  { archived, left }: WorkflowsNow,
): Map<string, World["content"]> {
  const registry = internals.registry();
  const found = [...keys].map((key) => {
    const known = registry.get(key);
    return { key, workflow: known ?? (archived.has(key) ? internals.archived.find(key) : null) };
  });
  const not = found.filter(({ key, workflow }) => left.has(key) || workflow === undefined).map(({ key }) => key);
  if (not.length > 0) throw new LeftToOthers(new Set(not));
  return new Map(found.map(({ key, workflow }) => [key, workflow?.content ?? null]));
}

/** The workflows that are left to others; looks again whether they still are. No statement while there are none. */
export async function leftWorkflows(internals: Internals): Promise<readonly string[]> {
  if (standingOf(internals).left.size === 0) return [];
  return [...(await workflowsNow(internals, internals.database.db)).left];
}

/** Puts a job back, to be taken again in a while by whoever comes first. */
const putBack = (internals: Internals, job: Job): Promise<void> =>
  inTransaction(internals, async ({ enqueue }) => enqueue({ ...job, after: TAKEN_AGAIN }));

/** Does a job. One whose workflow is left to others is put back. */
export async function orPutBack(internals: Internals, job: Job, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof LeftToOthers)) throw error;
    await putBack(internals, job);
  }
}

/** A job about many things of several workflows. */
export interface Divisible {
  ids: readonly string[];
  /** The workflow of each thing that still is to be done, by id. */
  workflowsOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  jobFor(ids: string[]): Job;
  work(ids: readonly string[]): Promise<void>;
}

/** Does a job about many things, but for what is left to others: that is put back. */
export async function orPutBackPart(internals: Internals, job: Divisible): Promise<void> {
  try {
    await job.work(job.ids);
  } catch (error) {
    if (!(error instanceof LeftToOthers)) throw error;
    const workflows = await job.workflowsOf(job.ids);
    const { left = [], own = [] } = Object.groupBy(workflows.keys(), (id) =>
      error.workflows.has(workflows.get(id)!) ? "left" : "own",
    );
    if (left.length === 0) throw error;
    await putBack(internals, job.jobFor(left));
    if (own.length > 0) await orPutBackPart(internals, { ...job, ids: own });
  }
}
