import type { Window } from "../window.ts";
import type { Conditional, Key } from "./when.ts";

/** How many runs pass. */
export interface ThrottleSettings<Scope> extends Conditional<Scope> {
  /** Counts separately for each value. Default: one count for each recipient. */
  key?: Key<Scope>;
  /** From the first run that passes until counting begins anew. At most 31 days. */
  window: Window<Scope>;
  /** Runs that pass in one window, at least 1. Default: 1. */
  limit?: number;
  /** What a run does that is over the limit: it ends, or leaves out the one step that follows. Default: `halt`. */
  onBreach?: "halt" | "skip";
}
