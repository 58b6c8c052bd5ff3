// Files that follow from the workflows: printed, written, or compared with what is there.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Json } from "../base/canonical-json.ts";
import type { Registry } from "../registry/registry.ts";
import { type Cli, CommandFailed, type GlobalOptions } from "./cli.ts";

/** What the commands of `knock generate` take. */
export interface GenerateOptions extends GlobalOptions {
  write?: string | true;
  check?: string | true;
  json?: boolean;
}

interface Generated {
  /** The command that makes it. */
  command: string;
  /** Its file, from the root of the project. */
  file: string;
  text: string;
  /** What `--json` prints. */
  json: Json;
}

const pathOf = (root: string, { file }: Generated, given: string | true, cwd: string): string =>
  typeof given === "string" ? resolve(cwd, given) : join(root, file);

/** Prints, writes or checks. */
function hand(cli: Cli, generated: Generated, { root, options }: { root: string; options: GenerateOptions }): void {
  const { terminal, cwd } = cli;
  const { paint } = terminal;
  const { text, command } = generated;
  const given = options.write ?? options.check;
  if (given === undefined) return terminal.out(options.json ? JSON.stringify(generated.json) : text.trimEnd());
  const file = pathOf(root, generated, given, cwd);
  const shown = relative(cwd, file);
  const same = existsSync(file) && readFileSync(file, "utf8") === text;
  const writes = options.write !== undefined && !same;
  if (writes) writeFileSync(file, text);
  if (options.json) terminal.out(JSON.stringify({ file: shown, upToDate: same || writes, written: writes }));
  else if (writes) terminal.out(`${paint.green("✓")} ${shown} written`);
  else if (same) terminal.out(`${paint.green("✓")} ${shown} is up to date`);
  else terminal.out(`${paint.red("✗")} ${shown} is not what the workflows make; write it with: ${command} --write`);
  if (!same && !writes) throw new CommandFailed();
}

/** Where this repository keeps the schema of its example; a project keeps it beside the config. */
const PLACES = ["src/api/graphql", "."];

async function project(cli: Cli, options: GenerateOptions): Promise<{ root: string; registry: Registry }> {
  const { requireProject } = await import("./open-project.ts");
  const { place, registry } = await requireProject(cli, options);
  return { root: place.root, registry };
}

/** `knock generate schema`. */
export async function generateSchema(cli: Cli, options: GenerateOptions): Promise<void> {
  const { root, registry } = await project(cli, options);
  const { printSdl } = await import("../api/graphql/print-schema.ts");
  const folder = PLACES.find((place) => existsSync(join(root, place)))!;
  const text = printSdl(registry);
  const file = join(folder, "schema.graphql");
  hand(cli, { command: "knock generate schema", file, text, json: { sdl: text } }, { root, options });
}

/** `knock generate json-schema`. */
export async function generateJsonSchema(cli: Cli, options: GenerateOptions): Promise<void> {
  const { root, registry } = await project(cli, options);
  const { workflowsSchema } = await import("../registry/workflows-schema.ts");
  const schema = workflowsSchema(registry);
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  const file = "workflows.schema.json";
  hand(cli, { command: "knock generate json-schema", file, text, json: schema }, { root, options });
}
