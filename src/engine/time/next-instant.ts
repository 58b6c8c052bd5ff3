// From wall times to instants, when clocks may go forward or back in between.
import { instantOf, instantsOf, isLater, offsetAt, wallTime, type WallTime } from "../../base/zone.ts";

/** Wall times from the given one on, in order. */
export type WallTimes = (from: WallTime) => Iterable<WallTime>;

export interface InstantSearch {
  /** The answer is later than this. */
  after: Date;
  zone: string;
  /** Only what the clocks really show counts, and that each time. Default: gaps are moved forward, of two the first. */
  literal?: boolean;
}

// Clocks move by at most a day: an island that changes sides of the date line.
const NEARBY = 26 * 3_600_000;

/** The wall time from which on one may still lie ahead: earlier than the present one when clocks move these days. */
function earliest({ after, zone }: InstantSearch): WallTime {
  const around = [-NEARBY, NEARBY].map((distance) => offsetAt(new Date(after.getTime() + distance), zone));
  return wallTime(after, zone).subtract({ milliseconds: Math.abs(around[0]! - around[1]!) });
}

/** The first instant after another at which the clocks show one of the wall times; `null` when there is none. */
export function nextInstant(walls: WallTimes, search: InstantSearch): Date | null {
  const { after, zone, literal = false } = search;
  let best: Date | null = null;
  for (const wall of walls(earliest(search))) {
    const first = instantOf(wall, zone);
    // A time that was moved out of a gap, or the second of two, may come after the times that follow it.
    if (best && first > best && isLater(wall, wallTime(best, zone))) break;
    for (const instant of literal ? instantsOf(wall, zone) : [first]) {
      if (instant > after && (!best || instant < best)) best = instant;
    }
  }
  return best;
}
