import { KnockError } from "../../base/errors.ts";
import { silentLogger } from "../../base/logger.ts";
import { nearest } from "../../base/nearest.ts";
import { printSdl } from "../../api/graphql/print-schema.ts";
import { type DeployContext, deployRelease, type DeployOutcome, planDeploy } from "../../deploy/deploy.ts";
import { rollback } from "../../deploy/rollback.ts";
import type { Database } from "../../store/database.ts";
import {
  type DeployOfVersion,
  type DeployRead,
  openRunsOf,
  pageDeploys,
  pageVersions,
  type VersionRead,
} from "../../store/reads/deploys.ts";
import { currentVersions } from "../../store/deploys.ts";
import type { Cli } from "../cli.ts";
import { printingChannels } from "../development-channels.ts";
import { databaseWords } from "../panel.ts";
import { type Answer, refusalOf } from "../refusal.ts";
import type { ConfiguredProject } from "./environment.ts";
import type { DeployAnswer, DeployWay, ListedDeploy, ListedVersion } from "./way.ts";

/** Versions that one page lists. */
const LISTED = 50;

const asAnswer = (outcome: DeployOutcome): DeployAnswer =>
  outcome.ok ? outcome : { ok: false, refusal: refusalOf(outcome.error), plan: outcome.plan };

/** What an expected failure says as an answer. */
async function answering<Value>(work: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (KnockError.is(error)) return { ok: false, refusal: refusalOf(error) };
    throw error;
  }
}

const listedDeploy = ({ id, kind, commit, author }: DeployOfVersion | DeployRead, at: Date): ListedDeploy => ({
  id,
  kind,
  commit,
  author,
  createdAt: at.toISOString(),
});

function listedVersion(version: VersionRead, openRuns: number): ListedVersion {
  const { number, hash, artifact, createdAt, current, deploys } = version;
  const made = {
    createdAt: createdAt.toISOString(),
    deploys: deploys.map((deploy) => listedDeploy(deploy, deploy.at)),
  };
  return { number, hash, artifact, current, openRuns, ...made };
}

/** A page of the versions of a workflow. Errors: `UNKNOWN_WORKFLOW`. */
async function listVersions({ db }: Database, workflow: string, after: string | null) {
  const { nodes, hasNextPage, endCursor } = await pageVersions(db, workflow, { first: LISTED, after });
  if (nodes.length === 0 && after === null) {
    const keys = (await currentVersions(db)).map((version) => version.workflow);
    throw new KnockError("UNKNOWN_WORKFLOW", { workflow, nearest: nearest(workflow, keys) });
  }
  const open = await openRunsOf(
    db,
    nodes.map(({ id }) => id),
  );
  const versions = nodes.map((version) => listedVersion(version, open.get(version.id) ?? 0));
  return { versions, next: hasNextPage ? endCursor : null };
}

function contextOf({ clock }: Cli, { config }: ConfiguredProject, database: Database): DeployContext {
  return {
    database,
    clock,
    // The command says itself what came of it.
    logger: silentLogger,
    // Only their types matter: whoever works has the providers and their secrets.
    channels: [...printingChannels(config.channels, () => {}).values()],
    publicKeys: config.deploy?.publicKeys ?? [],
    sdlOf: printSdl,
  };
}

/** Straight into an open database. */
export function localWay(cli: Cli, project: ConfiguredProject, database: Database): DeployWay {
  const context = contextOf(cli, project, database);
  const { db } = database;
  return {
    place: databaseWords(database, cli.cwd),
    // Who reviews a pull request, or asks what differs, has no private key, and runs this code anyway.
    plan: (release) => answering(() => planDeploy(context, release, { ownCode: true })),
    deploy: async (release, options) => asAnswer(await deployRelease(context, release, options)),
    rollback: async (asked) => asAnswer(await rollback(context, asked)),
    versions: (workflow, after) => answering(() => listVersions(database, workflow, after)),
    latest: () =>
      answering(async () => {
        const [newest] = (await pageDeploys(db, { first: 1 })).nodes;
        return newest ? listedDeploy(newest, newest.createdAt) : null;
      }),
  };
}
