// Runs that wait in reality and that the simulation reaches: carriers of batches.
import { distinct } from "../../base/arrays.ts";
import { planOf } from "../../registry/plan.ts";
import { findNotifications } from "../../store/notifications.ts";
import { notificationTimes, waitingRuns } from "../../store/reads/simulation.ts";
import { findStructures } from "../../store/workflow-versions.ts";
import { batchesOf } from "../batches/load.ts";
import { earlierMessages } from "../load-runs.ts";
import type { Stage } from "./stage.ts";

/** Takes notifications into the simulation that exist in reality. */
async function takeNotifications({ tx, notifications }: Stage, ids: readonly string[]): Promise<void> {
  const missing = ids.filter((id) => !notifications.has(id));
  const stored = await findNotifications(tx, missing);
  const times = await notificationTimes(tx, missing);
  for (const { id, workflow, data, lists, actorId, tenantId, cancellationKey, source } of stored) {
    const given = { id, workflow, data, lists, actorId, tenantId, cancellationKey, source };
    notifications.set(id, { ...given, recipients: [], createdAt: times.get(id)! });
  }
}

/** Takes runs into the simulation that wait in reality: what they carry has changed. */
export async function takeIn(stage: Stage, runIds: readonly string[]): Promise<void> {
  const { tx, runs, notifications } = stage;
  const missing = runIds.filter((id) => !runs.has(id));
  const rows = missing.length > 0 ? await waitingRuns(tx, missing) : [];
  if (rows.length === 0) return;
  await takeNotifications(stage, distinct(rows.map(({ notificationId }) => notificationId)));
  const structures = await findStructures(tx, distinct(rows.map(({ versionId }) => versionId)));
  const plans = new Map([...structures].map(([id, structure]) => [id, planOf(structure)]));
  const messages = await earlierMessages({ tx }, rows);
  const batches = await batchesOf({ plans }, { tx }, rows);
  for (const { id, notificationId, versionId, recipientId, status, step, state, trace, wakeAt } of rows) {
    const notification = notifications.get(notificationId);
    const plan = plans.get(versionId);
    if (!notification || !plan) continue;
    const earlier = { messages: messages(id), batches: batches(id) };
    const rest = { existing: true, passages: 0, wait: null, steps: [], messages: [], earlier };
    runs.set(id, { id, notification, plan, recipientId, status, step, state, trace, wakeAt, ...rest });
  }
}
