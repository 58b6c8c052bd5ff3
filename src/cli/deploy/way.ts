// What commands about deploys ask, of a database or of a running server.
import { KnockError } from "../../base/errors.ts";
import type { DeployPlan } from "../../deploy/plan/plan.ts";
import type { DeployOptions, Release } from "../../deploy/release.ts";
import type { Database } from "../../store/database.ts";
import { type Cli, CommandFailed, type GlobalOptions } from "../cli.ts";
import { loadProject } from "../load-project.ts";
import { ensureMigrated, openTarget, printProblems } from "../open-project.ts";
import { type Answer, type Refusal, Refused, refusalOf } from "../refusal.ts";
import { choosePlace, type ConfiguredProject, type DeployPlace, type PlaceOptions } from "./environment.ts";

/** What came of a deploy: without an id nothing differed. */
export type DeployAnswer =
  | { ok: true; id: string | null; plan: DeployPlan }
  | { ok: false; refusal: Refusal; plan: DeployPlan | null };

/** A deploy as it is listed. Times are ISO 8601. */
export interface ListedDeploy {
  id: string;
  kind: string;
  commit: string | null;
  author: string | null;
  createdAt: string;
}

/** A version as it is listed. */
export interface ListedVersion {
  number: number;
  hash: string;
  artifact: string | null;
  createdAt: string;
  current: boolean;
  openRuns: number;
  /** That made it the current one, newest first. */
  deploys: ListedDeploy[];
}

/** A version to bring back. */
export interface Rollback {
  workflow: string;
  /** `null`: the one before. */
  version: number | null;
  author: string | null;
  allowBreaking: boolean;
}

/** How what is deployed is reached. */
export interface DeployWay {
  /** Where it goes, for people. */
  readonly place: string;
  plan(release: Release): Promise<Answer<DeployPlan>>;
  deploy(release: Release, options: DeployOptions): Promise<DeployAnswer>;
  rollback(asked: Rollback): Promise<DeployAnswer>;
  /** Newest first. Errors: `UNKNOWN_WORKFLOW`. */
  versions(workflow: string, after: string | null): Promise<Answer<{ versions: ListedVersion[]; next: string | null }>>;
  /** The newest deploy; `null` before the first. */
  latest(): Promise<Answer<ListedDeploy | null>>;
}

/** The options with which a command says where it goes. */
export interface DeployPlaceOptions extends GlobalOptions, PlaceOptions {}

/** What a command about deploys is given. */
export interface Going {
  way: DeployWay;
  place: DeployPlace;
}

/** The config; workflows with mistakes do not matter to commands that deploy none of them. */
export async function requireConfig(cli: Cli, { config: given }: GlobalOptions): Promise<ConfiguredProject> {
  const project = await loadProject(cli.cwd, given);
  const { config, place } = project;
  if (config) return { config, place };
  printProblems(cli, project);
  throw new CommandFailed();
}

async function remote(url: string, apiKey: string | undefined): Promise<DeployWay> {
  const { remoteWay } = await import("./way-remote.ts");
  return remoteWay({ url, apiKey });
}

/** The embedded database is another process's: say how to go on. */
function lockedBy(error: KnockError<"DATABASE_LOCKED">): Refused {
  const { url } = error.details;
  const through = url
    ? `Stop it and try again, or go through it: --url ${url} --api-key sk_…, a key with the scope deploy.`
    : "Stop it and try again.";
  return new Refused({
    ...refusalOf(error),
    hint: `${through} If it is \`knock dev\`, there is nothing to deploy: it follows the files.`,
  });
}

/** Opens a database, or the way through the process that has it open. */
async function openPlace(cli: Cli, { to }: DeployPlace, apiKey?: string): Promise<Database | { url: string }> {
  if ("url" in to) return { url: to.url };
  try {
    return await openTarget(to.database, cli);
  } catch (error) {
    if (!KnockError.is(error, "DATABASE_LOCKED")) throw error;
    const { url } = error.details;
    if (url === null || !apiKey) throw lockedBy(error);
    return { url };
  }
}

/**
 * Does something with what is deployed: at `--env` or `--url`, else in the project's database, else, when a process has
 * the embedded database open and a key is given, through that process.
 */
export async function withDeployWay<Result>(
  cli: Cli,
  { options, project }: { options: DeployPlaceOptions; project?: ConfiguredProject },
  work: (going: Going) => Promise<Result>,
): Promise<Result> {
  let known = project;
  const read = async () => (known ??= await requireConfig(cli, options));
  const place = await choosePlace(cli, options, read);
  const opened = await openPlace(cli, place, options.apiKey);
  if (!("driver" in opened)) {
    const apiKey = "url" in place.to ? place.to.apiKey : options.apiKey;
    return work({ place, way: await remote(opened.url, apiKey) });
  }
  try {
    await ensureMigrated(opened);
    const { localWay } = await import("./way-local.ts");
    return await work({ place, way: localWay(cli, await read(), opened) });
  } finally {
    await opened.close();
  }
}
