// What the retention says may go, goes: in small statements, each on its own, so that no work ever waits for it.
import { durationMs } from "../base/duration.ts";
import { lowestId } from "../base/id-range.ts";
import { purgeArtifacts } from "../store/artifacts.ts";
import { purgeKeys } from "../store/idempotency.ts";
import {
  deleteBatches,
  deleteBulkOperations,
  deleteChunks,
  deleteDepartures,
  deleteFeedChanges,
  deleteMessages,
  deleteNotifications,
  deleteRuns,
  deleteThrottles,
  finishedNotifications,
  type Range,
  type Step,
} from "../store/retention.ts";
import type { Internals } from "./context.ts";

/** Rows that one statement deletes or looks at. */
const SLICE = 1_000;

/** How long the chunks of a notification are kept when all their runs exist: no job for them can come twice by then. */
const CHUNKS_KEPT = durationMs("7d");

/** How long a throttle window is kept when it has ended; clocks of several processes differ a little. */
const THROTTLES_KEPT = durationMs("1h");

/** How long code is kept that no version names: it may have been sent before the release that is to name it. */
const ARTIFACTS_KEPT = durationMs("1d");

/** How long marks are kept for those who look at feeds: a day (src/engine/feed/hub.ts), and what clocks may differ. */
const FEED_CHANGES_KEPT = durationMs("25h");

/** How long records of work on many things are kept. */
const BULK_OPERATIONS_KEPT = durationMs("7d");

/** What a purge deleted, by kind. */
export interface Purged {
  idempotencyKeys: number;
  notifications: number;
  runs: number;
  messages: number;
  batches: number;
  /** Records of who was in a list. */
  departures: number;
  chunks: number;
  throttles: number;
  artifacts: number;
  feedChanges: number;
  bulkOperations: number;
}

/** Deletes slices until one is not full. */
async function slices(remove: () => Promise<number>): Promise<number> {
  let total = 0;
  let last: number;
  do {
    last = await remove();
    total += last;
  } while (last === SLICE);
  return total;
}

/** Walks through all ids that were made before a time. */
async function walk(before: Date, step: (range: Range) => Promise<Step>): Promise<number> {
  const range = { before: lowestId(before), limit: SLICE };
  let deleted = 0;
  for (let after: string | null = lowestId(new Date(0)); after !== null;) {
    const done: Step = await step({ ...range, after });
    deleted += done.deleted;
    after = done.after;
  }
  return deleted;
}

/** Deletes finished notifications with their runs. Messages have an age of their own. */
async function purgeNotifications({ database: { db } }: Internals, before: Date) {
  let runs = 0;
  const notifications = await walk(before, async (range) => {
    const { after, ids } = await finishedNotifications(db, range);
    if (ids.length === 0) return { after, deleted: 0 };
    runs += await slices(() => deleteRuns(db, ids, SLICE));
    return { after, deleted: await deleteNotifications(db, ids) };
  });
  return { notifications, runs };
}

/**
 * Deletes what is older than the retention says. Can be interrupted and done by several processes at once; what one
 * is deleting, others pass by.
 */
export async function purge(internals: Internals): Promise<Purged> {
  const { database, clock, idempotencyRetention, retention } = internals;
  const { db } = database;
  const now = clock.now().getTime();
  const ago = (milliseconds: number) => new Date(now - milliseconds);
  const none = { notifications: 0, runs: 0 };
  const runsBefore = retention.runs === null ? null : ago(retention.runs);
  const messagesBefore = retention.messages === null ? null : ago(retention.messages);
  return {
    idempotencyKeys: await slices(() => purgeKeys(db, ago(idempotencyRetention), SLICE)),
    ...(runsBefore ? await purgeNotifications(internals, runsBefore) : none),
    messages: messagesBefore
      ? await walk(messagesBefore, (range) =>
          database.transaction((tx) => deleteMessages(tx, { ...range, olderThan: messagesBefore })),
        )
      : 0,
    batches: runsBefore ? await walk(runsBefore, (range) => deleteBatches(db, { ...range, olderThan: runsBefore })) : 0,
    departures: runsBefore ? await slices(() => deleteDepartures(db, runsBefore, SLICE)) : 0,
    chunks: await walk(ago(CHUNKS_KEPT), (range) => deleteChunks(db, range)),
    throttles: await slices(() => deleteThrottles(db, ago(THROTTLES_KEPT), SLICE)),
    artifacts: await slices(() => purgeArtifacts(db, ago(ARTIFACTS_KEPT), SLICE)),
    feedChanges: await slices(() => deleteFeedChanges(db, ago(FEED_CHANGES_KEPT), SLICE)),
    bulkOperations: await slices(() => deleteBulkOperations(db, ago(BULK_OPERATIONS_KEPT), SLICE)),
  };
}
