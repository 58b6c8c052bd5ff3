// Which channels of the project a new workflow goes through.
import { nearest } from "../../base/nearest.ts";
import { type ChannelType, channelTypes } from "../../channels/messages.ts";
import type { Config } from "../../registry/config.ts";
import type { NewStep } from "./workflow-files.ts";

/** Either the steps, or in words why there are none. */
export type Chosen = { ok: true; steps: NewStep[] } | { ok: false; problem: string };

type Channels = Config["channels"];

const isType = (text: string): text is ChannelType => (channelTypes as readonly string[]).includes(text);

const ofType = (channels: Channels, type: ChannelType): string[] =>
  Object.entries(channels).flatMap(([key, { channel }]) => (channel === type ? [key] : []));

function stepFor(channels: Channels, wanted: string): NewStep | string {
  const own = Object.hasOwn(channels, wanted) ? channels[wanted] : undefined;
  if (own) return { type: own.channel, channel: wanted, named: ofType(channels, own.channel).length > 1 };
  if (isType(wanted)) {
    const [key, ...others] = ofType(channels, wanted);
    if (key === undefined) return `the config has no channel of type ${wanted}`;
    if (others.length > 0) return `there are several ${wanted} channels: ${[key, ...others].join(", ")}`;
    return { type: wanted, channel: key, named: false };
  }
  const names = [...Object.keys(channels), ...channelTypes];
  const near = nearest(wanted, names);
  const known = Object.keys(channels).join(", ");
  return `there is no channel "${wanted}"; ${near ? `did you mean ${near}?` : `the config has ${known}`}`;
}

/** The steps for channels named by key or by type, in this order, each once. */
export function chooseChannels(channels: Channels, wanted: readonly string[]): Chosen {
  const steps: NewStep[] = [];
  for (const one of wanted) {
    const step = stepFor(channels, one);
    if (typeof step === "string") return { ok: false, problem: step };
    if (!steps.some(({ channel }) => channel === step.channel)) steps.push(step);
  }
  return { ok: true, steps };
}

/** The channel that costs nobody anything: the feed, else the first. */
export function usualChannel(channels: Channels): string | null {
  const keys = Object.keys(channels);
  return keys.find((key) => channels[key]?.channel === "inApp") ?? keys[0] ?? null;
}
