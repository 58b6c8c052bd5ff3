// Taking over a saved change: new workflows when the files are in order, else one line and the last
// good version goes on.
import { relative } from "node:path";
import { canonicalJson } from "../base/canonical-json.ts";
import { stopwatch } from "../base/clock.ts";
import type { Channel } from "../channels/channel.ts";
import type { Knock } from "../knock.ts";
import type { Config } from "../registry/config.ts";
import type { Cli } from "./cli.ts";
import { describeReload } from "./describe-reload.ts";
import { isSound, loadProject, type LoadedProject, type SoundProject } from "./load-project.ts";
import { plainProblem } from "./report-problems.ts";
import { timeOfDay } from "./run-lines.ts";
import { elapsed } from "./terminal.ts";

export interface ReloadOptions {
  cli: Cli;
  /** `--config`, as given. */
  config: string | undefined;
  knock: Knock;
  /** The channels in use; brought in line with the config's. */
  channels: Map<string, Channel>;
  channelsOf(config: Config): Map<string, Channel>;
}

/** What only a new process takes over. */
const fixedParts = [
  "preferences",
  "onInvalidData",
  "idempotency",
  "timezone",
  "fetch",
  "retention",
  "endUsers",
  "links",
  "channelIds",
] as const;

/** What of it has changed, in words. */
const fixedChanges = (before: Config, after: Config): string =>
  fixedParts
    .filter((part) => canonicalJson({ part: before[part] }) !== canonicalJson({ part: after[part] }))
    .join(", ");

function problemLine({ terminal, clock }: Cli, { place, problems }: LoadedProject): string {
  const { paint } = terminal;
  const { file, line, column, message, fix } = plainProblem(place.root, problems[0]!);
  const more = problems.length > 1 ? paint.dim(`  (and ${problems.length - 1} more: knock check)`) : "";
  return [
    `${paint.dim(timeOfDay(clock.now()))}  ${paint.red("✗")} ${paint.cyan(file ? `${file}:${line}:${column}` : "knock.config.ts")}  ${message}`,
    `${paint.dim("→")} ${fix}${more}  ${paint.dim("the last good version keeps running")}`,
  ].join("  ");
}

async function takeOver({ knock, channels, channelsOf }: ReloadOptions, config: Config): Promise<void> {
  const wanted = channelsOf(config);
  for (const key of channels.keys()) if (!wanted.has(key)) channels.delete(key);
  for (const [key, channel] of wanted) channels.set(key, channel);
  await knock.reload(config);
}

function changedFiles({ cwd }: Cli, changed: readonly string[]): string {
  const [first, ...others] = changed.map((file) => relative(cwd, file));
  return others.length > 0 ? `${first} and ${others.length} more` : (first ?? "on request");
}

/** A function that takes over what the files say now. `running` is the project that runs so far. */
export function createReloader(
  options: ReloadOptions,
  running: SoundProject,
): (changed: readonly string[]) => Promise<LoadedProject> {
  const { cli } = options;
  const { terminal, clock } = cli;
  const { paint } = terminal;
  const started = running.config;
  let good = running;
  return async (changed) => {
    const took = stopwatch();
    const project = await loadProject(cli.cwd, options.config);
    if (!isSound(project)) {
      terminal.out(problemLine(cli, project));
      return project;
    }
    await takeOver(options, project.config);
    const what = `${describeReload(good.registry, project.registry)}  ${paint.dim(elapsed(took()))}`;
    terminal.out(`${paint.dim(timeOfDay(clock.now()))}  ${paint.cyan("↻")} ${changedFiles(cli, changed)}  ${what}`);
    const fixed = fixedChanges(started, project.config);
    if (fixed) terminal.out(`          ${paint.yellow("!")} after a restart only: ${fixed}`);
    good = project;
    return project;
  };
}
