import { type Issue, KnockError } from "../../base/errors.ts";
import type { JsonObject } from "../../base/canonical-json.ts";
import { nearest } from "../../base/nearest.ts";
import { mergePreferenceSets, applyPreferenceChange } from "../../definition/merge-preference-sets.ts";
import { type PreferenceSet, preferenceSetSchema } from "../../definition/preference-set.ts";
import { waysOf, type ChannelStep, type Step, type Structure } from "../../registry/structure.ts";
import type { Executor } from "../../store/executor.ts";
import { changePreferenceSet, loadPreferenceLayers, type PreferenceSetKey } from "../../store/preference-sets.ts";
import { findTenants } from "../../store/tenants.ts";
import { findUsers } from "../../store/users.ts";
import type { EngineContext } from "../engine.ts";
import { compilePreferences, decidePreferences, type LayerName, type PreferenceLayers } from "../preferences.ts";
import { isChannel } from "../run-scope.ts";
import { channelFor } from "../steps/channel.ts";
import { attempt, type Directory, type InTransaction, invalid, type Outcome } from "./directory.ts";

/** What is to be stored of preferences. */
export interface PreferencesChange {
  /** A user's own set (`tenantId` absent or null), a user's set for a tenant, or a tenant's default. */
  of: PreferenceSetKey;
  /** `REPLACE` stores the set as it is, `MERGE` lays it over the present one. Default: `REPLACE`. */
  mode?: "REPLACE" | "MERGE";
  preferences: unknown;
  /** What `MERGE` lays the set over while there is none. Default: an empty one. */
  begin?: PreferenceSet | null;
}

/** Everything wrong with a preference set, each with its path. */
export function preferenceIssues(document: unknown): Issue[] {
  const issues = preferenceSetSchema.safeParse(document).error?.issues ?? [];
  return issues.map(({ path, message, code }) => ({
    path: ["preferences", ...path.map((part) => (typeof part === "symbol" ? String(part) : part))],
    message,
    code: code ?? "custom",
  }));
}

/**
 * Stores a preference set. Errors: `INVALID_INPUT` with the path of each problem.
 *
 * @example await setPreferences(directory, { of: { userId: "user_1" }, preferences: { channelTypes: { email: false } } })
 */
export async function setPreferences(
  directory: Directory,
  { of, mode = "REPLACE", preferences, begin = null }: PreferencesChange,
  options: InTransaction = {},
): Promise<Outcome<{ preferences: PreferenceSet }>> {
  const subject = "The preference set";
  const issues = preferenceIssues(preferences);
  if (issues.length > 0) return invalid(subject, issues);
  const change = preferenceSetSchema.parse(preferences);
  return attempt(directory, options, async (db) => {
    const stored = await changePreferenceSet(
      db,
      of,
      (present) => {
        const next = applyPreferenceChange(present ?? begin, change, mode === "MERGE" ? "merge" : "replace");
        // Two sets that are small enough may be too large together.
        const excess = preferenceIssues(next);
        if (excess.length > 0) throw new KnockError("INVALID_INPUT", { issues: excess, subject });
        return next;
      },
      directory.clock.now(),
    );
    return { preferences: stored };
  });
}

/** One of the sets that take part, from the highest to the lowest. */
export interface AppliedSet {
  layer: LayerName;
  preferences: PreferenceSet;
}

/** What holds for a user: the sets that take part and their sum. */
export interface UserPreferences {
  userId: string;
  tenantId: string | null;
  sets: AppliedSet[];
  /** The sets merged: what counts. */
  preferences: PreferenceSet;
  layers: PreferenceLayers;
}

type Asking = Pick<EngineContext, "database" | "clock" | "registry" | "channels" | "preferences">;

/** The preferences of a user, for messages that belong to a tenant when one is given. Unknown users have the defaults. */
export async function userPreferences(
  context: Asking,
  userId: string,
  tenantId: string | null,
): Promise<UserPreferences> {
  const found = await loadPreferenceLayers(context.database.db, [userId], tenantId);
  const layers: PreferenceLayers = {
    ...found.recipients.get(userId),
    tenant: found.tenant,
    environment: context.preferences,
  };
  const sets = compilePreferences(layers, tenantId !== null).layers.map(({ name, set }) => ({
    layer: name,
    preferences: set,
  }));
  const preferences = mergePreferenceSets(sets.map(({ layer, preferences: set }) => ({ name: layer, set }))).set;
  return { userId, tenantId, sets, preferences, layers };
}

/** Whether one channel step of a workflow would reach the user, as far as preferences go. */
export interface PreferenceVerdict {
  step: string;
  channel: string | null;
  channelType: ChannelStep["kind"];
  allowed: boolean;
  reason: string;
  /** The set that decided; `null` when nothing is set. */
  layer: LayerName | null;
  /** Where in that set: `categories.comments.channelTypes.email`. */
  entry: string | null;
}

const makesMessages = (step: Step): step is ChannelStep => isChannel(step.kind);

const channelSteps = (steps: readonly Step[]): ChannelStep[] =>
  steps.flatMap((step) => [...(makesMessages(step) ? [step] : []), ...waysOf(step).flatMap(channelSteps)]);

/** The question that each channel step of a workflow asks of preferences. */
export function channelQuestions(structure: Structure, channels: EngineContext["channels"]) {
  return channelSteps(structure.steps).map((step) => {
    const channel = channelFor(step, channels)?.key ?? null;
    // A step without a channel is asked about by its type alone: no set can name its key.
    return { step, channel, question: { workflow: structure, channel: { key: channel ?? "", type: step.kind } } };
  });
}

async function scopeFor(
  db: Executor,
  { userId, tenantId }: UserPreferences,
  asked: { structure: Structure; data: JsonObject },
) {
  const { key, name } = asked.structure;
  const user = (await findUsers(db, [userId])).get(userId);
  const tenant = tenantId === null ? null : ((await findTenants(db, [tenantId])).get(tenantId) ?? { id: tenantId });
  const { properties, channelData: _private, ...person } = user ?? { id: userId };
  return {
    data: asked.data,
    recipient: { ...properties, ...person, membership: null },
    actor: null,
    tenant,
    workflow: { key, name },
    steps: {},
  };
}

/** The verdict of the preferences for every channel step of a workflow, with the set that decided. Errors: `UNKNOWN_WORKFLOW`. */
export async function explainPreferences(
  context: Asking,
  preferences: UserPreferences,
  question: { workflow: string; data?: JsonObject | null | undefined },
): Promise<Outcome<{ verdicts: PreferenceVerdict[] }>> {
  const registry = context.registry();
  const workflow = registry.get(question.workflow);
  if (!workflow) {
    const { workflow: key } = question;
    return {
      ok: false,
      error: new KnockError("UNKNOWN_WORKFLOW", { workflow: key, nearest: nearest(key, registry.keys()) }),
    };
  }
  const { structure } = workflow;
  const compiled = compilePreferences(preferences.layers, preferences.tenantId !== null);
  const scope = await scopeFor(context.database.db, preferences, { structure, data: question.data ?? {} });
  const now = context.clock.now();
  const questions = channelQuestions(structure, context.channels);
  const verdicts = questions.map(({ step, channel, question: asked }): PreferenceVerdict => {
    const decision = decidePreferences(compiled, { ...asked, scope, now });
    const { layer = null, entry = null } = decision.decidedBy ?? {};
    return {
      step: step.ref,
      channel,
      channelType: step.kind,
      allowed: decision.allowed,
      reason: decision.reason,
      layer,
      entry,
    };
  });
  return { ok: true, verdicts };
}
