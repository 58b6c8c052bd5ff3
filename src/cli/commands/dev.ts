import { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { DevOptions } from "../dev.ts";
import { hostOption, jsonLinesOption, portOption } from "../options.ts";

/** `dev`. */
export const devCommand = (cli: Cli): Command =>
  new Command("dev")
    .summary("run everything on this machine, with hot reload")
    .description(
      "Starts the server with an embedded database (or DATABASE_URL), takes over workflows as they are saved, and prints what happens to every run. Messages are printed instead of sent.",
    )
    .addOption(portOption())
    .addOption(hostOption())
    .option("--send", "really send messages through the configured providers")
    .option("--seed", "create three people to try things with: ada, kenji and sam")
    .addOption(jsonLinesOption())
    .addHelpText("after", "\nExample:\n  knock dev --seed")
    .action(async (_options: unknown, command: Command) => {
      const { dev } = await import("../dev.ts");
      await dev(cli, command.optsWithGlobals<DevOptions>());
    });
