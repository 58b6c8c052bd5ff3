// Failed runs that somebody wants to go on.
import { slicesOf } from "../base/arrays.ts";
import { KnockError } from "../base/errors.ts";
import { isId } from "../base/ids.ts";
import { rerunFailed } from "../store/rerun.ts";
import type { RunStatus } from "../store/schema/runs.ts";
import type { Directory, Outcome } from "./directory/directory.ts";

/** Runs that one statement puts back. */
const SLICE = 1_000;

function outcomeOf(id: string, status: RunStatus | undefined): Outcome<{ id: string }> {
  if (status === undefined) return { ok: false, error: new KnockError("NOT_FOUND", { what: "run", id }) };
  if (status !== "failed") return { ok: false, error: new KnockError("RUN_NOT_FAILED", { id, status }) };
  return { ok: true, id };
}

/**
 * Lets failed runs go on at the step that failed, with as many tries as at first and in the version in which they
 * began; what they did before is not done again. One answer per id, in order. Errors: `NOT_FOUND`, `RUN_NOT_FAILED`.
 *
 * @example const [outcome] = await rerun(directory, [runId]);
 */
export async function rerun(
  { database, clock }: Directory,
  runIds: readonly string[],
): Promise<Outcome<{ id: string }>[]> {
  const known = [...new Set(runIds.filter(isId).map((id) => id.toLowerCase()))];
  const statuses = new Map<string, RunStatus>();
  for (const ids of slicesOf(known, SLICE)) {
    for (const [id, status] of await rerunFailed(database.db, ids, clock.now())) statuses.set(id, status);
  }
  return runIds.map((id) => outcomeOf(id, statuses.get(id.toLowerCase())));
}
