// The scope of one run: what conditions and content read. Built once per passage and kept up to date
// as steps end.
import type { JsonObject } from "../base/canonical-json.ts";
import { objectOf } from "../base/object-id.ts";
import type { ChannelType } from "../channels/messages.ts";
import type { ChannelResult, Links, Scope, StepResults } from "../definition/scope.ts";
import { channelKinds } from "../definition/steps/channel.ts";
import { batchOfOne } from "./batches/alone.ts";
import type { BatchSnapshot, MessageSnapshot, PersonSnapshot, RunInput, World } from "./run.ts";

/** A scope whose properties are not known at compile time. */
export type RunScope = Scope<object, object, StepResults>;

/** Whether steps of the kind make messages. */
export const isChannel = (kind: string): boolean => (channelKinds as readonly string[]).includes(kind);

const SILENT: MessageSnapshot = {
  status: "queued",
  seen: false,
  read: false,
  interacted: false,
  clicked: false,
  archived: false,
};

/** What steps that leave something are seen as when they left nothing, as their conditions said no. */
const NOTHING_LEFT: Record<string, object> = {
  batch: { count: 0, actorCount: 0, activities: [], actors: [], firstActor: null, flushed: false },
  throttle: { breached: false },
  cohort: { cohort: null },
  fetch: { status: null, data: null },
  waitFor: { matched: false, timedOut: false, event: null },
  notify: { notification: null },
};

// A user's own properties cannot hide the ones that every user has.
const personOf = ({ properties, channelData: _private, ...person }: PersonSnapshot) => ({
  ...properties,
  ...person,
  ...collectionOf(person.id),
});

function collectionOf(id: string): { collection?: string } {
  const object = objectOf(id);
  return object ? { collection: object.collection } : {};
}

/** What later steps see of a channel step. */
export const channelResult = (message: MessageSnapshot | undefined): ChannelResult => {
  const { status, ...engagement } = message ?? SILENT;
  const delivered = status === "delivered";
  return { skipped: message === undefined, sent: delivered || status === "sent", delivered, ...engagement };
};

const batchResult = ({ count, actorCount, activities, actors, firstActor }: BatchSnapshot) => ({
  count,
  actorCount,
  activities: activities.map(({ id, data, actor, at }) => ({
    id,
    data,
    actor: actor && personOf(actor),
    at: at.toISOString(),
  })),
  actors: actors.map(personOf),
  firstActor: firstActor && personOf(firstActor),
});

/** What a step that makes no message is known by. */
export interface ControlResult {
  kind: string;
  skipped: boolean;
  left: JsonObject | undefined;
  batch: BatchSnapshot | undefined;
}

/** What later steps see of a step that makes no message. */
export const controlResult = ({ kind, skipped, left, batch }: ControlResult) =>
  ({ ...NOTHING_LEFT[kind], ...left, ...(batch && batchResult(batch)), skipped }) as StepResults[string];

/** The recipient as steps see it. */
export const recipientOf = (recipient: PersonSnapshot, membership: JsonObject | undefined): RunScope["recipient"] => ({
  ...personOf(recipient),
  membership: membership ?? null,
});

/** The links that content of a message of this channel type reads. */
export function linksFor(channelType: ChannelType, { notification, recipient }: RunInput, world: World): Links {
  const { key: workflow, commercial } = world.plan.structure;
  const { tenantId } = notification;
  return world.links({ userId: recipient.id, tenantId, workflow, channelType, commercial }, world.now);
}

/** The scope at the beginning of a passage. */
export function scopeOf(run: RunInput, world: World): RunScope {
  const { notification, recipient, state } = run;
  const { key, name } = world.plan.structure;
  const steps: Record<string, StepResults[string]> = {};
  for (const { ref, kind, outcome } of run.trace) {
    if (isChannel(kind)) steps[ref] = channelResult(run.messages.get(ref));
    else if (ref !== "when" && kind !== "rerun") {
      const left = state.results?.[ref];
      const batch = run.batches.get(ref) ?? batchOfOne(left, notification);
      steps[ref] = controlResult({ kind, skipped: outcome === "skipped", left, batch });
    }
  }
  return {
    data: notification.data,
    recipient: recipientOf(recipient, state.membership),
    actor: notification.actor && personOf(notification.actor),
    tenant: notification.tenant,
    workflow: { key, name },
    steps,
    failure: state.failure ?? null,
    now: world.now.toISOString(),
    links: linksFor("email", run, world),
  };
}
