import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { KnockError } from "../base/errors.ts";

/** The names under which a config is looked for. */
const CONFIG_NAMES = ["knock.config.ts", "knock.config.mts", "knock.config.js", "knock.config.mjs"];

/** Where a project is. */
export interface ProjectPlace {
  /** Absolute path of the config. */
  config: string;
  /** The folder of the config: everything else is found from here. */
  root: string;
}

/** Absolute path of the config in a folder; `null` when there is none. */
export const findConfig = (folder: string, names: readonly string[] = CONFIG_NAMES): string | null =>
  names.map((name) => resolve(folder, name)).find((path) => existsSync(path)) ?? null;

/**
 * Finds the project that a command is about.
 *
 * @throws KnockError INVALID_CONFIG when there is none.
 */
export function findProject(cwd: string, given?: string): ProjectPlace {
  const config = findConfig(cwd, given === undefined ? CONFIG_NAMES : [given]);
  if (config !== null) return { config, root: dirname(config) };
  throw new KnockError(
    "INVALID_CONFIG",
    given === undefined
      ? {
          problem: "there is no knock.config.ts in this folder",
          fix: "Go to the project's folder, name the file with --config, or make a project with `knock init`.",
        }
      : { problem: `there is no file ${given}`, fix: "Correct the path given with --config." },
  );
}

const SOURCE = /\.[mc]?[tj]sx?$/;
const NOT_A_WORKFLOW = /(\.d\.[mc]?ts|\.(test|spec|stories)\.[mc]?[tj]sx?)$/;

/** The files in `workflows/`, the index apart. */
export function workflowFiles(root: string): { index: string | null; files: string[] } {
  const folder = join(root, "workflows");
  if (!existsSync(folder)) return { index: null, files: [] };
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name) && !NOT_A_WORKFLOW.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("/node_modules/"))
    .toSorted();
  const index = found.find((path) => dirname(path) === folder && basename(path).startsWith("index.")) ?? null;
  return { index, files: found.filter((path) => path !== index) };
}
