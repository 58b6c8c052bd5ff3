// What is under way in the workflows that a deploy touches, and what the deploy means for it.
import { planOf, type Plan } from "../../registry/plan.ts";
import type { Structure } from "../../registry/structure.ts";
import type { Executor } from "../../store/executor.ts";
import { activeSchedules, openBatchCounts, waitingRuns, type WaitingAt } from "../../store/under-way.ts";
import { findStructures } from "../../store/workflow-versions.ts";
import { deployedNow, type Change } from "./changes.ts";
import type { Content } from "./content-of.ts";
import { effectOn, type Between, type Effect } from "./effects.ts";
import type { WaitingRuns } from "./plan.ts";

/** Runs that wait, as the plan shows them, and what of the deploy lets them fail. */
export interface Waiting {
  row: WaitingRuns;
  failing: string[];
}

/** What is under way, by workflow. */
export interface UnderWay {
  waiting: ReadonlyMap<string, Waiting[]>;
  batches: ReadonlyMap<string, number>;
  /** Active schedules of workflows that are archived. */
  schedules: ReadonlyMap<string, number>;
}

interface Touching {
  changes: readonly Change[];
  contents: ReadonlyMap<string, Content>;
}

const planned = (structure: Structure | undefined): Plan | null => (structure ? planOf(structure) : null);

function betweenOf(change: Change, content: Content | undefined, archived: ReadonlySet<string>): Between {
  return {
    // The content of one that was archived is that of its last version.
    before: planned(change.last?.structure),
    after: planned(change.next?.compiled.structure),
    changed: content ? content.steps : new Set(),
    newCode: content?.newCode ?? false,
    archived,
  };
}

const NO_EFFECT: Effect = { text: null, failing: [] };

/** Whether the plan shows the runs: those in versions that are left behind, and those for which something changes. */
const isTouched = ({ change, next, last }: Change, { number }: WaitingAt, { text }: Effect): boolean =>
  text !== null || (change !== "unchanged" && number !== next?.version.number && last !== null);

async function waitingOf(db: Executor, { changes, contents }: Touching): Promise<Map<string, Waiting[]>> {
  const archived = new Set(changes.filter(({ next }) => next === null).map(({ key }) => key));
  const byKey = new Map(changes.map((change) => [change.key, change]));
  const mayBeTouched = ({ workflow }: WaitingAt) =>
    byKey.has(workflow) && (archived.size > 0 || byKey.get(workflow)!.change !== "unchanged");
  const found = (await waitingRuns(db)).filter(mayBeTouched);
  const structures = await findStructures(db, [...new Set(found.map(({ versionId }) => versionId))]);
  const betweens = new Map(
    changes.map((change) => [change.key, betweenOf(change, contents.get(change.key), archived)]),
  );
  const plans = new Map([...structures].map(([id, structure]) => [id, planOf(structure)]));
  const waiting = found.flatMap((each) => {
    const { workflow, versionId, number, step, runs } = each;
    const plan = plans.get(versionId);
    const effect = plan ? effectOn({ plan, version: number, at: step }, betweens.get(workflow)!) : NO_EFFECT;
    if (!isTouched(byKey.get(workflow)!, each, effect)) return [];
    const kind = plan?.byRef.get(step)?.step.kind ?? "condition";
    const row = { version: number, step, kind, runs, effect: effect.text };
    return [{ workflow, row, failing: effect.failing }];
  });
  return Map.groupBy(waiting, ({ workflow }) => workflow);
}

/** What is under way in the workflows that are touched. */
export async function underWay(db: Executor, touching: Touching): Promise<UnderWay> {
  const archived = touching.changes.filter((change) => !change.next && deployedNow(change)).map(({ key }) => key);
  return {
    waiting: await waitingOf(db, touching),
    batches: await openBatchCounts(db),
    schedules: archived.length > 0 ? await activeSchedules(db, archived) : new Map(),
  };
}
