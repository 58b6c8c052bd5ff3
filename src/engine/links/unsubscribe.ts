// What a link to unsubscribe is about, and what a click on it does.
import { applyPreferenceChange } from "../../definition/merge-preference-sets.ts";
import {
  channelTypeNames,
  type PreferenceDetails,
  type PreferenceEntry,
  type PreferenceSet,
} from "../../definition/preference-set.ts";
import { existingUsers } from "../../store/users.ts";
import { setPreferences, userPreferences } from "../directory/preferences.ts";
import type { EngineContext } from "../engine.ts";
import {
  type CompiledPreferences,
  compilePreferences,
  decidePreferences,
  mergedPreferences,
  type PreferenceLayers,
} from "../preferences.ts";
import { countingSet } from "./counting-set.ts";
import type { UnsubscribeLink } from "./token.ts";

type Asking = Pick<EngineContext, "database" | "clock" | "registry" | "archived" | "channels" | "preferences">;

/** Where a link to unsubscribe stands. */
export interface Subscription {
  /** What the messages are called: the workflow's name, or its key where it is gone. */
  name: string;
  /** It is about everything commercial, not about one workflow. */
  commercial: boolean;
  /** Whether the messages may come, as far as this switch goes. */
  subscribed: boolean;
  /** Whether the person can turn it: not of what is required, nor where a tenant or the project has decided. */
  changeable: boolean;
}

/** A link with what it is about now. */
interface About {
  link: UnsubscribeLink;
  context: Asking;
  name: string;
  required: boolean;
  /** As the workflow is now, so that a click always ends its messages; as it was, when it is gone. */
  commercial: boolean;
  layers: PreferenceLayers;
  /** The keys of the channels of the link's type. */
  channels: string[];
}

async function lookUp(context: Asking, link: UnsubscribeLink): Promise<About> {
  const { workflow, userId, tenantId, channelType } = link;
  const structure = (context.registry().get(workflow) ?? context.archived.find(workflow))?.structure;
  return {
    link,
    context,
    name: structure?.name ?? workflow,
    required: structure?.required ?? false,
    commercial: structure?.commercial ?? link.commercial,
    layers: (await userPreferences(context, userId, tenantId)).layers,
    channels: [...context.channels.values()].filter(({ type }) => type === channelType).map(({ key }) => key),
  };
}

const compiledOf = ({ link }: About, layers: PreferenceLayers): CompiledPreferences =>
  compilePreferences(layers, link.tenantId !== null);

/** Conditions read what comes with a message, so here they hold. */
function isSubscribed(about: About, layers: PreferenceLayers = about.layers): boolean {
  const compiled = compiledOf(about, layers);
  if (about.commercial) return mergedPreferences(compiled).set.commercialSubscribed !== false;
  const { link, channels, context } = about;
  const workflow = { key: link.workflow, categories: [], required: false, commercial: false };
  const now = context.clock.now();
  return (channels.length > 0 ? channels : [""]).some((key) =>
    decidePreferences(compiled, { workflow, channel: { key, type: link.channelType }, scope: {}, now })
      .entries.filter(({ entry }) => entry.startsWith("workflows."))
      .every(({ value }) => value !== false),
  );
}

/** The entry of a workflow with one channel type turned. One switch for everything becomes one for each type. */
function turned(said: PreferenceEntry | undefined, { link, channels }: About, on: boolean): PreferenceDetails {
  const others = typeof said === "boolean" ? Object.fromEntries(channelTypeNames.map((type) => [type, said])) : {};
  // Where a channel has an entry of its own, its type is not asked.
  const own = typeof said === "object" ? channels.filter((key) => Object.hasOwn(said.channels ?? {}, key)) : [];
  return {
    channelTypes: { ...others, [link.channelType]: on },
    ...(own.length > 0 && { channels: Object.fromEntries(own.map((key) => [key, on])) }),
  };
}

/** The change that turns the switch, and the set that it is for. */
function changeTo(about: About, on: boolean) {
  const { link, layers } = about;
  const { userId, tenantId, workflow } = link;
  // Always read from the person's own set first, whatever the tenant.
  if (about.commercial) return { of: { userId }, preferences: { commercialSubscribed: on } satisfies PreferenceSet };
  const said = mergedPreferences(compiledOf(about, layers)).set.workflows;
  const entry = turned(said && Object.hasOwn(said, workflow) ? said[workflow] : undefined, about, on);
  const preferences: PreferenceSet = { workflows: { [workflow]: entry } };
  return { of: countingSet(layers, userId, tenantId), preferences };
}

function standing(about: About): Subscription {
  const { name, commercial, required, layers } = about;
  const subscribed = isSubscribed(about);
  const { of, preferences } = changeTo(about, !subscribed);
  const member = "tenantId" in of ? "recipientTenant" : "recipient";
  const after = { ...layers, [member]: applyPreferenceChange(layers[member] ?? null, preferences, "merge") };
  return { name, commercial, subscribed, changeable: !required && isSubscribed(about, after) !== subscribed };
}

/** Where the link stands. Of someone who is gone nothing is known, so everything is on. */
export const subscriptionOf = async (context: Asking, link: UnsubscribeLink): Promise<Subscription> =>
  standing(await lookUp(context, link));

/**
 * Ends the messages that the link is about, or lets them come again. Commercial ones: all of them, in the person's own
 * set. Others: those of the workflow on the link's channel type, in the set that counts for the tenant. Nothing is
 * written where it is so already, where the person cannot turn it, and about people who do not exist (any more).
 */
export async function subscribe(context: Asking, link: UnsubscribeLink, on: boolean): Promise<Subscription> {
  const about = await lookUp(context, link);
  const before = standing(about);
  if (before.subscribed === on || !before.changeable) return before;
  const outcome =
    (await existingUsers(context.database.db, [link.userId])).size > 0
      ? await setPreferences(context, { ...changeTo(about, on), mode: "MERGE" })
      : { ok: true as const };
  if (!outcome.ok) throw outcome.error;
  return { ...before, subscribed: on };
}
