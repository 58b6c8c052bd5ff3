// `knock env list`: the places that the config names, without their secrets.
import { KnockError } from "../../base/errors.ts";
import { type Environment, type EnvReference, isEnvReference } from "../../channels/env.ts";
import type { EnvironmentConfig } from "../../registry/config.ts";
import type { Cli, GlobalOptions } from "../cli.ts";
import type { Paint } from "../terminal.ts";
import { requireUsable } from "./environment.ts";
import { requireConfig } from "./way.ts";

/** What `knock env list` takes. */
export interface EnvironmentsOptions extends GlobalOptions {
  json?: boolean;
}

/** An environment as it is listed. */
interface ListedEnvironment {
  name: string;
  /** Where the server is; `null` for a database. */
  url: string | null;
  /** The variable with the database's URL; `null` for a server, and for a URL in the config itself. */
  database: string | null;
  signed: boolean;
  /** Variables that are not set here. */
  missing: string[];
  /** What is wrong with it; `null` when nothing is. */
  problem: string | null;
}

function problemOf(name: string, configured: EnvironmentConfig): string | null {
  try {
    requireUsable(name, configured);
    return null;
  } catch (error) {
    if (KnockError.is(error, "INVALID_CONFIG")) return error.details.problem;
    throw error;
  }
}

function listed(name: string, configured: EnvironmentConfig, environment: Environment): ListedEnvironment {
  const { url = null, apiKey, database, signingKey } = configured;
  const references = [apiKey, database, signingKey].filter((value): value is EnvReference => isEnvReference(value));
  const missing = references.filter(({ env, fallback }) => !environment[env] && fallback === undefined);
  return {
    name,
    url,
    database: isEnvReference(database) ? database.env : null,
    signed: signingKey !== undefined,
    missing: missing.map(({ env }) => env),
    problem: problemOf(name, configured),
  };
}

function lineOf({ name, url, database, signed, missing, problem }: ListedEnvironment, width: number, paint: Paint) {
  const where = url ?? `database ${database ?? "in the config"}`;
  const line = `${paint.bold(name.padEnd(width))}  ${where}${signed ? paint.dim("  signed") : ""}`;
  if (problem) return `${line}\n  ${paint.red("✗")} ${problem}`;
  return missing.length > 0 ? `${line}\n  ${paint.yellow("!")} not set here: ${missing.join(", ")}` : line;
}

/** Lists the environments of the config. */
export async function listEnvironments(cli: Cli, options: EnvironmentsOptions): Promise<void> {
  const { out, paint } = cli.terminal;
  const { config } = await requireConfig(cli, options);
  const found = Object.entries(config.environments ?? {}).map(([name, configured]) =>
    listed(name, configured, cli.environment),
  );
  if (options.json) return out(JSON.stringify({ environments: found }, null, 2));
  const width = Math.max(0, ...found.map(({ name }) => name.length));
  for (const environment of found) out(lineOf(environment, width, paint));
  if (found.length === 0) {
    out(`${paint.yellow("–")} the config names no environments: \`knock sync\` deploys to its own database`);
  }
}
