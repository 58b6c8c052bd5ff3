// Rolling back: an older version of one workflow becomes current again, structure and content. Recorded as a deploy.
import { KnockError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import { isStorable } from "../base/text.ts";
import { currentVersions, findVersion, numberBefore, type CurrentVersion } from "../store/deploys.ts";
import type { Executor } from "../store/executor.ts";
import type { DeployContext, DeployOutcome } from "./context.ts";
import { alone, deployOpened } from "./deploy.ts";
import { openRelease } from "./open-release.ts";
import type { ReleasedWorkflow } from "./release.ts";

/** Which version is to come back. */
export interface RollbackAsked {
  workflow: string;
  /** `null` for the one that was current before; of an archived workflow the one that was current last. */
  version: number | null;
  /** Whoever asks, for people. */
  author: string | null;
  /** Rolls back although callers or runs under way break. Default: `false`. */
  allowBreaking?: boolean;
}

/** The largest number that a version can have. */
const MOST = 2 ** 31 - 1;

function unknownWorkflow(workflow: string, current: readonly CurrentVersion[]): KnockError {
  const keys = current.map((version) => version.workflow);
  return new KnockError("UNKNOWN_WORKFLOW", { workflow, nearest: nearest(workflow, keys) });
}

/** The version to come back, as a workflow of a release. Throws `UNKNOWN_VERSION`. */
async function wantedOf(tx: Executor, last: CurrentVersion, asked: RollbackAsked): Promise<ReleasedWorkflow> {
  const { workflow } = last;
  const number = asked.version ?? (last.status === "archived" ? last.number : await numberBefore(tx, last));
  const possible = number !== null && Number.isInteger(number) && number > 0 && number <= MOST;
  const found = possible ? await findVersion(tx, workflow, number) : null;
  // What processes took from their own checkout is stored nowhere.
  if (!found?.artifact) throw new KnockError("UNKNOWN_VERSION", { workflow, version: number });
  return { key: workflow, artifact: found.artifact, signature: found.signature };
}

/** What is deployed beside one workflow, as it is. */
const othersOf = (current: readonly CurrentVersion[], workflow: string): ReleasedWorkflow[] =>
  current.flatMap(({ workflow: key, status, artifact, signature }) =>
    key === workflow || status === "archived" || artifact === null ? [] : [{ key, artifact, signature }],
  );

/**
 * Makes an older version of a workflow current again, or the one that was current before the present one. Its content
 * comes back too, also for runs under way. A workflow that is archived comes back with it.
 *
 * Answers `UNKNOWN_WORKFLOW`, `UNKNOWN_VERSION` when there is none or its code is not stored, `BREAKING_CHANGE` without
 * `allowBreaking`, `INVALID_WORKFLOW` when it does not fit what is deployed beside it, `ARTIFACT_REFUSED`.
 *
 * @example await rollback(context, { workflow: "new-comment", version: null, author: "ada" });
 */
export function rollback(context: DeployContext, asked: RollbackAsked): Promise<DeployOutcome> {
  return alone(context, async (tx) => {
    const current = await currentVersions(tx);
    const last = isStorable(asked.workflow) && current.find(({ workflow }) => workflow === asked.workflow);
    if (!last) throw unknownWorkflow(asked.workflow, current);
    const wanted = await wantedOf(tx, last, asked);
    const workflows = [...othersOf(current, last.workflow), wanted];
    const opened = await openRelease(context, tx, { workflows, artifacts: [] });
    const { author, allowBreaking = false } = asked;
    return deployOpened(context, tx, {
      opened,
      kind: "rollback",
      commit: null,
      author,
      options: { allowBreaking },
      only: last.workflow,
    });
  });
}
