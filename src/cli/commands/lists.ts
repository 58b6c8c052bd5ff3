import { Command } from "commander";
import { count } from "../terminal.ts";
import type { Cli } from "../cli.ts";
import { importRecords, reportImport } from "../import-records.ts";
import type { WayOptions } from "../operations.ts";
import { apiKeyOption, formatOption, jsonOption, urlOption } from "../options.ts";
import type { RecordFormat } from "../read-records.ts";
import { memberParser } from "../user-record.ts";

interface ImportOptions extends WayOptions {
  format?: RecordFormat;
  json?: boolean;
}

async function importMembers(
  cli: Cli,
  { list, file }: { list: string; file: string },
  options: ImportOptions,
): Promise<void> {
  const { withOperations } = await import("../operations.ts");
  await withOperations(cli, options, async (operations) => {
    const result = await importRecords({
      cli,
      file,
      format: options.format,
      noun: "members",
      parser: memberParser,
      write: (members) => operations.addListMembers(list, members),
    });
    reportImport({ cli, result, json: options.json ?? false, into: `list ${list}` });
  });
}

/** `lists import`. */
export function listsCommand(cli: Cli): Command {
  const lists = new Command("lists").summary("fill lists from files").description("Named sets of users.");
  lists
    .command("import")
    .summary("add the members in a file to a list")
    .description(
      `Adds members to a list, which is made when absent, ${count(10_000)} at a time; members that are there already stay and get the properties. CSV needs a header with id or user_id, every other column becomes a property of the membership. JSON lines hold {"userId": "…", "properties": {…}}. Lines that make no sense are named and left out, and the exit code is 1.`,
    )
    .argument("<list>", "name of the list")
    .argument("<file>", "a .csv or .jsonl file, or - for the standard input")
    .addOption(formatOption())
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  knock lists import project.7.followers followers.csv")
    .action((list: string, file: string, _options: unknown, command: Command) =>
      importMembers(cli, { list, file }, command.optsWithGlobals<ImportOptions>()),
    );
  return lists;
}
