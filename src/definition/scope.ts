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

/** What later steps know about a channel step. */
export interface ChannelResult {
  /** The step made no message: its condition, the preferences or a missing address said no. */
  skipped: boolean;
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

/** What later steps know about a step that is no channel. */
export interface PlainResult {
  skipped: boolean;
}

/** The results of the steps so far, by ref. */
export type StepResults = Record<string, ChannelResult | PlainResult>;

/** Everything a workflow's functions can read. */
export interface Scope<Data, Properties, Steps> {
  data: Data;
  recipient: Recipient<Properties>;
  /** The user who did the thing; `null` when the call named none. */
  actor: (Person & Properties) | null;
  tenant: Tenant | null;
  workflow: { key: string; name: string };
  steps: Steps;
  /** The instant at which this step runs, ISO 8601. */
  now: string;
}
