// What `knock doctor` says of what is deployed: whether a process with this config would run it.
import { KnockError } from "../../base/errors.ts";
import { createFollower } from "../../deploy/follow.ts";
import type { Finding } from "../../engine/examine.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Database } from "../../store/database.ts";
import { latestDeploy } from "../../store/deploys.ts";
import { migrationState } from "../../store/migrate.ts";
import type { Cli } from "../cli.ts";
import { contentFor } from "../content-for.ts";
import type { SoundProject } from "../load-project.ts";
import { terminalLogger } from "../terminal-logger.ts";
import { deployedWords, driftOf } from "./first-deploy.ts";

/** What was found, and the workflows that would run. */
export interface ExaminedDeploy {
  registry: Registry | null;
  findings: Finding[];
}

const found = (state: Finding["state"], message: string, fix: string | null = null): Finding => ({
  check: "deploy",
  state,
  message: message.replace(/\.$/, ""),
  fix,
});

/** Loads what is deployed as a process that starts now would. `null` where processes work from their own files. */
export async function examineDeployed(
  cli: Cli,
  { config, registry: own }: SoundProject,
  database: Database,
): Promise<ExaminedDeploy | null> {
  if ((await migrationState(database)).state !== "current") return null;
  if ((await contentFor(config, database)) === "local") return null;
  if ((await latestDeploy(database.db)) === null)
    return { registry: null, findings: [found("warn", "nothing was ever deployed", "Run `knock sync`.")] };
  const follower = createFollower({
    database,
    clock: cli.clock,
    logger: terminalLogger(cli.terminal, cli.clock, false),
    // Only their types matter, and nothing is sent.
    channels: Object.entries(config.channels).map(([key, { channel }]) => ({ key, type: channel })),
    publicKeys: config.deploy?.publicKeys ?? [],
    listeners: {},
    adopt: () => {},
  });
  try {
    await follower.load();
  } catch (error) {
    if (!KnockError.is(error)) throw error;
    const fix = "Processes that run go on with what they have, and none can start. Deploy again, or `knock rollback`.";
    return { registry: null, findings: [found("bad", error.message, fix)] };
  }
  const registry = follower.registry();
  const drift = await driftOf(own, database);
  const words = await deployedWords(database, registry);
  if (drift) return { registry, findings: [found("ok", `${words}; this checkout differs (${drift})`)] };
  return { registry, findings: [found("ok", words)] };
}
