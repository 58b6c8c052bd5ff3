// Tells those who look at feeds, in all processes, that there is something new.
import { pause, systemClock } from "../../base/clock.ts";
import type { Database } from "../../store/database.ts";

/** The channel of the notices. */
export const FEED_CHANNEL = "knock_feed";

/** The shortest time between two notices of a process, in milliseconds. */
const PACE_MS = 50;

/** Databases with a notice on its way, and whether another is wanted after it. */
const ringing = new WeakMap<Database, { again: boolean }>();

async function notices(database: Database, state: { again: boolean }): Promise<void> {
  do {
    state.again = false;
    // One that is lost is made up for: who looks on also asks every second.
    await database.notify(FEED_CHANNEL, "").catch(() => {});
    // The machine's own time: notices are paced for the server's sake, however fast a clock runs.
    await pause(systemClock, PACE_MS);
  } while (state.again);
}

/**
 * Tells that something in feeds has changed and is committed: at once, and then at most every 50 ms, however often it is
 * called. Never fails.
 */
export function ringFeeds(database: Database): void {
  const present = ringing.get(database);
  if (present) {
    present.again = true;
    return;
  }
  const state = { again: false };
  ringing.set(database, state);
  void notices(database, state).finally(() => ringing.delete(database));
}
