// Channels are known by their keys here, and by UUIDs to clients of the hosted product.
import { hash } from "node:crypto";
import { isId } from "../../base/ids.ts";
import type { Channel } from "../../channels/channel.ts";
import type { EngineContext } from "../../engine/engine.ts";
import { RestError } from "./route.ts";

type Known = Pick<EngineContext, "channels" | "channelIds">;

/** The UUID of a channel that `channelIds` of the config does not name: the same for the same key, everywhere. */
function derivedChannelId(key: string): string {
  const hex = hash("sha256", `knock channel\0${key}`);
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The UUID by which clients know a channel: that of `channelIds`, else one made of the key. */
export function channelIdOf({ channelIds }: Pick<Known, "channelIds">, key: string): string {
  const named = Object.entries(channelIds).find(([, known]) => known === key);
  return named?.[0].toLowerCase() ?? derivedChannelId(key);
}

/**
 * The key of the channel that a client means: by the key itself, by a UUID of `channelIds`, or by the one made of the key.
 * `null` when no channel is meant.
 */
export function channelKeyOf({ channels, channelIds }: Known, given: string): string | null {
  if (channels.has(given)) return given;
  if (!isId(given)) return null;
  const id = given.toLowerCase();
  const named = Object.entries(channelIds).find(([uuid]) => uuid.toLowerCase() === id)?.[1];
  if (named !== undefined) return channels.has(named) ? named : null;
  return [...channels.keys()].find((key) => derivedChannelId(key) === id) ?? null;
}

/** The channel that a client means. Refuses with 404 `channel_invalid`. */
export function requireChannel(known: Known, given: string): Channel {
  const key = channelKeyOf(known, given);
  if (key !== null) return known.channels.get(key)!;
  throw new RestError(404, {
    code: "channel_invalid",
    message: "There is no such channel. See `channelIds` in the config.",
  });
}

/**
 * The key of the in-app channel that a client means; where there is exactly one, every other UUID means it too, so that a
 * feed needs no configuration. `null` when none is meant.
 */
export function feedChannelKeyOf(known: Known, given: string): string | null {
  const feeds = [...known.channels.values()].filter(({ type }) => type === "inApp");
  const key = channelKeyOf(known, given);
  const meant = key === null && isId(given) && feeds.length === 1 ? feeds[0] : feeds.find((feed) => feed.key === key);
  return meant?.key ?? null;
}

/** The in-app channel that a client means: see `feedChannelKeyOf`. Refuses with 404 `channel_invalid`. */
export function requireFeedChannel(known: Known, given: string): Channel {
  const key = feedChannelKeyOf(known, given);
  if (key !== null) return known.channels.get(key)!;
  throw new RestError(404, {
    code: "channel_invalid",
    message: "There is no such in-app channel. See `channelIds` in the config.",
  });
}
