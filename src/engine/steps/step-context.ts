import type { Condition } from "../../definition/conditions.ts";
import { evaluate, type Verdict } from "../../definition/evaluate.ts";
import type { RunInput, World } from "../run.ts";
import type { RunScope } from "../run-scope.ts";

/** What a step executes in. */
export interface StepContext {
  run: RunInput;
  world: World;
  scope: RunScope;
}

/** Evaluates a condition of the structure. A label whose code is no longer deployed throws. */
export function decide(condition: Condition, { world, scope }: StepContext): Verdict {
  return evaluate(condition, scope, {
    now: world.now,
    code(label) {
      const decision = world.content?.codes.get(label);
      if (!decision) throw new Error(`the code "${label}" is not part of the deployed workflow`);
      return (decision as (scope: RunScope) => boolean)(scope);
    },
  });
}
