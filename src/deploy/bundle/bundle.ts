// Workflows of a checkout as artifacts: one ES module each, that any process can load without the checkout.
import { basename, relative } from "node:path";
import type { BuildOptions, BuildResult } from "esbuild";
import { KnockError } from "../../base/errors.ts";
import { describeProblem, type Problem } from "../../registry/problem.ts";
import { hashOfCode, importsOfCode } from "../artifacts/code.ts";
import { builtinsPlugin } from "./node-builtins.ts";
import { entriesPlugin, knockPlugin, nativePlugin, sharedPlugin, type BundleSource } from "./plugins.ts";
import { bundleProblems, readsItsPlace } from "./problems.ts";
import { bundleOptions, sharedArtifacts, type SharedArtifacts } from "./shared.ts";
import { portableMap } from "./source-map.ts";
import type { Artifact } from "../release.ts";

export type { BundleSource } from "./plugins.ts";

/** What bundling takes. */
export interface BundleOptions {
  /** Folder of the project: where its packages are found, and what paths in stack traces are relative to. */
  root: string;
}

/** Workflows as artifacts. */
export interface Bundled {
  /** Each once, with those that are shared. */
  artifacts: Artifact[];
  /** Hash of each workflow's artifact, by key. */
  byWorkflow: Map<string, string>;
}

type Build = (options: BuildOptions) => Promise<BuildResult>;

/** One bundling of one project. */
interface Bundling {
  build: Build;
  root: string;
  shared: SharedArtifacts;
}

/** A workflow as esbuild left it. */
interface Output {
  code: string;
  map: string;
  /** Paths of the files in it, from the root. */
  inputs: string[];
}

/** Bundles in one go, which is much faster than one by one. Rejects with esbuild's errors. */
async function bundleAll({ build, root, shared }: Bundling, sources: readonly BundleSource[]): Promise<Output[]> {
  const { outputFiles, metafile } = await build({
    ...bundleOptions,
    // By number: a key could clash with another one in a file system that ignores case.
    entryPoints: sources.map(({ key }, index) => ({ in: `workflow:${key}`, out: String(index) })),
    absWorkingDir: root,
    outdir: root,
    sourcemap: "external",
    sourcesContent: false,
    metafile: true,
    plugins: [entriesPlugin(sources, root), builtinsPlugin, knockPlugin, nativePlugin, sharedPlugin(shared, root)],
  });
  const texts = new Map(outputFiles!.map(({ path, text }) => [basename(path), text]));
  return sources.map((_source, index) => ({
    code: texts.get(`${index}.js`)!,
    map: texts.get(`${index}.js.map`)!,
    inputs: Object.keys(metafile!.outputs[`${index}.js`]!.inputs),
  }));
}

/** Every problem of every workflow: one by one, as esbuild stops at the first kind of problem. */
async function allProblems(bundling: Bundling, sources: readonly BundleSource[]): Promise<Problem[]> {
  const { root } = bundling;
  const told = await Promise.all(
    sources.map((source) =>
      bundleAll(bundling, [source]).then(
        ([output]) => readsItsPlace(source, root, output!),
        (error: unknown) => bundleProblems(source, root, error),
      ),
    ),
  );
  return told.flat();
}

function artifactOf({ code, map }: Output, root: string): Artifact {
  return { hash: hashOfCode(code), code, sourceMap: portableMap(map, root), imports: importsOfCode(code) };
}

/** A problem in words, with the path of its file from the project's folder, as `knock check` has it. */
const describedFrom =
  (root: string) =>
  ({ site, ...problem }: Problem): string =>
    describeProblem({ ...problem, site: site && { ...site, file: relative(root, site.file) } });

/**
 * Bundles workflows, each with everything that its file imports. Equal sources give equal hashes, in any folder and on
 * any machine. Throws `CANNOT_BUNDLE` with every problem of every workflow.
 *
 * @example await bundleWorkflows([{ key: "welcome", file: "/app/workflows/welcome.ts", exportName: "default" }], { root: "/app" })
 */
export async function bundleWorkflows(sources: readonly BundleSource[], { root }: BundleOptions): Promise<Bundled> {
  if (sources.length === 0) return { artifacts: [], byWorkflow: new Map() };
  const { build } = await import("esbuild");
  const bundling: Bundling = { build, root, shared: sharedArtifacts(build) };
  const outputs = await bundleAll(bundling, sources).catch(() => null);
  const problems = outputs
    ? sources.flatMap((source, index) => readsItsPlace(source, root, outputs[index]!))
    : await allProblems(bundling, sources);
  if (problems.length > 0 || !outputs)
    throw new KnockError("CANNOT_BUNDLE", { problems: [...new Set(problems.map(describedFrom(root)))] });
  const workflows = outputs.map((output) => artifactOf(output, root));
  const all = [...workflows, ...bundling.shared.made.values()];
  return {
    artifacts: [...new Map(all.map((artifact) => [artifact.hash, artifact])).values()],
    byWorkflow: new Map(sources.map(({ key }, index) => [key, workflows[index]!.hash])),
  };
}
