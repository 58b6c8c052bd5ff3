// The key that signs user tokens on a developer's own machine, so that trying things out needs no set-up.
import { KnockError } from "../base/errors.ts";
import { type Environment, isEnvReference, resolveEnv } from "../channels/env.ts";
import { createTokenKeys, publicHalfOf } from "../engine/viewer/keys.ts";
import type { Config } from "../registry/config.ts";
import { keptSecret } from "./kept-secret.ts";

/** The variable that holds the private half of the key that signs user tokens. */
export const TOKEN_KEY_VARIABLE = "KNOCK_USER_TOKEN_KEY";

const NAME = "user-token-key";

/** The private half of the development key in a folder, made when there is none. */
export const developmentKey = (directory: string): string =>
  keptSecret(directory, NAME, () => createTokenKeys().privateKey);

/** What the config names, without the variables that only production has. */
function setKeys({ endUsers }: Config, environment: Environment): string[] {
  return (endUsers?.publicKeys ?? []).flatMap((key) => {
    try {
      return [resolveEnv(key, environment)];
    } catch (error) {
      if (isEnvReference(key) && KnockError.is(error, "INVALID_CONFIG")) return [];
      throw error;
    }
  });
}

/** A config that also accepts what `knock tokens sign` signs on this machine. For `knock dev` alone. */
export function withDevelopmentKeys(
  config: Config,
  { directory, environment }: { directory: string; environment: Environment },
): Config {
  const given = environment[TOKEN_KEY_VARIABLE];
  const own = [developmentKey(directory), ...(given ? [given] : [])].map(publicHalfOf);
  return { ...config, endUsers: { ...config.endUsers, publicKeys: [...setKeys(config, environment), ...own] } };
}
