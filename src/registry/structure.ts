// Structures: what a workflow does, as data. They are stored, hashed and compared; the content that
// people read is code and stays with the deploy.
import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { Condition } from "../definition/conditions.ts";
import type { ChannelKind } from "../definition/steps/channel.ts";

/** What a structure knows of a content slot: the fixed value, the template, or that it is code. */
export type SlotStructure = { text: string } | { json: Json } | { liquid: string } | "code";

/** A step that makes a message. */
export interface ChannelStep {
  kind: ChannelKind;
  ref: string;
  when: Condition | null;
  /** Key of the channel; `null` takes the only one of this type. */
  channel: string | null;
  slots: Record<string, SlotStructure>;
}

/** A pause: a number of milliseconds, or until the instant at a path. */
export interface DelayStep {
  kind: "delay";
  ref: string;
  when: Condition | null;
  wait: { for: number } | { until: string };
}

/** A choice between arms. */
export interface BranchStep {
  kind: "branch";
  ref: string;
  arms: { name: string; when: Condition; steps: Step[] }[];
  otherwise: Step[] | null;
}

/** A step of any kind. */
export type Step = ChannelStep | DelayStep | BranchStep;

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
}
