// A channel step, in the order of the rules: condition, channel, address, preferences, content. The
// first refusal is the recorded reason.
import type { JsonObject } from "../../base/canonical-json.ts";
import { derivedId } from "../../base/ids.ts";
import { addressOf } from "../../channels/address.ts";
import type { Channel } from "../../channels/channel.ts";
import { renderMessage, type SlotSources } from "../../registry/render.ts";
import type { ChannelStep, SlotStructure } from "../../registry/structure.ts";
import type { ContentSource } from "../../registry/content-table.ts";
import { evaluatePreferences } from "../preferences.ts";
import type { NewMessage, StepResult } from "../run.ts";
import { decide, type StepContext } from "./step-context.ts";

const skipped = (code: string, reason: string): StepResult => ({ outcome: "skipped", code, reason });

/** The channel of a step: the one it names, or the only one of its type. */
export function channelFor(step: ChannelStep, channels: ReadonlyMap<string, Channel>): Channel | null {
  if (step.channel !== null) return channels.get(step.channel) ?? null;
  for (const channel of channels.values()) if (channel.type === step.kind) return channel;
  return null;
}

function sourceOf(slot: SlotStructure): ContentSource | null {
  if (slot === "code") return null;
  if ("liquid" in slot) return { kind: "liquid", template: slot.liquid };
  return { kind: "value", value: "text" in slot ? slot.text : slot.json };
}

/**
 * The content that is deployed now; when the deployed workflow no longer has the step, the fixed texts
 * that the run's own structure keeps; `null` when those are not enough.
 */
function sourcesFor(step: ChannelStep, { world }: StepContext): SlotSources | null {
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

function preferencesOf(channel: Channel, { run, world, scope }: StepContext) {
  const { key, categories, required, commercial } = world.plan.structure;
  const { notification, preferences } = run;
  return evaluatePreferences({
    layers: {
      recipient: preferences.recipient,
      recipientTenant: preferences.recipientTenant,
      tenant: notification.tenantPreferences,
      environment: world.environmentPreferences,
    },
    hasTenant: notification.tenantId !== null,
    workflow: { key, categories, required, commercial },
    channel,
    scope,
    now: world.now,
  });
}

function statusOf(channel: Channel): NewMessage["status"] {
  if (channel.type === "inApp") return "delivered";
  return channel.sandbox ? "not_sent" : "queued";
}

/** Makes a message, or says which rule refused it. Content that fails throws. */
export function channelStep(step: ChannelStep, context: StepContext): StepResult {
  const { run, world, scope } = context;
  const verdict = step.when && decide(step.when, context);
  if (verdict && !verdict.holds) return { ...skipped("CONDITION", verdict.reason), values: verdict.values };

  const channel = channelFor(step, world.channels);
  if (!channel) return skipped("CHANNEL_NOT_CONFIGURED", `no ${step.kind} channel is configured`);

  const { address, reason } = addressOf(step.kind, run.recipient, channel.key);
  if (!address) return skipped("MISSING_ADDRESS", reason);

  const preference = preferencesOf(channel, context);
  if (!preference.allowed) return skipped("PREFERENCES", preference.reason);

  const sources = sourcesFor(step, context);
  if (!sources) return skipped("RETIRED", "the deployed workflow no longer has this step");

  const content = renderMessage(step.kind, sources, scope) as unknown as JsonObject;
  const message: NewMessage = {
    id: derivedId(run.id, step.ref),
    step: step.ref,
    channel,
    content,
    address: address as JsonObject,
    status: statusOf(channel),
  };
  return verdict
    ? { outcome: "done", message, reason: verdict.reason, values: verdict.values }
    : { outcome: "done", message };
}
