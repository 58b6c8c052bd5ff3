// `knock start` and `knock worker`: a process of production.
import { processAge } from "../base/clock.ts";
import { createKnock } from "../knock.ts";
import { serve } from "../server/main.ts";
import type { Cli, GlobalOptions } from "./cli.ts";
import { sendingChannels } from "./development-channels.ts";
import { ensureMigrated, openTarget, requireProject, targetOf } from "./open-project.ts";
import { databaseWords, panelLines } from "./panel.ts";
import { listenForShutdown } from "./shutdown.ts";
import { terminalLogger } from "./terminal-logger.ts";
import { requirePostgres } from "./database-target.ts";

/** What a process of production does. */
export interface Role {
  /** Executes runs. */
  works: boolean;
  /** Answers calls; `null` for a worker alone. */
  listens: { host: string; port: number } | null;
}

/** Runs until somebody ends it. */
export async function runProcess(cli: Cli, options: GlobalOptions, { works, listens }: Role): Promise<void> {
  const { terminal, clock, environment, version } = cli;
  const shutdown = listenForShutdown();
  const closers: (() => unknown)[] = [];
  const logger = terminalLogger(terminal, clock, options.verbose ?? false);
  try {
    const project = await requireProject(cli, options);
    const target = targetOf(cli, project, true);
    if (!listens || !works) requirePostgres(target, listens ? "a server without a worker" : "a worker of its own");
    // Secrets that are missing are better told before anything else begins.
    const channels = sendingChannels(project.config.channels, environment);
    const database = await openTarget(target, cli);
    closers.push(() => database.close());
    await ensureMigrated(database);
    const knock = await createKnock({ config: project.config, db: database, channels, clock, environment, logger });
    closers.push(() => knock.stop());
    await knock.start({ work: works });
    const server = listens && (await serve({ ...listens, knock, dev: false, delivery: "", version, clock, logger }));
    if (server) {
      closers.push(() => server.close());
      await database.announce(server.url);
    }
    const url = server?.url ?? null;
    const warnings = server && !server.authenticated ? ["there is no API key: only this machine is answered (knock keys create)"] : [];
    const shown = { version, readyIn: processAge(), registry: project.registry, url, works, warnings, keys: [], sends: true, graphiql: false };
    if (terminal.interactive) {
      const panel = { ...shown, channels: project.config.channels, database: databaseWords(database, cli.cwd) };
      terminal.out(`\n${panelLines(panel, terminal.paint).join("\n")}\n`);
    } else {
      logger.info("started", { version, url, works, workflows: project.registry.size, database: databaseWords(database, cli.cwd) });
      for (const warning of warnings) logger.warn(warning);
    }
    await shutdown.requested;
    logger.info("stopping");
  } finally {
    for (const close of closers.toReversed()) await close();
    shutdown.release();
  }
  logger.info("stopped");
}
