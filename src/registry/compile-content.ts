// Content slots: what of them is data, what is code, and whether a template's variables exist.
import { Liquid } from "liquidjs";
import type { Json } from "../base/canonical-json.ts";
import { isLiquid } from "../definition/content.ts";
import { contentSlots, isChannelKind } from "../definition/steps/channel.ts";
import type { StepDefinition } from "../definition/steps/index.ts";
import { report, type CompileContext } from "./compile-context.ts";
import { callSlots } from "./compile-settings.ts";
import type { ContentKind, ContentSource } from "./content-table.ts";
import { unknownInContent } from "./known-paths.ts";
import { isReactElement } from "./react.ts";
import type { SlotStructure } from "./structure.ts";

// A misspelt filter would be left out without a word when the message is made.
const parser = new Liquid({ strictFilters: true });

const SLOTS: Record<ContentKind, readonly string[]> = { ...contentSlots, ...callSlots };

type ContentStep = Extract<StepDefinition, { kind: ContentKind }>;

// Members that Liquid itself gives to texts and lists.
const LIQUID_MEMBERS: ReadonlySet<string> = new Set(["size", "first", "last"]);

function sourceOf(value: unknown, { toMarkup }: CompileContext): ContentSource {
  if (typeof value === "function") return { kind: "code", render: value as (scope: never) => unknown, toMarkup };
  // What an element consists of is a matter of the React that made it.
  if (isReactElement(value)) return { kind: "code", render: () => value, toMarkup };
  if (isLiquid(value)) return { kind: "liquid", template: value.template };
  return { kind: "value", value: value as Json };
}

function slotOf(source: ContentSource): SlotStructure {
  if (source.kind === "code") return "code";
  if (source.kind === "liquid") return { liquid: source.template };
  return typeof source.value === "string" ? { text: source.value } : { json: source.value };
}

function checkTemplate(context: CompileContext, step: ContentStep, slot: string, template: string): void {
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
    const problem = unknownInContent(path, context.known);
    if (problem)
      report(
        context,
        step,
        `the template of ${slot} reads ${problem}`,
        "correct the variable, or add it to the schema",
      );
  }
}

const NEEDED: Partial<Record<ContentKind, readonly string[]>> = {
  inApp: ["body"],
  email: ["subject"],
  sms: ["body"],
  push: ["body"],
  chat: ["body"],
  fetch: ["url"],
};

function checkComplete(context: CompileContext, step: ContentStep, sources: object): void {
  for (const slot of NEEDED[step.kind] ?? []) {
    if (!(slot in sources)) report(context, step, `${step.kind} needs a ${slot}`, `add ${slot}: "…"`);
  }
  if (step.kind === "email" && !("body" in sources) && !("html" in sources))
    report(context, step, "email needs a body", 'add body: "…", a React element, or html: "…"');
}

function checkSource(context: CompileContext, step: ContentStep, slot: string, source: ContentSource): void {
  if (source.kind === "liquid") checkTemplate(context, step, slot, source.template);
  if (source.kind !== "value" || typeof source.value !== "string" || !/\{\{.*\}\}/.test(source.value)) return;
  const message = `the text of ${slot} holds {{ … }} and would be ${isChannelKind(step.kind) ? "sent" : "used"} as it is`;
  report(context, step, message, `write ${slot}: liquid("…")`);
}

/** The slots of a step as structure; their sources go to the content table. */
export function compileContent(context: CompileContext, step: ContentStep): Record<string, SlotStructure> {
  const settings = step.settings as unknown as Record<string, unknown>;
  const sources: Record<string, ContentSource> = {};
  for (const slot of SLOTS[step.kind]) {
    if (settings[slot] === undefined) continue;
    const source = sourceOf(settings[slot], context);
    checkSource(context, step, slot, source);
    sources[slot] = source;
  }
  checkComplete(context, step, sources);
  context.slots.set(step.ref, { kind: step.kind, sources });
  return Object.fromEntries(Object.entries(sources).map(([slot, source]) => [slot, slotOf(source)]));
}
