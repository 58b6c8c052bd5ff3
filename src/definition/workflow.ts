// Where a workflow begins: the functions that authors call first.
import type { z } from "zod";
import { callSite } from "./call-site.ts";
import { Workflow } from "./chain.ts";
import type { WorkflowSettings } from "./workflow-settings.ts";

export { isWorkflow, Workflow } from "./chain.ts";
export type { WorkflowDefinition, WorkflowHandle, WorkflowSettings } from "./workflow-settings.ts";
export type { WorkflowTypes } from "./workflow-types.ts";

/** The chain for a project whose users have the properties of one schema. */
export interface WorkflowFunction<Properties extends object> {
  <const Key extends string, Schema extends z.ZodObject>(
    key: Key,
    settings: WorkflowSettings<Schema, Properties>,
  ): Workflow<
    { key: Key; input: z.input<Schema>; data: z.output<Schema>; properties: Properties; failure: null },
    Record<never, never>
  >;
}

const beginning = { steps: [], sendWindow: null, onFailure: null } as const;

/**
 * A `workflow` function whose recipients are typed by the project's schema of user properties.
 *
 * @example export const workflow = workflowFor(z.object({ plan: z.enum(["free", "pro"]) }));
 */
export function workflowFor<Users extends z.ZodObject>(users: Users): WorkflowFunction<z.output<Users>> {
  const bound: WorkflowFunction<z.output<Users>> = (key, settings) =>
    new Workflow({ key, settings: settings as never, users, ...beginning, site: callSite(bound) });
  return bound;
}

/**
 * Begins a workflow. Keys are lower case words joined by `-` or `_`, at most 255 characters.
 *
 * @example workflow("welcome", { data: z.object({}) }).inApp("feed", { body: "Welcome!" })
 */
export const workflow: WorkflowFunction<Record<never, never>> = (key, settings) =>
  new Workflow({ key, settings: settings as never, users: null, ...beginning, site: callSite(workflow) });
