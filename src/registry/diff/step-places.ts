// Where the steps of a structure stand, and which of them stand elsewhere in another one.
import { waysOf, type Step, type Structure } from "../structure.ts";

/** A step and its place. */
export interface Placed {
  step: Step;
  /** The way that it belongs to: empty for the main one, `pro of plan`, `onFailure`. */
  way: string;
  /** Ref of the step before it in the same way. */
  previous: string | null;
}

function wayNames(step: Step): string[] {
  switch (step.kind) {
    case "branch":
      return [...step.arms.map(({ name }) => name), "otherwise"];
    case "cohort":
      return step.cohorts.map(({ name }) => name);
    default:
      return ["timedOut"];
  }
}

function lay(steps: readonly Step[], way: string, placed: Map<string, Placed>): void {
  steps.forEach((step, index) => {
    placed.set(step.ref, { step, way, previous: steps[index - 1]?.ref ?? null });
    const names = wayNames(step);
    waysOf(step).forEach((inner, number) => lay(inner, `${names[number]} of ${step.ref}`, placed));
  });
}

/** All steps by their refs, in the order in which they are written. */
export function laidOut({ steps, onFailure }: Structure): Map<string, Placed> {
  const placed = new Map<string, Placed>();
  lay(steps, "", placed);
  lay(onFailure ?? [], "onFailure", placed);
  return placed;
}

/** The longest part of some numbers that is already in order. */
function longestOrdered(numbers: readonly number[]): Set<number> {
  const best: { value: number; length: number; before: number }[] = [];
  numbers.forEach((value, index) => {
    let before = -1;
    for (let earlier = 0; earlier < index; earlier++) {
      if (best[earlier]!.value < value && (before < 0 || best[earlier]!.length > best[before]!.length))
        before = earlier;
    }
    best.push({ value, length: before < 0 ? 1 : best[before]!.length + 1, before });
  });
  const kept = new Set<number>();
  let at = best.reduce((most, { length }, index) => (most < 0 || length > best[most]!.length ? index : most), -1);
  for (; at >= 0; at = best[at]!.before) kept.add(best[at]!.value);
  return kept;
}

/** Refs of the steps that stand elsewhere: in another way, or in another order within theirs. As few as explain it. */
export function movedRefs(before: ReadonlyMap<string, Placed>, after: ReadonlyMap<string, Placed>): Set<string> {
  const positions = new Map([...before.keys()].map((ref, index) => [ref, index]));
  const common = [...after].filter(([ref]) => before.has(ref));
  const moved = new Set(common.filter(([ref, { way }]) => before.get(ref)!.way !== way).map(([ref]) => ref));
  const stayed = common.filter(([ref]) => !moved.has(ref));
  for (const group of Map.groupBy(stayed, ([, { way }]) => way).values()) {
    const kept = longestOrdered(group.map(([ref]) => positions.get(ref)!));
    for (const [ref] of group) if (!kept.has(positions.get(ref)!)) moved.add(ref);
  }
  return moved;
}
