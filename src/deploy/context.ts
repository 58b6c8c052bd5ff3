// What deploys work with, and what they come to.
import type { Clock } from "../base/clock.ts";
import type { KnockError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { ChannelKey } from "../registry/compile-context.ts";
import type { Registry } from "../registry/registry.ts";
import type { Database } from "../store/database.ts";
import type { DeployPlan } from "./plan/plan.ts";

/** What deploys work with, chosen by the composition root. */
export interface DeployContext {
  database: Database;
  clock: Clock;
  logger: Logger;
  /** The ways out that the config of the environment has. */
  channels: readonly ChannelKey[];
  /** Public halves of Ed25519 keys; with any, only what one of them signed is accepted. */
  publicKeys: readonly string[];
  /** The GraphQL schema of a registry, as text. */
  sdlOf(registry: Registry): string;
}

/** What became of a deploy. Refused, nothing was written. */
export type DeployOutcome =
  /** `id` is `null` when nothing differed, and nothing was written. */
  { ok: true; id: string | null; plan: DeployPlan } | { ok: false; error: KnockError; plan: DeployPlan | null };
