// What a structure needs of the code that a process has, and does not find there.
import { allLabels } from "./code-labels.ts";
import type { ContentTable } from "./content-table.ts";
import type { Plan } from "./plan.ts";
import type { Registry } from "./registry.ts";
import type { Step } from "./structure.ts";

/** Steps whose content is code that the table does not have. What is fixed is part of the structure. */
function lacksContent(step: Step, content: ContentTable): boolean {
  if (!("slots" in step) || !Object.values(step.slots).includes("code")) return false;
  return content.slots.get(step.ref)?.kind !== step.kind;
}

/**
 * What runs of a version would miss in a process with these workflows, in words: the workflow itself, steps, code in
 * conditions, workflows that it notifies. Empty when nothing is missing.
 *
 * @example lackingIn(plan, registry) // ['step "mail"', 'code "is urgent"']
 */
export function lackingIn(plan: Plan, registry: Registry): string[] {
  const content = registry.get(plan.structure.key)?.content;
  if (!content) return ["the workflow"];
  const steps = [...plan.byRef.values()].map(({ step }) => step);
  const targets = new Set(steps.flatMap((step) => (step.kind === "notify" ? [step.workflow] : [])));
  return [
    ...steps.filter((step) => lacksContent(step, content)).map(({ ref }) => `step "${ref}"`),
    ...[...allLabels(plan)].filter((label) => !content.codes.has(label)).map((label) => `code "${label}"`),
    ...[...targets].filter((key) => !registry.has(key)).map((key) => `workflow "${key}"`),
  ];
}
