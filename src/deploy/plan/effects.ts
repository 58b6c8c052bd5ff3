// What a deploy means for runs that wait in a version: their structure stays, their content is what is deployed.
import { canonicalJson } from "../../base/canonical-json.ts";
import { allLabels, labelsOf } from "../../registry/code-labels.ts";
import type { Plan, Planned } from "../../registry/plan.ts";
import { waysOf, type Step } from "../../registry/structure.ts";

/** Where the content of runs comes from, before the deploy and after it. */
export interface Between {
  /** What is deployed now; `null` when nothing is. */
  before: Plan | null;
  /** What is to be deployed; `null` when the workflow is archived. */
  after: Plan | null;
  /** Steps whose texts differ on the examples; `null` when there are no examples to tell. */
  changed: ReadonlySet<string> | null;
  /** The code of the content differs. */
  newCode: boolean;
  /** Workflows that the deploy archives: they cannot be called any more. */
  archived: ReadonlySet<string>;
}

/** What it means, in words. */
export interface Effect {
  /** `null` when nothing changes for the runs. */
  text: string | null;
  /** What of it lets runs fail. */
  failing: string[];
}

/** Steps at which a run has decided already whether it goes through them. */
const DECIDED: ReadonlySet<string> = new Set(["delay", "batch", "waitFor", "fetch"]);

/** The steps that a run may still go through, those after a failure too, in the order of the structure. */
export function stepsAhead(plan: Plan, at: string): Planned[] {
  const seen = new Set<string>();
  const open = [plan.byRef.has(at) ? at : plan.first, plan.failure];
  // The list grows while it is walked.
  for (const ref of open) {
    const planned = ref === null || seen.has(ref) ? undefined : plan.byRef.get(ref);
    if (!planned) continue;
    seen.add(planned.step.ref);
    for (const way of waysOf(planned.step)) open.push(way[0]?.ref ?? null);
    open.push(planned.next);
  }
  return [...plan.byRef.values()].filter(({ step }) => seen.has(step.ref));
}

type Fate = "deployed" | "fixed" | "retired";

type ContentStep = Extract<Step, { slots: object }>;

const hasContent = (step: Step): step is ContentStep => "slots" in step;

const contentIn = (plan: Plan | null, step: ContentStep): ContentStep | null => {
  const found = plan?.byRef.get(step.ref)?.step;
  return found && found.kind === step.kind && hasContent(found) ? found : null;
};

/** Where a step takes its content from: as `sourcesFor` in the engine decides. */
function fateOf(step: ContentStep, plan: Plan | null): Fate {
  if (contentIn(plan, step)) return "deployed";
  return Object.values(step.slots).includes("code") ? "retired" : "fixed";
}

/** Whether the deployed content of a step differs: certainly, perhaps, or not. */
function difference(step: ContentStep, { before, after, changed, newCode }: Between): "texts" | "code" | null {
  const [old, young] = [contentIn(before, step), contentIn(after, step)];
  if (!young || !old) return young ? "texts" : null;
  if (canonicalJson(old.slots) !== canonicalJson(young.slots)) return "texts";
  if (!newCode || !Object.values(young.slots).includes("code")) return null;
  if (changed) return changed.has(step.ref) ? "texts" : null;
  return "code";
}

const SENTENCES: Record<Fate, (ref: string) => string> = {
  deployed: (ref) => `\`${ref}\` is there again`,
  fixed: (ref) => `\`${ref}\` is gone and keeps its fixed text`,
  retired: (ref) => `\`${ref}\` is gone and is skipped as retired (its content is code)`,
};

function fateChanges(steps: readonly ContentStep[], { before, after }: Between): string[] {
  return steps.flatMap((step) => {
    const [was, is] = [fateOf(step, before), fateOf(step, after)];
    return was === is ? [] : [SENTENCES[is](step.ref)];
  });
}

function lostCode(ahead: readonly Planned[], at: string, { before, after }: Between): string[] {
  const [had, has] = [before ? allLabels(before) : new Set<string>(), after ? allLabels(after) : new Set<string>()];
  const isLost = (label: string) => !has.has(label) && (before === null || had.has(label));
  return ahead.flatMap(({ step }) => {
    if (step.ref === at && DECIDED.has(step.kind)) return [];
    const lost = new Set(labelsOf(step).filter(isLost));
    return [...lost].map((label) => `the code "${label}" that \`${step.ref}\` asks is gone: it is skipped as retired`);
  });
}

const lostTargets = (ahead: readonly Planned[], { archived }: Between): string[] =>
  ahead.flatMap(({ step }) =>
    step.kind === "notify" && archived.has(step.workflow)
      ? [`\`${step.ref}\` calls "${step.workflow}", which is archived: the step fails`]
      : [],
  );

function finishing(steps: readonly ContentStep[], version: number, between: Between): string | null {
  const differences = steps.map((step) => difference(step, between));
  if (differences.includes("texts")) return `they finish in v${version} with the new texts`;
  return differences.includes("code") ? `they finish in v${version} with the new code of their content` : null;
}

/** What the deploy means for the runs of a version that wait at a step. */
export function effectOn(runs: { plan: Plan; version: number; at: string }, between: Between): Effect {
  const { plan, version, at } = runs;
  const ahead = stepsAhead(plan, at);
  // Those who archive it decide about its runs; its content stays what it is.
  const leaving = between.after === null;
  const steps = leaving ? [] : ahead.map(({ step }) => step).filter(hasContent);
  const failing = [...(leaving ? [] : lostCode(ahead, at, between)), ...lostTargets(ahead, between)];
  const sentences = [...fateChanges(steps, between), ...failing];
  const finish = leaving
    ? `they finish in v${version}, or end, as --archive-open says`
    : (finishing(steps, version, between) ?? (sentences.length > 0 ? `they finish in v${version}` : null));
  return { text: finish && [finish, ...sentences].join("; "), failing };
}
