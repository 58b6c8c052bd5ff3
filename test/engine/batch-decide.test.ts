import { describe, expect, test } from "vitest";
import { newId } from "../../src/base/ids.ts";
import { decide, type Arrival, type BatchState } from "../../src/engine/batches/decide.ts";
import { START } from "../support/engine.ts";

const HOUR = 3_600_000;
const at = (hours: number) => new Date(START.getTime() + hours * HOUR);

interface How {
  window?: number;
  limit?: number;
  maxItems?: number;
  flushLeading?: boolean;
}

/** A run that reaches the step at an hour. */
function arrival(hours: number, { window = 12, limit, maxItems, flushLeading = false }: How = {}): Arrival {
  return {
    kind: "joinBatch",
    shared: { workflow: "w", step: "batch", recipientId: "ada", key: "" },
    runId: newId(at(hours)),
    notificationId: newId(at(hours)),
    closesAt: at(hours + window),
    sliding: limit === undefined ? null : { window: window * HOUR, limitAt: at(hours + limit) },
    maxItems: maxItems ?? null,
    flushLeading,
  };
}

/** Arrivals one after the other, as passages of their own. */
function timeline(hours: readonly number[], how: How) {
  let open: BatchState | null = null;
  const stored = new Map<string, BatchState>();
  return hours.map((hour) => {
    const decision = decide(open, [arrival(hour, how)], at(hour));
    for (const batch of decision.batches) stored.set(batch.id, batch);
    const last = decision.batches.at(-1)!;
    open = last.closedAt ? null : last;
    const [answer] = decision.answers;
    return {
      role: answer!.role,
      ends: (last.closesAt.getTime() - START.getTime()) / HOUR,
      count: last.count,
      closed: last.closedAt !== null,
      batches: stored.size,
      wake: answer!.wake ? (answer!.wake.at.getTime() - START.getTime()) / HOUR : null,
    };
  });
}

describe("the window", () => {
  test("fixed: it ends so long after the first activity, whatever comes later", () => {
    expect(timeline([0, 6, 11.9], {})).toEqual([
      { role: "opened", ends: 12, count: 1, closed: false, batches: 1, wake: null },
      { role: "joined", ends: 12, count: 2, closed: false, batches: 1, wake: null },
      { role: "joined", ends: 12, count: 3, closed: false, batches: 1, wake: null },
    ]);
  });

  test("the first end counts: a later activity that says another one changes nothing", () => {
    const open = decide(null, [arrival(0)], at(0)).batches[0]!;
    expect(decide(open, [arrival(1, { window: 1 })], at(1)).batches[0]!.closesAt).toEqual(at(12));
    expect(decide(open, [arrival(1, { window: 90 })], at(1)).batches[0]!.closesAt).toEqual(at(12));
  });

  test("sliding: each activity moves the end, and the limit stops that", () => {
    const ends = timeline([0, 6, 13, 16], { limit: 24 });
    expect(ends.map(({ ends: end }) => end)).toEqual([12, 18, 24, 24]);
    expect(ends.map(({ role }) => role)).toEqual(["opened", "joined", "joined", "joined"]);
    expect(ends.every(({ wake, closed }) => wake === null && !closed)).toBe(true);
  });

  test("sliding: an activity whose clock is behind does not bring the end nearer", () => {
    const open = decide(null, [arrival(2, { limit: 24 })], at(2)).batches[0]!;
    expect(decide(open, [arrival(1, { limit: 24 })], at(1)).batches[0]!.closesAt).toEqual(at(14));
  });

  test("a limit shorter than the window: the second activity pulls the end to it, and wakes the carrier then", () => {
    expect(timeline([0, 1, 2], { limit: 5 })).toEqual([
      { role: "opened", ends: 12, count: 1, closed: false, batches: 1, wake: null },
      { role: "joined", ends: 5, count: 2, closed: false, batches: 1, wake: 5 },
      { role: "joined", ends: 5, count: 3, closed: false, batches: 1, wake: null },
    ]);
  });

  test("a limit that has passed when the second activity comes: the batch takes it and closes at once", () => {
    expect(timeline([0, 7, 8], { limit: 5 })).toMatchObject([
      { ends: 12, closed: false },
      { role: "joined", ends: 5, count: 2, closed: true, wake: 5 },
      { role: "opened", ends: 20, count: 1, batches: 2 },
    ]);
  });

  test("at its end and after it an activity closes a batch that is still open, and opens another", () => {
    for (const hour of [12, 30]) {
      const open = decide(null, [arrival(0)], at(0)).batches[0]!;
      const { batches, answers } = decide(open, [arrival(hour)], at(hour));
      expect(batches).toMatchObject([
        { id: open.id, count: 1, closedAt: at(hour), closesAt: at(12) },
        { count: 1, closedAt: null, closesAt: at(hour + 12), openedAt: at(hour) },
      ]);
      expect(answers).toMatchObject([{ role: "opened", batchId: batches[1]!.id }]);
      expect(answers[0]!.wake).toBeUndefined();
    }
  });

  test("a window of no length closes at once with the one that opened it", () => {
    expect(timeline([0, 0], { window: 0 })).toMatchObject([
      { role: "opened", closed: true, batches: 1 },
      { role: "opened", closed: true, batches: 2 },
    ]);
  });
});

