// A plan of a deploy on the terminal.
import type { DeployPlan, WorkflowPlan } from "../../deploy/plan/plan.ts";
import { count, type Paint, plural } from "../terminal.ts";
import {
  batchWords,
  codeWords,
  contentWords,
  dataVerdict,
  firstOf,
  otherBreaking,
  stepRows,
  storedWords,
  sumWords,
  textLines,
  versionWords,
  waitingWords,
  type StepRow,
} from "./plan-parts.ts";

const MOST_GRAPHQL = 40;
const MOST_WAITING = 12;
const MOST_TEXT = 10;
const LONGEST_REF = 20;
const NARROWEST = 20;
/** Words on data stand in a column when they are no wider. */
const WIDEST_TEXT = 36;

const CHANGE_COLOURS = {
  added: "green",
  restored: "green",
  changed: "yellow",
  archived: "red",
  unchanged: "dim",
} as const;

/** How to write: with which colours, how wide. */
interface Look {
  paint: Paint;
  columns: number;
}

// Control characters would steer the terminal; texts come from outside.
const plain = (text: string): string => text.replaceAll("\t", "  ").replaceAll(/\p{Cc}/gu, "�");

/** A text in lines of a width, broken between words where that can be. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = plain(text);
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const end = space > width / 2 ? space : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

/** A text behind a beginning that is `indent` characters wide; its further lines stand below its first. */
interface Hanging {
  start: string;
  indent: number;
  text: string;
}

function hanging({ start, indent, text }: Hanging, { columns }: Look, colour = (line: string) => line): string[] {
  const lines = wrapped(text, Math.max(NARROWEST, columns - indent));
  return lines.map((line, index) => `${index === 0 ? start : " ".repeat(indent)}${colour(line)}`);
}

