// What people would read otherwise: what is deployed and what is to be deployed, rendered on the same examples.
import type { WorkflowHandle } from "../../definition/workflow.ts";
import type { CompileOptions } from "../../registry/compile-context.ts";
import { renderExamples, type RenderedSlot } from "../../registry/render-examples.ts";
import type { ContentChange } from "./plan.ts";

/** Lines of a text that a plan shows. */
const MOST_LINES = 20;

/** Lines before the first that differs. */
const LINES_BEFORE = 2;

/** Characters of a line: some texts are one line of HTML. */
const LONGEST_LINE = 500;

/** Characters before the first that differs, where a line is too long. */
const CHARACTERS_BEFORE = 40;

const keyOf = ({ example, step, slot }: RenderedSlot) => JSON.stringify([example, step, slot]);

function firstDifference(before: readonly string[], after: readonly string[]): number {
  const different = before.findIndex((line, index) => line !== after[index]);
  return different === -1 ? before.length : different;
}

const shortLine = (line: string) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line);

/** The part of a text around a line. */
function around(lines: readonly string[], line: number): string {
  if (lines.length <= MOST_LINES) return lines.map(shortLine).join("\n");
  const start = Math.max(0, line - LINES_BEFORE);
  const part = lines.slice(start, start + MOST_LINES);
  const marked = [...(start > 0 ? ["…"] : []), ...part, ...(start + MOST_LINES < lines.length ? ["…"] : [])];
  return marked.map(shortLine).join("\n");
}

/** The part of two texts that begins a little before they differ, far behind the beginning of a line. */
function withinLines(before: string, after: string): { before: string; after: string } {
  let same = 0;
  while (before[same] === after[same]) same++;
  const part = (text: string) => `…${text.slice(same - CHARACTERS_BEFORE, same + LONGEST_LINE)}`;
  return { before: part(before), after: part(after) };
}

function shown(before: string | null, after: string | null): Pick<ContentChange, "before" | "after"> {
  if (before === null || after === null) {
    const [old, young] = [before, after].map((text) => text && around(text.split("\n"), 0));
    return { before: old ?? null, after: young ?? null };
  }
  const [old, young] = [before.split("\n"), after.split("\n")];
  const line = firstDifference(old, young);
  const cut = { before: around(old, line), after: around(young, line) };
  return cut.before === cut.after ? withinLines(before, after) : cut;
}

/** Two versions of a workflow. */
export interface Versions {
  before: WorkflowHandle;
  after: WorkflowHandle;
  options: CompileOptions;
}

/**
 * The slots that say something else on the examples of the later version; `null` when it has no examples. Long texts
 * are cut to where they begin to differ.
 */
export function contentChanges({ before, after, options }: Versions): ContentChange[] | null {
  const { examples } = after.definition.settings;
  if (!examples || Object.keys(examples).length === 0) return null;
  const [old, young] = [before, after].map((workflow) => renderExamples(workflow, examples, options)) as [
    RenderedSlot[],
    RenderedSlot[],
  ];
  const olds = new Map(old.map((slot) => [keyOf(slot), slot]));
  const youngs = new Map(young.map((slot) => [keyOf(slot), slot]));
  const places = new Map([...youngs, ...olds].map(([key, { step, slot, example }]) => [key, { step, slot, example }]));
  return [...places].flatMap(([key, place]) => {
    const [was, is] = [olds.get(key)?.text ?? null, youngs.get(key)?.text ?? null];
    return was === is ? [] : [{ ...place, ...shown(was, is) }];
  });
}
