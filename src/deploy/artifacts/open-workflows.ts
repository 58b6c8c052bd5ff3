// What is deployed, as a registry: loaded, checked, compiled together.
import { KnockError } from "../../base/errors.ts";
import { messageOf } from "../../base/message-of.ts";
import { compileWorkflow, registryOf } from "../../registry/compile.ts";
import type { ChannelKey } from "../../registry/compile-context.ts";
import type { CompiledWorkflow, Registry } from "../../registry/registry.ts";
import type { ArtifactLoader } from "./loader.ts";
import type { ReleasedWorkflow } from "../release.ts";
import { isSigned } from "./signature.ts";

/** What opening takes. */
export interface OpenOptions {
  loader: ArtifactLoader;
  channels: readonly ChannelKey[];
  /** With any, only workflows are opened that one of them signed. */
  publicKeys: readonly string[];
}

function requireSigned(workflows: readonly ReleasedWorkflow[], publicKeys: readonly string[]): void {
  const unsigned = publicKeys.length > 0 && workflows.find((workflow) => !isSigned(workflow, publicKeys));
  if (!unsigned) return;
  const problem =
    unsigned.signature === null ? "it is not signed" : "none of the config's public keys fits its signature";
  const fix =
    "Deploy it signed: give `knock sync` the private key in KNOCK_SIGNING_KEY, or as `signingKey` of the environment.";
  throw new KnockError("ARTIFACT_REFUSED", { workflow: unsigned.key, problem, fix });
}

/** Compiles. What another release of knock has bundled may hold what the compiler of this one stumbles over. */
function compiling<Result>(compile: () => Result): Result {
  try {
    return compile();
  } catch (thrown) {
    if (KnockError.is(thrown)) throw thrown;
    const problems = [`they cannot be compiled here: ${messageOf(thrown)}`];
    throw new KnockError("INVALID_WORKFLOW", { problems }, { cause: thrown });
  }
}

/**
 * The registry of deployed workflows. Throws `ARTIFACT_REFUSED` for the first whose artifact cannot be used or is not
 * signed, `INVALID_WORKFLOW` with all problems when they do not compile (a channel is missing, say).
 */
export async function openWorkflows(
  workflows: readonly ReleasedWorkflow[],
  { loader, channels, publicKeys }: OpenOptions,
): Promise<Registry> {
  requireSigned(workflows, publicKeys);
  const loaded = await Promise.all(workflows.map((workflow) => loader.load(workflow)));
  const byKey = Object.fromEntries(loaded.map((workflow) => [workflow.key, workflow]));
  // Each brings the users schema that it is bound to; those without one take it from the others.
  const users = loaded.find(({ definition }) => definition.users !== null)?.definition.users ?? null;
  return compiling(() => registryOf(byKey, { users, channels, ownUsers: true }));
}

/**
 * A workflow that is archived, for the runs that finish. What it does not fit any more (a channel, a workflow that it
 * notifies and that is archived, too) is no reason to refuse it. Throws `ARTIFACT_REFUSED`.
 */
export async function openArchived(
  workflow: ReleasedWorkflow,
  { loader, channels, publicKeys }: OpenOptions,
): Promise<CompiledWorkflow> {
  requireSigned([workflow], publicKeys);
  const loaded = await loader.load(workflow);
  return compiling(() => compileWorkflow(loaded, { users: null, channels, ownUsers: true }).compiled);
}
