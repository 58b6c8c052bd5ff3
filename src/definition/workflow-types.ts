// What the chain knows in types alone.
import type { ChannelResult, Failure, Scope } from "./scope.ts";

/** What the steps of one workflow have in common, as types. */
export interface WorkflowTypes {
  key: string;
  /** The data as a caller gives it. */
  input: object;
  /** The data as the steps see it: parsed, defaults applied. */
  data: object;
  /** The properties of users. */
  properties: object;
  /** What the steps see of a failure: nothing, but in those of `onFailure`. */
  failure: Failure | null;
}

/** What the functions of the next step read. */
export type ScopeOf<T extends WorkflowTypes, Steps> = Scope<T["data"], T["properties"], Steps, T["failure"]>;

/** A ref that no step before has. */
export type NewRef<Ref extends string, Steps> = Ref extends keyof Steps
  ? `A step "${Ref}" exists already: give this one another ref.`
  : Ref;

/** Steps that ran only on some ways: their results may be missing afterwards. */
export type Optional<Before, After> = Before & { [Ref in Exclude<keyof After, keyof Before>]?: After[Ref] };

type MessagesAmong<Steps> = {
  [Ref in keyof Steps]-?: NonNullable<Steps[Ref]> extends ChannelResult ? Ref : never;
}[keyof Steps] &
  string;

/** The refs of the steps that make a message. */
export type MessageRefs<Steps> = [MessagesAmong<Steps>] extends [never]
  ? "No step before this one makes a message."
  : MessagesAmong<Steps>;

/** The types of a workflow in the steps of `onFailure`. */
export interface AfterFailure<T extends WorkflowTypes> extends WorkflowTypes {
  key: T["key"];
  input: T["input"];
  data: T["data"];
  properties: T["properties"];
  failure: Failure;
}
