// Deploys: what is current, what was, and who changed it. Whoever writes here holds the lock of deploys.
import { sql } from "drizzle-orm";
import type { Structure } from "../registry/structure.ts";
import { rows, type Executor } from "./executor.ts";
import type { deployChanges, deploys, workflows } from "./schema/workflows.ts";

export type DeployKind = typeof deploys.$inferSelect.kind;
export type DeployChange = typeof deployChanges.$inferSelect.change;
export type WorkflowStatus = typeof workflows.$inferSelect.status;

/** Deploys come one after the other, in all processes: held until the transaction ends. */
export const lockDeploys = (tx: Executor) => rows(tx, sql`select pg_advisory_xact_lock(hashtext('knock.deploy'))`);

/** Id of the newest deploy; `null` when there was none. Cheap: to be asked again and again. */
export async function latestDeploy(db: Executor): Promise<string | null> {
  const [latest] = await rows<{ id: string }>(db, sql`select id from knock.deploys order by id desc limit 1`);
  return latest?.id ?? null;
}

/** The version of a workflow that is current, or that was when the workflow was archived. */
export interface CurrentVersion extends Record<string, unknown> {
  workflow: string;
  status: WorkflowStatus;
  versionId: string;
  number: number;
  structure: Structure;
  /** SHA-256 of the structure. */
  hash: string;
  /** SHA-256 of what the content renders on the examples; `null` without examples. */
  fingerprint: string | null;
  /** Hash of the code; `null` for a version that processes took from their own checkout. */
  artifact: string | null;
  signature: string | null;
}

/** What every workflow has become, by key; archived ones too. */
export const currentVersions = (db: Executor): Promise<CurrentVersion[]> =>
  rows<CurrentVersion>(
    db,
    sql`select workflow.key as workflow, workflow.status, version.id as "versionId", version.number, version.structure,
      version.hash, version.fingerprint, version.artifact, version.signature
    from knock.workflows as workflow join knock.workflow_versions as version on version.id = workflow.version_id
    order by workflow.key`,
  );

/** A structure with its code. */
export interface VersionIdentity {
  workflow: string;
  hash: string;
  artifact: string;
}

/** What is known of a version that is to become current. */
export interface KnownVersion extends Record<string, unknown> {
  workflow: string;
  /** `null` when the version is new. */
  id: string | null;
  /** The number that it has, or would have. */
  number: number;
}

/** The versions that structures with their code are, or would become, by workflow. */
export async function knownVersions(
  db: Executor,
  given: readonly VersionIdentity[],
): Promise<Map<string, KnownVersion>> {
  const column = <T>(read: (version: VersionIdentity) => T) => sql.param(given.map(read));
  const found = await rows<KnownVersion>(
    db,
    sql`select given.workflow, version.id, coalesce(version.number,
      1 + coalesce((select max(number) from knock.workflow_versions where workflow = given.workflow), 0)) as number
    from unnest(${column(({ workflow }) => workflow)}::text[], ${column(({ hash }) => hash)}::text[],
      ${column(({ artifact }) => artifact)}::text[]) as given (workflow, hash, artifact)
    left join knock.workflow_versions as version
      on version.workflow = given.workflow and version.hash = given.hash and version.artifact = given.artifact`,
  );
  return new Map(found.map((version) => [version.workflow, version]));
}

/** A version as it was stored. */
export interface StoredVersion extends Record<string, unknown> {
  id: string;
  workflow: string;
  number: number;
  structure: Structure;
  artifact: string | null;
  signature: string | null;
}

/** The version of a workflow with a number; `null` when there is none. */
export async function findVersion(db: Executor, workflow: string, number: number): Promise<StoredVersion | null> {
  const [found] = await rows<StoredVersion>(
    db,
    sql`select id, workflow, number, structure, artifact, signature from knock.workflow_versions
    where workflow = ${workflow} and number = ${number}::int`,
  );
  return found ?? null;
}

/** Number of the version that was current before the present one; the number before when no deploy says; `null` for none. */
export async function numberBefore(
  db: Executor,
  { workflow, versionId, number }: CurrentVersion,
): Promise<number | null> {
  const [before] = await rows<{ number: number | null }>(
    db,
    sql`select coalesce(
      (select version.number from knock.deploy_changes as change
        join knock.workflow_versions as version on version.id = change.from_version_id
        where change.workflow = ${workflow} and change.to_version_id = ${versionId}::uuid
          and change.from_version_id <> change.to_version_id
        order by change.deploy_id desc limit 1),
      (select max(version.number) from knock.workflow_versions as version
        where version.workflow = ${workflow} and version.number < ${number}::int)
    ) as number`,
  );
  return before?.number ?? null;
}

