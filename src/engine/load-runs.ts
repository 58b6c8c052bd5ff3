// Stored runs become what their next steps read: with a few statements for all of them.
import { derivedId } from "../base/ids.ts";
import { messageStates } from "../store/messages.ts";
import { findNotifications } from "../store/notifications.ts";
import type { RunRow } from "../store/runs.ts";
import { batchesOf } from "./batches/load.ts";
import type { Internals, Work } from "./context.ts";
import { worldsOf } from "./passage.ts";
import { isChannel } from "./run-scope.ts";
import type { MessageSnapshot, RunInput, World } from "./run.ts";
import { notificationSnapshots, recipientSnapshots } from "./snapshots.ts";

/** The ids that messages of a run's earlier steps have, by ref: a function of run and step, found without an index. */
const messageIds = ({ id, trace }: RunRow): Map<string, string> =>
  new Map(trace.filter(({ kind }) => isChannel(kind)).map(({ ref }) => [ref, derivedId(id, ref)]));

/** The messages of earlier steps. Runs that have passed no channel step cost no statement. */
export async function earlierMessages({ tx }: Pick<Work, "tx">, due: readonly RunRow[]) {
  const ids = new Map(due.map((run) => [run.id, messageIds(run)]));
  const asked = [...ids.values()].flatMap((byRef) => [...byRef.values()]);
  const states = asked.length > 0 ? await messageStates(tx, asked) : [];
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

/** A stored run with what it reads. */
export interface LoadedRun {
  input: RunInput;
  versionId: string;
  world: World;
  wakeAt: Date | null;
}

/** Loads what runs read. */
export async function loadRuns(
  internals: Internals,
  work: Work,
  { runs, now }: { runs: readonly RunRow[]; now: Date },
): Promise<LoadedRun[]> {
  const stored = await findNotifications(work.tx, [...new Set(runs.map(({ notificationId }) => notificationId))]);
  const notifications = await notificationSnapshots(work.tx, stored);
  const tenantOf = (run: RunRow) => notifications.get(run.notificationId)?.tenantId ?? null;
  const recipients = await recipientSnapshots(
    work.tx,
    runs.map((run) => ({ recipientId: run.recipientId, tenantId: tenantOf(run) })),
  );
  const worldOf = await worldsOf(internals, work, new Set(runs.map(({ versionId }) => versionId)), now);
  const messages = await earlierMessages(work, runs);
  const batches = await batchesOf(internals, work, runs);
  return runs.map((run) => ({
    input: {
      id: run.id,
      notification: notifications.get(run.notificationId)!,
      ...recipients(run.recipientId, tenantOf(run)),
      step: run.step,
      state: run.state,
      trace: run.trace,
      messages: messages(run.id),
      batches: batches(run.id),
    },
    versionId: run.versionId,
    world: worldOf(run.versionId),
    wakeAt: run.wakeAt,
  }));
}
