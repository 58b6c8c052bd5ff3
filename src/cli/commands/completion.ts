import { Argument, Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { completionScript, type Shell, shells } from "../completion/scripts.ts";
import { placesOf } from "../completion/words.ts";
import { jsonOption } from "../options.ts";

interface CompletionOptions {
  json?: boolean;
  workflows?: boolean;
}

const rootOf = (command: Command): Command => (command.parent ? rootOf(command.parent) : command);

async function complete(
  { terminal, cwd }: Cli,
  { shell, program }: { shell: Shell | undefined; program: Command },
  { json, workflows }: CompletionOptions,
): Promise<void> {
  if (workflows) {
    const { workflowKeys } = await import("../completion/workflow-keys.ts");
    for (const key of workflowKeys(cwd)) terminal.out(key);
    return;
  }
  // Without a shell there is nothing to write.
  if (shell === undefined) return program.error("error: say for which shell: bash, zsh or fish");
  const script = completionScript(shell, placesOf(program));
  terminal.out(json ? JSON.stringify({ shell, script }) : script.trimEnd());
}

/** `completion`. */
export const completionCommand = (cli: Cli): Command =>
  new Command("completion")
    .summary("print the completion script of a shell")
    .description(
      "Prints the script with which a shell completes commands, options and the keys of workflows. The script says in its first line where it belongs.",
    )
    .addArgument(new Argument("[shell]", "the shell").choices(shells))
    .addOption(new Option("--workflows", "print the keys of the workflows here").hideHelp())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  source <(knock completion bash)")
    .action((shell: Shell | undefined, options: CompletionOptions, command: Command) =>
      complete(cli, { shell, program: rootOf(command) }, options),
    );