/** A sentence whose `names` stand out instead of being quoted. */
const named = (paint: Paint) => (line: string) =>
  line.replaceAll(/`([^`]*)`/g, (_all, name: string) => paint.cyan(name));

const marks = (paint: Paint): Record<string, (text: string) => string> => ({
  "+": paint.green,
  "-": paint.red,
  "~": paint.yellow,
  ">": paint.blue,
});

const coloured = (mark: string, paint: Paint) => marks(paint)[mark]!(mark);

function contentLines({ content }: StepRow, indent: number, isTold: boolean, look: Look): string[] {
  const { paint } = look;
  const space = (width: number) => " ".repeat(width);
  return content.flatMap((change, index) => {
    const start = index === 0 && !isTold ? "" : space(indent);
    const title = hanging({ start, indent, text: contentWords(change) }, look, paint.dim);
    const { shown, more } = firstOf(textLines(change), MOST_TEXT);
    const texts = shown.flatMap(({ mark, text }) => {
      const line = { start: `${space(indent + 2)}${coloured(mark, paint)} `, indent: indent + 4, text };
      return hanging(line, look, marks(paint)[mark]);
    });
    const rest = more > 0 ? [`${space(indent + 2)}${paint.dim(`… ${count(more)} more lines`)}`] : [];
    return [...title, ...texts, ...rest];
  });
}

function stepLines(row: StepRow, width: number, look: Look): string[] {
  const { mark, ref, texts } = row;
  const { paint } = look;
  const name = ref ?? "settings";
  const label = `${ref === null ? paint.dim(name) : paint.bold(name)}${" ".repeat(Math.max(0, width - name.length))}`;
  const beginning = `  ${coloured(mark, paint)} ${label}  `;
  const indent = width + 6;
  const told = texts.flatMap((text, index) =>
    hanging({ start: index === 0 ? beginning : " ".repeat(indent), indent, text }, look),
  );
  const content = contentLines(row, indent, told.length > 0, look);
  return told.length > 0 ? [...told, ...content] : [`${beginning}${content[0] ?? ""}`, ...content.slice(1)];
}

const verdictMark = (breaks: boolean, paint: Paint): string => (breaks ? paint.red("✗") : paint.green("✓"));

/** A part of a workflow's plan under a word of its own; nothing when the part is empty. */
const section = (title: string, lines: string[], { paint }: Look): string[] =>
  lines.length === 0 ? [] : [`  ${paint.dim(title)}`, ...lines];

function dataLines(workflow: WorkflowPlan, look: Look): string[] {
  const { paint, columns } = look;
  const widest = (texts: string[], most: number) => Math.min(most, Math.max(0, ...texts.map((text) => text.length)));
  const paths = widest(
    workflow.data.map(({ path }) => plain(path)),
    columns >> 1,
  );
  const texts = widest(
    workflow.data.map(({ text }) => text),
    WIDEST_TEXT,
  );
  return workflow.data.flatMap((change) => {
    const { breaks, words } = dataVerdict(workflow, change);
    const path = plain(change.path).padEnd(paths);
    const colour = (line: string) =>
      line.endsWith(words) ? line.slice(0, -words.length) + (breaks ? paint.red(words) : paint.dim(words)) : line;
    const text = `${change.text.padEnd(texts)}  ${words}`;
    return hanging({ start: `  ${verdictMark(breaks, paint)} ${path}  `, indent: path.length + 6, text }, look, colour);
  });
}

function underWayLines(workflow: WorkflowPlan, look: Look): string[] {
  const { paint } = look;
  const { waiting, openBatches } = workflow;
  const { shown, more } = firstOf(waiting, MOST_WAITING);
  const lines = shown.flatMap((runs) => {
    const text = `${waitingWords(runs)}: ${runs.effect ?? "nothing changes for them"}`;
    return hanging({ start: "    ", indent: 6, text }, look, named(paint));
  });
  const left = waiting.slice(shown.length).reduce((sum, { runs }) => sum + runs, 0);
  return [
    ...lines,
    ...(more > 0 ? [`    ${paint.dim(`… ${plural(left, "run")} at ${count(more)} more places`)}`] : []),
    ...(openBatches > 0 ? [`    ${batchWords(openBatches)}`] : []),
  ];
}

const verdictLines = (breaks: boolean, text: string, look: Look): string[] =>
  hanging({ start: `  ${verdictMark(breaks, look.paint)} `, indent: 4, text }, look, named(look.paint));

function workflowLines(workflow: WorkflowPlan, look: Look): string[] {
  const { paint } = look;
  const colour = paint[CHANGE_COLOURS[workflow.change]];
  const rows = stepRows(workflow);
  const width = Math.min(LONGEST_REF, Math.max(0, ...rows.map(({ ref }) => (ref ?? "settings").length)));
  const stored = workflow.stored.flatMap((found) => verdictLines(found.misfits > 0, storedWords(found), look));
  const others = otherBreaking(workflow).flatMap((sentence) => verdictLines(true, sentence, look));
  const alone = codeWords(workflow);
  return [
    `${paint.bold(workflow.key)}  ${colour(versionWords(workflow))}`,
    ...rows.flatMap((row) => stepLines(row, width, look)),
    ...(alone === null ? [] : hanging({ start: "  ", indent: 2, text: alone }, look, paint.dim)),
    ...section("data", dataLines(workflow, look), look),
    ...section("under way", underWayLines(workflow, look), look),
    ...section("stored", stored, look),
    ...section("breaks", others, look),
    "",
  ];
}

function graphqlLines(graphql: readonly string[], look: Look): string[] {
  if (graphql.length === 0) return [];
  const { paint, columns } = look;
  const { shown, more } = firstOf(graphql, MOST_GRAPHQL);
  const lines = shown.map((line) => {
    const mark = line[0] ?? " ";
    const text = plain(line.slice(1));
    const room = columns - 4;
    return `  ${(marks(paint)[mark] ?? paint.dim)(`${mark} ${text.length > room ? `${text.slice(0, room - 1)}…` : text}`)}`;
  });
  const rest = more > 0 ? [`  ${paint.dim(`… ${count(more)} more`)}`] : [];
  return [paint.bold("GraphQL schema"), ...lines, ...rest, ""];
}

/**
 * The lines of a plan for the terminal: each workflow that differs, the GraphQL schema, and the sum as the last line.
 *
 * @param columns Width in characters. Default: 100.
 */
export function planLines(plan: DeployPlan, paint: Paint, columns = 100): string[] {
  const look = { paint, columns };
  const differing = plan.workflows.filter(({ change }) => change !== "unchanged");
  const sum = sumWords(plan);
  return [
    ...differing.flatMap((workflow) => workflowLines(workflow, look)),
    ...graphqlLines(plan.graphql, look),
    ...hanging({ start: "", indent: 0, text: sum }, look, plan.breaking ? paint.red : paint.bold),
  ];
}
