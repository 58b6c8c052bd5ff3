import { Command } from "commander";
import type { Cli } from "../cli.ts";
import { importRecords, reportImport } from "../import-records.ts";
import type { WayOptions } from "../operations.ts";
import { apiKeyOption, formatOption, jsonOption, urlOption } from "../options.ts";
import type { RecordFormat } from "../read-records.ts";
import { userParser } from "../user-record.ts";

interface ImportOptions extends WayOptions {
  format?: RecordFormat;
  json?: boolean;
}

async function importUsers(cli: Cli, file: string, options: ImportOptions): Promise<void> {
  const { withOperations } = await import("../operations.ts");
  await withOperations(cli, options, async (operations, project) => {
    const result = await importRecords({
      cli,
      file,
      format: options.format,
      noun: "users",
      parser: (format) => userParser(format, project?.config.users ?? null),
      write: operations.upsertUsers,
    });
    reportImport({ cli, result, json: options.json ?? false, into: "the users" });
  });
}

/** `users import`. */
export function usersCommand(cli: Cli): Command {
  const users = new Command("users")
    .summary("create and update users from files")
    .description("People who can be notified.");
  users
    .command("import")
    .summary("create or update the users in a file")
    .description(
      'Creates users, or merges into those that exist. CSV needs a header with id; name, email, phone_number, avatar, locale and timezone are known, every other column becomes a property (a number or a boolean where the config\'s users schema wants one), and an empty cell changes nothing. JSON lines hold {"id": "…", "email": "…", "properties": {…}}. Lines that make no sense are named and left out, and the exit code is 1.',
    )
    .argument("<file>", "a .csv or .jsonl file, or - for the standard input")
    .addOption(formatOption())
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  knock users import users.csv")
    .action((file: string, _options: unknown, command: Command) =>
      importUsers(cli, file, command.optsWithGlobals<ImportOptions>()),
    );
  return users;
}
