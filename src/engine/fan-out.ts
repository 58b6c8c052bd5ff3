// From a notification to its runs: a few people at once, many in chunks.
import { slicesOf } from "../base/arrays.ts";
import { derivedId } from "../base/ids.ts";
import { chunkRecipients, insertChunks, openChunk, pageEnds, takeChunk, type Chunk } from "../store/chunks.ts";
import { isDataError } from "../store/data-error.ts";
import {
  explicitRecipients,
  findNotifications,
  holdNotifications,
  markPlanned,
  type StoredNotification,
} from "../store/notifications.ts";
import { existingRuns } from "../store/runs.ts";
import { inTransaction, type Internals, type Work } from "./context.ts";
import { reportPassages } from "./events.ts";
import { handOver } from "./handover.ts";
import type { JobData } from "./jobs/port.ts";
import { orPutBackPart } from "./lacking.ts";
import { beginRuns, type Lane, type Passed, type Reached } from "./passage.ts";

/** Recipients that become runs in one transaction. */
const CHUNK_SIZE = 1_000;

/** Chunks that one planning job makes before it hands on to the next. */
const CHUNKS_PER_PLAN = 50;

/** Parts into which a chunk is cut that cannot become runs as a whole. */
const PARTS = 8;

const EXPRESS: Lane = { express: true, turn: 0 };

function tell(internals: Internals, passed: readonly Passed[]): void {
  handOver(internals, passed);
  reportPassages(internals, passed);
}

/**
 * Makes the runs of notifications to a few people. One whose runs cannot be made keeps no other from having its own;
 * those that are left to other processes are put back.
 */
export const express = (internals: Internals, { notifications }: JobData["express"]): Promise<void> =>
  orPutBackPart(internals, {
    ids: notifications,
    workflowsOf: async (ids) =>
      new Map((await findNotifications(internals.database.db, ids)).map(({ id, workflow }) => [id, workflow])),
    jobFor: (ids) => ({ kind: "express", data: { notifications: ids } }),
    work: (ids) => expressOf(internals, ids),
  });

async function expressOf(internals: Internals, notifications: readonly string[]): Promise<void> {
  try {
    await expressTogether(internals, notifications);
  } catch (error) {
    if (notifications.length === 1 || !isDataError(error)) throw error;
    const failures: unknown[] = [];
    for (const id of notifications) await expressTogether(internals, [id]).catch((each) => failures.push(each));
    if (failures.length > 0) throw failures[0];
  }
}

async function expressTogether(internals: Internals, ids: readonly string[]): Promise<void> {
  const passed = await inTransaction(internals, async (work) => {
    const planned = await markPlanned(work.tx, ids, internals.clock.now());
    if (planned.length === 0) return [];
    const notifications = await findNotifications(work.tx, planned);
    const reached = (await explicitRecipients(work.tx, planned)).map((person) => ({
      ...person,
      membership: null,
      list: null,
    }));
    return beginRuns(internals, work, { notifications, reached, lane: EXPRESS });
  });
  tell(internals, passed);
}

/** The next chunks of a notification: positions among the explicit recipients first, then list after list. */
async function nextChunks(
  { tx }: Work,
  notification: StoredNotification,
  { number, list, after }: JobData["fanOut"],
): Promise<{ chunks: Chunk[]; list: number; after: string | null }> {
  const part = { notificationId: notification.id };
  if (list < 0) {
    const chunks: Chunk[] = [];
    let from = Number(after ?? 0);
    while (from < notification.recipientCount && chunks.length < CHUNKS_PER_PLAN) {
      const upTo = Math.min(from + CHUNK_SIZE, notification.recipientCount);
      chunks.push({ ...part, number: number + chunks.length, list: null, after: String(from), upTo: String(upTo) });
      from = upTo;
    }
    const done = from >= notification.recipientCount;
    return { chunks, list: done ? 0 : list, after: done ? null : String(from) };
  }
  const name = notification.lists[list]!;
  const ends = await pageEnds(tx, { list: name, after, size: CHUNK_SIZE, pages: CHUNKS_PER_PLAN });
  const chunks = ends.map((upTo, index) => ({
    ...part,
    number: number + index,
    list: name,
    after: ends[index - 1] ?? after,
    upTo,
  }));
  const done = ends.length < CHUNKS_PER_PLAN;
  return { chunks, list: done ? list + 1 : list, after: done ? null : ends.at(-1)! };
}

