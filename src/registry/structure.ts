// Structures: what a workflow does, as data. They are stored, hashed and compared; the content that
// people read is code and stays with the deploy.
import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { Condition } from "../definition/conditions.ts";
import type { SendWindow } from "../definition/send-window.ts";
import type { ChannelKind } from "../definition/steps/channel.ts";
import type { MessageMoment } from "../definition/steps/wait-for.ts";
import type { WindowRule } from "../definition/window.ts";

export { MESSAGE_EVENTS, messageMoments, type MessageMoment } from "../definition/steps/wait-for.ts";

/** What a structure knows of a content slot: the fixed value, the template, or that it is code. */
export type SlotStructure = { text: string } | { json: Json } | { liquid: string } | "code";

/** A window: so many milliseconds, the next moment of a rule, or what a path holds, moved by `offset` milliseconds. */
export type Span = { for: number } | { rule: WindowRule } | { at: string; offset: number };

/** How often a failing step is tried, in total, and the wait before the second try, which then grows fourfold. */
export interface StepRetry {
  attempts: number;
  backoff: number;
}

interface StepCommon {
  ref: string;
  when: Condition | null;
}

/** A step that makes a message. */
export interface ChannelStep extends StepCommon {
  kind: ChannelKind;
  /** Key of the channel; `null` takes the only one of this type. */
  channel: string | null;
  sendWindow: SendWindow | null;
  retry: StepRetry | null;
  slots: Record<string, SlotStructure>;
}

/** A pause. */
export interface DelayStep extends StepCommon {
  kind: "delay";
  wait: Span;
}

/** Collects the runs of one recipient and key; the first of them goes on with all when the window ends. */
export interface BatchStep extends StepCommon {
  kind: "batch";
  /** Paths whose values are the key; `null` for one batch per recipient. */
  key: string[] | null;
  window: Span;
  /** Each activity moves the end to `window` from then, at most `limit` milliseconds after the first. */
  sliding: { limit: number } | null;
  maxItems: number | null;
  /** Which activities content sees when there are more than `take`: the first or the last. Always in order of time. */
  order: "asc" | "desc";
  take: number;
  /** The first activity goes on at once and is not part of the batch. */
  flushLeading: boolean;
}

/** Lets so many runs of one recipient and key pass per window. */
export interface ThrottleStep extends StepCommon {
  kind: "throttle";
  key: string[] | null;
  window: Span;
  limit: number;
  /** What a run does that does not pass: it ends, or leaves out the one step that follows. */
  onBreach: "halt" | "skip";
}

/** A choice between arms. */
export interface BranchStep {
  kind: "branch";
  ref: string;
  arms: { name: string; when: Condition; steps: Step[] }[];
  otherwise: Step[] | null;
}

/** A weighted choice that is always the same for the same key. */
export interface CohortStep extends StepCommon {
  kind: "cohort";
  /** Paths whose values decide; `null` for the recipient's id. */
  by: string[] | null;
  /** Weights are relative to their sum. */
  cohorts: { name: string; weight: number; steps: Step[] }[];
}

/** An HTTP call whose answer later steps read. Slots: `url`, `headers`, `body`. */
export interface FetchStep extends StepCommon {
  kind: "fetch";
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  timeout: number;
  retry: StepRetry | null;
  slots: Record<string, SlotStructure>;
  /** JSON Schema of what later steps read. */
  response: JsonObject;
}

/** What ends a wait: a named event whose match is equal (paths), or what becomes of the message of an earlier step. */
export type Awaited =
  | { event: string; match: Record<string, { path: string } | { value: Json }> }
  | { message: string; status: MessageMoment };

/** A wait for something to happen. */
export interface WaitForStep extends StepCommon {
  kind: "waitFor";
  on: Awaited;
  timeout: Span;
  onMatch: "continue" | "halt";
  onTimeout: "continue" | "halt";
  /** The way after a timeout; then the run goes on behind the step. */
  timedOut: Step[] | null;
}

/** Changes the recipient. Slots: the members of a user, and `properties`, which merge. */
export interface UpdateUserStep extends StepCommon {
  kind: "updateUser";
  retry: StepRetry | null;
  slots: Record<string, SlotStructure>;
}

/** Starts another workflow. Slots: `data`, `recipients`, `lists`, `actor`, `tenant`, `cancellationKey`. */
export interface NotifyStep extends StepCommon {
  kind: "notify";
  workflow: string;
  retry: StepRetry | null;
  slots: Record<string, SlotStructure>;
}

/** A step of any kind. */
export type Step =
  | ChannelStep
  | DelayStep
  | BatchStep
  | ThrottleStep
  | BranchStep
  | CohortStep
  | FetchStep
  | WaitForStep
  | UpdateUserStep
  | NotifyStep;

/** The kinds of step that make no message. */
export type ControlKind = Exclude<Step["kind"], ChannelKind>;

/** The ways inside a step, in the order in which they are written. */
export function waysOf(step: Step): (readonly Step[])[] {
  switch (step.kind) {
    case "branch":
      return [...step.arms.map((arm) => arm.steps), step.otherwise ?? []];
    case "cohort":
      return step.cohorts.map((cohort) => cohort.steps);
    case "waitFor":
      return [step.timedOut ?? []];
    default:
      return [];
  }
}

/** The structure of one workflow version. */
export interface Structure {
  key: string;
  name: string;
  description: string | null;
  categories: string[];
  required: boolean;
  commercial: boolean;
  onInvalidData: "reject" | "warn" | null;
  /** JSON Schema of the data as callers give it, reduced to what carries meaning. */
  data: JsonObject;
  when: Condition | null;
  steps: Step[];
  /** What a run does after a step has failed for good; it still ends as failed. */
  onFailure: Step[] | null;
}
