import { Command } from "commander";
import { stopwatch } from "../../base/clock.ts";
import { type Cli, CommandFailed, type GlobalOptions } from "../cli.ts";
import type { LoadedProject } from "../load-project.ts";
import { plainProblem, problemsText } from "../report-problems.ts";
import { elapsed, plural } from "../terminal.ts";

interface CheckOptions extends GlobalOptions {
  json?: boolean;
}

/** What is not wrong, and most likely not meant so either. */
async function warningsOf({ config, registry }: LoadedProject): Promise<string[]> {
  if (!registry || config?.links) return [];
  const { readsLinks } = await import("../../registry/reads-links.ts");
  return readsLinks(registry).map(
    (place) => `${place} reads links, which are empty but in knock dev: knock.config.ts has no "links"`,
  );
}

async function check({ terminal, cwd }: Cli, { config, json }: CheckOptions): Promise<void> {
  const took = stopwatch();
  const { loadProject } = await import("../load-project.ts");
  const project = await loadProject(cwd, config);
  const { place, registry, problems } = project;
  const warnings = await warningsOf(project);
  const { paint } = terminal;
  const workflows = registry ? [...registry.keys()] : [];
  if (json) {
    const plain = problems.map((problem) => plainProblem(place.root, problem));
    terminal.out(JSON.stringify({ ok: plain.length === 0, workflows, problems: plain, warnings }, null, 2));
  } else if (problems.length > 0) {
    const files = new Set(problems.map(({ site }) => site?.file)).size;
    terminal.out(`\n${problemsText(place.root, problems, paint)}\n`);
    terminal.out(`  ${paint.bold(plural(problems.length, "problem"))} in ${plural(files, "file")}\n`);
  } else {
    terminal.out(`${paint.green("✓")} ${plural(workflows.length, "workflow")} in order  ${paint.dim(elapsed(took()))}`);
  }
  if (!json) for (const warning of warnings) terminal.out(`${paint.yellow("!")} ${warning}`);
  if (problems.length > 0) throw new CommandFailed();
}

export const checkCommand = (cli: Cli): Command =>
  new Command("check")
    .summary("name every mistake in the workflows")
    .description(
      "Reads the config and every workflow file, and names each mistake with its file and line, its cause and what to change. Needs no database. Exits with 1 when there is any.",
    )
    .option("--json", "print the problems as JSON")
    .addHelpText("after", "\nExample:\n  knock check --json")
    .action((_options: unknown, command: Command) => check(cli, command.optsWithGlobals<CheckOptions>()));
