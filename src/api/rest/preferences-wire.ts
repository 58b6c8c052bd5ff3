// Sets of preferences, between the names that clients know and ours: types of channels, ids of channels, conditions.
import type { z } from "zod";
import type { Issue } from "../../base/errors.ts";
import { mapEntries } from "./map-entries.ts";
import type {
  ChannelPreference,
  ChannelTypeName,
  PreferenceEntry,
  PreferenceSet,
  TopChannels,
  TopChannelTypes,
} from "../../definition/preference-set.ts";
import { channelIdOf, channelKeyOf } from "./channel-id.ts";
import { conditionFromWire, conditionToWire } from "./conditions-wire.ts";
import { invalidParam, invalidParams, issuesOf } from "./errors.ts";
import type { RestContext } from "./route.ts";
import {
  type channelTypesRequest,
  type entryRequest,
  preferenceSetRequest,
  type preferenceSetShape,
  type switchRequest,
} from "./shapes/preference-set.ts";

type Path = Issue["path"];
type Context = Pick<RestContext, "engine">;

/** `REPLACE` puts a set in the place of what is stored, `MERGE` lays it over that. */
export type PreferenceMode = "REPLACE" | "MERGE";

type WireSwitch = z.output<typeof switchRequest>;
type WireEntry = z.output<typeof entryRequest>;
type WireChannelTypes = z.output<typeof channelTypesRequest>;
type WireSet = z.output<typeof preferenceSetShape>;

const channelTypes: Readonly<Record<string, ChannelTypeName>> = {
  email: "email",
  in_app_feed: "inApp",
  sms: "sms",
  push: "push",
  chat: "chat",
  http: "webhook",
};

const wireTypes = new Map(Object.entries(channelTypes).map(([wire, own]) => [own, wire]));

const STRATEGY = "__strategy__";

function conditionsFrom(given: { variable: string; operator: string; argument?: unknown }[], path: Path) {
  return given.map(({ variable, operator, argument = null }, index) => {
    const text = typeof argument === "string" || argument === null ? argument : JSON.stringify(argument);
    return conditionFromWire({ variable, operator, argument: text }, [...path, "conditions", index]);
  });
}

/** A switch of a client as ours. Refuses with 422. */
export const switchFromWire = (given: WireSwitch, path: Path): ChannelPreference =>
  typeof given === "boolean" ? given : { conditions: conditionsFrom(given.conditions, path) };

/** Types of channels of a client as ours. Refuses with 422. */
export const channelTypesFromWire = (
  { [STRATEGY]: strategy, ...given }: WireChannelTypes,
  path: Path,
): TopChannelTypes => ({
  ...mapEntries(given, (name, value) =>
    value === undefined ? null : [channelTypes[name]!, switchFromWire(value, [...path, name])],
  ),
  ...(strategy && { [STRATEGY]: strategy }),
});

function channelsFrom(
  { engine: { context } }: Context,
  given: Record<string, WireSwitch | "merge" | "replace">,
  path: Path,
): TopChannels {
  return mapEntries(given, (id, value): [string, TopChannels[string]] => {
    if (id === STRATEGY && typeof value === "string") return [id, value];
    const key = channelKeyOf(context, id);
    if (key === null) throw invalidParam([...path, id], "There is no such channel.", "channel_invalid");
    if (typeof value === "string") throw invalidParam([...path, id], "true, false or { conditions }", "invalid_type");
    return [key, switchFromWire(value, [...path, id])];
  });
}

/** An entry of a client as ours. Refuses with 422. */
export function entryFromWire(context: Context, given: WireEntry, path: Path): PreferenceEntry {
  if (typeof given === "boolean") return given;
  const { channel_types: types, channels, conditions, [STRATEGY]: strategy } = given;
  return {
    ...(types && { channelTypes: channelTypesFromWire(types, [...path, "channel_types"]) }),
    ...(channels && {
      channels: channelsFrom(context, channels, [...path, "channels"]) as Record<string, ChannelPreference>,
    }),
    ...(conditions && { conditions: conditionsFrom(conditions, path) }),
    ...(strategy && { [STRATEGY]: strategy }),
  };
}

/** Entries of a client as ours. Refuses with 422. */
export const entriesFromWire = (context: Context, given: Record<string, WireEntry>, path: Path) =>
  mapEntries(given, (name, value) => [name, entryFromWire(context, value, [...path, name])]);

/** A set of a client as ours, and whether it replaces. Refuses with 422. */
export function changeFromWire(
  context: Context,
  given: unknown,
  { path, mode }: { path: Path; mode: PreferenceMode },
): { preferences: PreferenceSet; mode: PreferenceMode } {
  const parsed = preferenceSetRequest.safeParse(given);
  if (!parsed.success) throw invalidParams(issuesOf(parsed.error, path));
  const { workflows, categories, channel_types: types, channels, commercial_subscribed: commercial } = parsed.data;
  const preferences: PreferenceSet = {
    ...(workflows && { workflows: entriesFromWire(context, workflows, [...path, "workflows"]) }),
    ...(categories && { categories: entriesFromWire(context, categories, [...path, "categories"]) }),
    ...(types && { channelTypes: channelTypesFromWire(types, [...path, "channel_types"]) }),
    ...(channels && { channels: channelsFrom(context, channels, [...path, "channels"]) }),
    ...(commercial != null && { commercialSubscribed: switchFromWire(commercial, [...path, "commercial_subscribed"]) }),
  };
  const { __persistence_strategy__: wanted } = parsed.data;
  return { preferences, mode: wanted === undefined ? mode : wanted === "merge" ? "MERGE" : "REPLACE" };
}

const switchToWire = (value: ChannelPreference) =>
  typeof value === "boolean" ? value : { conditions: value.conditions.map(conditionToWire) };

const typesToWire = ({ [STRATEGY]: strategy, ...types }: TopChannelTypes): WireSet["channel_types"] => ({
  ...mapEntries(types, (type, value) =>
    value === undefined ? null : [wireTypes.get(type as ChannelTypeName)!, switchToWire(value)],
  ),
  ...(strategy && { [STRATEGY]: strategy }),
});

const channelsToWire = ({ engine }: Context, channels: TopChannels): WireSet["channels"] =>
  mapEntries(channels, (key, value): [string, WireSet["channels"][string]] =>
    typeof value === "string" ? [key, value] : [channelIdOf(engine.context, key), switchToWire(value)],
  );

function entryToWire(context: Context, entry: PreferenceEntry): WireSet["workflows"][string] {
  if (typeof entry === "boolean") return entry;
  const { channelTypes: types, channels, conditions, [STRATEGY]: strategy } = entry;
  return {
    ...(types && { channel_types: typesToWire(types) }),
    ...(channels && { channels: channelsToWire(context, channels) }),
    ...(conditions && { conditions: conditions.map(conditionToWire) }),
    ...(strategy && { [STRATEGY]: strategy }),
  };
}

/** A set as clients know it. */
export function presentPreferences(context: Context, id: string, set: PreferenceSet): WireSet {
  const { workflows = {}, categories = {}, channelTypes: types = {}, channels = {}, commercialSubscribed } = set;
  return {
    id,
    workflows: mapEntries(workflows, (name, entry) => [name, entryToWire(context, entry)]),
    categories: mapEntries(categories, (name, entry) => [name, entryToWire(context, entry)]),
    channel_types: typesToWire(types),
    channels: channelsToWire(context, channels),
    commercial_subscribed: commercialSubscribed === undefined ? null : switchToWire(commercialSubscribed),
  };
}
