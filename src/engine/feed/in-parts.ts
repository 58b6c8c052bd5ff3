// One whose feed cannot be looked at takes nothing from the others.
import { slicesOf } from "../../base/arrays.ts";
import type { Logger } from "../../base/logger.ts";
import { isDataError } from "../../store/data-error.ts";
import type { Subscription } from "./subscription.ts";

/**
 * Works for subscriptions together. When that fails because of what it works with, each half is worked for by itself,
 * down to one. One that fails alone is ended, as there is nothing that it could be told; who looks may come back. Throws what
 * concerns everybody, as a database that is away: then nobody is ended.
 */
export async function inParts(
  subscriptions: readonly Subscription[],
  work: (subscriptions: readonly Subscription[]) => Promise<void>,
  logger: Logger,
): Promise<void> {
  try {
    await work(subscriptions);
  } catch (error) {
    if (!isDataError(error)) throw error;
    if (subscriptions.length > 1) {
      for (const half of slicesOf(subscriptions, Math.ceil(subscriptions.length / 2))) {
        const left = half.filter(({ ended }) => !ended);
        if (left.length > 0) await inParts(left, work, logger);
      }
      return;
    }
    const [only] = subscriptions;
    logger.error("a feed cannot be looked at, and the subscription to it is ended", {
      user: only!.question.userId,
      error,
    });
    only!.end();
  }
}
