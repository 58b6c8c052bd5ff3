// A plan of a deploy as Markdown, for the comment of a pull request.
import type { DeployPlan, WorkflowPlan } from "../../deploy/plan/plan.ts";
import { count, plural } from "../terminal.ts";
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
} from "./plan-parts.ts";

const MOST_GRAPHQL = 200;
const MOST_WAITING = 30;
const MOST_UNCHANGED = 50;

const oneLine = (text: string): string => text.replaceAll(/\s*[\n\r]\s*/g, " ⏎ ").replaceAll(/\p{Cc}/gu, " ");

const longestTicks = (text: string): number => Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));

/** Text as code: nothing in it is Markdown, calls a person or links an issue. */
function code(text: string): string {
  const line = oneLine(text);
  if (line.trim() === "") return "` `";
  const fence = "`".repeat(longestTicks(line) + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Text within a line, as it is: what would be Markdown or HTML is escaped, and `@` and `#` call nobody. */
const escaped = (text: string): string =>
  oneLine(text)
    .replaceAll(/[\\`*_[\]<>#|~&]/g, (sign) => `\\${sign}`)
    .replaceAll(/@|#/g, (sign) => `${sign}<!-- -->`);

/** A sentence of ours, in which names stand in backticks. */
const sentence = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? code(part.slice(1, -1)) : escaped(part)))
    .join("");

/** Within a table a pipe ends the cell, be it in code or not. */
const cell = (text: string): string => text.replaceAll(/\\?\|/g, "\\|");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return rows.length === 0 ? [] : [line(head), line(head.map(() => "---")), ...rows.map(line), ""];
}

/** Lines with their marks as a block; what would end the block does not. */
function diff(lines: readonly string[]): string[] {
  const fence = "`".repeat(Math.max(3, ...lines.map((line) => longestTicks(line) + 1)));
  return [`${fence}diff`, ...lines.map((line) => line.replaceAll(/\p{Cc}/gu, " ")), fence, ""];
}

const MARKS = { "+": "added", "-": "removed", "~": "changed", ">": "moved" } as const;

function stepParts(workflow: WorkflowPlan): string[] {
  const rows = stepRows(workflow).filter(({ texts }) => texts.length > 0);
  const name = (ref: string | null) => (ref === null ? "*settings*" : code(ref));
  return table(
    ["Step", "", "What"],
    rows.map(({ ref, mark, texts }) => [name(ref), MARKS[mark], texts.map(code).join("<br>")]),
  );
}

const contentParts = ({ content }: WorkflowPlan): string[] =>
  content.flatMap((change) => [
    `${code(change.step)} ${escaped(contentWords(change))}`,
    "",
    ...diff(textLines(change).map(({ mark, text }) => `${mark} ${text}`)),
  ]);

function dataParts(workflow: WorkflowPlan): string[] {
  const rows = workflow.data.map((change) => {
    const { breaks, words } = dataVerdict(workflow, change);
    return [code(change.path), code(change.text), breaks ? `❌ **${words}**` : `✅ ${words}`];
  });
  return table(["Data", "What", ""], rows);
}

function underWayParts({ waiting, openBatches }: WorkflowPlan): string[] {
  const { shown, more } = firstOf(waiting, MOST_WAITING);
  const effect = (text: string | null) => sentence(text ?? "nothing changes for them");
  const parts = table(
    ["Under way", "What becomes of them"],
    shown.map((runs) => [sentence(waitingWords(runs)), effect(runs.effect)]),
  );
  return [
    ...parts,
    ...(more > 0 ? [`… and runs at ${count(more)} more places.`, ""] : []),
    ...(openBatches > 0 ? [`${batchWords(openBatches)}.`, ""] : []),
  ];
}

function breakingParts(workflow: WorkflowPlan): string[] {
  const stored = workflow.stored.map((found) => `- ${found.misfits > 0 ? "❌" : "✅"} ${escaped(storedWords(found))}`);
  const others = otherBreaking(workflow).map((text) => `- ❌ ${sentence(text)}`);
  return stored.length + others.length > 0 ? [...stored, ...others, ""] : [];
}

const codeParts = (workflow: WorkflowPlan): string[] => {
  const words = codeWords(workflow);
  return words === null ? [] : [`${words[0]!.toUpperCase()}${words.slice(1)}.`, ""];
};

const workflowParts = (workflow: WorkflowPlan): string[] => [
  `### ${code(workflow.key)} ${versionWords(workflow)}`,
  "",
  ...stepParts(workflow),
  ...contentParts(workflow),
  ...codeParts(workflow),
  ...dataParts(workflow),
  ...underWayParts(workflow),
  ...breakingParts(workflow),
];

function graphqlParts(graphql: readonly string[]): string[] {
  if (graphql.length === 0) return [];
  const { shown, more } = firstOf(graphql, MOST_GRAPHQL);
  const rest = more > 0 ? [`… ${count(more)} more`] : [];
  const title = `<details><summary>GraphQL schema: ${plural(graphql.length, "line")}</summary>`;
  return [title, "", ...diff([...shown, ...rest]), "</details>", ""];
}

function unchangedParts({ workflows }: DeployPlan): string[] {
  const keys = workflows.filter(({ change }) => change === "unchanged").map(({ key }) => code(key));
  const { shown, more } = firstOf(keys, MOST_UNCHANGED);
  return keys.length === 0 ? [] : [`Unchanged: ${shown.join(", ")}${more > 0 ? ` and ${count(more)} more` : ""}.`, ""];
}

/** What the Markdown says beside the plan. */
export interface PlanMarkdownOptions {
  /** Where the deploy would go; named in the heading. */
  environment?: string;
}

/** A plan as GitHub-flavoured Markdown. Ends with a newline. */
export function planMarkdown(plan: DeployPlan, { environment }: PlanMarkdownOptions = {}): string {
  const differing = plan.workflows.filter(({ change }) => change !== "unchanged");
  const sum = sumWords(plan);
  const parts = [
    `## Deploy plan${environment === undefined ? "" : ` for ${escaped(environment)}`}`,
    "",
    plan.breaking ? `**❌ ${sum}.**` : `**✅ ${plan.changes ? sum : "Nothing to do"}.**`,
    "",
    ...differing.flatMap(workflowParts),
    ...graphqlParts(plan.graphql),
    ...unchangedParts(plan),
  ];
  return `${parts.join("\n").trimEnd()}\n`;
}
