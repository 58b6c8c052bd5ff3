import type { JsonObject } from "../../base/canonical-json.ts";
import type { BatchSnapshot, NotificationSnapshot } from "../run.ts";

/** What a run leaves that went on at once, before the batch: `at` is when, ISO 8601. */
export const flushedAt = (now: Date): JsonObject => ({ flushed: true, at: now.toISOString() });

/** The batch that such a run sees: its own notification, alone. `undefined` for a run that left something else. */
export function flushedBatch(
  left: JsonObject | undefined,
  { id, data, actor }: NotificationSnapshot,
): BatchSnapshot | undefined {
  if (left?.flushed !== true) return undefined;
  const actors = actor ? [actor] : [];
  const activities = [{ id, data, actor, at: new Date(String(left.at)) }];
  return { count: 1, actorCount: actors.length, activities, actors, firstActor: actor };
}
