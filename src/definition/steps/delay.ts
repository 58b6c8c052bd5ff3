import type { Duration } from "../../base/duration.ts";
import type { WindowFrom, WindowRule } from "../window.ts";
import type { Conditional } from "./when.ts";

/** How long a delay lasts: a duration, until what the data holds, or until the next moment of a calendar rule. */
export type DelaySettings<Scope> = Conditional<Scope> & ({ for: Duration } | WindowFrom<Scope> | WindowRule);
