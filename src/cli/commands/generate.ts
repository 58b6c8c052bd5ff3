import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Command } from "commander";
import { type Cli, CommandFailed, type GlobalOptions } from "../cli.ts";

interface SchemaOptions extends GlobalOptions {
  write?: string | true;
  check?: string | true;
}

/** Where this repository keeps the schema of its example; a project keeps it beside the config. */
const PLACES = ["src/api/graphql", "."];

const fileFor = (root: string, given: string | true, cwd: string): string => {
  if (typeof given === "string") return resolve(cwd, given);
  const folder = PLACES.map((place) => resolve(root, place)).find((path) => existsSync(path))!;
  return join(folder, "schema.graphql");
};

async function generateSchema(cli: Cli, options: SchemaOptions): Promise<void> {
  const { requireProject } = await import("../open-project.ts");
  const { printSdl } = await import("../../api/graphql/print-schema.ts");
  const { terminal, cwd } = cli;
  const { registry, place } = await requireProject(cli, options);
  const text = printSdl(registry);
  const given = options.write ?? options.check;
  if (given === undefined) return terminal.out(text.trimEnd());
  const file = fileFor(place.root, given, cwd);
  const shown = relative(cwd, file);
  const same = existsSync(file) && readFileSync(file, "utf8") === text;
  if (same) return terminal.out(`${terminal.paint.green("✓")} ${shown} is up to date`);
  if (options.write === undefined) {
    terminal.out(
      `${terminal.paint.red("✗")} ${shown} is not what the workflows make; write it with: knock generate schema --write`,
    );
    throw new CommandFailed();
  }
  writeFileSync(file, text);
  terminal.out(`${terminal.paint.green("✓")} ${shown} written`);
}

/** `generate schema`. */
export function generateCommand(cli: Cli): Command {
  const generate = new Command("generate")
    .summary("write files that follow from the workflows")
    .description("Files that follow from the workflows.");
  generate
    .command("schema")
    .summary("print the GraphQL schema")
    .description(
      "Prints the GraphQL schema of the workflows. Kept in the repository, it shows in a review what a change does to callers.",
    )
    .option("--write [file]", "write it to a file (default: schema.graphql beside the config)")
    .option("--check [file]", "exit with 1 when the file is not up to date")
    .addHelpText("after", "\nExample:\n  knock generate schema --write")
    .action((_options: unknown, command: Command) => generateSchema(cli, command.optsWithGlobals<SchemaOptions>()));
  return generate;
}
