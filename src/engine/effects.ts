// What steps write beside their run: changed users, waits, other runs, work for outside the transaction.
import { slicesOf } from "../base/arrays.ts";
import { endBatches } from "../store/batches.ts";
import { wakeRuns } from "../store/runs.ts";
import { insertWaits } from "../store/waits.ts";
import { MAX_USERS_PER_CALL, upsertUsers } from "../store/users.ts";
import type { Internals, Work } from "./context.ts";
import type { UserInput } from "./notify-call.ts";
import type { Passed } from "./passage.ts";

/** Fetches that one job makes. */
const FETCHES_PER_JOB = 50;

/** Writes the effects of passages. */
export async function writeEffects(
  { bell }: Pick<Internals, "bell">,
  work: Work,
  { passed, now }: { passed: readonly Passed[]; now: Date },
): Promise<void> {
  const all = passed.flatMap(({ input, advanced }) => advanced.effects.map((effect) => ({ runId: input.id, effect })));
  if (all.length === 0) return;
  const users: UserInput[] = [];
  const waits: { runId: string; step: string; event: string; match: string }[] = [];
  const fetching: string[] = [];
  const waking: { runId: string; at: Date }[] = [];
  const batches: string[] = [];
  for (const { runId, effect } of all) {
    if (effect.kind === "updateUser") users.push(effect.user);
    else if (effect.kind === "fetch") fetching.push(runId);
    else if (effect.kind === "wake") waking.push({ runId: effect.runId, at: effect.at });
    else if (effect.kind === "endBatch") batches.push(effect.batchId);
    else waits.push({ runId, step: effect.step, event: effect.event, match: effect.match });
  }
  for (const slice of slicesOf(users, MAX_USERS_PER_CALL)) await upsertUsers(work.tx, slice, now);
  if (waits.length > 0) await insertWaits(work.tx, waits);
  if (batches.length > 0) await endBatches(work.tx, batches, now);
  if (waking.length > 0) {
    await wakeRuns(work.tx, waking);
    work.afterCommit(bell.ring);
  }
  for (const runs of slicesOf(fetching, FETCHES_PER_JOB)) work.enqueue({ kind: "fetch", data: { runs } });
}
