// Steps that several workflows share: a function from a chain to a longer one, written once against
// what it needs.
import type { Workflow } from "./chain.ts";
import type { WorkflowTypes } from "./workflow-types.ts";

/** What a fragment reads. What is absent is not needed. */
export interface FragmentNeeds {
  /** Members of the workflow's data. */
  data?: object;
  /** Properties of users. */
  properties?: object;
  /** Results of steps before, by ref. */
  steps?: object;
}

interface TypesOf<Needs extends FragmentNeeds> extends WorkflowTypes {
  data: Needs extends { data: infer Data extends object } ? Data : Record<never, never>;
  properties: Needs extends { properties: infer Properties extends object } ? Properties : Record<never, never>;
}

type StepsOf<Needs extends FragmentNeeds> = Needs extends { steps: infer Steps } ? Steps : Record<never, never>;

/**
 * The chain that a fragment receives: any workflow that has what the fragment needs.
 *
 * @example
 * export const escalate = (chain: Chain<{ data: { title: string } }>) =>
 *   chain.delay("grace", "1h").sms("text", { body: ({ data }) => data.title });
 */
export type Chain<Needs extends FragmentNeeds = Record<never, never>> = Workflow<TypesOf<Needs>, StepsOf<Needs>>;

/** What a fragment is written against, and what it makes of it. */
export interface FragmentShape {
  need: WorkflowTypes;
  before: unknown;
  after: unknown;
}

type Clash<Steps, F extends FragmentShape> = keyof Steps & Exclude<keyof F["after"], keyof F["before"]> & string;

/** `unknown` when a fragment fits a workflow, otherwise what is missing as a sentence. */
export type Fits<Types extends WorkflowTypes, Steps, F extends FragmentShape> = [Types["data"]] extends [
  F["need"]["data"],
]
  ? [Types["properties"]] extends [F["need"]["properties"]]
    ? [Steps] extends [F["before"]]
      ? [Clash<Steps, F>] extends [never]
        ? unknown
        : `A step "${Clash<Steps, F>}" exists already: the fragment cannot add another one.`
      : "The fragment reads steps that do not stand before it in this workflow."
    : "The fragment reads properties that the users of this workflow do not have."
  : "The fragment reads data that this workflow does not have.";
