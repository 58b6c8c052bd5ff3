// Runs that are due go on. They are taken, advanced and written in one transaction: a crash gives them
// back at once, another process skips them, and no job is needed.
import { derivedId } from "../base/ids.ts";
import { messageStates } from "../store/messages.ts";
import { findNotifications } from "../store/notifications.ts";
import { holdDueRuns, updateRuns, type RunRow } from "../store/runs.ts";
import { advance } from "./advance.ts";
import { inTransaction, type Internals, type Work } from "./context.ts";
import { reportPassages } from "./events.ts";
import { runRow, storeMessages, worldsOf, type Passed } from "./passage.ts";
import type { MessageSnapshot, RunInput } from "./run.ts";
import { notificationSnapshots, recipientSnapshots } from "./snapshots.ts";

/** Runs that go on in one transaction. */
const RUNS_PER_PASSAGE = 500;

/** The messages of earlier steps. Their ids are a function of run and step, so no index is needed to find them. */
async function earlierMessages({ tx }: Work, due: readonly RunRow[]) {
  const ids = new Map(due.map((run) => [run.id, new Map(run.trace.map(({ ref }) => [ref, derivedId(run.id, ref)]))]));
  const states = await messageStates(
    tx,
    [...ids.values()].flatMap((byRef) => [...byRef.values()]),
  );
  const byId = new Map(states.map((state) => [state.id, state]));
  return (runId: string): RunInput["messages"] => {
    const found = new Map<string, MessageSnapshot>();
    for (const [ref, id] of ids.get(runId)!) {
      const state = byId.get(id);
      if (state) {
        const { status, seen, read, interacted, clicked, archived } = state;
        found.set(ref, { status, seen, read, interacted, clicked, archived });
      }
    }
    return found;
  };
}

async function resumeHeld(internals: Internals, work: Work, due: readonly RunRow[]): Promise<Passed[]> {
  const now = internals.clock.now();
  const stored = await findNotifications(work.tx, [...new Set(due.map(({ notificationId }) => notificationId))]);
  const notifications = await notificationSnapshots(work.tx, stored);
  const tenantOf = (run: RunRow) => notifications.get(run.notificationId)?.tenantId ?? null;
  const recipients = await recipientSnapshots(
    work.tx,
    due.map((run) => ({ recipientId: run.recipientId, tenantId: tenantOf(run) })),
  );
  const worldOf = await worldsOf(internals, work, new Set(due.map(({ versionId }) => versionId)), now);
  const messages = await earlierMessages(work, due);
  return due.map((run): Passed => {
    const input: RunInput = {
      id: run.id,
      notification: notifications.get(run.notificationId)!,
      ...recipients(run.recipientId, tenantOf(run)),
      step: run.step,
      state: run.state,
      trace: run.trace,
      messages: messages(run.id),
    };
    return { input, versionId: run.versionId, advanced: advance(input, worldOf(run.versionId)) };
  });
}

/** Lets up to one passage of due runs go on. Answers how many there were. */
export async function resumeDue(internals: Internals): Promise<number> {
  const passed = await inTransaction(internals, async (work) => {
    const now = internals.clock.now();
    const due = await holdDueRuns(work.tx, now, RUNS_PER_PASSAGE);
    if (due.length === 0) return [];
    const results = await resumeHeld(internals, work, due);
    await updateRuns(work.tx, results.map(runRow), now);
    await storeMessages(work, results, { express: results.length <= RUNS_PER_PASSAGE / 10, now });
    return results;
  });
  reportPassages(internals, passed);
  return passed.length;
}
