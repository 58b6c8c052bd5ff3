// What `simulate` takes beside a call, and what it answers. Timestamps are ISO 8601.
import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { Message, Run, RunStep, Warning } from "./types.ts";

/** What becomes of a message. */
export type AssumedMoment =
  | "sent"
  | "delivered"
  | "bounced"
  | "undelivered"
  | "seen"
  | "read"
  | "interacted"
  | "clicked"
  | "archived";

/** What is taken for granted of the world outside. */
export interface Assumptions {
  /** Answers of other systems, by ref of a fetch step. Default: the step's example, else a sample of its response schema. */
  fetch?: Record<string, { status?: number; data?: Json }>;
  /** Events that happen; without `after` as soon as a run waits for them. Default: none. */
  events?: readonly { name: string; match?: JsonObject; data?: JsonObject; after?: string }[];
  /** What becomes of messages at once, by ref of their step. Default: providers accept them, and nobody looks. */
  messages?: Record<string, AssumedMoment>;
}

/** How to simulate. */
export interface SimulateOptions {
  /** When the call is made. Default: now. */
  at?: Date | string;
  /** People that are gone through, at most 1,000. Default: 100. */
  first?: number;
  assume?: Assumptions;
}

/** A message that would be made. */
export interface SimulatedMessage {
  step: string;
  channel: string;
  channelType: Message["channelType"];
  /** Where it goes; empty for the feed. */
  to: JsonObject;
  content: JsonObject;
  status: Message["status"];
  at: string;
  /** When its send window opens; `null` for a message that need not wait. */
  scheduledAt: string | null;
  /** When it goes out, or stands in the feed; `null` when it does not. */
  sentAt: string | null;
}

/** What one run would do. */
export interface SimulatedRun extends Pick<Run, "recipientId" | "list" | "status" | "wakeAt" | "failure"> {
  workflow: string;
  /** The workflows whose notify steps lead here; empty for the call itself. */
  via: string[];
  /** It waits in reality already, for a batch that a simulated run joins. */
  existing: boolean;
  steps: RunStep[];
  messages: SimulatedMessage[];
}

/** What a call would lead to. Nothing of it has happened. */
export interface Simulation {
  at: string;
  workflow: string;
  /** People that the call reaches, and those of them that were gone through. */
  total: number;
  simulated: number;
  warnings: Warning[];
  runs: SimulatedRun[];
  /** What was taken for granted of the world outside. */
  assumed: string[];
  /** What was left out because it was too much. */
  omitted: string[];
  /** All of it for people to read. */
  text: string;
}
