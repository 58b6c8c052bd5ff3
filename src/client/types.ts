// What the client takes and gives. Everything is plain JSON data.
import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { WorkflowTypes } from "../definition/workflow.ts";

/** A module of workflows: `typeof import("../workflows/index.ts")`. Only its types are used. */
export type Workflows = Record<string, { readonly $types: WorkflowTypes }>;

type TypesOf<W extends Workflows> = W[keyof W]["$types"];

/** The keys of the workflows. */
export type WorkflowKey<W extends Workflows> = TypesOf<W>["key"];

/** The data of one workflow, as a caller gives it. */
export type DataOf<W extends Workflows, Key extends WorkflowKey<W>> = Extract<TypesOf<W>, { key: Key }>["input"];

/** A user to create or to change. Absent members stay as they are, `null` empties. */
export interface UserInput {
  id: string;
  name?: string | null;
  email?: string | null;
  phoneNumber?: string | null;
  avatar?: string | null;
  /** BCP 47, such as `de-CH`. */
  locale?: string | null;
  /** IANA time zone, such as `Europe/Zurich`. */
  timezone?: string | null;
  /** Merged deeply. */
  properties?: JsonObject;
  /** By channel key; merged deeply. */
  channelData?: Record<string, JsonObject>;
}

/** What a call brings beside the workflow and its data. */
export interface CallOptions {
  /** Ids of users. */
  recipients?: readonly string[];
  lists?: readonly string[];
  /** Id of the user who did the thing. */
  actor?: string;
  tenant?: string;
  /** Users to create or to change first. */
  identify?: readonly UserInput[];
  /** After a success every later call with the same key fails. */
  idempotencyKey?: string;
  /** For `cancel`. */
  cancellationKey?: string;
}

/** A call of one workflow. `data` may be left out when every member of it may. */
export type NotifyCall<W extends Workflows, Key extends WorkflowKey<W>> = CallOptions &
  (Record<never, never> extends DataOf<W, Key> ? { data?: DataOf<W, Key> } : { data: DataOf<W, Key> });

/** A call that says itself which workflow it is for. */
export type AnyCall<W extends Workflows> = {
  [Key in WorkflowKey<W>]: { workflow: Key } & NotifyCall<W, Key>;
}[WorkflowKey<W>];

/** One thing that is wrong in an input. */
export interface Issue {
  /** `data.invitee.email` */
  path: string;
  message: string;
  code: string;
}

interface Failed<Code extends string> {
  code: Code;
  message: string;
  /** What to do next. */
  hint: string;
}

/** The failures that are answers, by code. */
export interface Failures {
  RECIPIENTS_REQUIRED: Failed<"RECIPIENTS_REQUIRED">;
  INVALID_DATA: Failed<"INVALID_DATA"> & { issues: Issue[] };
  INVALID_INPUT: Failed<"INVALID_INPUT"> & { issues: Issue[] };
  DUPLICATE_NOTIFICATION: Failed<"DUPLICATE_NOTIFICATION"> & {
    notificationId: string;
    firstAt: string;
    sameInput: boolean;
  };
  WORKFLOW_INACTIVE: Failed<"WORKFLOW_INACTIVE"> & { workflow: string };
  UNKNOWN_WORKFLOW: Failed<"UNKNOWN_WORKFLOW"> & { workflow: string; nearest: string | null };
  UNKNOWN_ACTOR: Failed<"UNKNOWN_ACTOR"> & { actor: string };
  UNKNOWN_LIST: Failed<"UNKNOWN_LIST"> & { list: string };
  NOT_FOUND: Failed<"NOT_FOUND"> & { id: string };
  RUN_NOT_FAILED: Failed<"RUN_NOT_FAILED"> & { id: string };
}

/** An answer: what came of it, or why nothing was stored. */
export type Result<Success extends object, Code extends keyof Failures = "INVALID_INPUT"> =
  | ({ ok: true } & Success)
  | { ok: false; error: Failures[Code] };

/** Something that a caller should know although the call succeeded. */
export interface Warning {
  code: string;
  message: string;
  path: string;
}

export type NotificationStatus = "ACCEPTED" | "PROCESSING" | "WAITING" | "COMPLETED" | "CANCELLED";

/** Why a call is refused. */
export type NotifyFailure = Exclude<keyof Failures, "UNKNOWN_LIST" | "NOT_FOUND" | "RUN_NOT_FAILED">;

/** The answer of notify. */
export type NotifyResult = Result<
  {
    notification: { id: string; workflow: string; status: NotificationStatus; createdAt: string };
    warnings: Warning[];
  },
  NotifyFailure
>;

/** A part of a list. */
export interface Page<Node> {
  nodes: Node[];
  hasNextPage: boolean;
  /** `after` of the next page. */
  endCursor: string | null;
}

/** Which part of a list: `first` at most 100. */
export interface PageOptions {
  first?: number;
  after?: string | null;
}

