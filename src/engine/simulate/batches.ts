// Batches in memory: decided by the same pure function, on top of those that are open in reality.
import { distinct } from "../../base/arrays.ts";
import { batchTotals, openBatchesOf, takenActivities, type Taking } from "../../store/batches.ts";
import { batchActors } from "../../store/reads/simulation.ts";
import { EMPTY } from "../batches/close.ts";
import { decide, type Arrival, type Joined } from "../batches/decide.ts";
import { grouped, identityText, rowOf, type Group } from "../batches/join.ts";
import { actorsOf } from "../batches/snapshot.ts";
import type { Answer, BatchSnapshot, Request } from "../run.ts";
import type { Stage, StagedBatch } from "./stage.ts";

type Closing = Extract<Request, { kind: "closeBatch" }>;

/** Looks up the open batches of identities that were not looked up before. */
async function lookUp({ tx, open, batches }: Stage, groups: readonly Group[]): Promise<void> {
  const missing = groups.map(({ identity }) => identity).filter((identity) => !open.has(identityText(identity)));
  if (missing.length === 0) return;
  for (const identity of missing) open.set(identityText(identity), null);
  for (const row of await openBatchesOf(tx, missing)) {
    open.set(identityText(row), row.id);
    batches.set(row.id, { row, live: true, added: [] });
  }
}

function join({ open, batches, now }: Stage, { identity, arrivals }: Group): Joined[] {
  const text = identityText(identity);
  const current = batches.get(open.get(text) ?? "");
  const { batches: changed, activities, answers } = decide(current?.row ?? null, arrivals, now);
  for (const state of changed) {
    const known = batches.get(state.id) ?? { live: false, added: [] };
    batches.set(state.id, { ...known, row: rowOf(identity, state) });
    open.set(text, state.closedAt ? null : state.id);
  }
  for (const activity of activities) batches.get(activity.batchId)!.added.push(activity);
  return answers;
}

/** Puts runs into open batches, or into new ones. */
export async function joinInMemory(stage: Stage, requests: readonly Arrival[]): Promise<Joined[]> {
  const groups = grouped(requests);
  await lookUp(stage, groups);
  const answers = new Map(
    groups.flatMap((group) => {
      const given = join(stage, group);
      return group.arrivals.map((arrival, index) => [arrival, given[index]!] as const);
    }),
  );
  return requests.map((request) => answers.get(request)!);
}

/** Nothing joins the batches any more. */
export function endInMemory({ batches, open, now }: Stage, ids: readonly string[]): void {
  for (const id of ids) {
    const batch = batches.get(id);
    if (!batch || batch.row.closedAt) continue;
    batches.set(id, { ...batch, row: { ...batch.row, closedAt: now } });
    const text = identityText(batch.row);
    if (open.get(text) === id) open.set(text, null);
  }
}

interface Activity {
  id: string;
  data: BatchSnapshot["activities"][number]["data"];
  actorId: string | null;
  at: Date;
}

const inTime = (one: Activity, other: Activity) =>
  one.at.getTime() - other.at.getTime() || (one.id < other.id ? -1 : 1);

const addedTo = ({ notifications }: Stage, { added }: StagedBatch): Activity[] =>
  added
    .map(({ notificationId }): Activity => {
      const { id, data, actorId, createdAt } = notifications.get(notificationId)!;
      return { id, data, actorId, at: createdAt };
    })
    .toSorted(inTime);

/** Reads what is in closed batches in reality, and everybody who did something in them. */
async function loadParts(stage: Stage, wanted: readonly Taking[]): Promise<void> {
  const { tx, people, batches } = stage;
  const missing = wanted.filter(({ batchId }) => batches.get(batchId)!.live && !batches.get(batchId)!.part);
  if (missing.length > 0) {
    const ids = missing.map(({ batchId }) => batchId);
    const totals = new Map((await batchTotals(tx, ids)).map((total) => [total.batchId, total]));
    const taken = Map.groupBy(await takenActivities(tx, missing), ({ batchId }) => batchId);
    const asked = ids.flatMap((batchId) =>
      distinct(addedTo(stage, batches.get(batchId)!).map(({ actorId }) => actorId)).map((actorId) => ({
        batchId,
        actorId,
      })),
    );
    const actors = Map.groupBy(await batchActors(tx, asked), ({ batchId }) => batchId);
    for (const id of ids) {
      const known = new Set((actors.get(id) ?? []).map(({ actorId }) => actorId));
      batches.get(id)!.part = { totals: totals.get(id) ?? null, taken: taken.get(id) ?? [], actors: known };
    }
  }
  const involved = wanted.flatMap(({ batchId }) => {
    const batch = batches.get(batchId)!;
    const activities = [...(batch.part?.taken ?? []), ...addedTo(stage, batch)];
    return [batch.part?.totals?.firstActorId ?? null, ...activities.map(({ actorId }) => actorId)];
  });
  await people.load(distinct(involved).map((recipientId) => ({ recipientId, tenantId: null })));
}

/** Closed batches as content sees them, by id; one that is empty is left out. */
export async function snapshotsOf(stage: Stage, wanted: readonly Taking[]): Promise<Map<string, BatchSnapshot>> {
  const known = wanted.filter(({ batchId }) => stage.batches.has(batchId));
  await loadParts(stage, known);
  return new Map(
    known.flatMap((taking) => {
      const snapshot = snapshotOf(stage, taking);
      return snapshot ? [[taking.batchId, snapshot] as const] : [];
    }),
  );
}

function snapshotOf(stage: Stage, { batchId, order, take }: Taking): BatchSnapshot | null {
  const batch = stage.batches.get(batchId)!;
  const { totals = null, taken = [], actors: known = new Set() } = batch.part ?? {};
  const added = addedTo(stage, batch);
  if (!totals && added.length === 0) return null;
  const actors = distinct(added.map(({ actorId }) => actorId));
  const all = [...taken, ...added].toSorted(inTime);
  const wanted = order === "asc" ? all.slice(0, take) : all.slice(-take);
  // Whatever is there in reality came before.
  const firstActorId = totals ? totals.firstActorId : added[0]!.actorId;
  const personOf = (id: string | null) => (id === null ? null : stage.people.person(id));
  const activities = wanted.map(({ id, data, actorId, at }) => ({ id, data, actor: personOf(actorId), at }));
  return {
    count: (totals?.count ?? 0) + added.length,
    actorCount: (totals?.actorCount ?? 0) + actors.filter((id) => !known.has(id)).length,
    activities,
    actors: actorsOf(activities),
    firstActor: personOf(firstActorId),
  };
}

/** Closes the batches of runs that woke, and collects what is in them. */
export async function closeInMemory(stage: Stage, requests: readonly Closing[]): Promise<Answer[]> {
  const { batches, now } = stage;
  const found = (id: string) => batches.get(id)?.row;
  const stillOpen = (id: string) => !found(id)?.closedAt && (found(id)?.closesAt ?? now) > now;
  const over = requests.filter(({ batchId }) => !stillOpen(batchId));
  endInMemory(
    stage,
    over.map(({ batchId }) => batchId),
  );
  const snapshots = await snapshotsOf(stage, over);
  return requests.map(({ batchId }): Answer => {
    if (stillOpen(batchId)) return { kind: "closeBatch", openUntil: found(batchId)!.closesAt };
    return { kind: "closeBatch", batch: snapshots.get(batchId) ?? EMPTY };
  });
}
