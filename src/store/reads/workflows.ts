// What people and programs read of deployed workflows and their versions.
import { sql } from "drizzle-orm";
import { instant, rows, type Executor } from "../executor.ts";

/** The state of a workflow in the database. */
export interface WorkflowState {
  key: string;
  status: "active" | "inactive" | "archived";
  /** The version that its structure has: the current one, else the newest with this structure. */
  version: number;
  deployedAt: Date;
}

/** The state of workflows by key, for the structures whose hashes are given; one never deployed is absent. */
export async function readWorkflowStates(
  db: Executor,
  deployed: readonly { key: string; hash: string }[],
): Promise<Map<string, WorkflowState>> {
  const found = await rows<Omit<WorkflowState, "deployedAt"> & { deployedAt: string } & Record<string, unknown>>(
    db,
    sql`select distinct on (workflow.key) workflow.key, workflow.status, version.number as version, version.created_at as "deployedAt"
    from unnest(${sql.param(deployed.map(({ key }) => key))}::text[], ${sql.param(deployed.map(({ hash }) => hash))}::text[])
      as given (key, hash)
    join knock.workflows as workflow on workflow.key = given.key
    join knock.workflow_versions as version on version.workflow = given.key and version.hash = given.hash
    order by workflow.key, version.id is distinct from workflow.version_id, version.number desc`,
  );
  return new Map(found.map((row) => [row.key, { ...row, deployedAt: instant(row.deployedAt) }]));
}

/** Version numbers by version id. */
export async function readVersionNumbers(db: Executor, ids: readonly string[]): Promise<Map<string, number>> {
  const found = await rows<{ id: string; number: number }>(
    db,
    sql`select id, number from knock.workflow_versions where id = any(${sql.param(ids)}::uuid[])`,
  );
  return new Map(found.map(({ id, number }) => [id, number]));
}
