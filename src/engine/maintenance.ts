// Housekeeping: what the retention says may go, goes, a little at a time.
import { pause } from "../base/clock.ts";
import { durationMs } from "../base/duration.ts";
import { purgeKeys } from "../store/idempotency.ts";
import { vacuum } from "../store/vacuum.ts";
import type { Internals } from "./context.ts";

const EVERY = durationMs("1h");

/** Rows that one statement deletes. */
const SLICE = 1_000;

/** Deletes idempotency keys whose retention has passed. Answers how many. */
export async function purge({ database, clock, idempotencyRetention }: Internals): Promise<number> {
  const olderThan = new Date(clock.now().getTime() - idempotencyRetention);
  let purged = 0;
  let last: number;
  do {
    last = await purgeKeys(database.db, olderThan, SLICE);
    purged += last;
  } while (last === SLICE);
  return purged;
}

/** Keeps house until aborted: at once, and then every hour. Several processes may do so at the same time. */
export async function keepHouse(internals: Internals, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const purged = await purge(internals);
      if (purged > 0) internals.logger.info("purged idempotency keys whose retention has passed", { purged });
      // PostgreSQL looks after itself; the embedded database has nobody who does.
      if (internals.database.driver === "pglite") await vacuum(internals.database.db);
    } catch (error) {
      internals.logger.error("housekeeping failed and is tried again in an hour", { error });
    }
    await pause(internals.clock, EVERY, signal);
  }
}
