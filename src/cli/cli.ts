import type { Clock } from "../base/clock.ts";
import type { Environment } from "../channels/env.ts";
import type { Terminal } from "./terminal.ts";

/** What every command is given instead of reaching for the process. */
export interface Cli {
  terminal: Terminal;
  /** Where the command was called. */
  cwd: string;
  environment: Environment;
  clock: Clock;
  /** Version of this package. */
  version: string;
}

/** The options that every command understands. */
export interface GlobalOptions {
  /** Path of the config, when it is not `knock.config.ts` in the working directory. */
  config?: string;
  /** Print stacks of unexpected failures. */
  verbose?: boolean;
}

/** A command that ran and has to report failure, after it said why. */
export class CommandFailed extends Error {
  /** What the process exits with. */
  readonly code: number;

  constructor(code: number = exitCode.failed) {
    super("the command failed");
    this.name = "CommandFailed";
    this.code = code;
  }
}

/** The exit codes: what was asked for was done, was not done, was not understood. */
export const exitCode = { ok: 0, failed: 1, usage: 2 } as const;
