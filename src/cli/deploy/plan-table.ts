// A deploy at a glance: one line for each workflow.
import type { DeployPlan, WorkflowPlan } from "../../deploy/plan/plan.ts";
import { count, type Paint, plural } from "../terminal.ts";
import { codeWords } from "./plan-parts.ts";

/** With more workflows than this, those that stay as they are become one line. */
const MOST_LINES = 20;

const signs: Readonly<Record<WorkflowPlan["change"], string>> = {
  added: "+",
  restored: "+",
  changed: "~",
  unchanged: "=",
  archived: "-",
};

const versionWords = ({ change, from, to }: WorkflowPlan): string => {
  if (change === "changed" && from !== to) return `v${from} → v${to}`;
  const version = to ?? from;
  return version === null ? "" : `v${version}`;
};

/** What differs, in a few words. */
function differences(workflow: WorkflowPlan): string {
  const { change, from, to, structure, data, content, codeOnly, waiting } = workflow;
  const runs = waiting.reduce((sum, part) => sum + part.runs, 0);
  if (change === "archived") return runs > 0 ? `${plural(runs, "run")} open` : "";
  if (change === "unchanged" || change === "added") return "";
  const steps = new Set(structure.flatMap(({ ref }) => (ref === null ? [] : [ref]))).size;
  const texts = new Set(content.map(({ step, slot }) => `${step} ${slot}`)).size;
  const parts = [
    steps > 0 && plural(steps, "step"),
    structure.some(({ ref }) => ref === null) && "settings",
    data.length > 0 && "data",
    texts > 0 && plural(texts, "text"),
    codeWords(workflow) !== null && (codeOnly === null && from === to ? "signed anew" : "code only"),
    runs > 0 && `${plural(runs, "run")} under way`,
  ];
  return parts.filter((part) => typeof part === "string").join(", ");
}

interface Row {
  sign: string;
  key: string;
  state: string;
  versions: string;
  details: string;
}

const rowOf = (workflow: WorkflowPlan, blocked: ReadonlySet<string>): Row => {
  const stopped = blocked.has(workflow.key);
  return {
    sign: stopped ? "✗" : signs[workflow.change],
    key: workflow.key,
    state: stopped ? "blocked" : workflow.change,
    versions: versionWords(workflow),
    details: differences(workflow),
  };
};

function painted(sign: string, text: string, paint: Paint): string {
  const paints: Record<string, (text: string) => string> = {
    "+": paint.green,
    "~": paint.yellow,
    "-": paint.red,
    "✗": paint.red,
    "=": paint.dim,
  };
  return paints[sign]!(text);
}

function lineOf({ sign, key, state, versions, details }: Row, widths: { key: number; versions: number }, paint: Paint) {
  const middle = `${key.padEnd(widths.key)}  ${state.padEnd(9)}  ${versions.padEnd(widths.versions)}`;
  const line = `  ${painted(sign, sign, paint)} ${sign === "=" ? paint.dim(middle) : middle}`;
  return details ? `${line}  ${paint.dim(details)}` : line.trimEnd();
}

/** The lines for a plan; those of workflows in `blocked` say that they kept the deploy from happening. */
export function planTable({ workflows }: DeployPlan, paint: Paint, blocked: readonly string[] = []): string[] {
  const stopped = new Set(blocked);
  const many = workflows.length > MOST_LINES;
  const shown = many ? workflows.filter(({ change }) => change !== "unchanged") : workflows;
  const rows = shown.map((workflow) => rowOf(workflow, stopped));
  const widths = {
    key: Math.max(0, ...rows.map(({ key }) => key.length)),
    versions: Math.max(0, ...rows.map(({ versions }) => versions.length)),
  };
  const lines = rows.map((row) => lineOf(row, widths, paint));
  const left = workflows.length - shown.length;
  return left > 0 ? [...lines, paint.dim(`  = ${count(left)} more unchanged`)] : lines;
}
