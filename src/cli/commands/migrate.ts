import { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { MigrateOptions } from "../migrate.ts";

/** `migrate`. */
export const migrateCommand = (cli: Cli): Command =>
  new Command("migrate")
    .summary("bring the database up to this version")
    .description(
      "Applies the migrations that the database lacks. Several processes may run it at once: one does the work, the others wait. `knock dev` does it by itself.",
    )
    .option("--check", "change nothing; exit with 1 when the database does not fit this version")
    .option("--json", "print the result as JSON")
    .addHelpText("after", "\nExample:\n  DATABASE_URL=postgres://… knock migrate --check")
    .action(async (_options: unknown, command: Command) => {
      const { applyMigrations, checkMigrations } = await import("../migrate.ts");
      const options = command.optsWithGlobals<MigrateOptions>();
      await (options.check ? checkMigrations : applyMigrations)(cli, options);
    });
