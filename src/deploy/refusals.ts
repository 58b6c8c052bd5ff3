// Why a deploy is refused although everything of it could be loaded.
import { KnockError } from "../base/errors.ts";
import { notificationsOnTheWay } from "../store/archive.ts";
import type { Executor } from "../store/executor.ts";
import type { DeployPlan, WorkflowPlan } from "./plan/plan.ts";
import type { DeployOptions } from "./release.ts";

/** A deploy that is about to be written. */
interface Asked {
  plan: DeployPlan;
  options: DeployOptions;
  now: Date;
}

const waitingIn = ({ waiting }: WorkflowPlan) => waiting.reduce((sum, { runs }) => sum + runs, 0);

/** The workflows to be archived that have open runs; a notification that has none yet counts as one. */
async function openRuns(tx: Executor, { plan, now }: Asked) {
  const leaving = plan.workflows.filter(({ change }) => change === "archived");
  if (leaving.length === 0) return [];
  const onTheWay = await notificationsOnTheWay(tx, { workflows: leaving.map(({ key }) => key), now });
  return leaving
    .map((workflow) => ({ workflow: workflow.key, runs: waitingIn(workflow) + (onTheWay.get(workflow.key) ?? 0) }))
    .filter(({ runs }) => runs > 0);
}

/** Why the deploy may not be written; `null` when it may. */
export async function refusalOf(tx: Executor, asked: Asked): Promise<KnockError | null> {
  const { plan, options } = asked;
  if (plan.breaking && !options.allowBreaking) {
    const changes = plan.workflows.flatMap(({ key, breaking }) => breaking.map((text) => `${key}: ${text}`));
    return new KnockError("BREAKING_CHANGE", { changes });
  }
  if (options.archiveOpen) return null;
  const workflows = await openRuns(tx, asked);
  return workflows.length > 0 ? new KnockError("OPEN_RUNS", { workflows }) : null;
}
