// What a release does to each workflow: decided by what is current, and by nothing else.
import type { CompiledWorkflow, Registry } from "../../registry/registry.ts";
import type { CurrentVersion, KnownVersion } from "../../store/deploys.ts";
import type { WorkflowPlan } from "./plan.ts";
import type { ReleasedWorkflow } from "../release.ts";

/** A workflow of the release, compiled. */
export interface Arriving {
  compiled: CompiledWorkflow;
  released: ReleasedWorkflow;
  /** The version that it becomes. */
  version: KnownVersion;
}

/** What becomes of one workflow. */
export interface Change {
  key: string;
  change: WorkflowPlan["change"];
  /** What was current last, be it archived; `null` for a workflow that never was. */
  last: CurrentVersion | null;
  /** `null` when it is archived. */
  next: Arriving | null;
}

/** A release that was opened, and what the database knows of it. */
export interface Comparing {
  registry: Registry;
  workflows: readonly ReleasedWorkflow[];
  current: readonly CurrentVersion[];
  known: ReadonlyMap<string, KnownVersion>;
}

/** Equal in structure and code, and not signed anew. */
const isSame = (last: CurrentVersion, { compiled, released }: Arriving): boolean =>
  last.hash === compiled.hash &&
  last.artifact === released.artifact &&
  (released.signature === null || released.signature === last.signature);

function changeOf(last: CurrentVersion | null, next: Arriving): WorkflowPlan["change"] {
  if (!last) return "added";
  if (last.status === "archived") return "restored";
  return isSame(last, next) ? "unchanged" : "changed";
}

/** What becomes of every workflow of the release and of every one that is deployed, by key. */
export function changesOf({ registry, workflows, current, known }: Comparing): Change[] {
  const lasts = new Map(current.map((version) => [version.workflow, version]));
  const arriving = workflows.map((released): Change => {
    const { key } = released;
    const last = lasts.get(key) ?? null;
    const next = { released, compiled: registry.get(key)!, version: known.get(key)! };
    return { key, change: changeOf(last, next), last, next };
  });
  const keys = new Set(workflows.map(({ key }) => key));
  const leaving = current
    .filter(({ workflow, status }) => !keys.has(workflow) && status !== "archived")
    .map((last): Change => ({ key: last.workflow, change: "archived", last, next: null }));
  return [...arriving, ...leaving].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** The version that new runs have now; `null` when calls are refused. */
export const deployedNow = ({ last }: Change): CurrentVersion | null =>
  last && last.status !== "archived" ? last : null;
