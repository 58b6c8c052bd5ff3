import fc from "fast-check";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { pause } from "../../src/base/clock.ts";
import { durationMs } from "../../src/base/duration.ts";
import { createLimiter } from "../../src/channels/limiter.ts";
import { manualClock } from "../support/manual-clock.ts";

test("no more tasks run at once than allowed, first come first served", async () => {
  const clock = manualClock();
  const limiter = createLimiter({ concurrency: 2, rate: null }, clock);
  const started: number[] = [];
  const tasks = [0, 1, 2, 3].map((number) =>
    limiter.run(async () => {
      started.push(number);
      await pause(clock, 1_000);
      return number;
    }),
  );
  await clock.advance(999);
  expect(started).toEqual([0, 1]);
  await clock.advance(1);
  expect(started).toEqual([0, 1, 2, 3]);
  await clock.advance(1_000);
  expect(await Promise.all(tasks)).toEqual([0, 1, 2, 3]);
});

test("a task that fails frees its place and fails alone", async () => {
  const limiter = createLimiter({ concurrency: 1, rate: null }, manualClock());
  const failing = limiter.run(() => Promise.reject(new Error("broken")));
  const following = limiter.run(async () => "fine");
  await expect(failing).rejects.toThrow("broken");
  expect(await following).toBe("fine");
});

test("the rate lets a burst through, then waits for tokens to come back", async () => {
  const clock = manualClock();
  const limiter = createLimiter({ concurrency: 10, rate: { count: 3, per: "1s" } }, clock);
  let done = 0;
  for (let index = 0; index < 7; index++) void limiter.run(async () => void done++);
  await setImmediate();
  expect(done).toBe(3);
  await clock.advance(999);
  expect(done).toBe(3);
  await clock.advance(1);
  expect(done).toBe(6);
  await clock.advance(1_000);
  expect(done).toBe(7);
  expect(clock.pending()).toBe(0);
});

test("any period holds at most the rate, any instant at most the concurrency, and all tasks run in order", async () => {
  const rates = fc.record({
    count: fc.integer({ min: 1, max: 5 }),
    per: fc.constantFrom("100ms" as const, "1s" as const),
  });
  const lengths = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.option(rates),
      lengths,
      async (concurrency, rate, milliseconds) => {
        const clock = manualClock();
        const limiter = createLimiter({ concurrency, rate }, clock);
        const begun: { at: number; number: number }[] = [];
        let running = 0;
        let most = 0;
        const tasks = milliseconds.map((length, number) =>
          limiter.run(async () => {
            begun.push({ at: clock.now().getTime(), number });
            most = Math.max(most, ++running);
            await pause(clock, length);
            running -= 1;
          }),
        );
        await clock.advance(60_000);
        await Promise.all(tasks);
        expect(most).toBeLessThanOrEqual(concurrency);
        expect(begun.map(({ number }) => number)).toEqual(milliseconds.map((_, number) => number));
        if (!rate) return;
        for (let index = rate.count; index < begun.length; index++) {
          expect(begun[index]!.at - begun[index - rate.count]!.at).toBeGreaterThanOrEqual(durationMs(rate.per));
        }
      },
    ),
    { numRuns: 60 },
  );
});
