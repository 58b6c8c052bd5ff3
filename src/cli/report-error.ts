// What a failed command says: what happened and what to do next. A stack is for mistakes of ours.
import { KnockError } from "../base/errors.ts";
import type { Cli } from "./cli.ts";
import { type Refusal, Refused, refusalOf } from "./refusal.ts";
import type { Paint } from "./terminal.ts";

const MOST_ISSUES = 10;

/** What to do next where the usual hint speaks of the API. */
const COMMAND_HINTS: Readonly<Record<string, readonly [usual: RegExp, here: string]>> = {
  RECIPIENTS_REQUIRED: [/^/, "Name at least one user with --recipient <id>, or one list with --list <name>."],
  UNKNOWN_WORKFLOW: [/^See the query/, "`knock status` lists what is deployed, `knock check --json` what is here."],
};

/** A refusal whose hint is for who typed a command. */
function forCommands(refusal: Refusal): Refusal {
  const [usual, here] = COMMAND_HINTS[refusal.code] ?? [];
  return here !== undefined && usual!.test(refusal.hint) ? { ...refusal, hint: here } : refusal;
}

/** What is wrong in detail: one line for each value. */
function issueLines({ issues, message }: Refusal, paint: Paint): string[] {
  // A single one is usually in the message already.
  const told = issues.filter((issue) => !message.includes(issue.message));
  const lines = told.slice(0, MOST_ISSUES).map((issue) => `  ${paint.cyan(issue.path.join("."))}  ${issue.message}`);
  return told.length > MOST_ISSUES ? [...lines, paint.dim(`  … and ${told.length - MOST_ISSUES} more`)] : lines;
}

/** The lines for an expected failure: what happened, the details, what to do next. */
const refusalText = (refusal: Refusal, paint: Paint): string =>
  [
    `${paint.bold(paint.red("✗"))} ${refusal.message}`,
    ...issueLines(refusal, paint),
    `${paint.dim("→")} ${refusal.hint}`,
  ].join("\n");

function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? text : `${text}\nCaused by: ${causes(error.cause)}`;
}

/** The failure behind what was thrown; `null` when nobody expected it. */
function expectedRefusal(error: unknown): Refusal | null {
  if (error instanceof Refused) return error.refusal;
  return KnockError.is(error) ? refusalOf(error) : null;
}

/** What the system says of a file that a command reads or writes: nothing that we could have done better. */
const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: "this user has no permission",
  EPERM: "this user has no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
};

function fileRefusal(error: unknown): Refusal | null {
  const { code = "", path } = (error instanceof Error ? error : {}) as { code?: string; path?: unknown };
  const problem = FILE_PROBLEMS[code];
  if (problem === undefined || typeof path !== "string") return null;
  const hint = "Check who may read and write it, and whether its disk has room.";
  return { code: "INTERNAL", message: `${path} cannot be used: ${problem}.`, hint, issues: [] };
}

/** A mistake of ours, as far as it can be told without its details. */
function unexpectedRefusal(error: unknown, verbose: boolean): Refusal {
  const file = fileRefusal(error);
  if (file) return file;
  const message = `Something went wrong on our side: ${error instanceof Error ? error.message : String(error)}`;
  const hint = verbose ? "Please report what follows." : "Run the command again with --verbose to see where.";
  return { code: "INTERNAL", message, hint, issues: [] };
}

/** Says why a command failed. */
export function reportError(
  error: unknown,
  { cli, verbose, json }: { cli: Cli; verbose: boolean; json: boolean },
): void {
  const { terminal } = cli;
  const expected = expectedRefusal(error);
  const refusal = expected ? forCommands(expected) : unexpectedRefusal(error, verbose);
  if (json) terminal.out(JSON.stringify({ error: refusal }));
  else terminal.err(refusalText(refusal, terminal.paintErr));
  if (!verbose) return;
  const details = expected ? (error as Error).cause : error;
  if (details !== undefined) terminal.err(terminal.paintErr.dim(causes(details)));
}
