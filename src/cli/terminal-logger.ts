import type { Clock } from "../base/clock.ts";
import { KnockError } from "../base/errors.ts";
import { jsonLogger, type Logger } from "../base/logger.ts";
import { timeOfDay } from "./run-lines.ts";
import type { Terminal } from "./terminal.ts";

const reason = (error: unknown): string => {
  if (KnockError.is(error)) return `${error.message} ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
};

/** What the engine says, for a person: one line each, the stack on demand. */
function lineLogger({ err, paintErr }: Terminal, clock: Clock, verbose: boolean): Logger {
  const log =
    (mark: string) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      const { error, ...rest } = fields;
      const details = Object.entries(rest).map(([key, value]) =>
        paintErr.dim(` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`),
      );
      const why = error === undefined ? "" : `: ${reason(error)}`;
      err(`${paintErr.dim(timeOfDay(clock.now()))}  ${mark} ${message}${why}${details.join("")}`);
      if (verbose && error instanceof Error && error.stack) err(paintErr.dim(error.stack));
    };
  return { info: log(paintErr.dim("·")), warn: log(paintErr.yellow("!")), error: log(paintErr.red("✗")) };
}

/** Lines for a person at a terminal, one JSON object per line for whatever collects the output. */
export function terminalLogger(terminal: Terminal, clock: Clock, verbose: boolean): Logger {
  if (terminal.log) return terminal.log;
  if (terminal.interactive) return lineLogger(terminal, clock, verbose);
  return jsonLogger((line) => void process.stderr.write(line), clock.now);
}

/** Lines for a person, whatever the output is. */
export const developmentLogger = (terminal: Terminal, clock: Clock, verbose: boolean): Logger =>
  terminal.log ?? lineLogger(terminal, clock, verbose);
