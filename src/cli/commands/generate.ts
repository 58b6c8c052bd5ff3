import { Command } from "commander";
import type { Cli } from "../cli.ts";
import { generateJsonSchema, generateSchema, type GenerateOptions } from "../generate.ts";
import { jsonOption } from "../options.ts";

function generating(command: Command, file: string): Command {
  return command
    .option("--write [file]", `write it to a file (default: ${file} beside the config)`)
    .option("--check [file]", "exit with 1 when the file is not up to date")
    .addOption(jsonOption());
}

/** `generate schema` and `generate json-schema`. */
export function generateCommand(cli: Cli): Command {
  const generate = new Command("generate")
    .summary("write files that follow from the workflows")
    .description("Files that follow from the workflows.");
  generating(
    generate
      .command("schema")
      .summary("print the GraphQL schema")
      .description(
        "Prints the GraphQL schema of the workflows. Kept in the repository, it shows in a review what a change does to callers.",
      ),
    "schema.graphql",
  )
    .addHelpText("after", "\nExample:\n  knock generate schema --write")
    .action((_options: unknown, command: Command) => generateSchema(cli, command.optsWithGlobals<GenerateOptions>()));
  generating(
    generate
      .command("json-schema")
      .summary("print the JSON Schema of what the workflows take")
      .description(
        "Prints one JSON Schema document (2020-12) with what each workflow takes as data, in $defs by the key of the workflow. For generators of types in other languages, for validators and for editors.",
      ),
    "workflows.schema.json",
  )
    .addHelpText("after", "\nExample:\n  knock generate json-schema --write")
    .action((_options: unknown, command: Command) =>
      generateJsonSchema(cli, command.optsWithGlobals<GenerateOptions>()),
    );
  return generate;
}
