import { join, resolve } from "node:path";
import { KnockError } from "../base/errors.ts";
import { type Environment, isEnvReference, resolveEnv } from "../channels/env.ts";
import type { Config } from "../registry/config.ts";
import type { DatabaseTarget } from "../store/database.ts";

export interface TargetOptions {
  config: Pick<Config, "database">;
  root: string;
  cwd: string;
  environment: Environment;
  /** A variable that the config names must be set. Otherwise the embedded database takes its place. */
  strict?: boolean;
}

/** The folder of the embedded database, and of what else is this machine's alone. */
export const dataDirectory = ({
  root,
  cwd,
  environment,
}: Pick<TargetOptions, "root" | "cwd" | "environment">): string =>
  environment.KNOCK_DATA_DIR ? resolve(cwd, environment.KNOCK_DATA_DIR) : join(root, ".knock");

function databaseUrl({ config, environment, strict }: TargetOptions): string | undefined {
  const { database } = config;
  if (database === undefined) return environment.DATABASE_URL;
  if (!isEnvReference(database)) return database;
  // A missing variable in production must not quietly become another, empty database.
  return strict ? resolveEnv(database, environment) : (environment[database.env] ?? database.fallback);
}

/**
 * The database of a project: what the config says, else `DATABASE_URL`, else the embedded one in
 * `KNOCK_DATA_DIR`, else in `.knock/` beside the config.
 *
 * @throws KnockError INVALID_CONFIG when `strict` and a variable that the config names is not set.
 */
export function databaseTarget(options: TargetOptions): DatabaseTarget {
  const url = databaseUrl(options);
  return url ? { url } : { directory: dataDirectory(options) };
}

/** Refuses the embedded database where several processes must share one. */
export function requirePostgres(target: DatabaseTarget, what: string): void {
  if ("url" in target) return;
  throw new KnockError("INVALID_CONFIG", {
    problem: `${what} needs PostgreSQL, as only one process at a time can open the embedded database`,
    fix: "Set DATABASE_URL, or use `knock start`, which accepts calls and executes them in one process.",
  });
}