/** Cuts recipients into chunks, and hands on to itself while there are more. */
export async function fanOut(internals: Internals, data: JobData["fanOut"]): Promise<void> {
  await inTransaction(internals, async (work) => {
    const [notification] = await holdNotifications(work.tx, [data.notification]);
    if (!notification || notification.cancelled) return;
    const { chunks, list, after } = await nextChunks(work, notification, data);
    // The first one alone: when it exists, this job has been done, and the lists may have changed since.
    // Other chunks under the same numbers would keep people out.
    if (chunks.length > 0 && (await insertChunks(work.tx, chunks.slice(0, 1))) === 0) return;
    if (chunks.length > 1) await insertChunks(work.tx, chunks.slice(1));
    for (const { number } of chunks)
      work.enqueue({ kind: "chunk", data: { notification: notification.id, number }, turn: number });
    if (list >= notification.lists.length) await markPlanned(work.tx, [notification.id], internals.clock.now());
    else
      work.enqueue({
        kind: "fanOut",
        data: { notification: notification.id, number: data.number + chunks.length, list, after },
        turn: data.number + chunks.length,
      });
  });
}

const laneOf = ({ number }: JobData["chunk"]): Lane => ({ express: false, turn: number });

/** Makes the runs of a chunk, and marks it done. `missing`: most have their runs already. */
async function wholeChunk(internals: Internals, data: JobData["chunk"], { missing = false } = {}): Promise<void> {
  const passed = await inTransaction(internals, async (work) => {
    const [notification] = await holdNotifications(work.tx, [data.notification]);
    const taken = await takeChunk(work.tx, data.notification, data.number, internals.clock.now());
    if (!notification || !taken || notification.cancelled) return [];
    const people = await chunkRecipients(work.tx, taken, notification);
    const reached = people.map((person) => ({ ...person, notificationId: notification.id }));
    const wanted = missing ? await withoutRun(work, reached) : reached;
    return beginRuns(internals, work, { notifications: [notification], reached: wanted, lane: laneOf(data) });
  });
  tell(internals, passed);
}

async function withoutRun({ tx }: Work, reached: readonly Reached[]): Promise<Reached[]> {
  const idOf = ({ notificationId, recipientId }: Reached) => derivedId(notificationId, recipientId);
  const begun = await existingRuns(tx, reached.map(idOf));
  return reached.filter((person) => !begun.has(idOf(person)));
}

/** Makes the runs of people in smaller and smaller parts; who cannot have one is left out. */
async function inParts(internals: Internals, data: JobData["chunk"], people: readonly Reached[]): Promise<void> {
  for (const reached of slicesOf(people, Math.ceil(people.length / PARTS))) {
    try {
      const passed = await inTransaction(internals, async (work) => {
        const notifications = await holdNotifications(work.tx, [data.notification]);
        return beginRuns(internals, work, { notifications, reached, lane: laneOf(data) });
      });
      tell(internals, passed);
    } catch (error) {
      if (!isDataError(error)) throw error;
      if (reached.length > 1) await inParts(internals, data, reached);
    }
  }
}

/** The people of a chunk that is not done. */
const peopleOf = (internals: Internals, data: JobData["chunk"]): Promise<Reached[]> =>
  inTransaction(internals, async ({ tx }) => {
    const [notification] = await findNotifications(tx, [data.notification]);
    const open = await openChunk(tx, data.notification, data.number);
    const people = notification && open ? await chunkRecipients(tx, open, notification) : [];
    return people.map((person) => ({ ...person, notificationId: data.notification }));
  });

/**
 * Makes the runs of one chunk. Done once, however often the job comes. A person whose run cannot be made keeps no
 * other from having one: only that one is left for when the job is tried again.
 */
export async function chunk(internals: Internals, data: JobData["chunk"]): Promise<void> {
  try {
    await wholeChunk(internals, data);
  } catch (error) {
    if (!isDataError(error)) throw error;
    await inParts(internals, data, await peopleOf(internals, data));
    await wholeChunk(internals, data, { missing: true });
  }
}
