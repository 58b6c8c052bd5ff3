// A structure as something to walk: each step by its ref, and what follows it.
import { waysOf, type Step, type Structure } from "./structure.ts";

/** A step and the ref of the one that follows it; `null` at the end of the run. */
export interface Planned {
  step: Step;
  next: string | null;
  /** What follows when the next step is left out. */
  afterNext: string | null;
  /** The step belongs to what happens after a failure. */
  afterFailure: boolean;
}

/** The way through a structure. */
export interface Plan {
  structure: Structure;
  /** Ref of the first step. */
  first: string | null;
  /** Ref of the first step after a failure; `null` when nothing is to be done then. */
  failure: string | null;
  byRef: ReadonlyMap<string, Planned>;
}

function lay(
  steps: readonly Step[],
  after: string | null,
  plan: { byRef: Map<string, Planned>; afterFailure: boolean },
) {
  steps.forEach((step, index) => {
    const next = steps[index + 1]?.ref ?? after;
    // The last of a way has no step of its own to leave out.
    const afterNext = index + 1 < steps.length ? (steps[index + 2]?.ref ?? after) : next;
    plan.byRef.set(step.ref, { step, next, afterNext, afterFailure: plan.afterFailure });
    for (const way of waysOf(step)) lay(way, next, plan);
  });
}

/** The plan of a structure. */
export function planOf(structure: Structure): Plan {
  const byRef = new Map<string, Planned>();
  lay(structure.steps, null, { byRef, afterFailure: false });
  lay(structure.onFailure ?? [], null, { byRef, afterFailure: true });
  return {
    structure,
    first: structure.steps[0]?.ref ?? null,
    failure: structure.onFailure?.[0]?.ref ?? null,
    byRef,
  };
}
