import { expect, test } from "vitest";
import { pause, systemClock } from "../../src/base/clock.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";

test("a pause lasts as long as the clock says", async () => {
  const clock = virtualClock("2026-01-05T09:00:00Z");
  let over = false;
  const pausing = pause(clock, 1_000).then(() => (over = true));
  await clock.advance(999);
  expect(over).toBe(false);
  await clock.advance(1);
  await pausing;
  expect(clock.now()).toEqual(new Date("2026-01-05T09:00:01Z"));
});

test("an abort ends a pause at once and leaves no timer behind", async () => {
  const clock = virtualClock();
  const controller = new AbortController();
  const pausing = pause(clock, 60_000, controller.signal);
  controller.abort();
  await pausing;
  expect(clock.pending()).toBe(0);
  await pause(clock, 60_000, AbortSignal.abort());
});

test("the machine's clock fires, and can be cancelled", async () => {
  await new Promise<void>((resolve) => systemClock.after(1, resolve));
  systemClock.after(0, () => expect.unreachable("cancelled"))();
});
