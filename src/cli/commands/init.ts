import { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { InitOptions } from "../create/init.ts";
import { jsonOption } from "../options.ts";

/** `init`. */
export const initCommand = (cli: Cli): Command =>
  new Command("init")
    .summary("make a project that runs")
    .description(
      "Writes a project: package.json, knock.config.ts, tsconfig.json, one workflow with its test, and a README. A package.json that is there keeps what it says and gets what it lacks; no other file is changed. Asks nothing, and refuses a folder that has a config.",
    )
    .argument("[folder]", "where; made when absent", ".")
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  npx knock init notifications")
    .action(async (folder: string, _options: unknown, command: Command) => {
      const { init } = await import("../create/init.ts");
      await init(cli, folder, command.optsWithGlobals<InitOptions>());
    });
