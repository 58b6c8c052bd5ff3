// How sets of preferences combine. One rule serves both the decision about a message, which looks up
// single entries, and the merged document that people see.
import type {
  ChannelPreference,
  ChannelPreferences,
  ChannelTypeName,
  ChannelTypePreferences,
  MergeStrategy,
  PreferenceDetails,
  PreferenceEntry,
  PreferenceSet,
  TopChannels,
  TopChannelTypes,
} from "./preference-set.ts";

/** A set with the name of the layer it comes from. Layers are listed from the highest to the lowest. */
export interface PreferenceLayer<Name extends string = string> {
  name: Name;
  set: PreferenceSet;
}

/** A value with the layer that gave it. */
export interface Contribution<Name extends string, Value> {
  layer: Name;
  value: Value;
}

/** The layers that speak about one entry, after the rules of precedence; the highest first. */
export interface Contributions<Name extends string, Value> {
  parts: readonly Contribution<Name, Value>[];
  /** A lower layer said `replace` and thereby silenced a higher one. */
  overrules: boolean;
}

/** A merged set, and where each of its values comes from. */
export interface MergedPreferences<Name extends string> {
  set: PreferenceSet;
  /** The layer of each value, such as `{ path: ["categories", "comments", "channelTypes", "email"], layer: "tenant" }`. */
  origins: { path: string[]; layer: Name }[];
}

type Sections = "workflows" | "categories";
type Strategic = { __strategy__?: MergeStrategy };
type Origins<Name extends string> = MergedPreferences<Name>["origins"];

