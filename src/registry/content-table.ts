// The content of a workflow as deployed: what renders each slot. Unlike the structure it is never
// stored; a run that wakes uses the content of the process that executes it.
import type { Json } from "../base/canonical-json.ts";
import type { ChannelKind } from "../definition/steps/channel.ts";

/** What fills one slot. */
export type ContentSource =
  | { kind: "value"; value: Json }
  | { kind: "liquid"; template: string }
  | { kind: "code"; render: (scope: never) => unknown };

/** The sources of one step's slots. The kind tells it from another step that has taken over the ref. */
export interface StepContent {
  kind: ChannelKind;
  sources: Readonly<Record<string, ContentSource>>;
}

/** The sources of a workflow: slots by step ref, decisions in code by label. */
export interface ContentTable {
  slots: ReadonlyMap<string, StepContent>;
  codes: ReadonlyMap<string, (scope: never) => boolean>;
}
