// What a structure needs of the code that a process has, and does not find there.
import { labelsIn, labelsOf } from "./code-labels.ts";
import type { ContentTable } from "./content-table.ts";
import type { Registry } from "./registry.ts";
import { waysOf, type Step, type Structure } from "./structure.ts";

const everyStep = (steps: readonly Step[]): Step[] =>
  steps.flatMap((step) => [step, ...waysOf(step).flatMap((way) => everyStep(way))]);

/** Steps whose content is code that the table does not have. What is fixed is part of the structure. */
function lacksContent(step: Step, content: ContentTable): boolean {
  if (!("slots" in step) || !Object.values(step.slots).includes("code")) return false;
  return content.slots.get(step.ref)?.kind !== step.kind;
}

/**
 * What runs of a structure would miss in a process with these workflows, in words: the workflow itself, steps, code in
 * conditions, workflows that it notifies. Empty when nothing is missing.
 *
 * @example lackingIn(structure, registry) // ['step "mail"', 'code "is urgent"']
 */
export function lackingIn(structure: Structure, registry: Registry): string[] {
  const content = registry.get(structure.key)?.content;
  if (!content) return ["the workflow"];
  const steps = everyStep([...structure.steps, ...(structure.onFailure ?? [])]);
  const labels = new Set([...labelsIn(structure.when), ...steps.flatMap(labelsOf)]);
  const targets = new Set(steps.flatMap((step) => (step.kind === "notify" ? [step.workflow] : [])));
  return [
    ...steps.filter((step) => lacksContent(step, content)).map(({ ref }) => `step "${ref}"`),
    ...[...labels].filter((label) => !content.codes.has(label)).map((label) => `code "${label}"`),
    ...[...targets].filter((key) => !registry.has(key)).map((key) => `workflow "${key}"`),
  ];
}
