// Where the code of a bundle comes from, without saying on whose machine that was.
import { relative, resolve } from "node:path";
import { frameworkFolder } from "./plugins.ts";

const MODULES = "node_modules/";

/** A source's path as it is on every machine: from the project's folder, or from the one where packages are. */
function portable(source: string, root: string): string {
  const path = source.replaceAll("\\", "/");
  const inPackage = path.lastIndexOf(MODULES);
  if (inPackage >= 0) return path.slice(inPackage);
  // In a checkout of the framework itself, or of something linked to one.
  const inFramework = relative(frameworkFolder, resolve(root, path)).replaceAll("\\", "/");
  return inFramework.startsWith("../") ? path : `${MODULES}knock/${inFramework}`;
}

/** A source map that holds no path of a machine. */
export function portableMap(text: string, root: string): string {
  const map = JSON.parse(text) as { sources: string[] };
  return JSON.stringify({ ...map, sources: map.sources.map((source) => portable(source, root)) });
}
