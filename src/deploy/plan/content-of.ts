// How the content of a workflow differs between what is deployed and what is to be deployed.
import { type WorkflowHandle, Workflow } from "../../definition/workflow.ts";
import type { CompileOptions } from "../../registry/compile-context.ts";
import type { CurrentVersion } from "../../store/deploys.ts";
import type { Arriving, Change } from "./changes.ts";
import { contentChanges } from "./content-changes.ts";
import type { ContentChange, WorkflowPlan } from "./plan.ts";

/** The differences of a workflow's content. */
export interface Content {
  changes: ContentChange[];
  codeOnly: WorkflowPlan["codeOnly"];
  /** Steps that say something else on the examples; `null` when nothing tells. */
  steps: ReadonlySet<string> | null;
  newCode: boolean;
}

const SAME: Content = { changes: [], codeOnly: null, steps: new Set(), newCode: false };

/** What the fingerprints tell, where the deployed code cannot be loaded. */
function byFingerprint(last: CurrentVersion, { compiled }: Arriving): ContentChange[] | null {
  return last.fingerprint !== null && last.fingerprint === compiled.fingerprint ? [] : null;
}

/** The differences of a workflow's content. `deployed` is what is current, `null` when its code cannot be loaded. */
export function contentOf({ last, next }: Change, deployed: WorkflowHandle | null, options: CompileOptions): Content {
  if (!last || !next || last.artifact === next.released.artifact) return SAME;
  const after = new Workflow(next.compiled.definition);
  const changes = deployed ? contentChanges({ before: deployed, after, options }) : byFingerprint(last, next);
  const alone = last.hash === next.compiled.hash && (changes ?? []).length === 0;
  const untold = next.compiled.fingerprint === null ? "no examples" : null;
  return {
    changes: changes ?? [],
    codeOnly: !alone ? null : changes ? "same on the examples" : untold,
    steps: changes && new Set(changes.map(({ step }) => step)),
    newCode: true,
  };
}
