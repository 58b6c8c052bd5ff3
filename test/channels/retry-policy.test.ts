import fc from "fast-check";
import { expect, test } from "vitest";
import { bounced, delivered, rateLimited, rejected, retry, sent } from "../../src/channels/outcome.ts";
import type { Outcome } from "../../src/channels/outcome.ts";
import { attemptLimit, attemptWindowMs, nextAttempt } from "../../src/channels/retry-policy.ts";

const start = new Date("2026-01-05T09:00:00.000Z");
const MINUTE = 60_000;

/** Plays a message from its first attempt to its end. */
function play(outcomes: (attempt: number) => Outcome, random: () => number) {
  let now = start;
  let attempt = 1;
  const at = [now];
  const waits: number[] = [];
  for (;;) {
    const next = nextAttempt({ attempt, outcome: outcomes(at.length), firstAttemptAt: start, now, random: random() });
    if (!next) return { at, waits, attempt };
    waits.push(next.at.getTime() - now.getTime());
    if (next.countsAsAttempt) attempt += 1;
    now = next.at;
    at.push(now);
  }
}

const randoms = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1 });
const taking = (values: number[]) => {
  let index = 0;
  return () => values[index++ % values.length]!;
};

test("a provider that keeps failing is tried eight times over about half an hour", () => {
  fc.assert(
    fc.property(randoms, (values) => {
      const { at, attempt } = play(() => retry("down"), taking(values));
      expect(at.length).toBe(8);
      expect(attempt).toBe(attemptLimit);
      const span = at.at(-1)!.getTime() - start.getTime();
      expect(span).toBeGreaterThanOrEqual(25 * MINUTE);
      expect(span).toBeLessThanOrEqual(39 * MINUTE);
    }),
  );
});

test("each wait is longer than the one before it, whatever the jitter", () => {
  fc.assert(
    fc.property(randoms, (values) => {
      const { waits } = play(() => retry("down"), taking(values));
      expect(waits).toEqual(waits.toSorted((a, b) => a - b));
      expect(waits[0]).toBeGreaterThanOrEqual(12_000);
      expect(waits[0]).toBeLessThanOrEqual(18_000);
    }),
  );
});

test("the jitter spreads", () => {
  const first = (random: number) =>
    nextAttempt({ attempt: 1, outcome: retry("down"), firstAttemptAt: start, now: start, random })!.at;
  expect(new Set([0, 0.3, 0.6, 0.9].map((random) => first(random).getTime())).size).toBe(4);
});

test("Retry-After is never undercut and costs no attempt", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3_600_000 }),
      fc.integer({ min: 1, max: 8 }),
      randoms,
      (milliseconds, attempt, [random]) => {
        const next = nextAttempt({
          attempt,
          outcome: rateLimited(`${milliseconds}ms`),
          firstAttemptAt: start,
          now: start,
          random: random!,
        })!;
        expect(next.countsAsAttempt).toBe(false);
        const wait = next.at.getTime() - start.getTime();
        expect(wait).toBeGreaterThanOrEqual(Math.max(1_000, milliseconds));
        expect(wait).toBeLessThanOrEqual(Math.max(1_000, milliseconds) * 1.1 + 1);
      },
    ),
  );
});

test("twenty rate limits leave all eight attempts", () => {
  const { at, attempt } = play(
    (number) => (number <= 20 ? rateLimited("30s") : retry("down")),
    () => 0.5,
  );
  expect(at.length).toBe(28);
  expect(attempt).toBe(8);
});

test("a provider that asks to wait for ever is given up within 24 hours of the first attempt", () => {
  fc.assert(
    fc.property(fc.integer({ min: 600_000, max: 200_000_000 }), randoms, (milliseconds, values) => {
      const { at } = play(() => rateLimited(`${milliseconds}ms`), taking(values));
      expect(at.at(-1)!.getTime() - start.getTime()).toBeLessThanOrEqual(attemptWindowMs);
    }),
    { numRuns: 50 },
  );
  expect(
    nextAttempt({ attempt: 1, outcome: rateLimited("2d"), firstAttemptAt: start, now: start, random: 0 }),
  ).toBeNull();
  expect(
    nextAttempt({
      attempt: 1,
      outcome: { ...rateLimited("1s"), afterMs: Infinity },
      firstAttemptAt: start,
      now: start,
      random: 0,
    }),
  ).toBeNull();
});

test("a wait that the provider names replaces the backoff and still costs an attempt", () => {
  const next = nextAttempt({
    attempt: 1,
    outcome: retry("maintenance", { after: "10m" }),
    firstAttemptAt: start,
    now: start,
    random: 0,
  });
  expect(next).toEqual({ at: new Date(start.getTime() + 10 * MINUTE), countsAsAttempt: true });
});

test.each([sent(), delivered(), rejected("no"), bounced("no")])("after $kind nothing is tried again", (outcome) => {
  expect(nextAttempt({ attempt: 1, outcome, firstAttemptAt: start, now: start, random: 0.5 })).toBeNull();
});
