import type { ContentSource } from "../../registry/content-table.ts";
import type { SlotSources } from "../../registry/render.ts";
import type { SlotStructure, Step } from "../../registry/structure.ts";
import type { StepContext } from "./step-context.ts";

function sourceOf(slot: SlotStructure): ContentSource | null {
  if (slot === "code") return null;
  if ("liquid" in slot) return { kind: "liquid", template: slot.liquid };
  return { kind: "value", value: "text" in slot ? slot.text : slot.json };
}

/**
 * What fills the slots of a step: the content that is deployed now; when the deployed workflow no longer has
 * the step, the fixed texts that the run's own structure keeps; `null` when those are not enough.
 */
export function sourcesFor(
  step: Extract<Step, { slots: object }>,
  { world }: Pick<StepContext, "world">,
): SlotSources | null {
  const deployed = world.content?.slots.get(step.ref);
  if (deployed?.kind === step.kind) return deployed.sources;
  const sources: Record<string, ContentSource> = {};
  for (const [name, slot] of Object.entries(step.slots)) {
    const source = sourceOf(slot);
    if (!source) return null;
    sources[name] = source;
  }
  return sources;
}
