import { Command, Option } from "commander";
import type { Cli, GlobalOptions } from "../cli.ts";
import { jsonTerminal } from "../terminal.ts";
import { hostOption, jsonLinesOption, parsePort, portOption } from "../options.ts";

interface ProcessOptions extends GlobalOptions {
  json?: boolean;
  worker?: boolean;
}

interface StartOptions extends ProcessOptions {
  port: number;
  host: string;
}

interface WorkerOptions extends GlobalOptions {
  json?: boolean;
  port?: number;
  host: string;
}

/** With `--json` nothing but JSON lines, on the standard output. */
const spoken = (cli: Cli, { json }: { json?: boolean }): Cli =>
  json ? { ...cli, terminal: jsonTerminal(cli.terminal, cli.clock.now) } : cli;

const ENDING = "What is under way is finished on SIGTERM; asked a second time, the process ends at once.";

/** `start`. */
export const startCommand = (cli: Cli): Command =>
  new Command("start")
    .summary("run the server and a worker")
    .description(
      `Answers calls and executes them, with DATABASE_URL or the embedded database, and really sends. Bound to another address than this machine's own it refuses to start without API keys. ${ENDING}`,
    )
    .addOption(portOption())
    .addOption(hostOption())
    .option("--no-worker", "only answer calls; workers of their own execute them")
    .addOption(jsonLinesOption())
    .addHelpText("after", "\nExample:\n  DATABASE_URL=postgres://… knock start --host 0.0.0.0")
    .action(async (_options: unknown, command: Command) => {
      const { runProcess } = await import("../run-process.ts");
      const { host, port, worker, ...options } = command.optsWithGlobals<StartOptions>();
      await runProcess(spoken(cli, options), options, {
        works: worker ?? true,
        listens: { host, port },
        reports: null,
      });
    });

/** `worker`. */
export const workerCommand = (cli: Cli): Command =>
  new Command("worker")
    .summary("execute runs, without a server")
    .description(`Executes what servers accept. Any number of workers may share one PostgreSQL. ${ENDING}`)
    .addOption(
      new Option("-p, --port <number>", "answer /healthz, /readyz and /metrics there (default: nothing listens)")
        .argParser(parsePort)
        .env("KNOCK_WORKER_PORT"),
    )
    .addOption(hostOption())
    .addOption(jsonLinesOption())
    .addHelpText("after", "\nExample:\n  DATABASE_URL=postgres://… knock worker --port 7301")
    .action(async (_options: unknown, command: Command) => {
      const { runProcess } = await import("../run-process.ts");
      const { host, port, ...options } = command.optsWithGlobals<WorkerOptions>();
      const reports = port === undefined ? null : { host, port };
      await runProcess(spoken(cli, options), options, { works: true, listens: null, reports });
    });
