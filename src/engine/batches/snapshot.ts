// Batches as content and conditions see them.
import { distinct } from "../../base/arrays.ts";
import { batchTotals, takenActivities, type Taking } from "../../store/batches.ts";
import type { Executor } from "../../store/executor.ts";
import type { ActivitySnapshot, BatchSnapshot, PersonSnapshot } from "../run.ts";
import { peopleById } from "../snapshots.ts";

/** The distinct actors of activities, in their order. */
export const actorsOf = (activities: readonly ActivitySnapshot[]): PersonSnapshot[] => [
  ...new Map(activities.flatMap(({ actor }) => (actor ? [[actor.id, actor] as const] : []))).values(),
];

/** Loads batches that are closed, by id. */
export async function batchSnapshots(tx: Executor, wanted: readonly Taking[]): Promise<Map<string, BatchSnapshot>> {
  if (wanted.length === 0) return new Map();
  const totals = await batchTotals(
    tx,
    wanted.map(({ batchId }) => batchId),
  );
  const taken = await takenActivities(tx, wanted);
  const actorIds = [...taken.map(({ actorId }) => actorId), ...totals.map(({ firstActorId }) => firstActorId)];
  const people = await peopleById(tx, distinct(actorIds));
  const personOf = (id: string | null) => (id === null ? null : people.get(id)!);
  const byBatch = Map.groupBy(taken, ({ batchId }) => batchId);
  return new Map(
    totals.map(({ batchId, count, actorCount, firstActorId }): [string, BatchSnapshot] => {
      const rows = byBatch.get(batchId) ?? [];
      const activities = rows.map(({ id, data, actorId, at }) => ({ id, data, actor: personOf(actorId), at }));
      const actors = actorsOf(activities);
      return [batchId, { count, actorCount, activities, actors, firstActor: personOf(firstActorId) }];
    }),
  );
}
