// Housekeeping: what the retention says may go, goes, and work that got lost is put back.
import { pause } from "../base/clock.ts";
import { durationMs } from "../base/duration.ts";
import { vacuum } from "../store/vacuum.ts";
import type { Internals } from "./context.ts";
import { createRecovery } from "./recovery.ts";
import { purge } from "./retention.ts";

const PURGE_EVERY = durationMs("1h");
const RECOVER_EVERY = durationMs("30s");

/** Those of the counts that are not zero; `null` when all are. */
function some(counts: object): Record<string, unknown> | null {
  const counted = Object.entries(counts).filter(([, count]) => count > 0);
  return counted.length > 0 ? Object.fromEntries(counted) : null;
}

async function purgeOld(internals: Internals): Promise<void> {
  const purged = some(await purge(internals));
  if (purged) internals.logger.info("deleted what the retention does not keep", purged);
  // PostgreSQL looks after itself; the embedded database has nobody who does.
  if (internals.database.driver === "pglite") await vacuum(internals.database.db);
}

/** Does a piece of work at once and then again and again, until aborted. */
async function keepDoing(
  { clock, logger }: Internals,
  { work, every, what }: { work: () => Promise<void>; every: number; what: string },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      logger.error(`${what} failed and is tried again`, { error });
    }
    await pause(clock, every, signal);
  }
}

/** Keeps house until aborted. Several processes may do so at the same time. */
export async function keepHouse(internals: Internals, signal: AbortSignal): Promise<void> {
  const recovery = createRecovery(internals);
  const recover = async () => {
    const recovered = some((await recovery.pass()) ?? {});
    if (recovered) internals.logger.warn("work that had got lost was put back", recovered);
  };
  await Promise.all([
    keepDoing(internals, { work: () => purgeOld(internals), every: PURGE_EVERY, what: "the purge" }, signal),
    keepDoing(internals, { work: recover, every: RECOVER_EVERY, what: "looking for lost work" }, signal),
  ]);
}
