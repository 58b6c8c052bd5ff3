// What steps of several kinds have in common.
import type { Duration } from "../../base/duration.ts";
import type { LabelledCode } from "../code.ts";
import type { Condition } from "../conditions.ts";
import type { Ref } from "../refs.ts";
import type { Selector } from "../selector.ts";

/** A condition as an author writes it: a selector that returns one, or labelled code. */
export type When<Scope> = Selector<Scope, Condition | Ref<boolean>> | LabelledCode<Scope>;

/** What every step may have. */
export interface Conditional<Scope> {
  /** Runs the step only when it holds; otherwise the step is skipped and the run goes on. */
  when?: When<Scope>;
}

/** What tells one collection from another: one reference or several. */
export type Key<Scope> = Selector<Scope, Ref<unknown> | readonly Ref<unknown>[]>;

/** How often a step that fails is tried. */
export interface RetrySettings {
  /** Tries in total, 1 to 10. Default: 3. */
  attempts?: number;
  /** The wait before the second try, at most `1h`; each later one is four times as long. Default: `10s`; of a fetch 30 s, then 60 s. */
  backoff?: Duration;
}

/** What a step may have that can fail. */
export interface Retrying {
  retry?: RetrySettings;
}