/** A workflow whose version is to become current. */
export interface NewVersion extends VersionIdentity {
  /** Id for the version, should it be new. */
  id: string;
  structure: Structure;
  fingerprint: string | null;
  signature: string | null;
}

/**
 * Stores the versions that are new, with the next numbers, and lets all of them be current. A workflow that was
 * archived is active again; one that is switched off stays so. Answers the ids of the versions by workflow.
 */
export async function makeCurrent(db: Executor, given: readonly NewVersion[], now: Date): Promise<Map<string, string>> {
  const column = <T>(read: (version: NewVersion) => T) => sql.param(given.map(read));
  const at = sql`${now.toISOString()}::timestamptz`;
  await rows(
    db,
    sql`insert into knock.workflows (key, updated_at) select unnest(${column(({ workflow }) => workflow)}::text[]), ${at}
    on conflict (key) do nothing`,
  );
  await rows(
    db,
    sql`insert into knock.workflow_versions (id, workflow, number, structure, hash, fingerprint, artifact, signature, created_at)
    select given.id, given.workflow,
      1 + coalesce((select max(number) from knock.workflow_versions where workflow = given.workflow), 0),
      given.structure::jsonb, given.hash, given.fingerprint, given.artifact, given.signature, ${at}
    from unnest(${column(({ id }) => id)}::uuid[], ${column(({ workflow }) => workflow)}::text[],
      ${column(({ structure }) => JSON.stringify(structure))}::text[], ${column(({ hash }) => hash)}::text[],
      ${column(({ fingerprint }) => fingerprint)}::text[], ${column(({ artifact }) => artifact)}::text[],
      ${column(({ signature }) => signature)}::text[])
      as given (id, workflow, structure, hash, fingerprint, artifact, signature)
    -- Without a signature a version keeps the one that it has.
    on conflict (workflow, hash, artifact) do update set signature = coalesce(excluded.signature, workflow_versions.signature)
      where workflow_versions.signature is distinct from coalesce(excluded.signature, workflow_versions.signature)`,
  );
  const current = await rows<{ workflow: string; id: string }>(
    db,
    sql`update knock.workflows as workflow set version_id = version.id, updated_at = ${at},
      status = case when workflow.status = 'archived' then 'active' else workflow.status end
    from unnest(${column(({ workflow }) => workflow)}::text[], ${column(({ hash }) => hash)}::text[],
      ${column(({ artifact }) => artifact)}::text[]) as given (workflow, hash, artifact)
    join knock.workflow_versions as version
      on version.workflow = given.workflow and version.hash = given.hash and version.artifact = given.artifact
    where workflow.key = given.workflow returning workflow.key as workflow, version.id`,
  );
  return new Map(current.map(({ workflow, id }) => [workflow, id]));
}

/** Archives workflows: they take no calls any more. Their versions stay. */
export async function archiveWorkflows(db: Executor, keys: readonly string[], now: Date): Promise<void> {
  await rows(
    db,
    sql`update knock.workflows set status = 'archived', updated_at = ${now.toISOString()}::timestamptz
    where key = any(${sql.param(keys)}::text[])`,
  );
}

/** A deploy to be recorded. */
export interface NewDeploy {
  id: string;
  kind: DeployKind;
  commit: string | null;
  author: string | null;
  changes: readonly {
    workflow: string;
    change: DeployChange;
    fromVersionId: string | null;
    toVersionId: string | null;
  }[];
}

/** Records a deploy with what it did to each workflow. */
export async function insertDeploy(db: Executor, { id, changes, ...deploy }: NewDeploy, now: Date): Promise<void> {
  await rows(
    db,
    sql`insert into knock.deploys (id, kind, commit, author, created_at)
    values (${id}, ${deploy.kind}, ${deploy.commit}, ${deploy.author}, ${now.toISOString()}::timestamptz)`,
  );
  const column = <T>(read: (change: NewDeploy["changes"][number]) => T) => sql.param(changes.map(read));
  await rows(
    db,
    sql`insert into knock.deploy_changes (deploy_id, workflow, change, from_version_id, to_version_id)
    select ${id}::uuid, * from unnest(${column(({ workflow }) => workflow)}::text[],
      ${column(({ change }) => change)}::text[], ${column(({ fromVersionId }) => fromVersionId)}::uuid[],
      ${column(({ toVersionId }) => toVersionId)}::uuid[])`,
  );
}
