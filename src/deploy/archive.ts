// What becomes of open runs when their workflows are archived: they go on, unless they are to end with it.
import { slicesOf } from "../base/arrays.ts";
import {
  cancelOnTheWay,
  endBatchesWithRuns,
  endSlice,
  openBatchIds,
  sliceEnds,
  type Archiving,
} from "../store/archive.ts";
import type { Executor } from "../store/executor.ts";

/** Runs that one statement ends. */
const RUNS_PER_SLICE = 5_000;

/** Batches that one statement ends, with the runs in them. */
const BATCHES_PER_SLICE = 500;

/**
 * Ends the open runs and the open batches of workflows, and says how many runs. Whoever calls one of them at this very
 * moment may still get runs, which then finish.
 */
export async function endOpenRuns(tx: Executor, archiving: Archiving): Promise<number> {
  await cancelOnTheWay(tx, archiving);
  let runs = 0;
  let after: string | null = null;
  const batches: string[] = [];
  for (const upTo of await sliceEnds(tx, archiving, RUNS_PER_SLICE)) {
    const slice = await endSlice(tx, archiving, { after, upTo });
    runs += slice.runs;
    for (const batch of slice.batches) batches.push(batch);
    after = upTo;
  }
  for (const ids of slicesOf(batches, BATCHES_PER_SLICE)) runs += await endBatchesWithRuns(tx, archiving, ids);
  for (;;) {
    // Those whose carrier was gone already, or that a run has opened and left.
    const ids = await openBatchIds(tx, archiving, BATCHES_PER_SLICE);
    if (ids.length === 0) return runs;
    runs += await endBatchesWithRuns(tx, archiving, ids);
  }
}
