// A database that goes away is told of once, and once more when it is back. Everything that works with it fails
// meanwhile, several times a second, and goes on by itself.
import { pause, type Clock } from "../base/clock.ts";
import { durationMs } from "../base/duration.ts";
import type { Logger } from "../base/logger.ts";
import type { Database } from "../store/database.ts";
import { databaseUnreachable } from "../store/unreachable.ts";

const PROBE_EVERY = durationMs("500ms");

/** A connection that was cut may be noticed by the next who uses it, some time after the others. */
const QUIET = durationMs("5s");

/** A logger that sums up what a lost database makes everyone say. */
export interface OutageLogger extends Logger {
  /** Stops waiting for a database that is away. */
  stop(): void;
}

/**
 * Makes a logger that tells of each outage of the database once, and of its end; of connections that were cut while
 * the database is there, once for all of them. Errors that say nothing else are left out; everything else goes through.
 *
 * @example const logger = outageLogger({ database, clock, logger });
 */
export function outageLogger(options: {
  database: Pick<Database, "ping">;
  clock: Clock;
  logger: Logger;
}): OutageLogger {
  const { database, clock, logger } = options;
  const stopping = new AbortController();
  const answers = () =>
    database.ping().then(
      () => true,
      () => false,
    );
  let looking = false;
  let quietUntil = 0;

  async function untilBack(error: Error): Promise<void> {
    const began = clock.now().getTime();
    logger.error("the connection to the database is lost; work goes on when it is back", { error });
    do {
      await pause(clock, PROBE_EVERY, stopping.signal);
      if (stopping.signal.aborted) return;
    } while (!(await answers()));
    const seconds = Math.round((clock.now().getTime() - began) / 100) / 10;
    logger.info("the database is back, work goes on", { seconds });
  }

  async function look(error: Error): Promise<void> {
    if (looking || stopping.signal.aborted) return;
    looking = true;
    if (!(await answers())) await untilBack(error);
    else if (clock.now().getTime() >= quietUntil)
      logger.warn("connections to the database were cut; new ones are made", { error });
    quietUntil = clock.now().getTime() + QUIET;
    looking = false;
  }

  const unlessLost = (level: "warn" | "error") => (message: string, fields?: Record<string, unknown>) => {
    const error = databaseUnreachable(fields?.error);
    if (error) void look(error);
    else logger[level](message, fields);
  };
  return {
    info: (message, fields) => logger.info(message, fields),
    warn: unlessLost("warn"),
    error: unlessLost("error"),
    stop: () => stopping.abort(),
  };
}