/** A member that the object itself has: a category may be called `constructor`. */
const own = <Value>(object: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined =>
  object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;

const isReplace = (value: object | boolean): boolean =>
  typeof value === "object" && (value as Strategic).__strategy__ === "replace";

/**
 * The layers that count for one entry. From the lowest up: objects add to each other, `true` or
 * `false` on either side means that the higher one counts alone, and nothing counts above `replace`.
 */
export function contributionsTo<Name extends string, Value extends object | boolean>(
  layers: readonly PreferenceLayer<Name>[],
  pick: (set: PreferenceSet) => Value | undefined,
): Contributions<Name, Value> {
  let parts: Contribution<Name, Value>[] = [];
  let replaced = false;
  for (let index = layers.length - 1; index >= 0; index--) {
    const { name: layer, set } = layers[index]!;
    const value = pick(set);
    if (value === undefined) continue;
    if (replaced) return { parts, overrules: true };
    const whole = typeof value === "boolean" || typeof parts[0]?.value === "boolean";
    parts = whole ? [{ layer, value }] : [{ layer, value }, ...parts];
    replaced = isReplace(value);
  }
  return { parts, overrules: false };
}

/** The highest of the contributions that has the wanted part. */
export function highest<Name extends string, Value, Part>(
  parts: readonly Contribution<Name, Value>[],
  pick: (value: Value) => Part | undefined,
): Contribution<Name, Part> | null {
  for (const { layer, value } of parts) {
    const part = pick(value);
    if (part !== undefined) return { layer, value: part };
  }
  return null;
}

/** What the layers say about one workflow or category. */
export const entryOf = <Name extends string>(
  layers: readonly PreferenceLayer<Name>[],
  section: Sections,
  key: string,
): Contributions<Name, PreferenceEntry> => contributionsTo(layers, (set) => own(set[section], key));

/** The preference about one channel type. */
export const channelTypeIn = (
  types: ChannelTypePreferences | undefined,
  type: ChannelTypeName,
): ChannelPreference | undefined => (types !== undefined && Object.hasOwn(types, type) ? types[type] : undefined);

/** The preference about one channel; the marker `__strategy__` is none. */
export function channelIn(
  channels: ChannelPreferences | TopChannels | undefined,
  key: string,
): ChannelPreference | undefined {
  const value = own<ChannelPreference | MergeStrategy>(channels, key);
  return typeof value === "string" ? undefined : value;
}

/**
 * Merges sets, from the highest to the lowest, into one document. Overruled values are replaced by
 * what overrules them, with its marker, and nothing is lost: the sets themselves are not altered.
 */
export function mergePreferenceSets<Name extends string>(
  layers: readonly PreferenceLayer<Name>[],
): MergedPreferences<Name> {
  const origins: Origins<Name> = [];
  const set: PreferenceSet = {};
  for (const section of ["workflows", "categories"] as const) {
    if (!layers.some((layer) => layer.set[section])) continue;
    const keys = keysOf(layers, (layer) => layer[section]);
    set[section] = Object.fromEntries(
      keys.map((key) => [key, mergeEntry(entryOf(layers, section, key).parts, [section, key], origins)]),
    );
  }
  const types = contributionsTo(layers, (layer) => layer.channelTypes).parts;
  if (types.length > 0) set.channelTypes = mergeTop(types, ["channelTypes"], origins);
  const channels = contributionsTo(layers, (layer) => layer.channels).parts;
  if (channels.length > 0) set.channels = mergeTop(channels, ["channels"], origins);
  const commercial = highest(asParts(layers), (layer) => layer.commercialSubscribed);
  if (commercial) {
    set.commercialSubscribed = commercial.value;
    origins.push({ path: ["commercialSubscribed"], layer: commercial.layer });
  }
  return { set, origins };
}

const asParts = <Name extends string>(layers: readonly PreferenceLayer<Name>[]) =>
  layers.map(({ name, set }) => ({ layer: name, value: set }));

function keysOf<Name extends string>(
  layers: readonly PreferenceLayer<Name>[],
  pick: (set: PreferenceSet) => object | undefined,
): string[] {
  return [...new Set(layers.toReversed().flatMap(({ set }) => Object.keys(pick(set) ?? {})))];
}

const marker = (parts: readonly Contribution<string, object | boolean>[]): Strategic =>
  parts.some(({ value }) => isReplace(value)) ? { __strategy__: "replace" } : {};

function mergeEntry<Name extends string>(
  parts: readonly Contribution<Name, PreferenceEntry>[],
  path: string[],
  origins: Origins<Name>,
): PreferenceEntry {
  const [top] = parts;
  if (!top || typeof top.value === "boolean") {
    if (top) origins.push({ path, layer: top.layer });
    return top?.value ?? true;
  }
  const details = parts as readonly Contribution<Name, PreferenceDetails>[];
  const merged: PreferenceDetails = marker(parts);
  const before = origins.length;
  for (const member of ["channelTypes", "channels"] as const) {
    const maps = details.flatMap(({ layer, value }) => (value[member] ? [{ layer, value: value[member] }] : []));
    if (maps.length > 0) merged[member] = mergeMaps(maps, [...path, member], origins);
  }
  const conditions = highest(details, (entry) => entry.conditions);
  if (conditions) {
    merged.conditions = conditions.value;
    origins.push({ path: [...path, "conditions"], layer: conditions.layer });
  }
  if (origins.length === before) origins.push({ path, layer: top.layer });
  return merged;
}

function mergeTop<Name extends string>(
  parts: readonly Contribution<Name, TopChannelTypes | TopChannels>[],
  path: string[],
  origins: Origins<Name>,
) {
  return { ...mergeMaps(parts, path, origins), ...marker(parts) };
}

/** Key by key, the highest wins; the keys of the lowest come first. */
function mergeMaps<Name extends string>(
  parts: readonly Contribution<Name, ChannelTypePreferences | ChannelPreferences | TopChannels>[],
  path: string[],
  origins: Origins<Name>,
): ChannelPreferences {
  const merged = new Map<string, Contribution<Name, ChannelPreference>>();
  for (const { layer, value: map } of parts.toReversed()) {
    for (const [key, value] of Object.entries(map)) {
      if (typeof value !== "string") merged.set(key, { layer, value });
    }
  }
  return Object.fromEntries(
    [...merged].map(([key, { layer, value }]) => {
      origins.push({ path: [...path, key], layer });
      return [key, value];
    }),
  );
}

/**
 * What is stored after a change. `replace` stores the change as it is; `merge` lays it over the
 * present document key by key, where `"__strategy__": "merge"` switches a stored `replace` off.
 * The result may be larger than either: check it with `preferenceSetSchema` before storing it.
 */
export function applyPreferenceChange(
  current: PreferenceSet | null,
  change: PreferenceSet,
  strategy: MergeStrategy,
): PreferenceSet {
  return strategy === "replace" || !current ? change : (overlay(current, change, 0) as PreferenceSet);
}

/** The levels that merge: the sections, their entries, the maps of an entry, their values. Conditions are replaced whole. */
const LEVELS = 4;

function overlay(current: unknown, change: unknown, level: number): unknown {
  const lists = Array.isArray(current) || Array.isArray(change);
  if (level >= LEVELS || lists || typeof current !== "object" || typeof change !== "object") return change;
  const merged = new Map<string, unknown>(Object.entries(current ?? {}));
  for (const [key, value] of Object.entries(change ?? {})) {
    merged.set(key, merged.has(key) ? overlay(merged.get(key), value, level + 1) : value);
  }
  return Object.fromEntries(merged);
}
