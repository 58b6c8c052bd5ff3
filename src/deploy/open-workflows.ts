// What is deployed, as a registry: loaded, checked, compiled together.
import { KnockError } from "../base/errors.ts";
import { registryOf } from "../registry/compile.ts";
import type { ChannelKey } from "../registry/compile-context.ts";
import type { Registry } from "../registry/registry.ts";
import type { ArtifactLoader } from "./artifact-loader.ts";
import type { ReleasedWorkflow } from "./release.ts";
import { isSigned } from "./signature.ts";

/** What opening takes. */
export interface OpenOptions {
  loader: ArtifactLoader;
  channels: readonly ChannelKey[];
  /** With any, only workflows are opened that one of them signed. */
  publicKeys: readonly string[];
}

/**
 * The registry of deployed workflows. Throws `ARTIFACT_REFUSED` for the first whose artifact cannot be used or is not
 * signed, `INVALID_WORKFLOW` with all problems when they do not compile (a channel is missing, say).
 */
export async function openWorkflows(
  workflows: readonly ReleasedWorkflow[],
  { loader, channels, publicKeys }: OpenOptions,
): Promise<Registry> {
  const unsigned = publicKeys.length > 0 && workflows.find((workflow) => !isSigned(workflow, publicKeys));
  if (unsigned) {
    const problem =
      unsigned.signature === null ? "it is not signed" : "none of the config's public keys fits its signature";
    throw new KnockError("ARTIFACT_REFUSED", { workflow: unsigned.key, problem });
  }
  const loaded = await Promise.all(workflows.map((workflow) => loader.load(workflow)));
  const byKey = Object.fromEntries(loaded.map((workflow) => [workflow.key, workflow]));
  // Each brings the users schema that it is bound to; those without one take it from the others.
  const users = loaded.find(({ definition }) => definition.users !== null)?.definition.users ?? null;
  return registryOf(byKey, { users, channels, ownUsers: true });
}
