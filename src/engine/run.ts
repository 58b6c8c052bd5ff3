// What a passage knows about one run, and what it leaves behind.
import type { JsonObject } from "../base/canonical-json.ts";
import type { Channel } from "../channels/channel.ts";
import type { Tenant } from "../definition/scope.ts";
import type { ContentTable } from "../registry/content-table.ts";
import type { Plan } from "../registry/plan.ts";
import type { PreferenceSet } from "../definition/preference-set.ts";
import type { MessageStatus } from "../store/schema/messages.ts";
import type { RunState, RunStatus, TraceEntry } from "../store/schema/runs.ts";

/** A user as the steps see it. */
export interface PersonSnapshot {
  id: string;
  name: string | null;
  email: string | null;
  phoneNumber: string | null;
  avatar: string | null;
  locale: string | null;
  timezone: string | null;
  properties: JsonObject;
  channelData: Record<string, JsonObject>;
}

/** What is the same for all runs of one notification. */
export interface NotificationSnapshot {
  id: string;
  workflow: string;
  data: JsonObject;
  actor: PersonSnapshot | null;
  tenant: Tenant | null;
  /** The tenant that the call named, whether or not it is known. */
  tenantId: string | null;
  /** The tenant's default preferences. */
  tenantPreferences: PreferenceSet | null;
}

/** Where a message of an earlier step stands. */
export interface MessageSnapshot {
  status: MessageStatus;
  seen: boolean;
  read: boolean;
  interacted: boolean;
  clicked: boolean;
  archived: boolean;
}

/** One run, with all that its next steps may read. */
export interface RunInput {
  id: string;
  notification: NotificationSnapshot;
  recipient: PersonSnapshot;
  /** Whether the recipient is a known user. */
  known: boolean;
  /** The recipient's own preference sets. */
  preferences: { recipient: PreferenceSet | null; recipientTenant: PreferenceSet | null };
  /** Ref of the step to execute; `null` before the first. */
  step: string | null;
  state: RunState;
  trace: TraceEntry[];
  /** Messages of earlier steps, by ref. */
  messages: ReadonlyMap<string, MessageSnapshot>;
}

/** What is the same for all runs of one version. */
export interface World {
  plan: Plan;
  /** The workflow may run. Switched off, it takes no calls and ends the runs that wake. */
  active: boolean;
  /** The deployed content of the workflow; `null` when it is no longer deployed. */
  content: ContentTable | null;
  channels: ReadonlyMap<string, Channel>;
  environmentPreferences: PreferenceSet | null;
  now: Date;
}

/** A message that a passage made. */
export interface NewMessage {
  id: string;
  step: string;
  channel: Channel;
  content: JsonObject;
  address: JsonObject;
  status: MessageStatus;
}

/** What a passage leaves behind. */
export interface Advanced {
  status: RunStatus;
  step: string | null;
  wakeAt: Date | null;
  state: RunState;
  trace: TraceEntry[];
  messages: NewMessage[];
}

/** What one step came to. */
export type StepResult = {
  code?: string;
  reason?: string;
  values?: Record<string, unknown>;
} & (
  | { outcome: "done"; message?: NewMessage; next?: string | null }
  | { outcome: "skipped" }
  | { outcome: "waiting"; until: Date }
);
