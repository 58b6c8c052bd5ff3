// What the functions of a workflow see. Content receives a scope of real values; selectors receive
// references to the same tree.
import type { JsonObject } from "../base/canonical-json.ts";

/** What every user has, beside the properties of the project's own `users` schema. */
export interface Person {
  id: string;
  name: string | null;
  email: string | null;
  phoneNumber: string | null;
  avatar: string | null;
  /** BCP 47, such as `de-CH`. */
  locale: string | null;
  /** IANA time zone, such as `Europe/Zurich`. */
  timezone: string | null;
  /** Of an object; absent for a person. */
  collection?: string;
}

/** The recipient of a run. */
export type Recipient<Properties> = Person &
  Properties & {
    /** Properties of the list membership through which the person was reached; `null` when named explicitly. */
    membership: JsonObject | null;
  };

/** The tenant that the notification belongs to. */
export interface Tenant {
  id: string;
  name: string | null;
  properties: JsonObject;
}

/** What later steps know of every step. */
export interface PlainResult {
  /** The step was left out: its condition, a preference, a missing address or window said no. */
  skipped: boolean;
}

/** What later steps know about a channel step. */
export interface ChannelResult extends PlainResult {
  /** A provider accepted the message. */
  sent: boolean;
  /** A provider confirmed the delivery. */
  delivered: boolean;
  seen: boolean;
  read: boolean;
  interacted: boolean;
  clicked: boolean;
  archived: boolean;
}

/** One notification that became part of a batch. */
export interface Activity<Data = object, Properties = object> {
  /** Id of the notification. */
  id: string;
  data: Data;
  actor: (Person & Properties) | null;
  /** When it joined, ISO 8601. */
  at: string;
}

/** What later steps know about a batch. A batch that was skipped holds the run's own notification. */
export interface BatchResult<Data = object, Properties = object> extends PlainResult {
  /** All activities, also those beyond `take`. */
  count: number;
  /** In order of time, at most `take`. */
  activities: Activity<Data, Properties>[];
  /** Each actor once, in order of appearance, at most `take`. */
  actors: (Person & Properties)[];
  /** Different actors of all activities. */
  actorCount: number;
  firstActor: (Person & Properties) | null;
  /** This run went on at once as the leading one; the batch collects what follows. */
  flushed: boolean;
}

/** What later steps know about a throttle. */
export interface ThrottleResult extends PlainResult {
  /** The run is over the limit. */
  breached: boolean;
}

/** What later steps know about a weighted choice. */
export interface CohortResult<Name extends string = string> extends PlainResult {
  /** The way that was taken; `null` when skipped. */
  cohort: Name | null;
}

/** What later steps know about an HTTP call: when it was skipped there is no answer. */
export type FetchResult<Answer = unknown> =
  | { skipped: true; status: null; data: null }
  | { skipped: false; status: number; data: Answer };

/** What later steps know about a wait. */
export interface WaitResult extends PlainResult {
  matched: boolean;
  timedOut: boolean;
  /** The data of the event that matched. */
  event: JsonObject | null;
}

/** What later steps know about another workflow that was started. */
export interface NotifyResult extends PlainResult {
  /** Id of the notification; `null` when skipped. */
  notification: string | null;
}

/** The result of a step of any kind. */
export type StepResult =
  | PlainResult
  | ChannelResult
  | BatchResult
  | ThrottleResult
  | CohortResult
  | FetchResult
  | WaitResult
  | NotifyResult;

/** The results of the steps so far, by ref. */
export type StepResults = Record<string, StepResult>;

/** The step that failed for good, and why. */
export interface Failure {
  /** Ref of the step. */
  step: string;
  reason: string;
}

/** Links that their reader needs no login for. Empty texts where the config has no `links`. */
export interface Links {
  /** To the page on which the recipient chooses what to get; it opens for 90 days. */
  preferences: string;
  /**
   * To a page with one button, which ends messages of this workflow on the channel type of this step (in steps without
   * a message: e-mails), and all commercial ones where the workflow is commercial.
   */
  unsubscribe: string;
}

/** Everything a workflow's functions can read. */
export interface Scope<Data, Properties, Steps, Failed = Failure | null> {
  data: Data;
  recipient: Recipient<Properties>;
  /** The user who did the thing; `null` when the call named none. */
  actor: (Person & Properties) | null;
  tenant: Tenant | null;
  workflow: { key: string; name: string };
  steps: Steps;
  /** Set in the steps of `onFailure`, `null` before. */
  failure: Failed;
  /** For content alone; nothing can be decided by them. */
  links: Links;
  /** The instant at which this step runs, ISO 8601. */
  now: string;
}
