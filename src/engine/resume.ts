// Runs that are due go on. They are taken, advanced and written in one transaction: a crash gives them
// back at once, another process skips them, and no job is needed.
import { holdDueRuns, updateRuns } from "../store/runs.ts";
import { deleteWaits } from "../store/waits.ts";
import { advance } from "./advance.ts";
import { inTransaction, type Internals, type Work } from "./context.ts";
import { reportPassages } from "./events.ts";
import { loadRuns, type LoadedRun } from "./load-runs.ts";
import { handOver } from "./handover.ts";
import { runRow, settle, storeOutcome, type Passed } from "./passage.ts";

/** Runs that go on in one transaction. */
const RUNS_PER_PASSAGE = 500;

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

/** Lets up to one passage of due runs go on. Answers how many there were. */
export async function resumeDue(internals: Internals): Promise<number> {
  const passed = await inTransaction(internals, async (work) => {
    const now = internals.clock.now();
    const due = await holdDueRuns(work.tx, now, RUNS_PER_PASSAGE);
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
