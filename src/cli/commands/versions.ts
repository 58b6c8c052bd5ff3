import { Command, InvalidArgumentError } from "commander";
import type { Cli } from "../cli.ts";
import type { RollbackOptions, VersionsOptions } from "../deploy/versions.ts";
import { goingSomewhere, placed } from "./place.ts";

/** A number of a version: `7` or `v7`. */
function parseVersion(text: string): number {
  const number = Number(text.replace(/^v/i, ""));
  if (Number.isInteger(number) && number > 0 && number < 2 ** 31) return number;
  throw new InvalidArgumentError("a version is a number, such as 7");
}

/** `versions`. */
export const versionsCommand = (cli: Cli): Command =>
  goingSomewhere(
    new Command("versions")
      .summary("list the versions of a workflow")
      .description(
        "Lists the versions of a workflow, newest first, 50 at a time: when they were deployed and by whom, from which commit, and how many runs of each are open.",
      )
      .argument("<workflow>", "key of the workflow")
      .option("--after <cursor>", "go on where the list before ended"),
  )
    .addHelpText("after", "\nExample:\n  knock versions new-comment --env production")
    .action(async (workflow: string, _options: unknown, command: Command) => {
      const { versions } = await import("../deploy/versions.ts");
      await versions(cli, workflow, placed<VersionsOptions>(command));
    });

/** `rollback`. */
export const rollbackCommand = (cli: Cli): Command =>
  goingSomewhere(
    new Command("rollback")
      .summary("bring an earlier version of a workflow back")
      .description(
        "Makes an earlier version of a workflow the current one again, steps and texts, within a second and without its code being here. Runs under way keep the steps they began with. The next `knock sync` deploys what the checkout has.",
      )
      .argument("<workflow>", "key of the workflow")
      .argument(
        "[version]",
        "number of the version, as `knock versions` shows it (default: the one before)",
        parseVersion,
      )
      .option("--allow-breaking", "also when it breaks callers or runs under way")
      .option("--author <name>", "who does it, for people (default: as git knows you, else this machine)"),
  )
    .addHelpText("after", "\nExample:\n  knock rollback new-comment 7 --env production")
    .action(async (workflow: string, version: number | undefined, _options: unknown, command: Command) => {
      const { rollbackTo } = await import("../deploy/versions.ts");
      const asked = { workflow, version: version ?? null };
      await rollbackTo(cli, asked, placed<RollbackOptions>(command));
    });
