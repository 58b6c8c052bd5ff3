import type { Outcome } from "./outcome.ts";

/** A message is handed to its provider at most so often; waits that the provider asked for are not counted. */
export const attemptLimit = 8;

/** However long a provider asks to wait, nothing is sent later than this after the first attempt, in milliseconds. */
export const attemptWindowMs = 24 * 3_600_000;

// 15 s, doubled six times: the seven waits between eight attempts add up to about 32 minutes.
const FIRST_WAIT_MS = 15_000;
const SHORTEST_WAIT_MS = 1_000;

/** What the decision is made from. */
export interface FinishedAttempt {
  /** Number of the attempt that just ended, from 1; attempts that cost nothing do not raise it. */
  attempt: number;
  outcome: Outcome;
  /** When the first attempt of this message began. */
  firstAttemptAt: Date;
  now: Date;
  /** A random number in [0, 1), for the jitter. */
  random: number;
}

/** When to try again, and whether the attempt that just ended counts. */
export interface NextAttempt {
  at: Date;
  countsAsAttempt: boolean;
}

// Spread over 80 % to 120 %, so that what failed together does not come back together.
const backoffMs = (attempt: number, random: number) => FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.8 + 0.4 * random);

// A wait that was asked for is never shortened, only stretched a little.
const askedMs = (afterMs: number, random: number) => Math.max(SHORTEST_WAIT_MS, afterMs) * (1 + 0.1 * random);

/**
 * When a message is tried again, or `null` when it is not: it arrived, was refused for good, used its
 * eight attempts, or would have to wait beyond 24 hours from the first one. Pure.
 */
export function nextAttempt({ attempt, outcome, firstAttemptAt, now, random }: FinishedAttempt): NextAttempt | null {
  if (outcome.kind !== "retry" && outcome.kind !== "rateLimited") return null;
  const countsAsAttempt = outcome.kind === "retry";
  if (countsAsAttempt && attempt >= attemptLimit) return null;
  const wait = outcome.afterMs === null ? backoffMs(attempt, random) : askedMs(outcome.afterMs, random);
  const at = Math.ceil(now.getTime() + wait);
  return at > firstAttemptAt.getTime() + attemptWindowMs ? null : { at: new Date(at), countsAsAttempt };
}
