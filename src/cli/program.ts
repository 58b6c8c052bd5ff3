import { Command } from "commander";
import type { Cli } from "./cli.ts";
import { cancelCommand } from "./commands/cancel.ts";
import { checkCommand } from "./commands/check.ts";
import { completionCommand } from "./commands/completion.ts";
import { devCommand } from "./commands/dev.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { envCommand } from "./commands/env.ts";
import { explainCommand } from "./commands/explain.ts";
import { generateCommand } from "./commands/generate.ts";
import { keysCommand } from "./commands/keys.ts";
import { initCommand } from "./commands/init.ts";
import { listsCommand } from "./commands/lists.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { newCommand } from "./commands/new.ts";
import { notifyCommand } from "./commands/notify.ts";
import { preferencesCommand } from "./commands/preferences.ts";
import { rerunCommand } from "./commands/rerun.ts";
import { schedulesCommand } from "./commands/schedules.ts";
import { signalCommand } from "./commands/signal.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { startCommand, workerCommand } from "./commands/start.ts";
import { statusCommand, syncCommand } from "./commands/sync.ts";
import { tokensCommand } from "./commands/tokens.ts";
import { usersCommand } from "./commands/users.ts";
import { rollbackCommand, versionsCommand } from "./commands/versions.ts";

/** The verbs, in the order of the help. */
const groups: Readonly<Record<string, readonly ((cli: Cli) => Command)[]>> = {
  "On your machine:": [initCommand, devCommand, checkCommand, newCommand, generateCommand, completionCommand],
  "Deploying:": [syncCommand, statusCommand, versionsCommand, rollbackCommand, envCommand],
  "In production:": [startCommand, workerCommand, migrateCommand, keysCommand, tokensCommand, doctorCommand],
  "People and notifications:": [
    notifyCommand,
    explainCommand,
    simulateCommand,
    preferencesCommand,
    cancelCommand,
    schedulesCommand,
    signalCommand,
    rerunCommand,
    usersCommand,
    listsCommand,
  ],
};

const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)];

/** The command as it is typed: `knock keys create`. */
const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

const rootOf = (command: Command): Command => (command.parent ? rootOf(command.parent) : command);

/** What all commands have in common: how they print, and that a mistake is thrown instead of ending the process. */
function prepare(command: Command, { terminal }: Cli): void {
  const { paint, paintErr, columns } = terminal;
  const width = Math.min(columns, 100);
  const isGroup = command.commands.length > 0;
  command
    .exitOverride()
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .showHelpAfterError(isGroup ? false : `Usage: ${pathOf(command)} ${command.usage()}\n--help shows more`)
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, `${paintErr.bold(paintErr.red("✗"))} `)),
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
      getOutHasColors: () => paint.isColorSupported,
      getErrHasColors: () => paintErr.isColorSupported,
    })
    .configureHelp({
      showGlobalOptions: true,
      // Asked of the program, not of a command.
      visibleGlobalOptions: (shown) =>
        shown.parent ? rootOf(shown).options.filter(({ long }) => long !== "--version") : [],
      subcommandTerm: (subcommand) => subcommand.name(),
      styleTitle: (text) => paint.bold(text),
      styleCommandText: (text) => paint.cyan(text),
      styleSubcommandTerm: (text) => paint.cyan(text),
      styleOptionTerm: (text) => paint.cyan(text),
      styleArgumentTerm: (text) => paint.cyan(text),
    });
}

/** The command line, with every verb. */
export function createProgram(cli: Cli): Command {
  const program = new Command("knock")
    .description(
      "Notifications as TypeScript code: define a workflow, notify people, see why each message was sent or not.",
    )
    .version(cli.version, "-V, --version", "print the version")
    .option("-c, --config <file>", "path of the config (default: knock.config.ts in this folder)")
    .option("--verbose", "print the stack of an unexpected failure")
    .addHelpText(
      "after",
      "\nExit codes, where a command names no others:\n  0  done\n  1  not done, or not as it should be\n  2  not understood\n\nEach command explains itself:\n  knock notify --help",
    );
  for (const [heading, commands] of Object.entries(groups)) {
    for (const create of commands) program.addCommand(create(cli).helpGroup(heading));
  }
  for (const command of withSubcommands(program)) prepare(command, cli);
  return program;
}
