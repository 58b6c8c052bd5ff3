import { expect, test } from "vitest";
import { withinTime } from "../../src/base/deadline.ts";
import { manualClock } from "../support/manual-clock.ts";

const late = (reason: string) => `late: ${reason}`;

test("an answer in time is the answer, and no timer is left", async () => {
  const clock = manualClock();
  let given: AbortSignal | undefined;
  const answer = await withinTime({ clock, milliseconds: 1_000, late }, async (signal) => {
    given = signal;
    return "done";
  });
  expect(answer).toBe("done");
  await clock.advance(1_000);
  expect(given?.aborted).toBe(false);
});

test("when the time is over the verdict comes first, not the error that the abort causes", async () => {
  const clock = manualClock();
  const answer = withinTime(
    { clock, milliseconds: 1_500, late },
    (signal) =>
      new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))),
  );
  let over = false;
  void answer.then(() => (over = true));
  await clock.advance(1_499);
  expect(over).toBe(false);
  await clock.advance(1);
  expect(await answer).toBe("late: no answer within 1500ms");
});

test("what the work throws in time is thrown, and no timer is left", async () => {
  const clock = manualClock();
  let given: AbortSignal | undefined;
  const answer = withinTime({ clock, milliseconds: 1_000, late }, async (signal) => {
    given = signal;
    throw new Error("broken");
  });
  await expect(answer).rejects.toThrow("broken");
  await clock.advance(1_000);
  expect(given?.aborted).toBe(false);
});
