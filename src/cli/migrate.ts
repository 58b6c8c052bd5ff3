// The database and the migrations of this version.
import { migrate, migrationState } from "../store/migrate.ts";
import { type Cli, CommandFailed, type GlobalOptions } from "./cli.ts";
import { withDatabase } from "./open-project.ts";
import { databaseWords } from "./panel.ts";
import { plural } from "./terminal.ts";

/** What `knock migrate` takes. */
export interface MigrateOptions extends GlobalOptions {
  check?: boolean;
  json?: boolean;
}

/** Says how the database stands to this version; fails unless it fits. */
export const checkMigrations = (cli: Cli, options: MigrateOptions) =>
  withDatabase(cli, { ...options, anyVersion: true }, async (database) => {
    const state = await migrationState(database);
    const { terminal } = cli;
    const { paint } = terminal;
    if (options.json) terminal.out(JSON.stringify(state));
    else if (state.state === "current")
      terminal.out(`${paint.green("✓")} ${databaseWords(database, cli.cwd)} is up to date`);
    else {
      const names = state.state === "behind" ? state.missing : state.unknown;
      const what =
        state.state === "behind"
          ? `lacks ${plural(names.length, "migration")}`
          : `was migrated by a newer version of knock`;
      terminal.out(`${paint.yellow("!")} ${databaseWords(database, cli.cwd)} ${what}:`);
      for (const name of names) terminal.out(`  ${name}`);
    }
    if (state.state !== "current") throw new CommandFailed();
  });

/** Brings the database up to this version. */
export const applyMigrations = (cli: Cli, options: MigrateOptions) =>
  withDatabase(cli, { ...options, anyVersion: true }, async (database) => {
    const applied = await migrate(database);
    const { terminal } = cli;
    if (options.json) return terminal.out(JSON.stringify({ applied }));
    for (const name of applied) terminal.out(`  ${name}`);
    const done = applied.length > 0 ? `${plural(applied.length, "migration")} applied to` : "nothing to do for";
    terminal.out(`${terminal.paint.green("✓")} ${done} ${databaseWords(database, cli.cwd)}`);
  });
