// How project files get into the process: as they are (Node removes the types), again after a change
// (a generation in the query makes a new module), and with .tsx compiled.
import { createRequire, registerHooks } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { CallSite } from "../definition/call-site.ts";
import { ABSENT, stateOf } from "./file-state.ts";

type Esbuild = typeof import("esbuild");

/** A file that cannot be loaded, when the loader itself knows where and why. */
export class SourceRefused extends Error {
  readonly site: CallSite | null;
  readonly fix: string;

  constructor(message: string, fix: string, site: CallSite | null) {
    super(message);
    this.name = "SourceRefused";
    this.fix = fix;
    this.site = site;
  }
}

/** The loader of project files. */
export interface ProjectModules {
  /** Forgets what was loaded: the next import reads the files again, and those in `without` as empty ones. */
  renew(without?: ReadonlySet<string>): void;
  /** Project files read since `renew`, in order, with their state at that moment; also those that were not found. */
  readonly files: ReadonlyMap<string, string>;
  /** The project file that was read last. */
  readonly last: string | null;
}

const frameworkSource = dirname(dirname(fileURLToPath(import.meta.url)));

/** Path of a file of the project, or `null` for packages, the framework and Node's own modules. */
function projectFile(url: string): string | null {
  if (!url.startsWith("file:")) return null;
  const path = fileURLToPath(url);
  return /[\\/]node_modules[\\/]/.test(path) || path.startsWith(`${frameworkSource}/`) ? null : path;
}

let esbuild: Esbuild | null = null;

function loadEsbuild(file: string): Esbuild {
  try {
    return (esbuild ??= createRequire(import.meta.url)("esbuild") as Esbuild);
  } catch {
    throw new SourceRefused("a .tsx file needs the package esbuild", "npm install esbuild", {
      file,
      line: 1,
      column: 1,
    });
  }
}

/** JavaScript of a .tsx file. */
function compileTsx(file: string, source: string): string {
  const { transformSync } = loadEsbuild(file);
  // Otherwise stack traces would name lines of the compiled text.
  process.setSourceMapsEnabled(true);
  try {
    const options = {
      loader: "tsx",
      jsx: "automatic",
      sourcemap: "inline",
      sourcefile: file,
      format: "esm",
      logLevel: "silent",
    } as const;
    return transformSync(source, options).code;
  } catch (error) {
    const [first] =
      (error as { errors?: { text: string; location: { line: number; column: number } | null }[] }).errors ?? [];
    const site = first?.location ? { file, line: first.location.line, column: first.location.column + 1 } : null;
    throw new SourceRefused(first?.text ?? String(error), "correct the syntax", site);
  }
}

/** Looks a module up, and tells of a project file that is not there. */
function found<Result>(lookUp: () => Result, onMissing: (file: string) => void): Result {
  try {
    return lookUp();
  } catch (error) {
    const { code, url } = error as { code?: string; url?: string };
    const missing = code === "ERR_MODULE_NOT_FOUND" && url ? projectFile(url) : null;
    if (missing) onMissing(missing);
    throw error;
  }
}

let installed: ProjectModules | null = null;

/** Installs the loader, once per process: module hooks cannot be told apart by who asks. */
export function projectModules(): ProjectModules {
  if (installed) return installed;
  let generation = 1;
  let last: string | null = null;
  let empty: ReadonlySet<string> = new Set();
  const files = new Map<string, string>();

  registerHooks({
    resolve(specifier, context, next) {
      const resolved = found(
        () => next(specifier, context),
        (missing) => files.set(missing, ABSENT),
      );
      // Node 22.18 has a set here for `require`, which later versions and the types make a list.
      const required = [...context.conditions].includes("require");
      const own = !resolved.url.includes("?") && !required && projectFile(resolved.url) !== null;
      return own ? { ...resolved, url: `${resolved.url}?v=${generation}` } : resolved;
    },
    load(url, context, next) {
      const file = projectFile(url);
      if (!file) return next(url, context);
      if (empty.has(file)) return { format: "module", source: "export default null;", shortCircuit: true };
      files.set(file, stateOf(file));
      last = file;
      if (!/\.[tj]sx$/.test(file)) return next(url, context);
      const { source } = next(url, { ...context, format: "module" });
      return { format: "module", source: compileTsx(file, String(source)), shortCircuit: true };
    },
  });

  installed = {
    files,
    get last() {
      return last;
    },
    renew(without = new Set()) {
      generation++;
      empty = without;
      files.clear();
      last = null;
    },
  };
  return installed;
}
