// A structure as something to walk: each step by its ref, and what follows it.
import type { Step, Structure } from "./structure.ts";

/** A step and the ref of the one that follows it; `null` at the end of the run. */
export interface Planned {
  step: Step;
  next: string | null;
}

/** The way through a structure. */
export interface Plan {
  structure: Structure;
  /** Ref of the first step. */
  first: string | null;
  byRef: ReadonlyMap<string, Planned>;
}

function lay(steps: readonly Step[], after: string | null, byRef: Map<string, Planned>): void {
  steps.forEach((step, index) => {
    const next = steps[index + 1]?.ref ?? after;
    byRef.set(step.ref, { step, next });
    if (step.kind !== "branch") return;
    for (const arm of step.arms) lay(arm.steps, next, byRef);
    lay(step.otherwise ?? [], next, byRef);
  });
}

/** The plan of a structure. */
export function planOf(structure: Structure): Plan {
  const byRef = new Map<string, Planned>();
  lay(structure.steps, null, byRef);
  return { structure, first: structure.steps[0]?.ref ?? null, byRef };
}
