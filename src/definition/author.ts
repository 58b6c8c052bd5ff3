// What a workflow's file may import from knock. A bundle of a workflow holds this and nothing else of knock.
export { workflow, workflowFor, type Workflow, type WorkflowHandle } from "./workflow.ts";
export type { Chain, FragmentNeeds } from "./fragment.ts";
export { openOn, type Opening, type SendWindow } from "./send-window.ts";
export type { Length, Window, WindowRule, WindowValue } from "./window.ts";
export type {
  Activity,
  BatchResult,
  ChannelResult,
  CohortResult,
  Failure,
  FetchResult,
  NotifyResult,
  Person,
  PlainResult,
  ThrottleResult,
  WaitResult,
} from "./scope.ts";
export type { Duration } from "../base/duration.ts";
export type { Weekday } from "../base/weekday.ts";
export { liquid } from "./content.ts";
export { code } from "./code.ts";
export { ref, type Ref } from "./refs.ts";
export * from "./condition-builders.ts";
export type { PreferenceSet } from "./preference-set.ts";
