import { expect, test } from "vitest";
import { z } from "zod";
import { workflow } from "../../../src/definition/workflow.ts";
import type { RunInput } from "../../../src/engine/run.ts";
import { pass, run, runFor, runWith } from "../../support/advancing.ts";

const base = workflow("w", { data: z.looseObject({ at: z.unknown() }) });
const waitOf = (advanced: ReturnType<typeof pass>) => ({
  wakeAt: advanced.wakeAt?.toISOString(),
  reason: advanced.trace[0]!.reason,
  values: advanced.trace[0]!.values,
});

test("for so long", () => {
  expect(waitOf(pass(base.delay("d", "90m"), run()))).toEqual({
    wakeAt: "2026-01-05T10:30:00.000Z",
    reason: "for 90m",
    values: undefined,
  });
});

test("until the next moment of a rule, in the recipient's zone", () => {
  const nine = base.delay("d", { frequency: "daily", hours: 9 });
  expect(waitOf(pass(nine, runFor({ timezone: "America/New_York" })))).toMatchObject({
    wakeAt: "2026-01-05T14:00:00.000Z",
    reason: "until 2026-01-05 09:00 America/New_York",
  });
  const tenant = { id: "t", name: null, properties: { timezone: "Asia/Tokyo" } };
  const ofTenant: RunInput = { ...run(), notification: { ...run().notification, tenant } };
  expect(waitOf(pass(nine, ofTenant))).toMatchObject({
    wakeAt: "2026-01-06T00:00:00.000Z",
    reason: "until 2026-01-06 09:00 Asia/Tokyo",
  });
  expect(waitOf(pass(nine, run()))).toMatchObject({ reason: "until 2026-01-06 09:00 Etc/UTC" });
});

test("over an edge of daylight saving: nine o'clock is nine o'clock", () => {
  const nine = base.delay("d", { frequency: "daily", hours: 9 });
  const zurich = runFor({ timezone: "Europe/Zurich" });
  const on = (day: string) => pass(nine, zurich, new Date(`${day}T12:00:00Z`)).wakeAt?.toISOString();
  expect(on("2026-03-28")).toBe("2026-03-29T07:00:00.000Z");
  expect(on("2026-10-24")).toBe("2026-10-25T08:00:00.000Z");
});

test("until what the data holds, or relative to it", () => {
  const until = base.delay("d", { until: ({ data }) => data.at as never, before: "2h" });
  expect(waitOf(pass(until, runWith({ at: "2026-01-06T09:00:00Z" })))).toEqual({
    wakeAt: "2026-01-06T07:00:00.000Z",
    reason: "until 2h before data.at",
    values: { "data.at": "2026-01-06T09:00:00Z" },
  });
  expect(waitOf(pass(until, runWith({ at: { unit: "months", value: 1 } })))).toMatchObject({
    wakeAt: "2026-02-05T07:00:00.000Z",
  });
  expect(waitOf(pass(base.delay("d", { until: ({ data }) => data.at as never }), runWith({ at: "3h" })))).toMatchObject(
    {
      wakeAt: "2026-01-05T12:00:00.000Z",
      reason: "until data.at",
    },
  );
});

test("a target that cannot be waited for skips the delay, with what it read", () => {
  const until = base.delay("d", { until: ({ data }) => data.at as never, before: "2h" });
  expect(pass(until, runWith({ at: "1h" })).trace[0]).toMatchObject({
    outcome: "skipped",
    code: "WINDOW_PAST",
    reason: "2h before data.at is in the past",
    values: { "data.at": "1h" },
  });
  expect(pass(until, runWith({ at: { frequency: "never" } })).trace[0]).toMatchObject({ code: "WINDOW_INVALID" });
});
