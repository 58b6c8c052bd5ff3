// Workflow versions: the structures that runs keep.
import { sql } from "drizzle-orm";
import type { Structure } from "../registry/structure.ts";
import { rows, type Executor } from "./executor.ts";

/** A workflow of a process's own checkout. */
export interface Deployable {
  key: string;
  structure: Structure;
  hash: string;
  fingerprint: string | null;
  /** Id for the version, should it be new. */
  id: string;
}

/**
 * Stores what is new of a process's own checkout and answers the version id of every given workflow. A structure that
 * was deployed before keeps its number. It becomes current where nothing was deployed with its code: what `knock sync`
 * deployed is current until the next sync. Processes that deploy at once wait for each other.
 */
export async function deployVersions(
  db: Executor,
  given: readonly Deployable[],
  now: Date,
): Promise<Map<string, string>> {
  const column = <T>(read: (workflow: Deployable) => T) => sql.param(given.map(read));
  const at = sql`${now.toISOString()}::timestamptz`;
  await rows(db, sql`select pg_advisory_xact_lock(hashtext('knock.deploy'))`);
  await rows(
    db,
    sql`insert into knock.workflows (key, updated_at) select unnest(${column(({ key }) => key)}::text[]), ${at}
    on conflict (key) do nothing`,
  );
  await rows(
    db,
    sql`insert into knock.workflow_versions (id, workflow, number, structure, hash, fingerprint, created_at)
    select given.id, given.key, 1 + coalesce((select max(number) from knock.workflow_versions where workflow = given.key), 0),
      given.structure::jsonb, given.hash, given.fingerprint, ${at}
    from unnest(${column(({ id }) => id)}::uuid[], ${column(({ key }) => key)}::text[],
      ${column(({ structure }) => JSON.stringify(structure))}::text[], ${column(({ hash }) => hash)}::text[],
      ${column(({ fingerprint }) => fingerprint)}::text[]) as given (id, key, structure, hash, fingerprint)
    on conflict (workflow, hash, artifact) do update set fingerprint = excluded.fingerprint
      where workflow_versions.fingerprint is distinct from excluded.fingerprint`,
  );
  const found = await rows<{ workflow: string; id: string }>(
    db,
    sql`select version.workflow, version.id from knock.workflow_versions as version
    join unnest(${column(({ key }) => key)}::text[], ${column(({ hash }) => hash)}::text[]) as given (key, hash)
      on version.workflow = given.key and version.hash = given.hash and version.artifact is null`,
  );
  await rows(
    db,
    sql`update knock.workflows as workflow set version_id = given.id, updated_at = ${at}
    from unnest(${sql.param(found.map(({ workflow }) => workflow))}::text[], ${sql.param(found.map(({ id }) => id))}::uuid[])
      as given (key, id)
    where workflow.key = given.key and workflow.version_id is distinct from given.id and not exists (
      select from knock.workflow_versions as version where version.id = workflow.version_id and version.artifact is not null
    )`,
  );
  return new Map(found.map(({ workflow, id }) => [workflow, id]));
}

/** Structures by version id. */
export async function findStructures(db: Executor, ids: readonly string[]): Promise<Map<string, Structure>> {
  const found = await rows<{ id: string; structure: Structure }>(
    db,
    sql`select id, structure from knock.workflow_versions where id = any(${sql.param(ids)}::uuid[])`,
  );
  return new Map(found.map(({ id, structure }) => [id, structure]));
}

/** Switches a workflow on or off. Answers whether it exists: one that is archived does not, until it is deployed again. */
export async function setStatus(
  db: Executor,
  { key, status, now }: { key: string; status: "active" | "inactive"; now: Date },
): Promise<boolean> {
  const changed = await rows<{ key: string }>(
    db,
    sql`update knock.workflows set status = ${status}, updated_at = ${now.toISOString()}::timestamptz
    where key = ${key} and status <> 'archived' returning key`,
  );
  return changed.length > 0;
}

/**
 * Keys of the workflows that are switched off: their runs end when they wake. Those of an archived one go on, as
 * whoever archived it had the choice to end them.
 */
export async function inactiveWorkflows(db: Executor): Promise<Set<string>> {
  const found = await rows<{ key: string }>(db, sql`select key from knock.workflows where status = 'inactive'`);
  return new Set(found.map(({ key }) => key));
}
