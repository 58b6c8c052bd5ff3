// What a simulation is asked, and what it answers. Both are data.
import type { Json, JsonObject } from "../../base/canonical-json.ts";
import type { Duration } from "../../base/duration.ts";
import type { ChannelType } from "../../channels/messages.ts";
import type { MessageMoment } from "../../registry/structure.ts";
import type { Warning } from "../../store/schema/notifications.ts";
import type { MessageStatus } from "../../store/schema/messages.ts";
import type { RunState, RunStatus, TraceEntry } from "../../store/schema/runs.ts";

/** What another system is assumed to answer to a call. */
export interface AssumedAnswer {
  /** Default: 200. */
  status?: number;
  /** The body, parsed by the step's response schema like a real one. Default: `null`. */
  data?: Json;
}

/** An event that is assumed to happen. */
export interface AssumedEvent {
  name: string;
  /** What waiting steps match on. Default: whatever they match on. */
  match?: JsonObject;
  /** What later steps read. Default: `{}`. */
  data?: JsonObject;
  /** How long after the beginning. Default: as soon as a run waits for it. */
  after?: Duration;
}

/** What the simulation takes for granted of the world outside. */
export interface Assumptions {
  /** By ref of a fetch step. Default: the step's example, else a sample of its response schema. */
  fetch?: Record<string, AssumedAnswer>;
  /** Default: none happens. */
  events?: readonly AssumedEvent[];
  /** What becomes of messages at once, by ref of their step. Default: providers accept them, and nobody looks. */
  messages?: Record<string, MessageMoment>;
}

/** How to simulate. */
export interface SimulateOptions {
  /** When the call is made. Default: now. */
  at?: Date;
  /** People that are gone through, 1 to 1,000. Default: 100. */
  first?: number;
  assume?: Assumptions;
}

/** One decision of a run, in the order of time. */
export interface CourseStep extends Omit<TraceEntry, "at"> {
  at: Date;
}

/** A message that would be made. */
export interface CourseMessage {
  id: string;
  step: string;
  /** Key of the channel. */
  channel: string;
  channelType: ChannelType;
  /** Where it goes; empty for the feed. */
  to: JsonObject;
  /** As it would be rendered. */
  content: JsonObject;
  status: MessageStatus;
  /** When it is made. */
  at: Date;
  /** When its send window opens; `null` for a message that need not wait. */
  scheduledAt: Date | null;
  /** When it goes out or stands in the feed; `null` when it does not within the simulation. */
  sentAt: Date | null;
}

/** What one run would do. */
export interface Course {
  /** Id that the run has in the simulation; that of a run that waits already is its own. */
  runId: string;
  notificationId: string;
  workflow: string;
  recipientId: string;
  /** The workflows that led here by their notify steps, the first one first; empty for the call itself. */
  via: string[];
  /** The list through which the person is reached; `null` when named. */
  list: string | null;
  /** It waits in reality already, for a batch that a simulated run joins. */
  existing: boolean;
  status: RunStatus;
  /** When it would go on, for one that still waits at the end of the simulation. */
  wakeAt: Date | null;
  failure: RunState["failure"] | null;
  steps: CourseStep[];
  messages: CourseMessage[];
}

/** What a call would lead to. Nothing of it has happened. */
export interface Simulation {
  /** When the call is made. */
  at: Date;
  workflow: string;
  /** People that the call reaches. */
  total: number;
  /** Those of them that were gone through. */
  simulated: number;
  warnings: Warning[];
  /** Run by run: those of the call first, then those that steps of these start. */
  courses: Course[];
  /** What was taken for granted of the world outside, each once. */
  assumed: string[];
  /** What was left out because it was too much, each once. */
  omitted: string[];
  /** All of it for people to read. */
  text: string;
}
