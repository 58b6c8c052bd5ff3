// Links in messages on a developer's own machine: they open the pages of this very server, without any set-up.
import { randomBytes } from "node:crypto";
import { KnockError } from "../base/errors.ts";
import { type Environment, resolveEnv } from "../channels/env.ts";
import type { Knock } from "../knock.ts";
import type { Config } from "../registry/config.ts";
import { keptSecret } from "./kept-secret.ts";

const NAME = "link-secret";
const SECRET_BYTES = 32;

/** Whether the config says where links lead: not where only production has the variables. */
function saysWhere({ links }: Config, environment: Environment): boolean {
  if (!links) return false;
  try {
    for (const value of [links.url, ...links.secrets]) resolveEnv(value, environment);
    return true;
  } catch (error) {
    if (KnockError.is(error, "INVALID_CONFIG")) return false;
    throw error;
  }
}

/** How development does without links in the config. */
export interface DevelopmentLinks {
  /** The config, with links of this machine unless it has some. */
  config: Config;
  /** To be called once it is known where the server answers. */
  answersAt(knock: Knock, url: string): void;
}

/** A config whose links lead to this machine, signed with a secret that is kept in a folder. For `knock dev` alone. */
export function withDevelopmentLinks(
  config: Config,
  { directory, environment }: { directory: string; environment: Environment },
): DevelopmentLinks {
  if (saysWhere(config, environment)) return { config, answersAt: () => {} };
  const secret = keptSecret(directory, NAME, () => randomBytes(SECRET_BYTES).toString("base64url"));
  return {
    config: { ...config, links: { url: "http://localhost", secrets: [secret] } },
    answersAt({ engine }, url) {
      engine.context.links!.url = url;
    },
  };
}
