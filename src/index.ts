// The authors' and the library's surface.
export { createKnock, type Knock, type KnockOptions, type NotifyOptions, type ScheduleOptions } from "./knock.ts";
export { defineConfig, type Config } from "./registry/config.ts";
export { workflow, workflowFor, type Workflow, type WorkflowHandle } from "./definition/workflow.ts";
export type { Chain, FragmentNeeds } from "./definition/fragment.ts";
export { openOn, type Opening, type SendWindow } from "./definition/send-window.ts";
export type { Length, Window, WindowRule, WindowValue } from "./definition/window.ts";
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
} from "./definition/scope.ts";
export type { Duration } from "./base/duration.ts";
export type { Weekday } from "./base/weekday.ts";
export { liquid } from "./definition/content.ts";
export { code } from "./definition/code.ts";
export { ref, type Ref } from "./definition/refs.ts";
export * from "./definition/condition-builders.ts";
export type { PreferenceSet } from "./definition/preference-set.ts";
export { defineProvider } from "./channels/provider.ts";
export { bounced, delivered, outcomeOfResponse, rateLimited, rejected, retry, sent } from "./channels/outcome.ts";
export { env } from "./channels/env.ts";
export { consoleProvider } from "./channels/providers/console.ts";
export { inApp } from "./channels/providers/in-app.ts";
export { KnockError, type ErrorCode, type Issue } from "./base/errors.ts";
export type { NotifyCall, NotifyOutcome, UserInput } from "./engine/notify-call.ts";
