// What a process of production does about deploys when it starts: it makes the first one, and tells of the last.
import { printSdl } from "../../api/graphql/print-schema.ts";
import type { Logger } from "../../base/logger.ts";
import type { Channel } from "../../channels/channel.ts";
import { deployRelease } from "../../deploy/deploy.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Database } from "../../store/database.ts";
import { currentVersions, latestDeploy, type CurrentVersion } from "../../store/deploys.ts";
import { pageDeploys } from "../../store/reads/deploys.ts";
import type { Cli } from "../cli.ts";
import type { SoundProject } from "../load-project.ts";
import { plural } from "../terminal.ts";
import { releaseOf } from "./release-of.ts";

/** What a first deploy works with. */
export interface FirstDeploy {
  project: SoundProject;
  database: Database;
  channels: ReadonlyMap<string, Channel>;
  logger: Logger;
}

/**
 * Deploys this checkout where nothing was ever deployed, as `knock sync` would. Of several processes that start at
 * once one does it, and the others find it done.
 *
 * @throws KnockError as `knock sync` answers.
 */
export async function deployFirst(
  { clock, environment }: Cli,
  { project, database, channels, logger }: FirstDeploy,
): Promise<void> {
  if ((await latestDeploy(database.db)) !== null) return;
  const release = await releaseOf(project, environment.KNOCK_SIGNING_KEY || null);
  const publicKeys = project.config.deploy?.publicKeys ?? [];
  const context = { database, clock, logger, channels: [...channels.values()], publicKeys, sdlOf: printSdl };
  const outcome = await deployRelease(context, release, { onlyFirst: true });
  if (!outcome.ok) throw outcome.error;
  if (outcome.id === null) return;
  logger.info("nothing was deployed yet: this checkout is now", {
    deploy: outcome.id,
    commit: release.commit,
    workflows: release.workflows.length,
  });
}

/**
 * How a checkout differs from what is deployed, in words: `changed: welcome; not here: digest`. `null` when it does
 * not, but for code that the examples do not show.
 */
export async function driftOf(registry: Registry, { db }: Database): Promise<string | null> {
  const deployed = (await currentVersions(db)).filter(({ status, artifact }) => status !== "archived" && artifact);
  const keys = new Set(deployed.map(({ workflow }) => workflow));
  const isChanged = ({ workflow, hash, fingerprint }: CurrentVersion) => {
    const own = registry.get(workflow);
    return own !== undefined && (own.hash !== hash || own.fingerprint !== fingerprint);
  };
  const parts = [
    ["changed", deployed.filter(isChanged).map(({ workflow }) => workflow)],
    ["not deployed", [...registry.keys()].filter((key) => !keys.has(key))],
    ["not here", [...keys].filter((key) => !registry.has(key))],
  ] as const;
  const words = parts.filter(([, of]) => of.length > 0).map(([what, of]) => `${what}: ${of.join(", ")}`);
  return words.join("; ") || null;
}

/** What runs, in words: `3 workflows, deploy 0190…, commit 1a2b3c4`. */
export async function deployedWords({ db }: Database, { size }: Registry): Promise<string> {
  const [latest] = (await pageDeploys(db, { first: 1 })).nodes;
  const commit = latest?.commit ? `, commit ${latest.commit.replace(/^([0-9a-f]{7})[0-9a-f]*/, "$1")}` : "";
  return latest ? `${plural(size, "workflow")}, deploy ${latest.id}${commit}` : "nothing yet (knock sync)";
}
