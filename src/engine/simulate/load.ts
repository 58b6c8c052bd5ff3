// Staged runs become what their next steps read.
import { distinct } from "../../base/arrays.ts";
import { collectedBy } from "../batches/load.ts";
import type { BatchSnapshot, MessageSnapshot, NotificationSnapshot, RunInput, World } from "../run.ts";
import { snapshotsOf } from "./batches.ts";
import type { Stage, StagedNotification, StagedRun } from "./stage.ts";
import { worldsOf } from "./stage.ts";

/** Loads the people and tenants that runs of notifications read. */
async function loadAround({ people }: Stage, reached: readonly { id: string; notification: StagedNotification }[]) {
  const notifications = [...new Set(reached.map(({ notification }) => notification))];
  const actors = distinct(notifications.map(({ actorId }) => actorId));
  await people.loadTenants(distinct(notifications.map(({ tenantId }) => tenantId)));
  await people.load([
    ...reached.map(({ id, notification }) => ({ recipientId: id, tenantId: notification.tenantId })),
    ...actors.map((recipientId) => ({ recipientId, tenantId: null })),
  ]);
}

function snapshotOf({ people }: Stage, notification: StagedNotification): NotificationSnapshot {
  const { id, workflow, data, actorId, tenantId, cancellationKey, source } = notification;
  const row = tenantId === null ? undefined : people.tenant(tenantId);
  const { preferences = null, ...tenant } = row ?? {};
  return {
    id,
    workflow,
    // Whatever an author's function does to it, the next passage reads it as it was.
    data: structuredClone(data),
    actor: actorId === null ? null : people.person(actorId),
    tenant: row ? (tenant as NotificationSnapshot["tenant"]) : null,
    tenantId,
    tenantPreferences: preferences,
    cancellationKey,
    source,
  };
}

function messagesOf(run: StagedRun): Map<string, MessageSnapshot> {
  const made = run.messages.map(({ step, status, engagement }) => [step, { status, ...engagement }] as const);
  return new Map([...run.earlier.messages, ...made]);
}

/** The batches that a run collected in the simulation. */
const collected = (run: StagedRun) =>
  collectedBy(run).flatMap(([ref, batchId]) => {
    const step = run.plan.byRef.get(ref)?.step;
    return step?.kind === "batch" ? [{ ref, batchId, order: step.order, take: step.take }] : [];
  });

async function batchesOf(stage: Stage, runs: readonly StagedRun[]) {
  const snapshots = await snapshotsOf(stage, runs.flatMap(collected));
  return (run: StagedRun): Map<string, BatchSnapshot> => {
    const own = collected(run).flatMap(({ ref, batchId }) => {
      const snapshot = snapshots.get(batchId);
      return snapshot ? [[ref, snapshot] as const] : [];
    });
    return new Map([...run.earlier.batches, ...own]);
  };
}

/** A run with what its next steps read. */
export interface Loaded {
  run: StagedRun;
  input: RunInput;
  world: World;
}

/** Loads what runs read now. */
export async function loadRuns(stage: Stage, runs: readonly StagedRun[]): Promise<Loaded[]> {
  await loadAround(
    stage,
    runs.map(({ recipientId, notification }) => ({ id: recipientId, notification })),
  );
  const worldOf = worldsOf(stage);
  const snapshots = new Map<StagedNotification, NotificationSnapshot>();
  const batches = await batchesOf(stage, runs);
  return runs.map((run): Loaded => {
    const { id, notification, recipientId, step, state, trace } = run;
    const snapshot = snapshots.get(notification) ?? snapshotOf(stage, notification);
    snapshots.set(notification, snapshot);
    const recipient = stage.people.recipient(recipientId, notification.tenantId);
    const earlier = { messages: messagesOf(run), batches: batches(run) };
    const input = { id, notification: snapshot, ...recipient, step, state, trace, ...earlier };
    return { run, input, world: worldOf(run.plan) };
  });
}
