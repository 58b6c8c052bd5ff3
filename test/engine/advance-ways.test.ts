import { describe, expect, test } from "vitest";
import { z } from "zod";
import { eq, gt } from "../../src/definition/condition-builders.ts";
import { workflow } from "../../src/definition/workflow.ts";
import { after, decided, pass, run, runWith } from "../support/advancing.ts";
import { START } from "../support/engine.ts";

const later = (milliseconds: number) => new Date(START.getTime() + milliseconds);
const HOUR = 3_600_000;
const base = workflow("w", { data: z.looseObject({ n: z.number().optional(), at: z.unknown() }) });

describe("delay", () => {
  const until = base.delay("d", { until: ({ data }) => data.at as never }).inApp("feed", { body: "b" });

  test("waits its duration, and then the rest follows", () => {
    const slow = base.inApp("now", { body: "b" }).delay("d", "1h").inApp("feed", { body: "b" });
    const waiting = pass(slow, run());
    expect(waiting).toMatchObject({ status: "waiting", step: "d", wakeAt: later(HOUR), state: { waited: true } });
    expect(waiting.trace[1]).toMatchObject({ outcome: "waiting", reason: "for 1h" });
    const done = pass(slow, after(run(), waiting), later(HOUR));
    expect(done).toMatchObject({ status: "completed", state: {}, wakeAt: null });
    expect(decided(done)).toEqual(["now done", "d done", "feed done"]);
    expect(done.trace[1]!.at).toBe(later(HOUR).toISOString());
  });

  test("two in a row each wait", () => {
    const twice = base.delay("one", "1h").delay("two", "1d").inApp("feed", { body: "b" });
    const one = pass(twice, run());
    const two = pass(twice, after(run(), one), later(HOUR));
    expect(two).toMatchObject({ status: "waiting", step: "two", wakeAt: later(25 * HOUR) });
    expect(pass(twice, after(run(), two), later(25 * HOUR)).status).toBe("completed");
  });

  test("waits until a timestamp, in any offset", () => {
    for (const at of ["2026-01-05T10:00:00Z", "2026-01-05T11:00:00+01:00", "2026-01-05T10:00"]) {
      expect(pass(until, runWith({ at }))).toMatchObject({
        status: "waiting",
        wakeAt: later(HOUR),
        trace: [{ values: { "data.at": at } }],
      });
    }
    expect(pass(until, runWith({ at: later(365 * 24 * HOUR).toISOString() })).status).toBe("waiting");
  });

  test.each<[unknown, string]>([
    [undefined, "WINDOW_MISSING"],
    [null, "WINDOW_MISSING"],
    ["tomorrow", "WINDOW_INVALID"],
    ["", "WINDOW_INVALID"],
    ["2026-02-30T00:00:00Z", "WINDOW_INVALID"],
    [1_767_603_600_000, "WINDOW_INVALID"],
    [{ at: "2026-01-05T10:00:00Z" }, "WINDOW_INVALID"],
    ["2026-01-05T09:00:00Z", "WINDOW_PAST"],
    ["2025-01-05", "WINDOW_PAST"],
    ["2027-01-05T09:00:00.001Z", "WINDOW_TOO_FAR"],
    ["9999-12-31", "WINDOW_TOO_FAR"],
  ])("a target of %j is skipped with its reason: %s", (at, reason) => {
    const result = pass(until, runWith(at === undefined ? {} : { at: at as string }));
    expect(decided(result)).toEqual([`d skipped ${reason}`, "feed done"]);
  });

  test("with a condition that does not hold it is skipped, and nothing waits", () => {
    const asked = base
      .delay("d", { for: "1h", when: ({ data }) => eq(data.n, 1) })
      .inApp("feed", { body: ({ steps }) => String(steps.d.skipped) });
    const result = pass(asked, runWith({ n: 2 }));
    expect(decided(result)).toEqual(["d skipped CONDITION", "feed done"]);
    expect(result.messages[0]!.content.body).toBe("true");
  });
});

describe("branch", () => {
  const routed = base
    .branch("route", (b) =>
      b
        .when(
          "one",
          ({ data }) => eq(data.n, 1),
          (w) => w.inApp("a1", { body: "b" }).inApp("a2", { body: "b" }),
        )
        .when(
          "small",
          ({ data }) => gt(data.n, 0),
          (w) =>
            w
              .branch("inner", (c) =>
                c.when(
                  "two",
                  ({ data }) => eq(data.n, 2),
                  (v) => v.delay("d", "1h").inApp("b1", { body: "b" }),
                ),
              )
              .inApp("b2", { body: "b" }),
        )
        .when(
          "nothing",
          ({ data }) => eq(data.n, -1),
          (w) => w,
        )
        .otherwise((w) => w.inApp("rest", { body: "b" })),
    )
    .inApp("end", { body: ({ steps }) => Object.keys(steps).join() });

  test.each<[number, string[]]>([
    [1, ["route done", "a1 done", "a2 done", "end done"]],
    [3, ["route done", "inner done", "b2 done", "end done"]],
    [-1, ["route done", "end done"]],
    [-2, ["route done", "rest done", "end done"]],
  ])("with %i the first fitting arm is taken, or the other way, and all ways meet again", (n, expected) => {
    const result = pass(routed, runWith({ n }));
    expect(decided(result)).toEqual(expected);
    expect(result.messages.at(-1)!.content.body).toBe(
      expected
        .slice(0, -1)
        .map((each) => each.split(" ")[0])
        .join(),
    );
  });

  test("a run that waits inside an inner arm comes back to where it was", () => {
    const first = runWith({ n: 2 });
    const waiting = pass(routed, first);
    expect(waiting).toMatchObject({ status: "waiting", step: "d" });
    const changed = { ...after(first, waiting), notification: { ...first.notification, data: { n: 1 } } };
    expect(decided(pass(routed, changed, later(HOUR)))).toEqual([
      "route done",
      "inner done",
      "d done",
      "b1 done",
      "b2 done",
      "end done",
    ]);
  });

  test("says which way it took and why not the others", () => {
    const [entry] = pass(routed, runWith({ n: 3 })).trace;
    expect(entry).toMatchObject({
      values: { "data.n": 3 },
      reason: expect.stringMatching(/^took "small": data\.n is 3/),
    });
    expect(pass(routed, runWith({ n: -2 })).trace[0]!.reason).toMatch(
      /^took the other way: not "one": .*; not "small": .*; not "nothing"/,
    );
  });

  test("without another way, no arm means none of them", () => {
    const single = base.branch("route", (b) =>
      b.when(
        "one",
        ({ data }) => eq(data.n, 1),
        (w) => w.inApp("a", { body: "b" }),
      ),
    );
    const result = pass(single, runWith({ n: 2 }));
    expect([result.status, decided(result), result.messages]).toEqual(["completed", ["route done"], []]);
    expect(result.trace[0]!.reason).toMatch(/^took no way/);
  });
});
