// The command line's way in: builds the program from this process and turns what became of it into an
// exit code.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommanderError } from "commander";
import { systemClock } from "../base/clock.ts";
import { type Cli, CommandFailed, exitCode } from "./cli.ts";
import { createProgram } from "./program.ts";
import { reportError } from "./report-error.ts";
import { processTerminal } from "./terminal.ts";

const packageFile = new URL("../../package.json", import.meta.url);

function processCli(): Cli {
  const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
  return {
    terminal: processTerminal(process.env),
    cwd: process.cwd(),
    environment: process.env,
    clock: systemClock,
    version,
  };
}

/** Sets what a file `.env` in the working directory says and the environment does not. */
function loadEnvironmentFile(): void {
  const file = join(process.cwd(), ".env");
  if (existsSync(file)) process.loadEnvFile(file);
}

/**
 * Runs one command line.
 *
 * @param argv what was typed after `knock`
 * @returns the exit code: 0 done, 1 failed, 2 not understood
 */
export async function main(argv: readonly string[]): Promise<number> {
  loadEnvironmentFile();
  const cli = processCli();
  try {
    await createProgram(cli).parseAsync(argv, { from: "user" });
    return exitCode.ok;
  } catch (error) {
    // Commander has said what is wrong already; help and version are no mistakes.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    if (error instanceof CommandFailed) return error.code;
    reportError(error, { cli, verbose: argv.includes("--verbose"), json: argv.includes("--json") });
    return exitCode.failed;
  }
}
