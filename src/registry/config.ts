// What this deployment runs. A config is plain data without secrets: `env()` is a reference that is
// resolved at start and never printed.
import type { z } from "zod";
import type { Duration } from "../base/duration.ts";
import type { EnvReference } from "../channels/env.ts";
import type { Provider } from "../channels/provider.ts";
import type { PreferenceSet } from "../definition/preference-set.ts";
import type { WorkflowHandle } from "../definition/workflow.ts";

/** The workflows of a project: usually the module `workflows/index.ts` itself. */
export type WorkflowModule = Record<string, WorkflowHandle>;

/** A place to deploy to: a running server, or a database. */
export interface EnvironmentConfig {
  /** Address of a running server; needs `apiKey`. */
  url?: string;
  /** A key with the scope `deploy`. */
  apiKey?: EnvReference;
  /** PostgreSQL URL, when there is no `url`. */
  database?: string | EnvReference;
  /** Private half of an Ed25519 key with which what is deployed there is signed. */
  signingKey?: EnvReference;
}

/** What a deployment is made of. */
export interface Config<Workflows extends WorkflowModule = WorkflowModule> {
  /** `import * as workflows from "./workflows/index.ts"`. */
  workflows: Workflows;
  /** The properties of users beside name, e-mail and the like. Types `recipient` in the workflows. */
  users?: z.ZodObject;
  /** PostgreSQL URL. Default: `DATABASE_URL`, and without that the embedded database in `.knock/`. */
  database?: string | EnvReference;
  /** The ways out, by key: `{ mail: smtp({ … }) }`. A step uses the only channel of its type unless it names one. */
  channels: Record<string, Provider>;
  /** The preferences of people who have said nothing. Default: everything is on. */
  preferences?: PreferenceSet;
  /** What a call with invalid data does: refuse it, or send with the data as given and warn. Default: `reject`. */
  onInvalidData?: "reject" | "warn";
  /**
   * Where servers and workers take the workflows from: what `knock sync` deployed, or their own checkout, for teams
   * that deploy images. `knock dev` always works from the files. Default: `deployed` for `knock start` and `knock
   * worker`, `local` for `createKnock`.
   */
  content?: "deployed" | "local";
  deploy?: {
    /**
     * Public halves of Ed25519 keys (PEM, or one line of base64). With any, only artifacts are accepted and run that
     * one of them signed. Make a pair with `knock keys signing`.
     */
    publicKeys?: readonly string[];
  };
  /** The places that `knock sync --env NAME` deploys to. Without the option: this config's own database. */
  environments?: Record<string, EnvironmentConfig>;
  /** What people reach from their own browsers and phones: their feeds and preferences. */
  endUsers?: {
    /**
     * Public halves (PEM, or one line of base64) of the RSA or P-256 keys that sign user tokens. While keys change, both
     * count. Make a pair with `knock tokens keys`.
     */
    publicKeys: readonly (string | EnvReference)[];
    /**
     * Origins of the pages that may call from a browser, such as `https://app.example.com`. Default: `*`, all, as callers
     * are known by their tokens and never by cookies. A server without keys allows pages of its own machine alone.
     */
    origins?: readonly string[] | "*";
  };
  /** Links in messages that need no login: the page of preferences, and unsubscribing with one click. */
  links?: {
    /** Where people reach the server: `https://notify.example.com`. */
    url: string | EnvReference;
    /** At least 32 characters. With several the first one signs, and links that any of them signed are taken. */
    secrets: readonly (string | EnvReference)[];
  };
  /** For clients of the hosted product: channel ids as they know them, with the key of the channel here. */
  channelIds?: Readonly<Record<string, string>>;
  /** IANA zone of people and tenants that have none. Default: `Etc/UTC`. */
  timezone?: string;
  /** What the fetch steps may reach. */
  fetch?: {
    /** Private and loopback addresses too, which a workflow could otherwise be made to read. Default: `false`. */
    allowPrivateAddresses?: boolean;
  };
  idempotency?: {
    /** How long a key stays used. Default and minimum: `7d`. */
    retention?: Duration;
  };
  /** What is deleted when it is old. Default: nothing, everything is kept for ever. Minimum of each: `1d`. */
  retention?: {
    /**
     * Age at which notifications go, with their runs and decisions. One with a run that still waits, or with an
     * activity in an open batch, is kept until that is over.
     */
    runs?: Duration;
    /** Age at which messages go, from the feed too, with their delivery attempts. Default: as `runs`. */
    messages?: Duration;
  };
}

/**
 * The configuration of a project, the default export of `knock.config.ts`.
 *
 * @example
 * export default defineConfig({
 *   workflows,
 *   channels: { feed: inApp(), mail: smtp({ url: env("SMTP_URL"), from: "hello@example.com" }) },
 * });
 */
export const defineConfig = <const Workflows extends WorkflowModule>(config: Config<Workflows>): Config<Workflows> =>
  config;