describe("maxItems", () => {
  test("the activity that fills the batch closes it and wakes its carrier; the next one opens another", () => {
    expect(timeline([0, 1, 2, 3], { maxItems: 3 })).toEqual([
      { role: "opened", ends: 12, count: 1, closed: false, batches: 1, wake: null },
      { role: "joined", ends: 12, count: 2, closed: false, batches: 1, wake: null },
      { role: "joined", ends: 2, count: 3, closed: true, batches: 1, wake: 2 },
      { role: "opened", ends: 15, count: 1, closed: false, batches: 2, wake: null },
    ]);
  });

  test("many at once: full batches, the carriers of which go on at once, and one that stays open", () => {
    const arrivals = Array.from({ length: 7 }, () => arrival(0, { maxItems: 3 }));
    const { batches, answers, activities } = decide(null, arrivals, at(0));
    expect(batches.map(({ count, closedAt }) => [count, closedAt])).toEqual([
      [3, at(0)],
      [3, at(0)],
      [1, null],
    ]);
    expect(answers.map(({ role }) => role).join(" ")).toBe("opened joined joined opened joined joined opened");
    expect(answers[0]!.closesAt).toEqual(at(0));
    expect(answers[6]!.closesAt).toEqual(at(12));
    // Who opened here reads its end in its own answer.
    expect(answers.some(({ wake }) => wake)).toBe(false);
    expect(activities.map(({ runId }) => runId)).toEqual(arrivals.map(({ runId }) => runId));
    expect(batches.map(({ runId }) => runId)).toEqual([0, 3, 6].map((index) => arrivals[index]!.runId));
  });
});

describe("flushLeading", () => {
  test("the first goes on alone, the second carries the batch, and the window is that of the first", () => {
    expect(timeline([0, 1, 2], { flushLeading: true })).toEqual([
      { role: "flushed", ends: 12, count: 0, closed: false, batches: 1, wake: null },
      { role: "opened", ends: 12, count: 1, closed: false, batches: 1, wake: null },
      { role: "joined", ends: 12, count: 2, closed: false, batches: 1, wake: null },
    ]);
  });

  test("a window in which nothing came begins anew, with another that goes on alone", () => {
    expect(timeline([0, 12], { flushLeading: true })).toMatchObject([
      { role: "flushed", ends: 12, count: 0, batches: 1 },
      { role: "flushed", ends: 24, count: 0, batches: 1, closed: false },
    ]);
  });

  test("the second slides the window, and may fill the batch only with others", () => {
    expect(timeline([0, 6, 7, 8], { flushLeading: true, limit: 24, maxItems: 2 })).toMatchObject([
      { role: "flushed", ends: 12 },
      { role: "opened", ends: 18, count: 1 },
      { role: "joined", ends: 7, count: 2, closed: true },
      { role: "flushed", ends: 20, count: 0, batches: 2 },
    ]);
  });

  test("what goes on alone is in no batch", () => {
    const arrivals = [arrival(0, { flushLeading: true }), arrival(0, { flushLeading: true })];
    const { activities, answers } = decide(null, arrivals, at(0));
    expect(activities.map(({ runId }) => runId)).toEqual([arrivals[1]!.runId]);
    expect(answers.map(({ role }) => role)).toEqual(["flushed", "opened"]);
  });
});

test("a window whose runs were all cancelled: the next activity before its end carries it, one after begins anew", () => {
  const empty = { ...decide(null, [arrival(0)], at(0)).batches[0]!, runId: null, count: 0 };
  const before = decide(empty, [arrival(6)], at(6));
  expect(before.batches).toMatchObject([{ id: empty.id, count: 1, closesAt: at(12), openedAt: at(0) }]);
  expect(before.answers).toMatchObject([{ role: "opened", closesAt: at(12) }]);
  const after = decide(empty, [arrival(13)], at(13));
  expect(after.batches).toMatchObject([{ id: empty.id, count: 1, closesAt: at(25), openedAt: at(13) }]);
  expect(after.answers).toMatchObject([{ role: "opened" }]);
});
