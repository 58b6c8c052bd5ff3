// What a workflow is called, takes and holds, beside its chain of steps.
import type { z } from "zod";
import type { CallSite } from "./call-site.ts";
import type { ReactElementLike } from "./content.ts";
import type { Scope } from "./scope.ts";
import type { SendWindow } from "./send-window.ts";
import type { StepDefinition } from "./steps/index.ts";
import type { When } from "./steps/when.ts";
import type { WorkflowTypes } from "./workflow-types.ts";

/** What a workflow is, before any step. */
export interface WorkflowSettings<Schema extends z.ZodObject, Properties> {
  /** For people. Default: the key in words. */
  name?: string;
  /** What it is for; shown in the GraphQL schema. */
  description?: string;
  /** Groups of workflows that people switch on and off together in their preferences. */
  category?: string | readonly string[];
  /** The data that a call must bring. */
  data: Schema;
  /** Named sample data: checked, rendered by `knock check`, and shown in the documentation of the API. */
  examples?: Record<string, z.input<Schema>>;
  /** Evaluated for each recipient before any step; when it does not hold, that run halts. */
  when?: When<Scope<z.output<Schema>, Properties, unknown, null>>;
  /** People cannot opt out (security notices, receipts). Default: `false`. */
  required?: boolean;
  /** Marketing: also needs the commercial subscription of the recipient. Default: `false`. */
  commercial?: boolean;
  /** What a call with invalid data does. Default: the config's `onInvalidData`. */
  onInvalidData?: "reject" | "warn";
}

/** The inert form of a workflow. */
export interface WorkflowDefinition {
  key: string;
  settings: WorkflowSettings<z.ZodObject, never>;
  /** The schema of user properties that the chain was bound to; `null` for the unbound `workflow`. */
  users: z.ZodObject | null;
  site: CallSite | null;
  steps: readonly StepDefinition[];
  /** When messages of the steps that follow may go out; `null` for always. */
  sendWindow: SendWindow | null;
  /** What happens after a step has failed for good. */
  onFailure: readonly StepDefinition[] | null;
  /** Makes HTML of its React elements. Deployed workflows bring their own; default: the project's `react-dom`. */
  toMarkup?: ((element: ReactElementLike) => string) | undefined;
}

/** A workflow as those see it who do not add steps: what it is called, what it takes, what it is. */
export interface WorkflowHandle<Types extends WorkflowTypes = WorkflowTypes> {
  readonly key: Types["key"];
  /** For the type system alone. */
  readonly $types: Types;
  readonly definition: WorkflowDefinition;
}
