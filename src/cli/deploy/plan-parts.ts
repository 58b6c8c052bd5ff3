// What a plan says, in the order in which people read it: shared by the terminal and a pull request.
import type { ContentChange, DeployPlan, WorkflowPlan } from "../../deploy/plan/plan.ts";
import type { SchemaChange } from "../../registry/diff/schema.ts";
import type { StructureChange } from "../../registry/diff/structure.ts";
import { count, plural } from "../terminal.ts";

/** One step, or the workflow itself, with all that differs in it. */
export interface StepRow {
  mark: StructureChange["mark"];
  /** `null` for the workflow itself. */
  ref: string | null;
  texts: string[];
  content: ContentChange[];
}

/** Steps in their order; those of which only the content differs behind the others. */
export function stepRows({ structure, content }: WorkflowPlan): StepRow[] {
  const byStep = Map.groupBy(content, ({ step }) => step);
  const rows = structure.map(({ mark, ref, texts }) => ({ mark, ref, texts, content: byStep.get(ref ?? "") ?? [] }));
  const told = new Set(structure.map(({ ref }) => ref));
  const others = [...byStep].filter(([step]) => !told.has(step));
  return [...rows, ...others.map(([ref, list]) => ({ mark: "~" as const, ref, texts: [], content: list }))];
}

/** Whom a change of the data breaks in this plan: nobody who might is there when no run is under way. */
export function dataVerdict({ breaking }: WorkflowPlan, { path, text, breaks }: SchemaChange) {
  const counts = breaking.some((sentence) => sentence.endsWith(`${path}: ${text}`));
  if (breaks === null) return { breaks: false, words: "safe" };
  if (!counts) return { breaks: false, words: breaks === "callers" ? "nobody calls it yet" : "nothing is under way" };
  return { breaks: true, words: breaks === "callers" ? "breaks callers" : "breaks runs" };
}

/** Why the deploy breaks something, but for what stands beside the data and what is stored. */
export function otherBreaking({ breaking, data, stored }: WorkflowPlan): string[] {
  const told = [
    ...data.map(({ path, text }) => `${path}: ${text}`),
    ...stored.map(({ of, problem }) => `${of} do not fit: ${problem}`),
  ];
  return breaking.filter((sentence) => !told.some((ending) => sentence.endsWith(ending)));
}

/** `v7 → v8`, `new, v1`, `archived, was v3`. */
export function versionWords({ change, from, to }: WorkflowPlan): string {
  switch (change) {
    case "added":
      return to === null ? "new" : `new, v${to}`;
    case "restored":
      return from === null || from === to ? `restored, v${to}` : `restored, v${from} → v${to}`;
    case "archived":
      return from === null ? "archived" : `archived, was v${from}`;
    default:
      return from === to ? `v${to}` : `v${from} → v${to}`;
  }
}

const CODE_WORDS: Readonly<Record<NonNullable<WorkflowPlan["codeOnly"]>, string>> = {
  "no examples": "the code differs; without examples nobody can tell what people would read",
  "same on the examples": "the code differs, and reads the same on every example",
};

/**
 * What is to be said of a workflow that changes without anything to show; `null` when there is something. The deployed
 * code may not run here, and then nobody can tell what it says.
 */
export function codeWords({ change, from, to, structure, content, codeOnly, data }: WorkflowPlan): string | null {
  if (codeOnly !== null) return CODE_WORDS[codeOnly];
  if (change !== "changed" || structure.length + content.length + data.length > 0) return null;
  return from === to
    ? "the same code, signed anew"
    : "the code differs; what is deployed cannot be loaded here, so its texts cannot be compared";
}

/** A line of a text that goes or comes. */
export interface TextLine {
  mark: "-" | "+";
  text: string;
}

