// Content slots: what of them is data, what is code, and whether a template's variables exist.
import { Liquid } from "liquidjs";
import type { Json } from "../base/canonical-json.ts";
import { isLiquid } from "../definition/content.ts";
import { contentSlots } from "../definition/steps/channel.ts";
import type { ChannelStepDefinition } from "../definition/steps/index.ts";
import { report, type CompileContext } from "./compile-context.ts";
import type { ContentSource } from "./content-table.ts";
import { unknownPath } from "./known-paths.ts";
import type { SlotStructure } from "./structure.ts";

// A misspelt filter would be left out without a word when the message is made.
const parser = new Liquid({ strictFilters: true });

// Members that Liquid itself gives to texts and lists.
const LIQUID_MEMBERS: ReadonlySet<string> = new Set(["size", "first", "last"]);

function sourceOf(value: unknown): ContentSource {
  if (typeof value === "function") return { kind: "code", render: value as (scope: never) => unknown };
  if (isLiquid(value)) return { kind: "liquid", template: value.template };
  return { kind: "value", value: value as Json };
}

function slotOf(source: ContentSource): SlotStructure {
  if (source.kind === "code") return "code";
  if (source.kind === "liquid") return { liquid: source.template };
  return typeof source.value === "string" ? { text: source.value } : { json: source.value };
}

function checkTemplate(context: CompileContext, step: ChannelStepDefinition, slot: string, template: string): void {
  let variables: (string | number | unknown[])[][];
  try {
    variables = parser.globalVariableSegmentsSync(parser.parse(template));
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message.split("\n")[0] : String(thrown);
    return report(context, step, `the Liquid template of ${slot} does not parse: ${problem}`, "correct the template");
  }
  for (const segments of variables) {
    const names = segments.filter((segment): segment is string => typeof segment === "string");
    const path = names.filter((name) => !LIQUID_MEMBERS.has(name));
    const problem = unknownPath(path, context.known);
    if (problem)
      report(
        context,
        step,
        `the template of ${slot} reads ${problem}`,
        "correct the variable, or add it to the schema",
      );
  }
}

/** The slots of a channel step as structure; their sources go to the content table. */
export function compileContent(context: CompileContext, step: ChannelStepDefinition): Record<string, SlotStructure> {
  const settings = step.settings as unknown as Record<string, unknown>;
  const allowed: readonly string[] = [...contentSlots[step.kind], "when", "channel"];
  for (const name of Object.keys(settings)) {
    if (!allowed.includes(name))
      report(context, step, `${step.kind} has no setting "${name}"`, `use one of ${allowed.join(", ")}`);
  }
  const sources: Record<string, ContentSource> = {};
  for (const slot of contentSlots[step.kind]) {
    if (settings[slot] === undefined) continue;
    const source = sourceOf(settings[slot]);
    if (source.kind === "liquid") checkTemplate(context, step, slot, source.template);
    if (source.kind === "value" && typeof source.value === "string" && /\{\{.*\}\}/.test(source.value)) {
      report(
        context,
        step,
        `the text of ${slot} holds {{ … }} and would be sent as it is`,
        `write ${slot}: liquid("…")`,
      );
    }
    sources[slot] = source;
  }
  const required = step.kind === "email" ? ["subject"] : step.kind === "webhook" ? [] : ["body"];
  for (const slot of required) {
    if (!sources[slot]) report(context, step, `${step.kind} needs a ${slot}`, `add ${slot}: "…"`);
  }
  if (step.kind === "email" && !sources.body && !sources.html) {
    report(context, step, "email needs a body", 'add body: "…", a React element, or html: "…"');
  }
  context.slots.set(step.ref, { kind: step.kind, sources });
  return Object.fromEntries(Object.entries(sources).map(([slot, source]) => [slot, slotOf(source)]));
}
