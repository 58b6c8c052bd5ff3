// `knock start` and `knock worker`: a process of production.
import { processAge } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { createKnock, type Knock } from "../knock.ts";
import { serve, type RunningServer } from "../server/main.ts";
import { createMetrics } from "../server/metrics.ts";
import { type FollowingNow, type OperationsServer, serveOperations } from "../server/operations.ts";
import type { Database } from "../store/database.ts";
import type { Cli, GlobalOptions } from "./cli.ts";
import { closeAll, type Closers } from "./closers.ts";
import { deployedWords, deployFirst, driftOf } from "./deploy/first-deploy.ts";
import { requirePostgres } from "./database-target.ts";
import { sendingChannels } from "./development-channels.ts";
import type { SoundProject } from "./load-project.ts";
import { ensureMigrated, openTarget, requireProject, targetOf } from "./open-project.ts";
import { databaseWords, panelLines } from "./panel.ts";
import { listenForShutdown } from "./shutdown.ts";
import { terminalLogger } from "./terminal-logger.ts";

/** What a process of production does. */
export interface Role {
  /** Executes runs. */
  works: boolean;
  /** Answers calls; `null` for a worker alone. */
  listens: { host: string; port: number } | null;
  /** Where a process that answers no calls tells how it is; `null` for nowhere. */
  reports: { host: string; port: number } | null;
}

interface Started {
  project: SoundProject;
  knock: Knock;
  database: Database;
  server: RunningServer | null;
  operations: OperationsServer | null;
  works: boolean;
}

/** What people should know of a process that has started, each as a sentence. */
async function warningsOf({ project, knock, database, server }: Started): Promise<string[]> {
  const drift = knock.following && (await driftOf(project.registry, database));
  return [
    ...(server && !server.authenticated
      ? ["there is no API key: only this machine is answered (knock keys create)"]
      : []),
    ...(drift ? [`this checkout is not what is deployed (${drift}): see knock status`] : []),
  ];
}

/** Says what runs: a panel for a person, one line for whatever collects the output. */
async function tellStart({ terminal, cwd, version }: Cli, logger: Logger, started: Started): Promise<void> {
  const { project, knock, database, server, operations, works } = started;
  const { channels } = project.config;
  const registry = knock.engine.context.registry();
  const url = server?.url ?? null;
  const health = operations?.url ?? null;
  const warnings = await warningsOf(started);
  const words = databaseWords(database, cwd);
  const deployed = knock.following ? await deployedWords(database, registry) : null;
  if (terminal.interactive) {
    const shown = { registry, channels, url, works, warnings, keys: [], sends: true, graphiql: false, deployed };
    const panel = panelLines({ ...shown, version, database: words, readyIn: processAge() }, terminal.paint);
    if (health) panel.push(`  ${terminal.paint.dim("health".padEnd(11))}${health}/readyz   ${health}/metrics`);
    return terminal.out(`\n${panel.join("\n")}\n`);
  }
  const told = { workflows: registry.size, database: words, ...(deployed && { deployed }) };
  logger.info("started", { version, url, ...(health && { health }), works, ...told });
  for (const warning of warnings) logger.warn(warning);
}

/** Starts what the role asks for; `closers` is given what ends it again. */
async function startRole(
  cli: Cli,
  options: GlobalOptions,
  { role, logger, closers }: { role: Role; logger: Logger; closers: Closers },
): Promise<Started> {
  const { clock, environment, version } = cli;
  const { works, listens, reports } = role;
  const project = await requireProject(cli, options);
  const target = targetOf(cli, project, true);
  if (!listens || !works) requirePostgres(target, listens ? "a server without a worker" : "a worker of its own");
  // Secrets that are missing are better told before anything else begins.
  const channels = sendingChannels(project.config.channels, environment);
  const database = await openTarget(target, cli);
  closers.push(() => database.close());
  await ensureMigrated(database);
  const metrics = createMetrics();
  let follows: FollowingNow = () => null;
  // First, so that it ends last: until then it says that the process is ending.
  const operations = reports
    ? await serveOperations({ ...reports, database, metrics, following: () => follows(), clock, logger })
    : null;
  if (operations) closers.push(() => operations.close());
  const { listeners } = metrics;
  const content = project.config.content ?? "deployed";
  if (content === "deployed") await deployFirst(cli, { project, database, channels, logger });
  const knock = await createKnock({
    config: project.config,
    content,
    db: database,
    channels,
    clock,
    environment,
    logger,
    listeners,
  });
  follows = () => knock.following;
  closers.push(() => knock.stop());
  if (operations) closers.push(() => operations.ending());
  await knock.start({ work: works });
  if (!listens) return { project, knock, database, server: null, operations, works };
  const server = await serve({ ...listens, knock, dev: false, delivery: "", version, metrics, clock, logger });
  closers.push(() => server.close());
  await database.announce(server.url);
  return { project, knock, database, server, operations, works };
}

/** Runs until somebody ends it. */
export async function runProcess(cli: Cli, options: GlobalOptions, role: Role): Promise<void> {
  const shutdown = listenForShutdown(cli.clock);
  const closers: Closers = [];
  const logger = terminalLogger(cli.terminal, cli.clock, options.verbose ?? false);
  try {
    await tellStart(cli, logger, await startRole(cli, options, { role, logger, closers }));
    await shutdown.requested;
    logger.info("stopping");
  } finally {
    await closeAll(closers);
    shutdown.release();
  }
  logger.info("stopped");
}
