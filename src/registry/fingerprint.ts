// What the content says on the workflow's own examples: it changes when the words do, and not when
// the code is formatted.
import { messageOf } from "../base/message-of.ts";
import { hashJson, type JsonObject } from "../base/canonical-json.ts";
import { isChannelKind } from "../definition/steps/channel.ts";
import { report, type CompileContext } from "./compile-context.ts";
import type { StepContent } from "./content-table.ts";
import { sample } from "./json-schema.ts";
import { renderMessage } from "./render.ts";
import { renderSlots } from "./render-slots.ts";

function person(id: string, name: string, properties: JsonObject): JsonObject {
  const email = `${id}@example.com`;
  return {
    ...properties,
    id,
    name,
    email,
    phoneNumber: "+41790000000",
    avatar: null,
    locale: "en",
    timezone: "Etc/UTC",
  };
}

/** The scope in which a workflow's content is tried: two people, one tenant, a fixed instant. */
export function sampleScope(context: CompileContext, name: string, data: JsonObject): object {
  const { users, steps, failure } = context.known;
  const properties = sample(users ?? { type: "object" }) as JsonObject;
  const actor = person("grace", "Grace Hopper", properties);
  return {
    data,
    recipient: { ...person("ada", "Ada Lovelace", properties), membership: {} },
    actor,
    tenant: { id: "acme", name: "Acme", properties: {} },
    workflow: { key: context.workflow, name },
    steps: Object.fromEntries([...steps].map(([ref, step]) => [ref, step.sample({ data, actor })])),
    failure: failure ? { step: steps.keys().next().value ?? "", reason: "the provider refused it" } : null,
    now: "2026-01-05T09:00:00.000Z",
    links: {
      preferences: "https://example.com/preferences/EXAMPLE",
      unsubscribe: "https://example.com/unsubscribe/EXAMPLE",
    },
  };
}

const render = ({ kind, sources }: StepContent, scope: object): unknown =>
  isChannelKind(kind) ? renderMessage(kind, sources, scope) : renderSlots(sources, scope);

/** Hash of all content on all examples, or `null` without examples. Content that throws is reported. */
export function fingerprint(context: CompileContext, examples: ReadonlyMap<string, object>): string | null {
  if (examples.size === 0) return null;
  const rendered: unknown[] = [];
  for (const [example, scope] of examples) {
    for (const [ref, content] of context.slots) {
      try {
        rendered.push([ref, render(content, scope)]);
      } catch (thrown) {
        const place = { ref, site: context.sites.get(ref) ?? null };
        const message = `the content fails on example "${example}": ${messageOf(thrown)}`;
        report(context, place, message, "correct the content or the example");
      }
    }
  }
  return hashJson(rendered);
}
