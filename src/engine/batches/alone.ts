import type { JsonObject } from "../../base/canonical-json.ts";
import type { BatchSnapshot, NotificationSnapshot } from "../run.ts";

/** What a run leaves that goes on alone, `flushed` as the leading one, or because the step was skipped. */
export const leftAlone = (now: Date, flushed: boolean): JsonObject => ({ flushed, alone: now.toISOString() });

/** The batch that such a run sees: its own notification. `undefined` for a run that left something else. */
export function batchOfOne(
  left: JsonObject | undefined,
  { id, data, actor }: NotificationSnapshot,
): BatchSnapshot | undefined {
  if (typeof left?.alone !== "string") return undefined;
  const actors = actor ? [actor] : [];
  const activities = [{ id, data, actor, at: new Date(left.alone) }];
  return { count: 1, actorCount: actors.length, activities, actors, firstActor: actor };
}
