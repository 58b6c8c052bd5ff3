import { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { EnvironmentsOptions } from "../deploy/environments.ts";
import { jsonOption } from "../options.ts";

/** `env list`. */
export function envCommand(cli: Cli): Command {
  const env = new Command("env")
    .summary("list the environments of the config")
    .description("The places that the config names under `environments`, to which `knock sync --env` deploys.");
  env
    .command("list")
    .summary("list the environments")
    .description(
      "Lists the environments with where they are, and the variables that are not set here. Prints no secret.",
    )
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  knock env list")
    .action(async (_options: unknown, command: Command) => {
      const { listEnvironments } = await import("../deploy/environments.ts");
      await listEnvironments(cli, command.optsWithGlobals<EnvironmentsOptions>());
    });
  return env;
}
