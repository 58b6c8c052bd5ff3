// The scope of one run: what conditions and content read. Built once per passage and kept up to date
// as steps end.
import type { ChannelResult, PlainResult, Scope } from "../definition/scope.ts";
import { channelKinds } from "../definition/steps/channel.ts";
import type { MessageSnapshot, PersonSnapshot, RunInput, World } from "./run.ts";

/** A scope whose properties are not known at compile time. */
export type RunScope = Scope<object, object, Record<string, ChannelResult | PlainResult>>;

const CHANNELS: readonly string[] = channelKinds;

const SILENT: MessageSnapshot = {
  status: "queued",
  seen: false,
  read: false,
  interacted: false,
  clicked: false,
  archived: false,
};

// A user's own properties cannot hide the ones that every user has.
const personOf = ({ properties, channelData: _private, ...person }: PersonSnapshot) => ({ ...properties, ...person });

/** What later steps see of a channel step. */
export const channelResult = (message: MessageSnapshot | undefined): ChannelResult => {
  const { status, ...engagement } = message ?? SILENT;
  const delivered = status === "delivered";
  return { skipped: message === undefined, sent: delivered || status === "sent", delivered, ...engagement };
};

/** The scope at the beginning of a passage. */
export function scopeOf(run: RunInput, world: World): RunScope {
  const { notification, recipient, state } = run;
  const { key, name } = world.plan.structure;
  const steps: RunScope["steps"] = {};
  for (const entry of run.trace) {
    if (CHANNELS.includes(entry.kind)) steps[entry.ref] = channelResult(run.messages.get(entry.ref));
    else if (entry.ref !== "when") steps[entry.ref] = { skipped: entry.outcome === "skipped" };
  }
  return {
    data: notification.data,
    recipient: { ...personOf(recipient), membership: state.membership ?? null },
    actor: notification.actor && personOf(notification.actor),
    tenant: notification.tenant,
    workflow: { key, name },
    steps,
    now: world.now.toISOString(),
  };
}
