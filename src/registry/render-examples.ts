// What every slot says on examples, as text that people compare: before a deploy and after it.
import { canonicalJson, type JsonObject } from "../base/canonical-json.ts";
import { messageOf } from "../base/message-of.ts";
import type { WorkflowHandle } from "../definition/workflow.ts";
import { compileWorkflow } from "./compile.ts";
import type { CompileOptions } from "./compile-context.ts";
import type { ContentSource } from "./content-table.ts";
import { textOfHtml } from "./email-parts.ts";
import { sampleScope } from "./fingerprint.ts";
import { isReactElement, renderReact } from "./react.ts";
import { ContentFailed, fill } from "./render.ts";

/** What one slot says on one example. */
export interface RenderedSlot {
  step: string;
  slot: string;
  example: string;
  text: string;
}

function textOf(slot: string, source: ContentSource, scope: object): string {
  try {
    const value = fill(slot, source, scope);
    if (typeof value === "string") return value;
    if (isReactElement(value))
      return textOfHtml(renderReact(value, source.kind === "code" ? source.toMarkup : undefined));
    return value === undefined ? "" : canonicalJson(value);
  } catch (thrown) {
    // The slot is told beside it.
    const cause = thrown instanceof ContentFailed ? (thrown.cause ?? thrown) : thrown;
    return `(fails: ${messageOf(cause)})`;
  }
}

/** The data as the workflow's own schema leaves it; as it is when the schema does not take it. */
function parsed(workflow: WorkflowHandle, data: unknown): JsonObject {
  try {
    const result = workflow.definition.settings.data.safeParse(data);
    return (result.success ? result.data : data) as JsonObject;
  } catch {
    return data as JsonObject;
  }
}

/**
 * What every slot of a workflow says on each of the examples, which may be those of another version of it. A slot that
 * throws says so.
 *
 * @example renderExamples(workflow, { short: { title: "Hi" } }, { users: null, channels: [] })
 */
export function renderExamples(
  workflow: WorkflowHandle,
  examples: Readonly<Record<string, unknown>>,
  options: CompileOptions,
): RenderedSlot[] {
  const { compiled, context } = compileWorkflow(workflow, options);
  return Object.entries(examples).flatMap(([example, data]) => {
    const scope = sampleScope(context, compiled.structure.name, parsed(workflow, data));
    return [...compiled.content.slots].flatMap(([step, { sources }]) =>
      Object.entries(sources).map(([slot, source]) => ({ step, slot, example, text: textOf(slot, source, scope) })),
    );
  });
}
