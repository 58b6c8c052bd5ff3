// A branch while it is being written.
import type { ArmDefinition, StepDefinition } from "./steps/index.ts";
import type { When } from "./steps/when.ts";
import type { Workflow } from "./chain.ts";
import type { Optional, ScopeOf, WorkflowTypes } from "./workflow-types.ts";

/** Ordered arms, the first whose condition holds is taken. */
export class Branch<Types extends WorkflowTypes, Before, After> {
  declare readonly $after: After;
  readonly arms: readonly ArmDefinition[];
  readonly rest: readonly StepDefinition[] | null;
  readonly #empty: Workflow<Types, Before>;

  constructor(
    empty: Workflow<Types, Before>,
    arms: readonly ArmDefinition[] = [],
    rest: readonly StepDefinition[] | null = null,
  ) {
    this.#empty = empty;
    this.arms = arms;
    this.rest = rest;
  }

  /** An arm, taken when its condition holds and none before it did. */
  when<Inner>(
    name: string,
    when: When<ScopeOf<Types, Before>>,
    steps: (chain: Workflow<Types, Before>) => Workflow<Types, Inner>,
  ): Branch<Types, Before, Optional<After, Inner>> {
    const arm: ArmDefinition = {
      name,
      when: when as unknown as When<never>,
      steps: steps(this.#empty).definition.steps,
    };
    return new Branch(this.#empty, [...this.arms, arm], this.rest);
  }

  /** What happens when no arm was taken. Default: nothing. */
  otherwise<Inner>(
    steps: (chain: Workflow<Types, Before>) => Workflow<Types, Inner>,
  ): Branch<Types, Before, Optional<After, Inner>> {
    return new Branch(this.#empty, this.arms, steps(this.#empty).definition.steps);
  }
}
