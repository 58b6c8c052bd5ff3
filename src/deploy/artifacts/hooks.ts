// Artifacts as modules of this process: `import("knock://artifact/<hash>")`. Node keeps a module for ever, so each hash
// is evaluated once.
import { isBuiltin, registerHooks } from "node:module";
import { artifactUrl, hashInUrl, isArtifactUrl } from "./code.ts";
import type { Artifact } from "../release.ts";

/** Artifacts that are being imported. */
const offered = new Map<string, Artifact>();

/** Code with its source map behind it, for stack traces that name the author's files. */
function withMap({ code, sourceMap }: Artifact): string {
  if (sourceMap === null) return code;
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(sourceMap).toString("base64")}\n`;
}

let installed = false;

/** Installs the hooks, once per process. They touch nothing but artifacts and what artifacts import. */
function install(): void {
  if (installed) return;
  installed = true;
  // Otherwise stack traces would name lines of the bundle.
  process.setSourceMapsEnabled(true);
  registerHooks({
    resolve(specifier, context, next) {
      if (isArtifactUrl(specifier)) {
        const hash = hashInUrl(specifier);
        if (hash === null) throw new Error(`it imports "${specifier}", which is no address of an artifact`);
        return { url: specifier, format: "module", shortCircuit: true };
      }
      // A bundle holds what it needs: reaching for a file would find another one on each machine.
      if (context.parentURL && isArtifactUrl(context.parentURL) && !isBuiltin(specifier))
        throw new Error(`it imports "${specifier}", which is no part of it`);
      return next(specifier, context);
    },
    load(url, context, next) {
      if (!isArtifactUrl(url)) return next(url, context);
      const artifact = offered.get(hashInUrl(url) ?? "");
      if (!artifact) throw new Error(`it imports ${url}, which was not deployed`);
      return { format: "module", source: withMap(artifact), shortCircuit: true };
    },
  });
}

/** Imports an artifact whose hash was checked, after those that it imports. */
export async function importArtifact(artifact: Artifact): Promise<Record<string, unknown>> {
  install();
  offered.set(artifact.hash, artifact);
  try {
    return (await import(/* @vite-ignore */ artifactUrl(artifact.hash))) as Record<string, unknown>;
  } finally {
    offered.delete(artifact.hash);
  }
}
