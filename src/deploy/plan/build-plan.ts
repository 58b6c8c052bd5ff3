// The plan of a deploy: what it changes, for whom, and what it means for what is under way. Reads only.
import { KnockError } from "../../base/errors.ts";
import { lineDiff } from "../../base/line-diff.ts";
import type { WorkflowHandle } from "../../definition/workflow.ts";
import type { CompileOptions } from "../../registry/compile-context.ts";
import { compileWorkflow } from "../../registry/compile.ts";
import { schemaChanges } from "../../registry/diff/schema.ts";
import { structureChanges } from "../../registry/diff/structure.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Executor } from "../../store/executor.ts";
import { deployedNow, type Change } from "./changes.ts";
import { contentOf, type Content } from "./content-of.ts";
import type { DeployContext } from "../context.ts";
import { loadDeployed, type OpenedRelease } from "../open-release.ts";
import { sdlLines } from "./sdl-lines.ts";
import type { DeployPlan, StoredData, WorkflowPlan } from "./plan.ts";
import { misfitsOf, type Schemas } from "./stored-data.ts";
import { underWay, type UnderWay, type Waiting } from "./under-way.ts";

/** A release against what is current. */
export interface Planning {
  opened: OpenedRelease;
  changes: readonly Change[];
}

/** What is known of the deploy when a workflow's part of the plan is made. */
interface Known {
  deployed: ReadonlyMap<string, WorkflowHandle>;
  contents: ReadonlyMap<string, Content>;
  underWay: UnderWay;
  misfits: ReadonlyMap<string, StoredData[]>;
}

const isSettled = ({ change }: Change) => change === "unchanged";

/** The parsers of workflows whose code differs: of their data, what is stored may not fit any more. */
const schemasOf = (changes: readonly Change[], deployed: Known["deployed"]): Map<string, Schemas> =>
  new Map(
    changes.flatMap(({ key, last, next }): [string, Schemas][] => {
      if (!last || !next || last.artifact === next.released.artifact) return [];
      const before = deployed.get(key)?.definition.settings.data ?? null;
      return [[key, { before, after: next.compiled.schema }]];
    }),
  );

/** Data that is stored and does not fit any more; of a workflow that is archived, the schedules that call nobody. */
function storedOf({ key, next }: Change, { misfits, underWay: { schedules } }: Known): StoredData[] {
  if (next) return misfits.get(key) ?? [];
  const calling = schedules.get(key) ?? 0;
  const problem = "the workflow is archived: they notify nobody";
  return calling > 0 ? [{ of: "schedules", misfits: calling, looked: calling, problem }] : [];
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

function breakingOf(
  change: Change,
  { data, stored, openBatches }: Pick<WorkflowPlan, "data" | "stored" | "openBatches">,
  waiting: readonly Waiting[],
): string[] {
  const isUnderWay = waiting.length > 0 || openBatches > 0;
  const schema = data.flatMap(({ breaks, path, text }) => {
    // A workflow that comes back has no callers yet.
    if (breaks === "callers" && change.change === "changed") return [`breaks callers: ${path}: ${text}`];
    return breaks !== null && isUnderWay ? [`breaks runs under way: ${path}: ${text}`] : [];
  });
  const failing = waiting.flatMap(({ row, failing: problems }) =>
    problems.map((problem) => `${counted(row.runs, "run")} of v${row.version} at \`${row.step}\`: ${problem}`),
  );
  const misfits = change.next ? stored : [];
  return [
    ...schema,
    ...failing,
    ...misfits.map(({ of, misfits: some, looked, problem }) => `${some} of ${looked} ${of} do not fit: ${problem}`),
  ];
}

function workflowPlan(change: Change, known: Known): WorkflowPlan {
  const { key, last, next } = change;
  const differs = last && next && last.hash !== next.compiled.hash;
  const waiting = known.underWay.waiting.get(key) ?? [];
  const parts = {
    data: differs ? schemaChanges(last.structure.data, next.compiled.structure.data) : [],
    openBatches: isSettled(change) ? 0 : (known.underWay.batches.get(key) ?? 0),
    stored: storedOf(change, known),
  };
  return {
    key,
    change: change.change,
    from: deployedNow(change)?.number ?? null,
    to: next?.version.number ?? null,
    structure: differs ? structureChanges(last.structure, next.compiled.structure) : [],
    content: known.contents.get(key)?.changes ?? [],
    codeOnly: known.contents.get(key)?.codeOnly ?? null,
    ...parts,
    waiting: waiting.map(({ row }) => row),
    breaking: breakingOf(change, parts, waiting),
  };
}

const byKey = (registry: Registry): Registry => new Map([...registry].toSorted(([a], [b]) => (a < b ? -1 : 1)));

/**
 * The lines of the GraphQL schema that go and come. A workflow whose deployed code cannot be loaded is left out of both
 * sides.
 */
function graphqlChanges(
  { sdlOf }: DeployContext,
  { opened, changes }: Planning,
  { deployed, options }: { deployed: Known["deployed"]; options: CompileOptions },
): string[] {
  const [before, after] = [new Map(opened.registry), new Map(opened.registry)];
  for (const { key, change } of changes.filter((each) => !isSettled(each))) {
    const old = change === "restored" ? undefined : deployed.get(key);
    before.delete(key);
    if (old) before.set(key, compileWorkflow(old, options).compiled);
    else if (change === "changed") after.delete(key);
  }
  // Nobody has called what was never deployed.
  if (before.size === 0) return [];
  const linesOf = (registry: Registry) => sdlLines(sdlOf(byKey(registry))).join("\n");
  const young = linesOf(after);
  try {
    return lineDiff(linesOf(before), young);
  } catch (error) {
    // For this release of knock, what is deployed is no schema any more: no reason to refuse what comes instead.
    if (KnockError.is(error, "INVALID_WORKFLOW")) return [];
    throw error;
  }
}

const NOTHING: UnderWay = { waiting: new Map(), batches: new Map(), schedules: new Map() };

/** Makes the plan of a release that was opened. */
export async function buildPlan(context: DeployContext, db: Executor, planning: Planning): Promise<DeployPlan> {
  const { opened, changes } = planning;
  const differing = changes.filter((change) => !isSettled(change));
  const options: CompileOptions = { users: null, ownUsers: true, channels: context.channels };
  const deployed = await loadDeployed(context, db, { opened, versions: differing.flatMap(({ last }) => last ?? []) });
  const contents = new Map(
    differing.map((change) => [change.key, contentOf(change, deployed.get(change.key) ?? null, options)]),
  );
  const known: Known = {
    deployed,
    contents,
    underWay: differing.length > 0 ? await underWay(db, { changes, contents }) : NOTHING,
    misfits: await misfitsOf(db, schemasOf(changes, deployed)),
  };
  const workflows = changes.map((change) => workflowPlan(change, known));
  return {
    workflows,
    graphql: differing.length > 0 ? graphqlChanges(context, planning, { deployed, options }) : [],
    changes: differing.length > 0,
    breaking: workflows.some(({ breaking }) => breaking.length > 0),
  };
}