/** Whether each line of two texts is the same in both, by the longest part that they share. */
function kept(before: readonly string[], after: readonly string[]): [Set<number>, Set<number>] {
  const lengths = Array.from({ length: before.length + 1 }, () => Array.from(after, () => 0).concat(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i]![j] =
        before[i] === after[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  const [old, now] = [new Set<number>(), new Set<number>()];
  for (let i = 0, j = 0; i < before.length && j < after.length;) {
    if (before[i] === after[j]) {
      old.add(i++);
      now.add(j++);
    } else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) i++;
    else j++;
  }
  return [old, now];
}

/** The lines of a text that differ: what goes, then what comes. */
export function textLines({ before, after }: Pick<ContentChange, "before" | "after">): TextLine[] {
  const [olds, nows] = [before, after].map((text) => text?.split("\n") ?? []) as [string[], string[]];
  const [keptOld, keptNow] = kept(olds, nows);
  const gone = olds.filter((_line, index) => !keptOld.has(index));
  const come = nows.filter((_line, index) => !keptNow.has(index));
  return [
    ...gone.map((text): TextLine => ({ mark: "-", text })),
    ...come.map((text): TextLine => ({ mark: "+", text })),
  ];
}

/** `subject, on example "one comment"`. */
export const contentWords = ({ slot, example, before, after }: ContentChange): string => {
  const how = before === null ? " is new" : after === null ? " is gone" : "";
  return `${slot}${how}, on example ${JSON.stringify(example)}`;
};

/** `1 batch is open`. */
export const batchWords = (open: number): string =>
  open === 1 ? "1 batch is open" : `${count(open)} batches are open`;

/** `12 runs of v7 at digest (batch)`. */
export const waitingWords = ({ runs, version, step, kind }: WorkflowPlan["waiting"][number]): string =>
  `${plural(runs, "run")} of v${version} at \`${step}\` (${kind})`;

/** `3 of 200 schedules do not fit: …`. */
export const storedWords = ({ misfits, looked, of, problem }: WorkflowPlan["stored"][number]): string =>
  misfits === 0
    ? `all ${count(looked)} ${of} fit`
    : `${count(misfits)} of ${count(looked)} ${of} do not fit: ${problem}`;

/** What a plan that breaks nothing says of that: a deploy is refused for open runs of what it archives, too. */
function harmlessWords({ workflows }: DeployPlan): string {
  const waiting = workflows.flatMap((workflow) => (workflow.change === "archived" ? workflow.waiting : []));
  const open = waiting.reduce((sum, { runs }) => sum + runs, 0);
  return open === 0 ? "nothing breaks" : `${plural(open, "run")} ${open === 1 ? "is" : "are"} open in what is archived`;
}

/** What happens to how many: `2 workflows change, 1 is new, 5 stay`. */
export function sumWords(plan: DeployPlan): string {
  const { workflows, breaking } = plan;
  const of = (change: WorkflowPlan["change"]) => workflows.filter((workflow) => workflow.change === change).length;
  const sentences = workflows.flatMap((workflow) => workflow.breaking);
  const callers = sentences.filter((sentence) => sentence.startsWith("breaks callers")).length;
  const runs = sentences.length - callers;
  const breaks = (number: number) => `${plural(number, "change")} ${number === 1 ? "breaks" : "break"}`;
  const parts: [number, string][] = [
    [of("changed"), `${plural(of("changed"), "workflow")} ${of("changed") === 1 ? "changes" : "change"}`],
    [of("added"), `${count(of("added"))} new`],
    [of("restored"), `${count(of("restored"))} restored`],
    [of("archived"), `${count(of("archived"))} archived`],
    [of("unchanged"), `${count(of("unchanged"))} unchanged`],
    [callers, `${breaks(callers)} callers`],
    [runs, `${runs === 1 ? "1 thing breaks" : `${count(runs)} things break`} what is under way`],
  ];
  const words = parts.filter(([number]) => number > 0).map(([, text]) => text);
  return [...words, ...(breaking ? [] : [harmlessWords(plan)])].join(", ");
}

/** The first of many, and how many more there are. */
export function firstOf<T>(list: readonly T[], most: number): { shown: readonly T[]; more: number } {
  // A line that says "1 more" could as well show it.
  const cut = list.length > most + 1;
  return { shown: cut ? list.slice(0, most) : list, more: cut ? list.length - most : 0 };
}
