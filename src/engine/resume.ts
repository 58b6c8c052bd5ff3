// Runs that are due go on. They are taken, advanced and written in one transaction: a crash gives them
// back at once, another process skips them, and no job is needed.
import { durationMs } from "../base/duration.ts";
import { isDataError } from "../store/data-error.ts";
import { holdDueRuns, putOffRuns, updateRuns, type RunRow } from "../store/runs.ts";
import { deleteWaits } from "../store/waits.ts";
import { advance } from "./advance.ts";
import { inTransaction, type Internals, type Work } from "./context.ts";
import { reportPassages } from "./events.ts";
import { LeftToOthers, leftWorkflows } from "./lacking.ts";
import { loadRuns, type LoadedRun } from "./load-runs.ts";
import { handOver } from "./handover.ts";
import { runRow, settle, storeOutcome, type Passed } from "./passage.ts";

/** Runs that go on in one transaction. */
const RUNS_PER_PASSAGE = 500;

/** Bytes of what they read that are in memory at the same time: data may have 10 MB, and 500 calls of that none has. */
const BYTES_PER_PASSAGE = 32 * 1024 * 1024;

/** So many times fewer are tried when a passage fails. */
const FEWER = 8;

const PUT_OFF = durationMs("1m");

/** Who waited for something and goes on without it waits for it no more. */
async function endWaits({ tx }: Work, loaded: readonly LoadedRun[]): Promise<void> {
  const waited = loaded.filter(({ input: { step, state }, world }) => {
    const kind = step === null ? null : world.plan.byRef.get(step)?.step.kind;
    return kind === "waitFor" && state.waited && !state.reply;
  });
  if (waited.length > 0)
    await deleteWaits(
      tx,
      waited.map(({ input }) => input.id),
    );
}

const advanced = ({ input, versionId, world }: LoadedRun): Passed => ({
  input,
  versionId,
  advanced: advance(input, world),
});

/** Lets at most so many due runs go on; `tell` hears which. Answers how many there were. */
async function passage(internals: Internals, most: number, tell: (runs: readonly RunRow[]) => void): Promise<number> {
  const left = await leftWorkflows(internals);
  const passed = await inTransaction(internals, async (work) => {
    const now = internals.clock.now();
    const due = await holdDueRuns(work.tx, now, { runs: most, bytes: BYTES_PER_PASSAGE, left });
    tell(due);
    if (due.length === 0) return [];
    const loaded = await loadRuns(internals, work, { runs: due, now });
    await endWaits(work, loaded);
    const results = await settle(internals, work, loaded.map(advanced));
    await updateRuns(work.tx, results.map(runRow), now);
    const lane = { express: results.length <= RUNS_PER_PASSAGE / 10, turn: 0 };
    await storeOutcome(internals, work, { passed: results, lane, now });
    return results;
  });
  handOver(internals, passed);
  reportPassages(internals, passed);
  return passed.length;
}

/** A passage of what this process does. What turns out to be left to others is not held the next time. */
async function ownPassage(...given: Parameters<typeof passage>): Promise<number> {
  for (;;) {
    try {
      return await passage(...given);
    } catch (error) {
      if (!(error instanceof LeftToOthers)) throw error;
    }
  }
}

/**
 * Lets up to one passage of due runs go on. Answers how many there were. A passage that fails because of what it
 * works with is done again with fewer runs: one that cannot go on is put off when it is alone, and keeps no other waiting.
 */
export async function resumeDue(internals: Internals): Promise<number> {
  const { clock, database, logger } = internals;
  for (let most = RUNS_PER_PASSAGE; ; most = Math.ceil(most / FEWER)) {
    let due: readonly RunRow[] = [];
    try {
      return await ownPassage(internals, most, (runs) => (due = runs));
    } catch (error) {
      if (due.length === 0 || !isDataError(error)) throw error;
      if (due.length > 1) continue;
      const ids = due.map(({ id }) => id);
      logger.error("a run cannot go on and is tried again in a minute", { run: ids[0], error });
      await putOffRuns(database.db, ids, new Date(clock.now().getTime() + PUT_OFF));
      return ids.length;
    }
  }
}
