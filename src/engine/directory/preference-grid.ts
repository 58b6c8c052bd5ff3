// Preferences as a settings page shows them: a row for each workflow and each category, a switch for each kind of
// channel in it. Positions of switches are computed by the same function that decides about messages.
import { applyPreferenceChange } from "../../definition/merge-preference-sets.ts";
import {
  type ChannelPreference,
  channelTypeNames,
  type ChannelTypeName,
  type ChannelTypePreferences,
  type PreferenceSet,
} from "../../definition/preference-set.ts";
import type { Structure } from "../../registry/structure.ts";
import type { EngineContext } from "../engine.ts";
import {
  type AppliedEntry,
  type CompiledPreferences,
  compilePreferences,
  decidePreferences,
  type LayerName,
  mergedPreferences,
  type PreferenceLayers,
  type PreferenceQuestion,
} from "../preferences.ts";
import type { Outcome } from "./directory.ts";
import { channelQuestions, type PreferencesChange, setPreferences, userPreferences } from "./preferences.ts";

/** One switch. */
export interface PreferenceSwitch {
  channelType: ChannelTypeName;
  /** Its position: what the sets say at this very place, on where they say nothing. */
  enabled: boolean;
  /** Whether messages come this way when everything is taken together: a row may be on, and its category off. */
  effective: boolean;
  /** A condition decides from message to message; `enabled` and `effective` are then as if it held. */
  conditional: boolean;
  /** Whether the person can change it: not of what is required, nor where a tenant or the project has decided. */
  changeable: boolean;
  /** Whose set gives the position; `null` when nothing is set. */
  layer: LayerName | null;
}

/** A workflow with the switches of the kinds of channel that its steps use. */
export interface WorkflowPreferences {
  key: string;
  name: string;
  description: string | null;
  categories: readonly string[];
  /** Nobody can opt out. */
  required: boolean;
  /** Needs the commercial subscription. */
  commercial: boolean;
  switches: PreferenceSwitch[];
}

/** A category with the switches of the kinds of channel that its workflows use. */
export interface CategoryPreferences {
  name: string;
  /** Keys of its workflows. */
  workflows: string[];
  switches: PreferenceSwitch[];
}

/** Whether commercial workflows may write. */
export type CommercialSwitch = Omit<PreferenceSwitch, "channelType">;

/** What a settings page draws. */
export interface PreferenceGrid {
  userId: string;
  tenantId: string | null;
  /** The sets merged: what counts. */
  preferences: PreferenceSet;
  /** By name. Workflows that make no messages are left out. */
  workflows: WorkflowPreferences[];
  /** By name. */
  categories: CategoryPreferences[];
  /** For everything: one for each kind of channel that workflows use. */
  channelTypes: PreferenceSwitch[];
  /** `null` when no workflow is commercial. */
  commercial: CommercialSwitch | null;
}

type Asking = Pick<EngineContext, "database" | "clock" | "registry" | "channels" | "preferences">;
type Channel = PreferenceQuestion["channel"];
type Workflow = PreferenceQuestion["workflow"];

/** The sets as they are, and as they would be after a change by the person. */
interface Sets {
  now: Date;
  present: CompiledPreferences;
  changed(change: PreferenceSet): CompiledPreferences;
}

/** A place where a switch stands. */
interface Place {
  channels: readonly Channel[];
  channelType: ChannelTypeName;
  /** Asks about this place and the channels for everything. */
  asked: Workflow;
  /** The section of the set in which it stands. */
  section: "workflows" | "categories" | "channelTypes";
  /** The change that puts it there. */
  change(enabled: boolean): PreferenceSet;
  /** All questions whose answer is whether messages come. */
  effective: readonly Workflow[];
}

const nothing: Workflow = { key: "", categories: [], required: false, commercial: false };

/** Conditions read what comes with a message, so here they hold. */
const isOn = (value: ChannelPreference): boolean => value !== false;

const ofSection = ({ entry }: AppliedEntry, section: Place["section"]): boolean =>
  section === "channelTypes"
    ? entry.startsWith("channelTypes.") || entry.startsWith("channels.")
    : entry.startsWith(`${section}.`);

const entriesFor = (
  compiled: CompiledPreferences,
  workflow: Workflow,
  { channel, now }: { channel: Channel; now: Date },
) => decidePreferences(compiled, { workflow, channel, scope: {}, now }).entries;

/** What stands at a place: that of the first channel which is on, for workflows with several of one kind. */
function positionOf(compiled: CompiledPreferences, { channels, asked, section }: Place, now: Date) {
  const found = channels.map((channel) => {
    const entries = entriesFor(compiled, asked, { channel, now }).filter((entry) => ofSection(entry, section));
    const deciding = entries.find(({ value }) => !isOn(value)) ?? entries[0];
    return {
      enabled: entries.every(({ value }) => isOn(value)),
      conditional: entries.some(({ value }) => typeof value !== "boolean"),
      layer: deciding?.layer ?? null,
    };
  });
  return found.find(({ enabled }) => enabled) ?? found[0]!;
}

function switchAt(place: Place, { present, changed, now }: Sets): PreferenceSwitch {
  const { channelType, channels, effective } = place;
  const position = positionOf(present, place, now);
  const turned = positionOf(changed(place.change(!position.enabled)), place, now);
  const comes = (workflow: Workflow) =>
    channels.some((channel) => entriesFor(present, workflow, { channel, now }).every(({ value }) => isOn(value)));
  return {
    channelType,
    ...position,
    effective: effective.some(comes),
    changeable: effective.some(({ required }) => !required) && turned.enabled !== position.enabled,
  };
}

/** A workflow with the channels that its steps use, by kind. */
interface Used {
  structure: Structure;
  channels: Map<ChannelTypeName, Channel[]>;
}

