// What the content says on the workflow's own examples: it changes when the words do, and not when
// the code is formatted.
import { messageOf } from "../base/message-of.ts";
import { hashJson, type JsonObject } from "../base/canonical-json.ts";
import { channelKinds, type ChannelKind } from "../definition/steps/channel.ts";
import type { StepDefinition } from "../definition/steps/index.ts";
import { report, type CompileContext } from "./compile-context.ts";
import { sample } from "./json-schema.ts";
import { renderMessage } from "./render.ts";

const CHANNELS: readonly string[] = channelKinds;
const NOTHING_HAPPENED = {
  skipped: false,
  sent: true,
  delivered: true,
  seen: false,
  read: false,
  interacted: false,
  clicked: false,
  archived: false,
};

const flatten = (steps: readonly StepDefinition[]): StepDefinition[] =>
  steps.flatMap((step) =>
    step.kind === "branch"
      ? [step, ...step.arms.flatMap((arm) => flatten(arm.steps)), ...flatten(step.otherwise ?? [])]
      : [step],
  );

function person(id: string, name: string, properties: object): object {
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
  const properties = sample(context.known.users ?? { type: "object" }) as JsonObject;
  return {
    data,
    recipient: { ...person("ada", "Ada Lovelace", properties), membership: {} },
    actor: person("grace", "Grace Hopper", properties),
    tenant: { id: "acme", name: "Acme", properties: {} },
    workflow: { key: context.workflow, name },
    steps: Object.fromEntries(context.known.refs.map((ref) => [ref, NOTHING_HAPPENED])),
    now: "2026-01-05T09:00:00.000Z",
  };
}

/** Hash of all messages on all examples, or `null` without examples. Content that throws is reported. */
export function fingerprint(
  context: CompileContext,
  steps: readonly StepDefinition[],
  examples: ReadonlyMap<string, object>,
): string | null {
  if (examples.size === 0) return null;
  const rendered: unknown[] = [];
  for (const [example, scope] of examples) {
    for (const step of flatten(steps)) {
      if (!CHANNELS.includes(step.kind)) continue;
      try {
        rendered.push([
          step.ref,
          renderMessage(step.kind as ChannelKind, context.slots.get(step.ref)?.sources ?? {}, scope),
        ]);
      } catch (thrown) {
        const problem = messageOf(thrown);
        report(
          context,
          step,
          `the content fails on example "${example}": ${problem}`,
          "correct the content or the example",
        );
      }
    }
  }
  return hashJson(rendered);
}
