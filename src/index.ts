// The authors' and the library's surface.
export { createKnock, type Knock, type KnockOptions, type NotifyOptions, type ScheduleOptions } from "./knock.ts";
export { defineConfig, type Config } from "./registry/config.ts";
export * from "./definition/author.ts";
export { defineProvider } from "./channels/provider.ts";
export { bounced, delivered, outcomeOfResponse, rateLimited, rejected, retry, sent } from "./channels/outcome.ts";
export { env } from "./channels/env.ts";
export { consoleProvider } from "./channels/providers/console.ts";
export { inApp } from "./channels/providers/in-app.ts";
export { KnockError, type ErrorCode, type Issue } from "./base/errors.ts";
export { signUserToken, type SignUserTokenOptions } from "./engine/viewer/sign-user-token.ts";
export type { NotifyCall, NotifyOutcome, UserInput } from "./engine/notify-call.ts";
export type { Assumptions, Simulation, SimulateOptions } from "./engine/simulate/contract.ts";
