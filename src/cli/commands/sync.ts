import { Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import type { StatusOptions } from "../deploy/status.ts";
import type { SyncOptions } from "../deploy/sync.ts";
import { goingSomewhere, placed } from "./place.ts";

/** `sync`. */
export const syncCommand = (cli: Cli): Command =>
  goingSomewhere(
    new Command("sync")
      .summary("deploy the workflows of this checkout")
      .description(
        "Deploys the workflows of this checkout: to the project's database, to an environment of the config, or to a running server. Everything is checked before anything is written; servers and workers have it within a second. The same again changes nothing. Exits with 1 when it is refused.\n\nWith --plan nothing is written, and the exit code is 0 when there is nothing to do, 2 when something would change, 3 when that breaks callers or runs under way.",
      )
      .option("--plan", "only say what would change")
      .option("--markdown", "print the plan for a pull request; with --plan")
      .option("--allow-breaking", "deploy what breaks callers or runs under way")
      .addOption(
        new Option(
          "--archive-open <policy>",
          "what becomes of open runs of workflows that are gone from the code (default: the deploy is refused)",
        ).choices(["finish", "cancel"]),
      ),
  )
    .addHelpText("after", "\nExample:\n  knock sync --plan\n  knock sync --env production")
    .action(async (_options: unknown, command: Command) => {
      const options = placed<SyncOptions>(command);
      if (options.markdown && !options.plan) command.error("error: --markdown prints a plan: add --plan");
      if (options.markdown && options.json) command.error("error: give either --markdown or --json");
      const { sync } = await import("../deploy/sync.ts");
      await sync(cli, options);
    });

/** `status`. */
export const statusCommand = (cli: Cli): Command =>
  goingSomewhere(new Command("status"))
    .summary("compare this checkout with what is deployed")
    .description(
      "Says whether this checkout is what is deployed, and what differs. Exits with 0 when both are the same, with 2 when they differ.",
    )
    .addHelpText("after", "\nExample:\n  knock status --env production")
    .action(async (_options: unknown, command: Command) => {
      const { status } = await import("../deploy/status.ts");
      await status(cli, placed<StatusOptions>(command));
    });
