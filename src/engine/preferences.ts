// Whether a recipient wants a message. Pure: the sets, the workflow and the channel go in, the
// decision and its reason come out.
import type { Condition } from "../definition/conditions.ts";
import { evaluate, type Verdict } from "../definition/evaluate.ts";
import {
  channelIn,
  channelTypeIn,
  contributionsTo,
  entryOf,
  highest,
  mergePreferenceSets,
  type Contribution,
  type MergedPreferences,
  type PreferenceLayer,
} from "../definition/merge-preference-sets.ts";
import type {
  ChannelPreference,
  ChannelTypeName,
  PreferenceDetails,
  PreferenceEntry,
  PreferenceSet,
} from "../definition/preference-set.ts";

/** Whose set it is. */
export type LayerName = "recipient" | "recipientTenant" | "tenant" | "environment";

/** The sets that exist for one recipient. */
export type PreferenceLayers = {
  /** The recipient's own. */
  recipient?: PreferenceSet | null | undefined;
  /** The recipient's own for the tenant of the notification. */
  recipientTenant?: PreferenceSet | null | undefined;
  /** The tenant's default. */
  tenant?: PreferenceSet | null | undefined;
  /** The default of the whole environment, from the config. */
  environment?: PreferenceSet | null | undefined;
};

/** The sets that take part, from the highest to the lowest. Made once per recipient, used for each channel step. */
export interface CompiledPreferences {
  layers: readonly PreferenceLayer<LayerName>[];
  /** The sets that may speak about commercial messages: the recipient's own always does. */
  commercial: readonly PreferenceLayer<LayerName>[];
}

/** The question for one channel step. */
export interface PreferenceQuestion {
  workflow: {
    key: string;
    categories: readonly string[];
    /** Nobody can opt out. */
    required: boolean;
    /** Needs the commercial subscription. */
    commercial: boolean;
  };
  channel: { key: string; type: ChannelTypeName };
  /** What conditions read; after a batch, the data of its first activity. */
  scope: unknown;
  now: Date;
}

/** One entry of the merged set that applies to the question. */
export interface AppliedEntry {
  /** Where it stands: `categories.comments.channelTypes.email`. */
  entry: string;
  layer: LayerName;
  value: ChannelPreference;
  allowed: boolean;
  /** In words: `category "comments" is off for email in the recipient's set`. */
  reason: string;
}

/** Whether the message may be made, and why. */
export interface PreferenceDecision {
  allowed: boolean;
  /** One sentence that names the entry and the set that decided. */
  reason: string;
  /** The entry that blocks, or else the first that allows; `null` when nothing is set or preferences do not apply. */
  decidedBy: { layer: LayerName; entry: string } | null;
  /** Every entry that applies, the blocking ones among them. */
  entries: readonly AppliedEntry[];
  /** The references that conditions of these entries read, each with its value. */
  values: Readonly<Record<string, unknown>>;
}

const always = (reason: string): PreferenceDecision =>
  Object.freeze({ allowed: true, reason, decidedBy: null, entries: Object.freeze([]), values: Object.freeze({}) });

const unset = always("no preference is set, so everything is on");
const silent = always("no preference speaks about this workflow and channel, so it is on");
const overridden = always("the workflow is required, so preferences do not apply");

const setNames: Record<LayerName, string> = {
  recipient: "the recipient's set",
  recipientTenant: "the recipient's set for this tenant",
  tenant: "the tenant's default set",
  environment: "the environment's default set",
};

const nothing: CompiledPreferences = Object.freeze({ layers: Object.freeze([]), commercial: Object.freeze([]) });

function present(layers: PreferenceLayers, names: readonly LayerName[]): PreferenceLayer<LayerName>[] {
  const found: PreferenceLayer<LayerName>[] = [];
  for (const name of names) {
    const set = layers[name];
    if (set) found.push({ name, set });
  }
  return found;
}

/**
 * Chooses the sets that take part. With a tenant that has a set, or for which the recipient has one:
 * recipient's set for the tenant, tenant, environment. Otherwise: recipient, environment.
 */
export function compilePreferences(layers: PreferenceLayers, hasTenant: boolean): CompiledPreferences {
  const byTenant = hasTenant && Boolean(layers.recipientTenant ?? layers.tenant);
  if (!byTenant) {
    if (!layers.recipient && !layers.environment) return nothing;
    const found = present(layers, ["recipient", "environment"]);
    return { layers: found, commercial: found };
  }
  return {
    layers: present(layers, ["recipientTenant", "tenant", "environment"]),
    commercial: present(layers, ["recipient", "tenant", "environment"]),
  };
}

/** The set that counts, as one document: what the layers say together, and where each value comes from. */
export function mergedPreferences({ layers, commercial }: CompiledPreferences): MergedPreferences<LayerName> {
  const { set, origins } = mergePreferenceSets(layers.map(({ name, set: whole }) => ({ name, set: general(whole) })));
  const flag = commercialOf(commercial);
  if (!flag) return { set, origins };
  const origin = { path: ["commercialSubscribed"], layer: flag.layer };
  return { set: { ...set, commercialSubscribed: flag.value }, origins: [...origins, origin] };
}

const general = ({ commercialSubscribed: _flag, ...set }: PreferenceSet): PreferenceSet => set;

const commercialOf = (layers: CompiledPreferences["commercial"]): Contribution<LayerName, ChannelPreference> | null =>
  highest(
    layers.map(({ name, set }) => ({ layer: name, value: set })),
    (set) => set.commercialSubscribed,
  );

/** A question under way: what applies so far. */
interface Hearing {
  question: PreferenceQuestion;
  entries: AppliedEntry[];
  values: Record<string, unknown>;
}

