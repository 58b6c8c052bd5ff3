import type { Duration } from "../../base/duration.ts";
import type { Window } from "../window.ts";
import type { Conditional, Key } from "./when.ts";

/** How a batch collects. */
export interface BatchSettings<Scope> extends Conditional<Scope> {
  /** Collects separately for each value. Default: one batch for each recipient. */
  key?: Key<Scope>;
  /** From the first activity until the batch closes. At most 365 days. */
  window: Window<Scope>;
  /** Each activity begins the window anew, at most until `limit` after the first. Needs a duration as window. */
  sliding?: { limit: Duration };
  /** Closes the batch as soon as it holds so many, 2 to 1000. Default: no limit. */
  maxItems?: number;
  /** Which activities content sees when there are more than `take`: the first or the last. Default: `asc`. */
  order?: "asc" | "desc";
  /** How many activities content sees, 1 to 1000. Default: 10. */
  take?: number;
  /** The first activity goes on at once and is no part of the batch. Default: `false`. */
  flushLeading?: boolean;
}
