// A channel step, in the order of the rules: condition, channel, address, preferences, content. The
// first refusal is the recorded reason.
import type { JsonObject } from "../../base/canonical-json.ts";
import { derivedId } from "../../base/ids.ts";
import { addressOf } from "../../channels/address.ts";
import type { Channel } from "../../channels/channel.ts";
import { renderMessage } from "../../registry/render.ts";
import type { ChannelStep } from "../../registry/structure.ts";
import { evaluatePreferences, type PreferenceDecision } from "../preferences.ts";
import { linksFor } from "../run-scope.ts";
import type { NewMessage, StepResult } from "../run.ts";
import { nextOpening } from "../time/send-window.ts";
import { sourcesFor } from "./slots.ts";
import { decide, skipped, timezoneFor, type StepContext } from "./step-context.ts";

/** The channel of a step: the one it names, or the only one of its type. */
export function channelFor(step: ChannelStep, channels: ReadonlyMap<string, Channel>): Channel | null {
  if (step.channel !== null) return channels.get(step.channel) ?? null;
  for (const channel of channels.values()) if (channel.type === step.kind) return channel;
  return null;
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

/** What a trace keeps of a decision: every entry that applied, the one that decided first, and what its conditions read. */
function heard({ entries, decidedBy, values }: PreferenceDecision, read: StepResult["values"] = {}) {
  if (entries.length === 0) return { values: read };
  const deciding = entries.findIndex(({ entry, layer }) => entry === decidedBy?.entry && layer === decidedBy.layer);
  const inOrder = [entries[deciding]!, ...entries.toSpliced(deciding, 1)];
  const preferences = inOrder.map(({ layer, entry, allowed }) => ({ layer, entry, allowed }));
  return { values: { ...read, ...values }, preferences };
}

function statusOf(channel: Channel, scheduledAt: Date | null): NewMessage["status"] {
  if (channel.type === "inApp") return scheduledAt ? "queued" : "delivered";
  return channel.sandbox ? "not_sent" : "queued";
}

/** When the message may go out; `null` for now. What is never sent waits for nothing. */
function opening(step: ChannelStep, channel: Channel, context: StepContext): Date | null {
  if (step.sendWindow === null || channel.sandbox) return null;
  const { now, openings } = context.world;
  const timezone = timezoneFor(context);
  const key = `${step.ref} ${timezone}`;
  if (!openings.has(key)) openings.set(key, nextOpening(step.sendWindow, { now, timezone }));
  return openings.get(key)!;
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
  const met = heard(preference, verdict?.values);
  if (!preference.allowed) return { ...skipped("PREFERENCES", preference.reason), ...met };

  const sources = sourcesFor(step, context);
  if (!sources) return { ...skipped("RETIRED", "the deployed workflow no longer has this step"), ...met };

  const content = renderMessage(step.kind, sources, {
    ...scope,
    links: linksFor(step.kind, run, world),
  }) as unknown as JsonObject;
  const scheduledAt = opening(step, channel, context);
  const message: NewMessage = {
    id: derivedId(run.id, step.ref),
    step: step.ref,
    channel,
    content,
    address: address as JsonObject,
    status: statusOf(channel, scheduledAt),
    scheduledAt,
  };
  const waits = scheduledAt && `the send window opens at ${scheduledAt.toISOString()}`;
  const reasons = [verdict?.reason, waits].filter(Boolean).join("; ");
  return {
    outcome: "done",
    message,
    ...(reasons !== "" && { reason: reasons }),
    ...met,
  };
}
