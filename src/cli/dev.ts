// `knock dev`: the whole system in one process, following the files.
import { processAge } from "../base/clock.ts";
import { join } from "node:path";
import type { Channel } from "../channels/channel.ts";
import { createKnock, type Knock } from "../knock.ts";
import type { Config } from "../registry/config.ts";
import { serve, type RunningServer } from "../server/main.ts";
import type { Database } from "../store/database.ts";
import type { Cli, GlobalOptions } from "./cli.ts";
import { closeAll, type Closers } from "./closers.ts";
import { dataDirectory } from "./database-target.ts";
import { devEvents } from "./dev-events.ts";
import { withDevelopmentKeys } from "./development-keys.ts";
import { type DevelopmentLinks, withDevelopmentLinks } from "./development-links.ts";
import { printingChannels, sendingChannels } from "./development-channels.ts";
import { listenToKeys } from "./keyboard.ts";
import { isSound, loadProject, type LoadedProject, type SoundProject } from "./load-project.ts";
import { isFresh, openTarget, printProblems, targetOf } from "./open-project.ts";
import { databaseWords, panelLines } from "./panel.ts";
import { createReloader } from "./reload.ts";
import { seedPeople } from "./seed.ts";
import { listenForShutdown, type Shutdown } from "./shutdown.ts";
import { jsonTerminal } from "./terminal.ts";
import { developmentLogger } from "./terminal-logger.ts";
import { type Watched, watchProject } from "./watch-project.ts";

/** What `knock dev` takes. */
export interface DevOptions extends GlobalOptions {
  port: number;
  host: string;
  send?: boolean;
  seed?: boolean;
  /** One JSON object per line instead of text. */
  json?: boolean;
}

const watched = ({ files, place }: LoadedProject): Watched => ({ files, folders: [join(place.root, "workflows")] });

/** The project as soon as nothing is wrong with it; `null` when somebody ended the wait. */
async function soundProject(cli: Cli, { config }: DevOptions, shutdown: Shutdown): Promise<SoundProject | null> {
  let project = await loadProject(cli.cwd, config);
  let wake = () => {};
  const watcher = watchProject({ clock: cli.clock, onChange: async () => wake() });
  while (!isSound(project)) {
    printProblems(cli, project);
    cli.terminal.err(cli.terminal.paintErr.dim("  waiting for a change …"));
    const changed = new Promise<"changed">((resolve) => (wake = () => resolve("changed")));
    watcher.track(watched(project));
    if ((await Promise.race([changed, shutdown.requested])) !== "changed") break;
    project = await loadProject(cli.cwd, config);
  }
  watcher.close();
  return isSound(project) ? project : null;
}

interface System {
  knock: Knock;
  database: Database;
  channels: Map<string, Channel>;
  channelsOf(config: Config): Map<string, Channel>;
  links: DevelopmentLinks;
}

/** The running system, with every decision and delivery printed. */
async function startSystem(
  cli: Cli,
  options: DevOptions,
  { project, closers }: { project: SoundProject; closers: Closers },
): Promise<System> {
  const { terminal, clock, environment } = cli;
  const { paint } = terminal;
  const events = devEvents(terminal, { clock, channels: () => channels, prints: !options.send });
  const channelsOf = ({ channels }: Config) =>
    options.send ? sendingChannels(channels, environment) : printingChannels(channels, events.block);
  const channels = channelsOf(project.config);
  const target = targetOf(cli, project);
  // The one start that takes seconds.
  if (isFresh(target)) terminal.out(paint.dim("\n  creating the embedded database …"));
  // The database compiles its WebAssembly in the background: time enough to read in the API.
  const [database] = await Promise.all([openTarget(target, cli), import("../api/graphql/yoga.ts")]);
  closers.push(() => database.close());
  const own = { environment, directory: dataDirectory({ ...cli, ...project.place }) };
  const links = withDevelopmentLinks(project.config, own);
  const knock = await createKnock({
    config: withDevelopmentKeys(links.config, own),
    // Whatever the config says of production: here the files count.
    content: "local",
    db: database,
    channels,
    clock,
    environment,
    logger: developmentLogger(terminal, clock, options.verbose ?? false),
    migrate: true,
    listeners: events.listeners,
  });
  closers.push(() => knock.stop());
  await knock.start();
  return { knock, database, channels, channelsOf, links };
}

interface Shown {
  system: System;
  server: RunningServer;
  project: SoundProject;
  people: string | null;
}

function showPanel(cli: Cli, options: DevOptions, { system, server, project, people }: Shown): void {
  const { terminal, cwd, version } = cli;
  const { log } = terminal;
  if (log) {
    const workflows = [...project.registry.keys()];
    return log.info("ready", { version, url: server.url, workflows, database: databaseWords(system.database, cwd) });
  }
  const warnings =
    project.registry.size === 0 ? ["there is no workflow yet: add one to workflows/ and to workflows/index.ts"] : [];
  const panel = panelLines(
    {
      version,
      database: databaseWords(system.database, cwd),
      readyIn: processAge(),
      registry: project.registry,
      channels: project.config.channels,
      url: server.url,
      graphiql: true,
      sends: options.send ?? false,
      works: true,
      warnings,
      people,
      keys: process.stdin.isTTY
        ? [
            ["r", "reload"],
            ["q", "quit"],
          ]
        : [],
    },
    terminal.paint,
  );
  terminal.out(`\n${panel.join("\n")}\n`);
}

/** Takes over changes until the process ends. */
function followChanges(
  cli: Cli,
  { config }: DevOptions,
  { system, project, closers }: { system: System; project: SoundProject; closers: Closers },
): () => void {
  const reload = createReloader({ cli, config, ...system }, project);
  const logger = developmentLogger(cli.terminal, cli.clock, false);
  const takeOver = async (changed: readonly string[]) => {
    try {
      watcher.track(watched(await reload(changed)));
    } catch (error) {
      logger.error("the change could not be taken over", { error });
    }
  };
  const watcher = watchProject({ clock: cli.clock, onChange: takeOver });
  watcher.track(watched(project));
  closers.push(() => watcher.close());
  return () => void takeOver([]);
}

/** Runs everything in this process until somebody ends it. */
export async function dev(given: Cli, options: DevOptions): Promise<void> {
  const cli = options.json ? { ...given, terminal: jsonTerminal(given.terminal, given.clock.now) } : given;
  const shutdown = listenForShutdown(cli.clock);
  const closers: Closers = [];
  try {
    const project = await soundProject(cli, options, shutdown);
    if (!project) return;
    const system = await startSystem(cli, options, { project, closers });
    const { knock, database } = system;
    const delivery = options.send
      ? "Messages are really sent."
      : "Nothing leaves this machine: messages are printed in the terminal.";
    const server = await serve({
      ...cli,
      knock,
      host: options.host,
      port: options.port,
      dev: true,
      delivery,
      logger: knock.engine.context.logger,
    });
    closers.push(() => server.close());
    system.links.answersAt(knock, server.url);
    await database.announce(server.url);
    const people = options.seed ? await seedPeople(database, cli.clock.now()) : null;
    showPanel(cli, options, { system, server, project, people });
    const reload = followChanges(cli, options, { system, project, closers });
    closers.push(listenToKeys({ q: shutdown.request, r: reload }, shutdown.request));
    await shutdown.requested;
    cli.terminal.out(cli.terminal.paint.dim("\n  stopping …"));
  } finally {
    await closeAll(closers);
    shutdown.release();
  }
}
