// Whether workflows may run, and which version of each is the current one.
import { sql } from "drizzle-orm";
import { rows, type Executor } from "./executor.ts";

/** A workflow as it is stored. */
export interface WorkflowState extends Record<string, unknown> {
  key: string;
  status: "active" | "inactive" | "archived";
  /** The current version; `null` before the first. */
  versionId: string | null;
}

/**
 * The workflows that are off or archived, and of some, or of all, those whose current version is none of the given:
 * mostly none.
 */
export const workflowsUnlike = (
  db: Executor,
  { keys, versionIds }: { keys: readonly string[] | null; versionIds: readonly string[] },
): Promise<WorkflowState[]> =>
  rows<WorkflowState>(
    db,
    sql`select key, status, version_id as "versionId" from knock.workflows
    where status <> 'active' or (
      ${keys === null ? sql`true` : sql`key = any(${sql.param(keys)}::text[])`}
      and not version_id = any(${sql.param(versionIds)}::uuid[])
    )`,
  );
