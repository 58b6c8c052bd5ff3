// What a deploy writes, once it has been found good. In the transaction that holds the lock of deploys.
import { newId } from "../base/ids.ts";
import { KnockError } from "../base/errors.ts";
import { holdArtifacts, insertArtifacts, missingHashes } from "../store/artifacts.ts";
import {
  archiveWorkflows,
  insertDeploy,
  latestDeploy,
  makeCurrent,
  type DeployKind,
  type NewDeploy,
  type NewVersion,
} from "../store/deploys.ts";
import type { Executor } from "../store/executor.ts";
import { endOpenRuns } from "./archive.ts";
import { deployedNow, type Arriving, type Change } from "./plan/changes.ts";
import type { Artifact, ArchiveOpen } from "./release.ts";

/** The code of a release. */
interface Code {
  /** Of all workflows; unchanged ones are left alone. */
  changes: readonly Change[];
  /** The artifacts that the release brings. */
  brought: ReadonlyMap<string, Artifact>;
  now: Date;
}

/** What is to be written. */
export interface Writing extends Code {
  kind: DeployKind;
  commit: string | null;
  author: string | null;
  /** What becomes of open runs of workflows that are archived. */
  archiveOpen: ArchiveOpen | null;
}

/** Characters of a commit and of an author. */
const LONGEST_TEXT = 500;

const shortText = (text: string | null) => text && text.replaceAll("\0", "").slice(0, LONGEST_TEXT).toWellFormed();

/**
 * An id after all others: whoever follows the deploys looks at the last one, and the clocks of those who deploy may
 * differ.
 */
async function nextId(tx: Executor, now: Date): Promise<string> {
  const latest = await latestDeploy(tx);
  const id = newId(now);
  if (latest === null || id > latest) return id;
  const time = Number.parseInt(latest.slice(0, 8) + latest.slice(9, 13), 16);
  return newId(new Date(time + 1));
}

/** The artifacts of workflows with what they import, of those that the release brings. */
function neededOf(arriving: readonly Arriving[], brought: ReadonlyMap<string, Artifact>): Artifact[] {
  const needed = new Set(arriving.map(({ released }) => released.artifact));
  // The set grows while it is walked.
  for (const hash of needed) for (const imported of brought.get(hash)?.imports ?? []) needed.add(imported);
  return [...needed].flatMap((hash) => brought.get(hash) ?? []);
}

/** Stores code again that was deployed before, and was deleted or changed in the database since. */
export async function mendCode(tx: Executor, { changes, brought, now }: Code): Promise<void> {
  const needed = neededOf(
    changes.flatMap(({ next }) => next ?? []),
    brought,
  );
  const lost = new Set(
    await missingHashes(
      tx,
      needed.map(({ hash }) => hash),
    ),
  );
  if (lost.size === 0) return;
  await insertArtifacts(
    tx,
    needed.filter(({ hash }) => lost.has(hash)),
    now,
  );
}

async function storeCode(tx: Executor, arriving: readonly Arriving[], { brought, now }: Writing): Promise<void> {
  await insertArtifacts(tx, neededOf(arriving, brought), now);
  const hashes = arriving.map(({ released }) => released.artifact);
  const [missing] = await holdArtifacts(tx, hashes, now);
  // It was there when it was loaded: purged in between.
  if (missing !== undefined) {
    const { key } = arriving.find(({ released }) => released.artifact === missing)?.released ?? arriving[0]!.released;
    throw new KnockError("ARTIFACT_REFUSED", { workflow: key, problem: `${missing} is not stored any more` });
  }
}

const versionOf = ({ compiled, released }: Arriving, now: Date): NewVersion => ({
  id: newId(now),
  workflow: compiled.key,
  hash: compiled.hash,
  artifact: released.artifact,
  structure: compiled.structure,
  fingerprint: compiled.fingerprint,
  signature: released.signature,
});

/** Writes a deploy: code, versions, what is current, and the record. Answers its id. */
export async function writeDeploy(tx: Executor, writing: Writing): Promise<string> {
  const { kind, commit, author, now } = writing;
  const changes = writing.changes.filter(({ change }) => change !== "unchanged");
  const arriving = changes.flatMap(({ next }) => next ?? []);
  const leaving = changes.filter(({ next }) => next === null).map(({ key }) => key);
  await mendCode(tx, writing);
  await storeCode(tx, arriving, writing);
  const versions = await makeCurrent(
    tx,
    arriving.map((each) => versionOf(each, now)),
    now,
  );
  if (leaving.length > 0) {
    await archiveWorkflows(tx, leaving, now);
    if (writing.archiveOpen === "cancel") await endOpenRuns(tx, { workflows: leaving, now });
  }
  const id = await nextId(tx, now);
  const recorded = changes.map((change) => ({
    workflow: change.key,
    change: change.change as NewDeploy["changes"][number]["change"],
    fromVersionId: deployedNow(change)?.versionId ?? null,
    toVersionId: versions.get(change.key) ?? null,
  }));
  await insertDeploy(tx, { id, kind, commit: shortText(commit), author: shortText(author), changes: recorded }, now);
  return id;
}
