// A release as something that runs: its artifacts found, checked, loaded and compiled.
import { KnockError } from "../base/errors.ts";
import type { WorkflowHandle } from "../definition/workflow.ts";
import type { Registry } from "../registry/registry.ts";
import { findArtifacts } from "../store/artifacts.ts";
import type { CurrentVersion } from "../store/deploys.ts";
import type { Executor } from "../store/executor.ts";
import { isStorable } from "../base/text.ts";
import { hashOfCode, importsOfCode } from "./artifacts/code.ts";
import { artifactLoader, type FindArtifacts } from "./artifacts/loader.ts";
import type { DeployContext } from "./context.ts";
import { openWorkflows } from "./artifacts/open-workflows.ts";
import { isSignature, isSigned } from "./artifacts/signature.ts";
import type { Artifact, Release, ReleasedWorkflow } from "./release.ts";

/** A release that could be opened: every workflow of it loads and compiles. */
export interface OpenedRelease {
  registry: Registry;
  workflows: readonly ReleasedWorkflow[];
  /** The artifacts that the release brings. What the code imports is read from the code. */
  brought: ReadonlyMap<string, Artifact>;
}

const refused = (workflow: string, problem: string) => new KnockError("ARTIFACT_REFUSED", { workflow, problem });

/** Artifacts by hash: those that are given, else those that are stored. */
const findingArtifacts =
  (db: Executor, given: ReadonlyMap<string, Artifact>): FindArtifacts =>
  async (hashes) => {
    const brought = hashes.flatMap((hash) => given.get(hash) ?? []);
    const others = hashes.filter((hash) => !given.has(hash));
    return others.length > 0 ? [...brought, ...(await findArtifacts(db, others))] : brought;
  };

/** Artifacts by hash, with what their code imports. */
export const artifactsByHash = (artifacts: readonly Artifact[]): Map<string, Artifact> =>
  new Map(artifacts.map((artifact) => [artifact.hash, { ...artifact, imports: importsOfCode(artifact.code) }]));

function firstTwice(keys: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const key of keys) {
    if (seen.has(key)) return key;
    seen.add(key);
  }
  return null;
}

/**
 * Refuses artifacts that are not what they say: one that was loaded before is not looked at again, and must not be
 * stored with other code.
 */
export function checkArtifacts(artifacts: readonly Artifact[], nameOf: (hash: string) => string): void {
  for (const { hash, code, sourceMap } of artifacts) {
    if (hashOfCode(code) !== hash) throw refused(nameOf(hash), `the code of artifact ${hash} does not have this hash`);
    if (!isStorable(code) || !isStorable(sourceMap ?? ""))
      throw refused(nameOf(hash), `artifact ${hash} holds a character that cannot be stored`);
  }
}

/** Versions whose code is to be loaded, among what a release brings or what is stored. */
interface Deployed {
  opened: OpenedRelease;
  versions: readonly CurrentVersion[];
}

/** The workflows of deployed versions. Those that cannot be loaded any more, or are not signed, are left out. */
export async function loadDeployed(
  { logger, publicKeys }: DeployContext,
  db: Executor,
  { opened, versions }: Deployed,
): Promise<Map<string, WorkflowHandle>> {
  const loader = artifactLoader(findingArtifacts(db, opened.brought));
  const loaded = new Map<string, WorkflowHandle>();
  const load = async ({ workflow: key, artifact, signature }: CurrentVersion) => {
    // What was never accepted as code must not run for a comparison either.
    if (artifact === null || (publicKeys.length > 0 && !isSigned({ key, artifact, signature }, publicKeys))) return;
    try {
      loaded.set(key, await loader.load({ key, artifact }));
    } catch (error) {
      if (!KnockError.is(error, "ARTIFACT_REFUSED")) throw error;
      logger.warn("what is deployed cannot be loaded, and not be compared", { workflow: key, error });
    }
  };
  await Promise.all(versions.map(load));
  return loaded;
}

/** Opens a release. Throws `ARTIFACT_REFUSED` and `INVALID_WORKFLOW`. */
export async function openRelease(
  { channels, publicKeys, sdlOf }: DeployContext,
  db: Executor,
  { workflows, artifacts }: Pick<Release, "workflows" | "artifacts">,
): Promise<OpenedRelease> {
  const twice = firstTwice(workflows.map(({ key }) => key));
  if (twice !== null) throw refused(twice, "the release has the workflow twice");
  const odd = workflows.find(({ signature }) => signature !== null && !isSignature(signature));
  if (odd) throw refused(odd.key, "what it has as its signature is none");
  const nameOf = (hash: string) => workflows.find(({ artifact }) => artifact === hash)?.key ?? hash;
  checkArtifacts(artifacts, nameOf);
  const brought = artifactsByHash(artifacts);
  const loader = artifactLoader(findingArtifacts(db, brought));
  const registry = await openWorkflows(workflows, { loader, channels, publicKeys });
  // Each may compile and all together still be no schema; a server could not answer with them.
  sdlOf(registry);
  return { registry, workflows, brought };
}
