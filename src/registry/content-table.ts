// The content of a workflow as deployed: what renders each slot. Unlike the structure it is never
// stored; a run that wakes uses the content of the process that executes it.
import type { z } from "zod";
import type { Json } from "../base/canonical-json.ts";
import type { ChannelKind } from "../definition/steps/channel.ts";
import type { ToMarkup } from "./react.ts";

/** What fills one slot. */
export type ContentSource =
  | { kind: "value"; value: Json }
  | { kind: "liquid"; template: string }
  | { kind: "code"; render: (scope: never) => unknown; toMarkup?: ToMarkup | undefined };

/** The kinds of step that have content slots and make no message. */
export type CallKind = "fetch" | "updateUser" | "notify";

/** The kinds of step that have content slots. */
export type ContentKind = ChannelKind | CallKind;

/** The sources of one step's slots. The kind tells it from another step that has taken over the ref. */
export interface StepContent {
  kind: ContentKind;
  sources: Readonly<Record<string, ContentSource>>;
}

/** The sources of a workflow: slots by step ref, decisions in code by label. */
export interface ContentTable {
  slots: ReadonlyMap<string, StepContent>;
  codes: ReadonlyMap<string, (scope: never) => boolean>;
  /** What answers of fetch steps are parsed with, by ref. */
  schemas: ReadonlyMap<string, z.ZodType>;
}
