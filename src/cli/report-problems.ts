// Problems for people: place, subject, cause, the line itself, what to change.
import { readFileSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import type { Problem } from "../registry/problem.ts";
import type { Paint } from "./terminal.ts";

/** A problem as data, with the path seen from the project. */
export interface PlainProblem {
  file: string | null;
  line: number | null;
  column: number | null;
  workflow: string | null;
  step: string | null;
  message: string;
  fix: string;
}

const seenFrom = (root: string, file: string): string => {
  const path = relative(root, file);
  return path.startsWith("..") || isAbsolute(path) ? file : path;
};

/** The problem for machines. */
export const plainProblem = (root: string, { site, workflow, step, message, fix }: Problem): PlainProblem => ({
  file: site ? seenFrom(root, site.file) : null,
  line: site?.line ?? null,
  column: site?.column ?? null,
  workflow,
  step,
  message,
  fix,
});

const LONGEST_LINE = 100;

function sourceLines({ site }: Problem, paint: Paint): string[] {
  if (!site) return [];
  let text: string | undefined;
  try {
    text = readFileSync(site.file, "utf8").split("\n")[site.line - 1];
  } catch {
    return [];
  }
  if (!text?.trim() || text.length > LONGEST_LINE) return [];
  const indent = text.length - text.trimStart().length;
  const number = String(site.line);
  const caret = " ".repeat(Math.max(0, site.column - 1 - indent));
  return [
    paint.dim(`    ${number} │ `) + text.trim(),
    paint.dim(`    ${" ".repeat(number.length)} │ `) + paint.red(`${caret}^`),
  ];
}

/** The lines for one problem. */
export function problemLines(root: string, problem: Problem, paint: Paint): string[] {
  const { file, line, column, message, fix } = plainProblem(root, problem);
  const place = file ? `${file}:${line}:${column}` : "knock.config.ts";
  const subject = [problem.workflow, problem.step].filter((part) => part !== null).join(" › ");
  return [
    `  ${paint.bold(paint.red("✗"))} ${paint.cyan(place)}${subject ? `  ${paint.dim(subject)}` : ""}`,
    `    ${message.charAt(0).toUpperCase()}${message.slice(1)}`,
    ...sourceLines(problem, paint),
    `    ${paint.green("fix")}  ${fix}`,
  ];
}

/** All problems, a blank line between them. */
export const problemsText = (root: string, problems: readonly Problem[], paint: Paint): string =>
  problems.map((problem) => problemLines(root, problem, paint).join("\n")).join("\n\n");