function usedBy({ registry, channels }: Asking): Used[] {
  return [...registry().values()]
    .map(({ structure }) => ({
      structure,
      channels: Map.groupBy(
        channelQuestions(structure, channels).map(({ question }) => question.channel),
        ({ type }) => type,
      ),
    }))
    .filter((used) => used.channels.size > 0)
    .toSorted((one, other) => compare(one.structure.name, other.structure.name));
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

const placesOf = (
  used: readonly Used[],
  about: Pick<Place, "asked" | "section"> & { at: (types: ChannelTypePreferences) => PreferenceSet },
) =>
  channelTypeNames.flatMap((channelType): Place[] => {
    const channels = used.flatMap((one) => one.channels.get(channelType) ?? []);
    if (channels.length === 0) return [];
    const effective = used.filter((one) => one.channels.has(channelType)).map(({ structure }) => structure);
    const change = (enabled: boolean) => about.at({ [channelType]: enabled });
    return [{ ...about, channelType, channels, effective, change }];
  });

function commercialSwitch(used: readonly Used[], { present, changed, now }: Sets): CommercialSwitch | null {
  const asked = used.filter(({ structure }) => structure.commercial);
  if (asked.length === 0) return null;
  const read = (compiled: CompiledPreferences) =>
    entriesFor(compiled, { ...nothing, commercial: true }, { channel: { key: "", type: "email" }, now }).find(
      ({ entry }) => entry === "commercialSubscribed",
    );
  const entry = read(present);
  const enabled = entry === undefined || isOn(entry.value);
  const turned = read(changed({ commercialSubscribed: !enabled }));
  return {
    enabled,
    effective: enabled,
    conditional: entry !== undefined && typeof entry.value !== "boolean",
    changeable:
      asked.some(({ structure }) => !structure.required) && turned !== undefined && isOn(turned.value) !== enabled,
    layer: entry?.layer ?? null,
  };
}

/** The person's own set that counts; that for a tenant begins as what counted there before. */
function ownSetFor(layers: PreferenceLayers, tenantId: string | null): PreferenceSet | null {
  if (tenantId === null) return layers.recipient ?? null;
  return layers.recipientTenant ?? (layers.tenant ? null : (layers.recipient ?? null));
}

function setsOf(layers: PreferenceLayers, tenantId: string | null, now: Date): Sets {
  const own = ownSetFor(layers, tenantId);
  return {
    now,
    present: compilePreferences(layers, tenantId !== null),
    changed(change) {
      // Commercial messages are asked of the person's own set alone, whatever the tenant.
      const set = applyPreferenceChange(own, change, "merge");
      const member = tenantId === null || change.commercialSubscribed !== undefined ? "recipient" : "recipientTenant";
      return compilePreferences({ ...layers, [member]: set }, tenantId !== null);
    },
  };
}

/**
 * What a settings page draws for a person, for messages that belong to a tenant when one is given. Unknown people have
 * the defaults. To turn one switch, store the whole row with `MERGE`, because a row may be one `false` in a set:
 * `{ workflows: { [key]: { channelTypes: { email: false, inApp: true } } } }`, without those that are conditional.
 *
 * @example const { workflows, categories } = await preferenceGrid(engine.context, "user_1", null);
 */
export async function preferenceGrid(
  context: Asking,
  userId: string,
  tenantId: string | null,
): Promise<PreferenceGrid> {
  const { layers } = await userPreferences(context, userId, tenantId);
  const sets = setsOf(layers, tenantId, context.clock.now());
  const used = usedBy(context);
  const draw = (places: readonly Place[]) => places.map((place) => switchAt(place, sets));
  const names = [...new Set(used.flatMap(({ structure }) => structure.categories))].toSorted(compare);
  return {
    userId,
    tenantId,
    preferences: mergedPreferences(sets.present).set,
    workflows: used.map((one) => {
      const { key, name, description, categories, required, commercial } = one.structure;
      const at = (channelTypes: ChannelTypePreferences) => ({ workflows: { [key]: { channelTypes } } });
      const switches = draw(placesOf([one], { asked: { ...nothing, key }, section: "workflows", at }));
      return { key, name, description, categories, required, commercial, switches };
    }),
    categories: names.map((name) => {
      const members = used.filter(({ structure }) => structure.categories.includes(name));
      const at = (channelTypes: ChannelTypePreferences) => ({ categories: { [name]: { channelTypes } } });
      const switches = draw(
        placesOf(members, { asked: { ...nothing, categories: [name] }, section: "categories", at }),
      );
      return { name, workflows: members.map(({ structure }) => structure.key), switches };
    }),
    channelTypes: draw(
      placesOf(used, {
        asked: nothing,
        section: "channelTypes",
        at: (channelTypes) => ({ channelTypes }),
      }),
    ),
    commercial: commercialSwitch(used, sets),
  };
}

/**
 * Stores what a person wants. The first change for a tenant that has no default set is laid over the person's own set,
 * which counted until then: whoever turns one switch finds the others as they were. Errors: `INVALID_INPUT`.
 *
 * @example await setOwnPreferences(engine.context, { userId: "user_1", tenantId: null }, { preferences })
 */
export async function setOwnPreferences(
  context: Asking,
  { userId, tenantId }: { userId: string; tenantId: string | null },
  change: Pick<PreferencesChange, "mode" | "preferences">,
): Promise<Outcome<{ preferences: PreferenceSet }>> {
  const begin =
    tenantId === null ? null : ownSetFor((await userPreferences(context, userId, tenantId)).layers, tenantId);
  return setPreferences(context, { ...change, of: { userId, tenantId }, begin });
}
