// Where a deploy goes: the config's own database, one of its environments, or a server that is named on the command
// line. Secrets are read from variables of the process, and only those of the environment that is asked for.
import { KnockError } from "../../base/errors.ts";
import { nearest } from "../../base/nearest.ts";
import { type Environment, isEnvReference, resolveEnv } from "../../channels/env.ts";
import type { Config, EnvironmentConfig } from "../../registry/config.ts";
import type { DatabaseTarget } from "../../store/database.ts";
import type { Cli } from "../cli.ts";
import { databaseTarget } from "../database-target.ts";
import type { ProjectPlace } from "../find-project.ts";

/** A project as far as its config. */
export interface ConfiguredProject {
  config: Config;
  place: ProjectPlace;
}

/** How a command names where it goes. */
export interface PlaceOptions {
  env?: string;
  url?: string;
  apiKey?: string;
}

/** Where a deploy goes, with the secrets for it. */
export interface DeployPlace {
  /** Name of the environment; `null` for the config's own database, or a server that was named itself. */
  name: string | null;
  to: { url: string; apiKey: string | undefined } | { database: DatabaseTarget };
  /** Private key with which what goes there is signed; `null` without. */
  signingKey: string | null;
}

const unusable = (name: string, problem: string, fix: string) =>
  new KnockError("INVALID_CONFIG", { problem: `environment "${name}" ${problem}`, fix });

/** A secret that stands in the config itself would be in the repository, and in every log that prints it. */
function requireReference(name: string, member: "apiKey" | "signingKey", value: unknown): void {
  if (value === undefined || isEnvReference(value)) return;
  throw unusable(name, `has its ${member} in the config itself`, `Write ${member}: env("…") and set that variable.`);
}

/** What is wrong with an environment, secrets apart; throws it. */
export function requireUsable(name: string, environment: EnvironmentConfig): void {
  const { url, apiKey, database, signingKey } = environment;
  requireReference(name, "apiKey", apiKey);
  requireReference(name, "signingKey", signingKey);
  if (url !== undefined && database !== undefined)
    throw unusable(name, "has a url and a database", "Leave one of them: a deploy goes to a server or to a database.");
  if (url === undefined && database === undefined)
    throw unusable(name, "has neither a url nor a database", "Give it the url of a running server, or a database.");
  if (url === undefined) return;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw unusable(name, "has a url that is none", 'Write it as "https://knock.example.com".');
  if (apiKey === undefined)
    throw unusable(name, "has a url and no apiKey", 'Add apiKey: env("…"), a key with the scope "deploy".');
}

/** An environment of the config by name. Errors: `UNKNOWN_ENVIRONMENT`. */
function environmentOf({ environments = {} }: Config, name: string): EnvironmentConfig {
  const found = Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (found) return found;
  const known = Object.keys(environments);
  // `prod` for `production` is further away than any typing error.
  const begun = known.filter((each) => name !== "" && each.startsWith(name.toLowerCase()));
  const meant = begun.length === 1 ? begun[0]! : nearest(name, known);
  throw new KnockError("UNKNOWN_ENVIRONMENT", { environment: name, nearest: meant, known });
}

function placeOf(name: string, configured: EnvironmentConfig, environment: Environment): DeployPlace {
  requireUsable(name, configured);
  const { url, apiKey, database, signingKey } = resolveEnv(configured, environment);
  const to = url === undefined ? { database: { url: database! } } : { url, apiKey };
  return { name, to, signingKey: signingKey ?? (environment.KNOCK_SIGNING_KEY || null) };
}

/** The project is read only where the place is in its config. */
export type ReadProject = () => Promise<ConfiguredProject>;

/**
 * Where a command goes (a variable that is empty counts as not set): `--env` before `--url`, else the project's own database. `resolveEnv` names every variable that
 * is missing. Errors: `UNKNOWN_ENVIRONMENT`, `INVALID_CONFIG`.
 */
export async function choosePlace(
  { cwd, environment }: Cli,
  { env, url, apiKey }: PlaceOptions,
  project: ReadProject,
): Promise<DeployPlace> {
  if (env !== undefined) return placeOf(env, environmentOf((await project()).config, env), environment);
  const signingKey = environment.KNOCK_SIGNING_KEY || null;
  if (url) return { name: null, to: { url, apiKey }, signingKey };
  const { config, place } = await project();
  const target = databaseTarget({ config, root: place.root, cwd, environment, strict: true });
  return { name: null, to: { database: target }, signingKey };
}
