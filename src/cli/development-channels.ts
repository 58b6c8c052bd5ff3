// The channels of a process in development: nothing leaves the machine unless somebody says so.
import { type Channel, resolveChannels } from "../channels/channel.ts";
import type { Environment } from "../channels/env.ts";
import { consoleProvider } from "../channels/providers/console.ts";
import type { Config } from "../registry/config.ts";

/** The config's channels with every external one printing instead of sending. The feed is stored as ever. */
export function printingChannels(providers: Config["channels"], write: (block: string) => void): Map<string, Channel> {
  const channels = Object.entries(providers).map(([key, configured]): [string, Channel] => {
    const type = configured.channel;
    const provider = type === "inApp" ? configured : consoleProvider(type, { write });
    return [key, { key, type, provider, sandbox: false }];
  });
  return new Map(channels);
}

/** The config's channels as they are. */
export const sendingChannels = (providers: Config["channels"], environment: Environment): Map<string, Channel> =>
  new Map(Object.entries(resolveChannels(providers, { environment })));
