// Why a step was not reached: what stopped the run, or which way it took. Pure.
import type { BranchStep, Step } from "../../registry/structure.ts";
import type { RunRead } from "../../store/reads/runs.ts";
import type { TraceEntry } from "../../store/schema/runs.ts";
import type { UnreachedCode } from "./explanation.ts";
import { timeWords } from "./words.ts";

/** Why something was not reached. */
export interface Cause {
  code: UnreachedCode;
  reason: string;
}

/** A way inside a step, by its name. */
interface Way {
  name: string;
  steps: readonly Step[];
}

/** The ways inside a step. */
export function namedWays(step: Step): Way[] {
  switch (step.kind) {
    case "branch":
      return [...step.arms, ...(step.otherwise ? [{ name: "otherwise", steps: step.otherwise }] : [])];
    case "cohort":
      return step.cohorts;
    case "waitFor":
      return step.timedOut ? [{ name: "timed out", steps: step.timedOut }] : [];
    default:
      return [];
  }
}

/** The trace of a branch begins with the way that it took. */
function takenArm({ arms }: BranchStep, reason: string): number {
  const index = arms.findIndex(({ name }) => reason.startsWith(`took "${name}": `));
  if (index >= 0) return index;
  return reason.startsWith("took the other way") ? arms.length : -1;
}

/** Which of its ways a step took; -1 for none of them. */
function takenWay(step: Step, { reason = "" }: TraceEntry, { results }: RunRead["state"]): number {
  if (step.kind === "branch") return takenArm(step, reason);
  const left = results?.[step.ref];
  if (step.kind === "cohort") return step.cohorts.findIndex(({ name }) => name === left?.cohort);
  return left?.timedOut === true ? 0 : -1;
}

const sentence = (reason: string | undefined, otherwise: string) => (reason ? reason : otherwise);

/** Why the steps of one way of a step were not reached; `null` when it took this way, or stands at the step. */
export function causeOfWay(
  step: Step,
  { way, index }: { way: Way; index: number },
  { entry, run }: { entry: TraceEntry; run: RunRead },
): Cause | null {
  const why = sentence(entry.reason, `it was ${entry.outcome}`);
  if (entry.outcome === "skipped")
    return { code: "WAY_NOT_TAKEN", reason: `"${step.ref}" was skipped, and none of its ways was taken: ${why}` };
  if (entry.outcome !== "done" || takenWay(step, entry, run.state) === index) return null;
  return { code: "WAY_NOT_TAKEN", reason: `the way "${way.name}" of "${step.ref}" was not taken: ${why}` };
}

const atStep = (ref: string | null) => (ref === "when" ? "the workflow's condition" : `"${ref}"`);

function failed(ref: string, reason: string): Cause {
  return { code: "RUN_ENDED", reason: `${atStep(ref)} failed for good: ${sentence(reason, "nothing was said")}` };
}

/** What keeps a run from the steps that it has not reached; those that follow a failure have their own. */
export function stopOf(run: RunRead, afterFailure: boolean): Cause {
  const { failure } = run.state;
  if (failure && !afterFailure) return failed(failure.step, failure.reason);
  if (!failure && afterFailure)
    return { code: "NO_FAILURE", reason: "it is for when a step fails for good, and none did" };
  if (run.status === "waiting") {
    const until = run.wakeAt ? ` until ${timeWords(run.wakeAt)}` : "";
    return { code: "NOT_YET", reason: `the run has not come here yet: it stands at ${atStep(run.step)}${until}` };
  }
  const last = run.trace.at(-1);
  const reason = sentence(last?.reason, "nothing was said");
  switch (last?.outcome) {
    case "cancelled":
      return {
        code: "RUN_ENDED",
        reason: `the run was cancelled at ${timeWords(new Date(last.at))}, before it came here`,
      };
    case "halted":
      return { code: "RUN_ENDED", reason: `${atStep(last.ref)} ended the run: ${reason}` };
    case "joined":
      return { code: "RUN_ENDED", reason: `the run ended in the batch of ${atStep(last.ref)}: ${reason}` };
    case "failed":
      return failed(last.ref, reason);
    default:
      return { code: "RUN_ENDED", reason: `the run was ${run.status} before it came here` };
  }
}
