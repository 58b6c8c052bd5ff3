// Batches that runs collected in an earlier passage, for the steps that come later.
import type { Taking } from "../../store/batches.ts";
import type { RunRow } from "../../store/runs.ts";
import { plansOf, type Internals, type Work } from "../context.ts";
import type { BatchSnapshot } from "../run.ts";
import { batchSnapshots } from "./snapshot.ts";

const NONE: ReadonlyMap<string, BatchSnapshot> = new Map();

/** The batches that a run collected, by the step that did. The one at which it still waits is none of them. */
export function collectedBy({ step, state }: Pick<RunRow, "step" | "state">): [ref: string, batchId: string][] {
  const left = Object.entries(state.results ?? {});
  return left.flatMap(([ref, { batch }]) => (typeof batch === "string" && ref !== step ? [[ref, batch]] : []));
}

/** The batches that runs collected earlier; the answer gives those of a run, by step. */
export async function batchesOf(
  internals: Pick<Internals, "plans">,
  { tx }: Pick<Work, "tx">,
  due: readonly RunRow[],
): Promise<(runId: string) => ReadonlyMap<string, BatchSnapshot>> {
  const collected = due.flatMap((run) => {
    const batches = collectedBy(run);
    return batches.length > 0 ? [{ run, batches }] : [];
  });
  if (collected.length === 0) return () => NONE;
  const plans = await plansOf(internals, tx, new Set(collected.map(({ run }) => run.versionId)));
  const wanted = collected.flatMap(({ run, batches }) =>
    batches.flatMap(([ref, batchId]): Taking[] => {
      const step = plans.get(run.versionId)?.byRef.get(ref)?.step;
      return step?.kind === "batch" ? [{ batchId, order: step.order, take: step.take }] : [];
    }),
  );
  const snapshots = await batchSnapshots(tx, wanted);
  const found = new Map(
    collected.map(({ run, batches }) => [
      run.id,
      new Map(batches.flatMap(([ref, id]) => (snapshots.has(id) ? [[ref, snapshots.get(id)!] as const] : []))),
    ]),
  );
  return (runId) => found.get(runId) ?? NONE;
}
