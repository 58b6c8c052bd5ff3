// What a checkout brings to a deploy: its workflows as artifacts, the commit, and who deploys it.
import { execFile } from "node:child_process";
import { userInfo } from "node:os";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { KnockError } from "../../base/errors.ts";
import type { WorkflowHandle } from "../../definition/workflow.ts";
import { type BundleSource, bundleWorkflows } from "../../deploy/bundle/bundle.ts";
import type { Release } from "../../deploy/release.ts";
import { signWorkflow } from "../../deploy/artifacts/signature.ts";
import { ABSENT } from "../file-state.ts";
import { workflowFiles } from "../find-project.ts";
import type { SoundProject } from "../load-project.ts";

const SOURCE = /\.[mc]?[tj]sx?$/;

/** A file with what it exports. */
interface Exporting {
  file: string;
  exports: [name: string, value: unknown][];
}

/** What the project's files export. They were loaded before, so nothing of them is executed once more. */
function exportsOf({ files }: SoundProject): Promise<Exporting[]> {
  const loaded = [...files].filter(([file, state]) => state !== ABSENT && SOURCE.test(file));
  return Promise.all(
    loaded.map(async ([file]) => {
      const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
      return { file, exports: Object.entries(module) };
    }),
  );
}

/** Where a workflow can be imported from: where it was written, if possible; the index and the config come last. */
function sourceOf(
  workflow: WorkflowHandle,
  modules: readonly Exporting[],
  last: readonly (string | null)[],
): BundleSource | null {
  const written = workflow.definition.site?.file;
  const rank = ({ file }: BundleSource) => (file === written ? -1 : last.indexOf(file) + 1);
  const found = modules.flatMap(({ file, exports }) =>
    exports.filter(([, value]) => value === workflow).map(([exportName]) => ({ key: workflow.key, file, exportName })),
  );
  return found.toSorted((a, b) => rank(a) - rank(b))[0] ?? null;
}

/**
 * Where each workflow of a project is written and exported.
 *
 * @throws KnockError CANNOT_BUNDLE for workflows that no file exports.
 */
async function workflowSources(project: SoundProject): Promise<BundleSource[]> {
  const modules = await exportsOf(project);
  const { index } = workflowFiles(project.place.root);
  const last = [index, project.place.config];
  const workflows = Object.values(project.config.workflows);
  const sources = workflows.map((workflow) => sourceOf(workflow, modules, last));
  const homeless = workflows.filter((_workflow, at) => sources[at] === null);
  if (homeless.length === 0) return sources as BundleSource[];
  throw new KnockError("CANNOT_BUNDLE", {
    problems: homeless.map(({ key }) => `workflow "${key}": no file exports it, so that nothing can import it`),
  });
}

const run = promisify(execFile);

/** What git says; `null` without git, and outside of a repository. */
async function git(root: string, ...args: string[]): Promise<string | null> {
  try {
    return (await run("git", ["-C", root, ...args], { encoding: "utf8" })).stdout.trim();
  } catch {
    return null;
  }
}

/** The commit that is checked out, with `-dirty` when files of the project differ from it. */
async function commitOf(root: string): Promise<string | null> {
  const [commit, changed] = await Promise.all([
    git(root, "rev-parse", "HEAD"),
    git(root, "status", "--porcelain", "."),
  ]);
  return commit && `${commit}${changed ? "-dirty" : ""}`;
}

function systemUser(): string | null {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that has no name.
    return null;
  }
}

/** Whoever works here, as git knows them, else as the system does. */
export const authorOf = async (root: string): Promise<string | null> =>
  (await git(root, "config", "user.name")) || systemUser();

/**
 * The release of a checkout, signed when a key is given. The project must be the one that was loaded last.
 *
 * @throws KnockError CANNOT_BUNDLE, INVALID_CONFIG for a key that is none.
 * @example const release = await releaseOf(await requireProject(cli, options), null);
 */
export async function releaseOf(project: SoundProject, signingKey: string | null): Promise<Release> {
  const { root } = project.place;
  const [{ artifacts, byWorkflow }, commit, author] = await Promise.all([
    workflowSources(project).then((sources) => bundleWorkflows(sources, { root })),
    commitOf(root),
    authorOf(root),
  ]);
  const workflows = [...byWorkflow].map(([key, artifact]) => ({
    key,
    artifact,
    signature: signingKey === null ? null : signWorkflow({ key, artifact }, signingKey),
  }));
  return { workflows, artifacts, commit, author };
}
