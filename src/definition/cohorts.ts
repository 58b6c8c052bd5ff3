// A weighted choice while it is being written.
import type { CohortDefinition } from "./steps/index.ts";
import type { Workflow } from "./chain.ts";
import type { Optional, WorkflowTypes } from "./workflow-types.ts";

type NewName<Name extends string, Names> = Name extends Names
  ? `A cohort "${Name}" exists already: give this one another name.`
  : Name;

/** Weighted ways, of which each recipient always takes the same. */
export class Cohorts<Types extends WorkflowTypes, Before, After, Names extends string> {
  declare readonly $after: After;
  declare readonly $names: Names;
  readonly ways: readonly CohortDefinition[];
  readonly #empty: Workflow<Types, Before>;

  constructor(empty: Workflow<Types, Before>, ways: readonly CohortDefinition[] = []) {
    this.#empty = empty;
    this.ways = ways;
  }

  /** A way and its weight, relative to the sum of all weights. Default of `steps`: none, such as for a control group. */
  cohort<Name extends string, Inner = Before>(
    name: NewName<Name, Names>,
    weight: number,
    steps?: (chain: Workflow<Types, Before>) => Workflow<Types, Inner>,
  ): Cohorts<Types, Before, Optional<After, Inner>, Names | Name> {
    const way = { name: name as string, weight, steps: steps ? steps(this.#empty).definition.steps : [] };
    return new Cohorts(this.#empty, [...this.ways, way]);
  }
}
