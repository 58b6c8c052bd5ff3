import { KnockError } from "../base/errors.ts";
import type { Environment } from "./env.ts";
import type { ChannelType } from "./messages.ts";
import type { Provider } from "./provider.ts";

/** A configured way out: a key of the config, and the provider behind it. */
export interface Channel<Type extends ChannelType = ChannelType> {
  readonly key: string;
  readonly type: Type;
  readonly provider: Provider<Type>;
  /** Messages are rendered and stored, but never handed to the provider. */
  readonly sandbox: boolean;
}

/** The channels of a config, by key. */
export type Channels = Readonly<Record<string, Channel>>;

/**
 * The channels of a config, ready to send: the type of each comes from its provider, environment
 * references are resolved. With `sandbox` nothing leaves; the feed is stored all the same.
 *
 * @example resolveChannels({ feed: inApp(), mail: smtp({ url: env("SMTP_URL"), from }) }, { environment: process.env })
 * @throws KnockError INVALID_CONFIG with the problems of all channels at once.
 */
export function resolveChannels(
  providers: Readonly<Record<string, Provider>>,
  { environment, sandbox = false }: { environment: Environment; sandbox?: boolean },
): Channels {
  const problems: string[] = [];
  const channels: Record<string, Channel> = {};
  for (const [key, provider] of Object.entries(providers)) {
    try {
      const type = provider.channel;
      channels[key] = { key, type, provider: provider.resolve(environment), sandbox: sandbox && type !== "inApp" };
    } catch (error) {
      if (!KnockError.is(error, "INVALID_CONFIG")) throw error;
      problems.push(`channel "${key}": ${error.details.problem}`);
    }
  }
  if (problems.length > 0) {
    throw new KnockError("INVALID_CONFIG", {
      problem: problems.join("; "),
      fix: "Set the variables and correct the options under `channels` in knock.config.ts.",
    });
  }
  return channels;
}

/** Gives back the connections of all channels; call it at shutdown. */
export async function closeChannels(channels: Channels): Promise<void> {
  await Promise.all(Object.values(channels).map(({ provider }) => provider.close()));
}