/** A message as the client reads it. Timestamps are ISO 8601. */
export interface Message {
  id: string;
  workflow: string;
  step: string;
  channel: string;
  channelType: "IN_APP" | "EMAIL" | "SMS" | "PUSH" | "CHAT" | "WEBHOOK";
  content: JsonObject;
  status: "QUEUED" | "SENT" | "DELIVERED" | "BOUNCED" | "UNDELIVERED" | "NOT_SENT";
  reason: string | null;
  /** When its send window opens; `null` for a message that need not wait. */
  scheduledAt: string | null;
  createdAt: string;
  seenAt: string | null;
  readAt: string | null;
  interactedAt: string | null;
  archivedAt: string | null;
}

/** One decision of a run. */
export interface RunStep {
  ref: string;
  kind: string;
  outcome: "DONE" | "SKIPPED" | "WAITING" | "JOINED" | "HALTED" | "FAILED" | "CANCELLED";
  code: string | null;
  reason: string | null;
  values: Record<string, Json> | null;
  at: string;
}

/** A batch that a run opened or joined. */
export interface RunBatch {
  id: string;
  step: string;
  count: number;
  openedAt: string;
  closesAt: string;
  /** `null` while it is open. */
  closedAt: string | null;
}

/** A batch with a page of its activities, oldest first. */
export interface Batch extends RunBatch {
  workflow: string;
  recipientId: string;
  /** Values of the key as JSON; empty for a step without a key. */
  key: string;
  /** The run that goes on with all activities; `null` while there is none. */
  run: { id: string } | null;
  activities: Page<{
    runId: string;
    /** `null` when it is no longer kept. */
    notification: { id: string; data: JsonObject; actorId: string | null; createdAt: string } | null;
  }>;
}

/** When a schedule has moments: `at` one, or again and again by a `recurrence`. Timestamps are ISO 8601. */
export interface Timing {
  /** The only moment. Either this or `recurrence`. */
  at?: string | null;
  /** Five cron fields, `"0 9 * * MON-FRI"`, or `RRULE:…` of RFC 5545 without `DTSTART`. */
  recurrence?: string | null;
  /** No moment of a recurrence is earlier. Default: now. */
  startsAt?: string | null;
  /** No moment of a recurrence is later. */
  endsAt?: string | null;
  /** IANA zone of the recurrence. Default: the recipient's, at each moment anew. */
  timezone?: string | null;
  /** What becomes of moments that passed while no process ran. Default: `LAST`. */
  onMissed?: "SKIP" | "LAST" | "ALL";
}

/** Schedules of one workflow: one for each recipient, and one for all lists together. */
export type ScheduleCall<W extends Workflows, Key extends WorkflowKey<W>> = Timing &
  Omit<NotifyCall<W, Key>, "identify" | "idempotencyKey" | "cancellationKey">;

/** What is to change of schedules: absent members stay as they are, `null` empties. */
export interface SchedulePatch extends Timing {
  /** Replaces the data; checked by the workflow's schema. */
  data?: JsonObject;
  actor?: string | null;
  tenant?: string | null;
  status?: "ACTIVE" | "PAUSED";
}

/** What a change of schedules answers of each. */
export type ChangedSchedule = Pick<
  Schedule,
  "id" | "workflow" | "status" | "recipientId" | "lists" | "nextAt" | "createdAt"
>;

/** A schedule as the client reads it. */
export interface Schedule {
  id: string;
  workflow: string;
  status: "ACTIVE" | "PAUSED" | "ENDED";
  /** `null` for a schedule of lists. */
  recipientId: string | null;
  lists: string[];
  actorId: string | null;
  tenantId: string | null;
  data: JsonObject;
  recurrence: string | null;
  timezone: string | null;
  startsAt: string;
  endsAt: string | null;
  onMissed: "SKIP" | "LAST" | "ALL";
  nextAt: string | null;
  lastAt: string | null;
  /** Notifications that it has made. */
  count: number;
  /** Why the last moment made no notification; `null` when it did. */
  problem: string | null;
  createdAt: string;
  updatedAt: string;
}

/** Why schedules are not stored. */
export type ScheduleFailure =
  | "RECIPIENTS_REQUIRED"
  | "INVALID_DATA"
  | "INVALID_INPUT"
  | "WORKFLOW_INACTIVE"
  | "UNKNOWN_WORKFLOW"
  | "UNKNOWN_ACTOR";

/** One execution of a workflow for one recipient. */
export interface Run {
  id: string;
  recipientId: string;
  status: "WAITING" | "COMPLETED" | "HALTED" | "CANCELLED" | "FAILED";
  list: string | null;
  /** The step that failed for good. */
  failure: { step: string; reason: string } | null;
  steps: RunStep[];
  /** The batches that it opened or joined. */
  batches: RunBatch[];
  messages: Message[];
  wakeAt: string | null;
  createdAt: string;
  finishedAt: string | null;
}

/** A notification with its runs. */
export interface Notification {
  id: string;
  workflow: string;
  status: NotificationStatus;
  createdAt: string;
  warnings: Warning[];
  counts: Record<"total" | "completed" | "halted" | "cancelled" | "failed" | "waiting" | "messages", number>;
  runs: Page<Run>;
}

/** What preferences mean for one step of a workflow. */
export interface PreferenceVerdict {
  step: string;
  channel: string | null;
  channelType: Message["channelType"];
  allowed: boolean;
  reason: string;
  layer: "RECIPIENT" | "RECIPIENT_TENANT" | "TENANT" | "ENVIRONMENT" | null;
  entry: string | null;
}
