// Artifacts that come before the release that names them, so that no call has to carry all of them. Nothing of them runs
// yet: what signs a workflow comes with the release, which loads and checks them all before it writes.
import { KnockError } from "../base/errors.ts";
import type { Outcome } from "../engine/directory/directory.ts";
import { insertArtifacts, missingHashes } from "../store/artifacts.ts";
import { untilAlone } from "../store/conflict.ts";
import type { Database } from "../store/database.ts";
import type { DeployContext } from "./context.ts";
import { artifactsByHash, checkArtifacts } from "./open-release.ts";
import type { Artifact } from "./release.ts";

/**
 * Stores artifacts for a release to come. Those that no release has named a day later are purged. Answers
 * `ARTIFACT_REFUSED` for code that does not have its hash or cannot be stored; nothing is stored then.
 *
 * @example await storeArtifacts(context, artifacts);
 */
export async function storeArtifacts(
  { database, clock }: Pick<DeployContext, "database" | "clock">,
  artifacts: readonly Artifact[],
): Promise<Outcome> {
  try {
    checkArtifacts(artifacts, (hash) => hash);
  } catch (error) {
    if (KnockError.is(error, "ARTIFACT_REFUSED")) return { ok: false, error };
    throw error;
  }
  const stored = [...artifactsByHash(artifacts).values()];
  await untilAlone(() => database.transaction((tx) => insertArtifacts(tx, stored, clock.now())));
  return { ok: true };
}

/**
 * Those of the hashes whose artifacts are not stored: what a release has to bring.
 *
 * @example const missing = await missingArtifacts(database, artifacts.map(({ hash }) => hash));
 */
export const missingArtifacts = (database: Database, hashes: readonly string[]): Promise<string[]> =>
  missingHashes(database.db, hashes);
