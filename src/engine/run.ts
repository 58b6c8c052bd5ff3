// What a passage knows about one run, and what it leaves behind.
import type { JsonObject } from "../base/canonical-json.ts";
import type { Channel } from "../channels/channel.ts";
import type { KnockError } from "../base/errors.ts";
import type { Tenant } from "../definition/scope.ts";
import type { ContentTable } from "../registry/content-table.ts";
import type { Plan } from "../registry/plan.ts";
import type { PreferenceSet } from "../definition/preference-set.ts";
import type { MessageStatus } from "../store/schema/messages.ts";
import type { NotificationSource } from "../store/schema/notifications.ts";
import type { AppliedPreference, RunState, RunStatus, TraceEntry } from "../store/schema/runs.ts";
import type { StoredUser } from "../store/users.ts";
import type { LinkMaker } from "./links/links.ts";
import type { NotifyCall, UserInput } from "./notify-call.ts";

/** A user as the steps see it. */
export type PersonSnapshot = Omit<StoredUser, "collection" | "createdAt" | "updatedAt">;

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
  cancellationKey: string | null;
  /** What made it; `null` for a call. */
  source: NotificationSource | null;
}

/** One notification in a batch. */
export interface ActivitySnapshot {
  id: string;
  data: JsonObject;
  actor: PersonSnapshot | null;
  at: Date;
}

/** A batch that was closed, as later steps see it. */
export interface BatchSnapshot {
  /** All activities, and all actors; the lists below may hold fewer. */
  count: number;
  actorCount: number;
  activities: readonly ActivitySnapshot[];
  /** The distinct actors of these activities, in their order. */
  actors: readonly PersonSnapshot[];
  /** The actor of the very first activity. */
  firstActor: PersonSnapshot | null;
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
  /** Batches that earlier steps collected, by ref. */
  batches: ReadonlyMap<string, BatchSnapshot>;
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
  /** The zone of people and tenants that have none. */
  timezone: string;
  now: Date;
  /** Makes the links that content reads. */
  links: LinkMaker;
  /** When the send windows of steps open, by step and zone: looked up once for all runs. */
  openings: Map<string, Date | null>;
}

/** A message that a passage made. */
export interface NewMessage {
  id: string;
  step: string;
  channel: Channel;
  content: JsonObject;
  address: JsonObject;
  status: MessageStatus;
  /** When the send window opens; `null` to send at once. */
  scheduledAt: Date | null;
}

/** A step's memory that runs share: for one recipient and one key. */
export interface Shared {
  workflow: string;
  step: string;
  recipientId: string;
  key: string;
}

/**
 * What a step has to know or do in the database before it can go on. Answered for all runs of a passage
 * together, in the transaction that writes them.
 */
export type Request =
  | { kind: "throttle"; shared: Shared; endsAt: Date }
  | {
      kind: "joinBatch";
      shared: Shared;
      runId: string;
      notificationId: string;
      closesAt: Date;
      /** A sliding window: how far each activity moves the end, and where it ends at the latest. */
      sliding: { window: number; limitAt: Date } | null;
      maxItems: number | null;
      flushLeading: boolean;
    }
  | { kind: "closeBatch"; batchId: string; runId: string; order: "asc" | "desc"; take: number }
  | { kind: "notify"; id: string; call: NotifyCall; source: NotificationSource }
  | { kind: "message"; id: string };

/** The answer to a request of the same kind. */
export type Answer =
  /** How many came in the present window, this one included. */
  | { kind: "throttle"; count: number; endsAt: Date }
  | {
      kind: "joinBatch";
      role: "opened" | "joined" | "flushed";
      batchId: string;
      closesAt: Date;
      /** The run that carries the batch has to wake earlier than it knows. */
      wake?: { runId: string; at: Date };
    }
  | { kind: "closeBatch"; openUntil: Date }
  | { kind: "closeBatch"; batch: BatchSnapshot }
  | { kind: "notify"; notificationId: string }
  | { kind: "notify"; refused: KnockError }
  /** The code of the other workflow's schema threw. */
  | { kind: "notify"; problem: string }
  /** Held against changes until the passage is written. */
  | { kind: "message"; message: MessageSnapshot | null };

/** What is written along with a run, without an answer. */
export type Effect =
  | { kind: "updateUser"; user: UserInput }
  /** The run waits for an event: see the table `waits`. */
  | { kind: "await"; step: string; event: string; match: string }
  /** The answer comes from outside, after the transaction. */
  | { kind: "fetch" }
  /** Another run, which waits, is to go on at this time already. */
  | { kind: "wake"; runId: string; at: Date }
  /** Nothing joins the batch any more, as its run has ended without it. */
  | { kind: "endBatch"; batchId: string };

/** What a passage leaves behind. */
export interface Advanced {
  status: RunStatus;
  step: string | null;
  wakeAt: Date | null;
  state: RunState;
  trace: TraceEntry[];
  messages: NewMessage[];
  effects: Effect[];
  /** Not the end of the passage: it goes on with an answer. To be called once. */
  asks: { request: Request; proceed: (answer: Answer) => Advanced } | null;
}

/** What one step came to. `left` is kept for later steps, `effects` are written with the run. */
export type StepResult = {
  code?: string;
  reason?: string;
  values?: Record<string, unknown>;
  /** What a channel step met of preferences, the deciding one first; absent when nothing is set. */
  preferences?: AppliedPreference[];
  left?: JsonObject;
  effects?: Effect[];
  /** The recipient as the later steps are to see it, when the step changed it. */
  recipient?: PersonSnapshot;
} & (
  | { outcome: "done"; message?: NewMessage; next?: string | null; batch?: BatchSnapshot }
  | { outcome: "skipped"; next?: string | null }
  | { outcome: "waiting"; until: Date }
  | { outcome: "joined" | "halted" }
  | { outcome: "asks"; request: Request }
);

/** A condition asks code that is no longer deployed: nobody can decide it any more. */
export class Retired extends Error {}

/** A failure of a step that no other try can mend. */
export class FinalFailure extends Error {}
