import type { WallTimes } from "./next-instant.ts";

/** When something recurs, in wall times of a zone that is not part of it. */
export interface Pattern {
  /** All wall times from one on, in order. */
  walls: WallTimes;
  /** It recurs in every hour of its days, so also in one that passes twice. */
  everyHour: boolean;
}

/** Why a recurrence cannot be used, as the end of a sentence that begins with what it is. */
export class RecurrenceProblem extends Error {}
