// What people see of a story: everything below the call is as the server told it.
import type { Message, Notification, NotifyResult, Run, RunStep } from "knock/client";
import { plural, type Paint, type Terminal } from "../src/cli/terminal.ts";
import type { Observed } from "./play.ts";
import { runsOf } from "./read-back.ts";
import type { Call, Story } from "./stories.ts";

const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;

const literal = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${key}: ${literal(member)}`);
  return members.length > 0 ? `{ ${members.join(", ")} }` : "{}";
};

function callLines({ workflow, options }: Call, { paint, columns }: Terminal): string[] {
  const { data = {}, ...rest } = options as { data?: object };
  const who = Object.entries(rest).map(([key, value]) => `${paint.dim(key)} ${[value].flat().join(", ")}`);
  return [
    `    ${paint.dim("notify")} ${paint.bold(workflow)}   ${who.join("   ")}`,
    `           ${paint.dim("data")} ${cut(literal(data), columns - 16)}`,
  ];
}

function answerLines(result: NotifyResult, { paint }: Terminal): string[] {
  if (result.ok) {
    const warnings = result.warnings.map(
      ({ code, message }) => `      ${paint.yellow("!")} ${message} ${paint.dim(code)}`,
    );
    return [`    ${paint.green("→ accepted")} ${paint.dim(`notification ${result.notification.id}`)}`, ...warnings];
  }
  const { error } = result;
  const issues =
    "issues" in error ? error.issues.map(({ path, message }) => `      ${paint.cyan(path)}  ${message}`) : [];
  return [`    ${paint.yellow(`→ ${error.code}`)} ${error.message}`, ...issues, `      ${paint.dim(error.hint)}`];
}

const marks: Record<RunStep["outcome"], (paint: Paint) => string> = {
  DONE: (paint) => paint.green("✓"),
  SKIPPED: (paint) => paint.yellow("–"),
  WAITING: (paint) => paint.blue("◷"),
  JOINED: (paint) => paint.blue("⊕"),
  HALTED: (paint) => paint.yellow("■"),
  FAILED: (paint) => paint.red("✗"),
  CANCELLED: (paint) => paint.yellow("■"),
};

const ways: Partial<Record<Message["channelType"], string>> = { IN_APP: "in-app", EMAIL: "e-mail" };

const firstLine = (text: unknown): string => (typeof text === "string" ? text.trim().split("\n")[0]! : "");

function wordsOfMessage({ channelType, status, content }: Message): { what: string; detail: string } {
  const parts = [content.title, content.subject, firstLine(content.body ?? content.text)];
  const shown = parts.filter((part) => typeof part === "string" && part !== "");
  return { what: `${ways[channelType] ?? channelType} ${status.toLowerCase()}`, detail: shown.join(" · ") };
}

function stepLine(step: RunStep, { messages }: Run, { paint, columns }: Terminal): string {
  const message = messages.find((one) => one.step === step.ref);
  const { what, detail } = message
    ? wordsOfMessage(message)
    : { what: step.outcome.toLowerCase(), detail: [step.code, step.reason].filter(Boolean).join(": ") };
  // Texts may be cut, reasons never.
  const text = message ? cut(detail, columns - 42) : paint.dim(detail);
  const because = message && step.reason ? paint.dim(`  as ${step.reason}`) : "";
  return `        ${step.ref.padEnd(8)} ${marks[step.outcome](paint)} ${what.padEnd(18)} ${text}${because}`.trimEnd();
}

const sameStep = (a: RunStep) => (b: RunStep) => a.ref === b.ref && a.outcome === b.outcome;

/** The runs; of those that were shown before, what is new. */
function runLines(notification: Notification, before: Notification | null, terminal: Terminal): string[] {
  const { paint } = terminal;
  return runsOf(notification).flatMap((run) => {
    const known = before?.runs.nodes.find(({ id }) => id === run.id)?.steps ?? [];
    const fresh = run.steps.filter((step) => !known.some(sameStep(step)));
    const through = run.list === null || before ? "" : paint.dim(`   through ${run.list}`);
    return [
      `      ${paint.bold(run.recipientId)} ${run.status.toLowerCase()}${through}`,
      ...fresh.map((step) => stepLine(step, run, terminal)),
    ];
  });
}

/** Prints a story. */
export function printStory(number: number, story: Story, observed: Observed, terminal: Terminal): void {
  const { out, paint } = terminal;
  const { given, answered, stored, first, later } = observed;
  out(`\n ${paint.bold(paint.cyan(String(number)))}  ${paint.bold(story.title)}`);
  for (const line of given) out(`    ${paint.dim(line)}`);
  for (const { call, result } of answered) {
    for (const line of [...callLines(call, terminal), ...answerLines(result, terminal)]) out(line);
  }
  const notStored = answered.length - stored;
  if (notStored > 0)
    out(
      `      ${paint.dim(stored === 0 ? "nothing was stored" : `${plural(stored, "notification")} stored by ${plural(answered.length, "call")}`)}`,
    );
  if (first) for (const line of runLines(first, null, terminal)) out(line);
  if (first && later) {
    out(`    ${paint.magenta(`◷ ${story.later!.title}`)}`);
    for (const line of runLines(later, first, terminal)) out(line);
  }
}

/** Prints whether a story went as the rules say. */
export function printVerdict(facts: number, differing: readonly string[], { out, paint }: Terminal): void {
  if (differing.length === 0) out(`    ${paint.green("✓")} ${paint.dim(`as the rules say: ${facts} facts`)}`);
  for (const difference of differing) out(`    ${paint.red("✗")} ${difference}`);
}
