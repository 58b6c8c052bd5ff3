// What a failed command says: what happened and what to do next. A stack is for mistakes of ours.
import { KnockError } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import type { Cli } from "./cli.ts";
import { Refused, type Refusal } from "./refusal.ts";
import type { Paint } from "./terminal.ts";

/** What a failure tells. */
type Failure = Pick<Refusal, "code" | "message" | "hint">;

/** An expected failure as data, for `--json`. */
export const errorAsData = ({ code, message, hint }: Failure) => ({ error: { code, message, hint } });

/** The lines for an expected failure. */
export const errorText = ({ message, hint }: Omit<Failure, "code">, paint: Paint): string =>
  `${paint.bold(paint.red("✗"))} ${message}\n${paint.dim("→")} ${hint}`;

function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? text : `${text}\nCaused by: ${causes(error.cause)}`;
}

/** Says why a command failed. */
export function reportError(error: unknown, { cli, verbose, json }: { cli: Cli; verbose: boolean; json: boolean }): void {
  const { terminal, clock } = cli;
  const expected = KnockError.is(error) ? error : error instanceof Refused ? { ...error.refusal, cause: undefined } : null;
  const shown = expected ?? new KnockError("INTERNAL", { incident: newId(clock.now()).slice(-12) }, { cause: error });
  if (json) return terminal.out(JSON.stringify(errorAsData(shown)));
  if (expected) {
    terminal.err(errorText(expected, terminal.paintErr));
    if (verbose && expected.cause !== undefined) terminal.err(terminal.paintErr.dim(causes(expected.cause)));
    return;
  }
  const hint = verbose ? "What follows is what we know; please report it." : "Run the command again with --verbose to see the details.";
  terminal.err(errorText({ message: `${shown.message}\n  ${error instanceof Error ? error.message : String(error)}`, hint }, terminal.paintErr));
  if (verbose) terminal.err(`\n${causes(error)}`);
}