/** Where a value stands, and how a sentence calls it: `category "comments" is off for email`. */
interface Place {
  entry: string;
  subject: string;
  /** Which part of the subject, such as ` for email`. */
  part: string;
  /** The value silences a higher set. */
  overrules: boolean;
}

/**
 * Decides one channel step. A required workflow is always allowed; else every entry that applies must
 * allow: the commercial subscription, the workflow's, each category's, and the channel's.
 */
export function decidePreferences(compiled: CompiledPreferences, question: PreferenceQuestion): PreferenceDecision {
  const { workflow } = question;
  if (workflow.required) return overridden;
  if (compiled.layers.length === 0) return unset;
  const hearing: Hearing = { question, entries: [], values: {} };
  if (workflow.commercial) hearCommercial(compiled, hearing);
  hearEntry(compiled, hearing, { section: "workflows", key: workflow.key, subject: `workflow "${workflow.key}"` });
  for (const key of workflow.categories) {
    hearEntry(compiled, hearing, { section: "categories", key, subject: `category "${key}"` });
  }
  hearChannel(compiled, hearing);
  const { entries, values } = hearing;
  const deciding = entries.find(({ allowed }) => !allowed) ?? entries[0];
  if (!deciding) return silent;
  const { layer, entry, allowed, reason } = deciding;
  return { allowed, reason, decidedBy: { layer, entry }, entries, values };
}

/**
 * Decides one channel step from the sets that exist: `compilePreferences` and `decidePreferences` in
 * one call, for a recipient of whom only one step is asked.
 *
 * @example evaluatePreferences({ layers: { recipient: { channelTypes: { email: false } } }, hasTenant: false, … }).allowed
 */
export const evaluatePreferences = ({
  layers,
  hasTenant,
  ...question
}: PreferenceQuestion & { layers: PreferenceLayers; hasTenant: boolean }): PreferenceDecision =>
  decidePreferences(compilePreferences(layers, hasTenant), question);

function hearCommercial({ commercial }: CompiledPreferences, hearing: Hearing): void {
  const found = commercialOf(commercial);
  const place = { entry: "commercialSubscribed", subject: "the commercial subscription", part: "", overrules: false };
  if (found) hear(hearing, found, place);
}

function hearEntry(
  { layers }: CompiledPreferences,
  hearing: Hearing,
  { section, key, subject }: { section: "workflows" | "categories"; key: string; subject: string },
): void {
  const { parts, overrules } = entryOf(layers, section, key);
  const [top] = parts;
  if (!top) return;
  const place: Place = { entry: `${section}.${key}`, subject, part: "", overrules };
  if (isSwitch(top)) return hear(hearing, top, place);
  const details = parts as readonly Contribution<LayerName, PreferenceDetails>[];
  const conditions = highest(details, (entry) => entry.conditions);
  if (conditions) {
    const value = { conditions: conditions.value };
    hear(hearing, { layer: conditions.layer, value }, { ...place, entry: `${place.entry}.conditions` });
  }
  const { channel } = hearing.question;
  const byKey = highest(details, (entry) => channelIn(entry.channels, channel.key));
  const found = byKey ?? highest(details, (entry) => channelTypeIn(entry.channelTypes, channel.type));
  const at = spoken(channel, byKey !== null);
  if (found) hear(hearing, found, { ...place, entry: `${place.entry}.${at.entry}`, part: ` for ${at.name}` });
}

/** The channel for everything. Its own entry decides alone where there is one; else that of its type. */
function hearChannel({ layers }: CompiledPreferences, hearing: Hearing): void {
  const { channel } = hearing.question;
  const channels = contributionsTo(layers, (set) => set.channels);
  const byKey = highest(channels.parts, (map) => channelIn(map, channel.key));
  const types = contributionsTo(layers, (set) => set.channelTypes);
  const found = byKey ?? highest(types.parts, (map) => channelTypeIn(map, channel.type));
  const { entry, name } = spoken(channel, byKey !== null);
  const { overrules } = byKey ? channels : types;
  if (found) hear(hearing, found, { entry, subject: name, part: "", overrules });
}

const spoken = ({ key, type }: PreferenceQuestion["channel"], byKey: boolean): { entry: string; name: string } =>
  byKey
    ? { entry: `channels.${key}`, name: `channel "${key}"` }
    : { entry: `channelTypes.${type}`, name: type === "inApp" ? "in-app" : type };

const isSwitch = (part: Contribution<LayerName, PreferenceEntry>): part is Contribution<LayerName, boolean> =>
  typeof part.value === "boolean";

/** Adds one value to what applies: a switch as it is, conditions as they hold now. */
function hear(hearing: Hearing, { layer, value }: Contribution<LayerName, ChannelPreference>, place: Place): void {
  const { entry, subject, part, overrules } = place;
  const verdict = typeof value === "boolean" ? null : judge(value.conditions, hearing);
  const allowed = verdict ? verdict.holds : value === true;
  const set = `${setNames[layer]}${overrules ? ", which overrules higher sets" : ""}`;
  const why = verdict ? ` by a condition in ${set}: ${verdict.reason}` : ` in ${set}`;
  hearing.entries.push({
    entry,
    layer,
    value,
    allowed,
    reason: `${subject} is ${allowed ? "on" : "off"}${part}${why}`,
  });
}

function judge(conditions: Condition[], { question, values }: Hearing): Verdict {
  const verdict = evaluate({ op: "all", of: conditions }, question.scope, { now: question.now });
  Object.assign(values, verdict.values);
  return verdict;
}
