// What the imports of a workflow become in its bundle.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { OnResolveArgs, OnResolveResult, Message, Plugin, PluginBuild } from "esbuild";
import { anyOf } from "./node-builtins.ts";
import { REACT_MODULES, type SharedArtifacts } from "./shared.ts";

/** One workflow to bundle. */
export interface BundleSource {
  key: string;
  /** Absolute path of the file. */
  file: string;
  /** Name under which the file exports the workflow: `default` or another. */
  exportName: string;
}

const here = fileURLToPath(import.meta.url);
const ending = here.endsWith(".ts") ? "ts" : "js";

const framework = new URL("../..", import.meta.url);

/** Where the framework's own files are. */
export const frameworkFolder = fileURLToPath(framework);

/** A file of the framework: sources in a checkout, what was made of them in the package. */
const own = (path: string): string => fileURLToPath(new URL(`${path}.${ending}`, framework));

const author = own("definition/author");
const callSite = own("definition/call-site");

/** Begins each bundle: one module whose default export is the workflow. */
export const entriesPlugin = (sources: readonly BundleSource[], root: string): Plugin => ({
  name: "entries",
  setup(build) {
    const byKey = new Map(sources.map((source) => [source.key, source]));
    build.onResolve({ filter: /^workflow:/ }, ({ path, kind }) =>
      kind === "entry-point" ? { path: path.slice("workflow:".length), namespace: "workflow" } : null,
    );
    build.onLoad({ filter: /.*/, namespace: "workflow" }, ({ path }) => {
      const { file, exportName } = byKey.get(path)!;
      const what = exportName === "default" ? "default" : `${JSON.stringify(exportName)} as default`;
      return { contents: `export { ${what} } from ${JSON.stringify(file)};`, resolveDir: root };
    });
  },
});

/** `knock` is what a workflow's file may import from it, and nothing else. */
export const knockPlugin: Plugin = {
  name: "knock",
  setup(build) {
    build.onResolve({ filter: /^knock(\/.*)?$/ }, ({ path }) =>
      path === "knock"
        ? { path: existsSync(author) ? author : path }
        : { errors: [{ text: `workflows may import from "knock" alone, not from "${path}"` }] },
    );
    // Where a step was written is asked for when the files are checked. In a bundle it would be a place in minified code.
    build.onLoad({ filter: anyOf([callSite]) }, () => ({ contents: "export const callSite = () => null;" }));
  },
};

const NATIVE = [
  "bindings",
  "node-gyp-build",
  "node-gyp-build-optional-packages",
  "@mapbox/node-pre-gyp",
  "node-pre-gyp",
];

/** Compiled code for one kind of machine cannot be part of a bundle. */
export const nativePlugin: Plugin = {
  name: "native",
  setup(build) {
    const refuse = () => ({ errors: [{ text: "this is a native module, made for one kind of machine" }] });
    build.onResolve({ filter: /\.node$/ }, refuse);
    build.onResolve({ filter: anyOf(NATIVE) }, refuse);
  },
};

const SEEN = Symbol("resolved by us");

/** What esbuild itself would take, or `null`. */
async function resolved(build: PluginBuild, { path, importer, resolveDir, kind }: OnResolveArgs, from = resolveDir) {
  const found = await build.resolve(path, { importer, resolveDir: from, kind, pluginData: SEEN });
  return found.errors.length > 0 ? null : found.path;
}

/** zod and React are artifacts of their own, which bundles import. */
export const sharedPlugin = (shared: SharedArtifacts, root: string): Plugin => ({
  name: "shared",
  setup(build) {
    build.onResolve({ filter: /^zod(\/.*)?$/ }, async (asked): Promise<OnResolveResult | null> => {
      // A CommonJS package gets its own copy: `require` cannot be answered with an import.
      if (asked.pluginData === SEEN || asked.kind === "require-call") return null;
      const file = await resolved(build, asked);
      return file === null ? null : { path: await shared.packageAt(file), external: true };
    });
    build.onResolve({ filter: anyOf(REACT_MODULES) }, async (asked): Promise<OnResolveResult | null> => {
      if (asked.pluginData === SEEN) return null;
      const [file, ours] = [await resolved(build, asked), await resolved(build, asked, root)];
      // A package that brings a React of its own keeps it.
      return file !== null && file === ours ? { path: asked.path, namespace: "react" } : null;
    });
    // As CommonJS, so that every way to import React goes, those of CommonJS packages too.
    build.onLoad({ filter: /.*/, namespace: "react" }, ({ path }) => ({
      contents: `module.exports = require("kit").modules[${JSON.stringify(path)}];`,
    }));
    build.onResolve({ filter: /^kit$/, namespace: "react" }, () => ({ path: "kit", namespace: "react-kit" }));
    build.onLoad({ filter: /.*/, namespace: "react-kit" }, () =>
      shared.react(root).then(
        (address) => ({ contents: `export { modules } from ${JSON.stringify(address)};` }),
        ({ errors }: { errors: Message[] }) => ({ errors: errors.map(({ text }) => ({ text })) }),
      ),
    );
    build.onResolve({ filter: /^knock:\/\// }, ({ path }) => ({ path, external: true }));
  },
});
