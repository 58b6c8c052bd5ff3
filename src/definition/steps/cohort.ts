import type { Conditional, Key } from "./when.ts";

/** What decides about the way, beside the weights. */
export interface CohortSettings<Scope> extends Conditional<Scope> {
  /** The same values always take the same way. Default: the recipient's id. */
  by?: Key<Scope>;
}
