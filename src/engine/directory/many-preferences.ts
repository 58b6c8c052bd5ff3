// Preferences of many recipients, parts of a set, and all sets of one recipient.
import { KnockError } from "../../base/errors.ts";
import { applyPreferenceChange, mergePreferenceSets } from "../../definition/merge-preference-sets.ts";
import { type PreferenceSet, preferenceSetSchema } from "../../definition/preference-set.ts";
import { changePreferenceSets, findPreferenceSets, findTenantDefaults } from "../../store/many-preference-sets.ts";
import type { EngineContext } from "../engine.ts";
import { compilePreferences } from "../preferences.ts";
import { attempt, type Directory, type InTransaction, invalid, type Outcome } from "./directory.ts";
import { preferenceIssues } from "./preferences.ts";

const SUBJECT = "The preferences";

/** What is to be stored of the preferences of one recipient of many. */
export interface RecipientPreferencesChange {
  recipientId: string;
  /** `null` for the recipient's own set. */
  tenantId: string | null;
  preferences: PreferenceSet;
  mode: "REPLACE" | "MERGE";
}

/** A set as it may be stored. Throws `INVALID_INPUT`: two sets that are small enough may be too large together. */
function fitting(set: PreferenceSet): PreferenceSet {
  const issues = preferenceIssues(set);
  if (issues.length > 0) throw new KnockError("INVALID_INPUT", { issues, subject: SUBJECT });
  return set;
}

/** Stores sets of many recipients, all or none. Errors: `INVALID_INPUT`. */
export async function setManyPreferences(
  directory: Directory,
  changes: readonly RecipientPreferencesChange[],
  options: InTransaction = {},
): Promise<Outcome> {
  const documents = new Set(changes.map(({ preferences }) => preferences));
  const issues = [...documents].flatMap(preferenceIssues);
  if (issues.length > 0) return invalid(SUBJECT, issues);
  const parsed = new Map([...documents].map((document) => [document, preferenceSetSchema.parse(document)]));
  return attempt(directory, options, async (db) => {
    const wanted = changes.map(({ recipientId, tenantId, preferences, mode }) => ({
      userId: recipientId,
      tenantId,
      change: (stored: PreferenceSet | null) =>
        mode === "REPLACE"
          ? parsed.get(preferences)!
          : fitting(applyPreferenceChange(stored, parsed.get(preferences)!, "merge")),
    }));
    await changePreferenceSets(db, wanted, directory.clock.now());
    return {};
  });
}

/** Puts a part in the place of what a set has there. */
export interface PreferencePart {
  recipientId: string;
  tenantId: string | null;
  /** Given what is stored, gives what shall be. */
  change: (stored: PreferenceSet) => PreferenceSet;
}

/** Changes a part of a set. Errors: `INVALID_INPUT`. */
export const setPreferencePart = (
  directory: Directory,
  { recipientId, tenantId, change }: PreferencePart,
  options: InTransaction = {},
): Promise<Outcome> =>
  attempt(directory, options, async (db) => {
    const part = {
      userId: recipientId,
      tenantId,
      change: (stored: PreferenceSet | null) => fitting(change(stored ?? {})),
    };
    await changePreferenceSets(db, [part], directory.clock.now());
    return {};
  });

/** All sets of a recipient, each merged with the defaults below it; the recipient's own is always among them, first. */
export async function allPreferences(
  { database, preferences: environment }: Pick<EngineContext, "database" | "preferences">,
  recipientId: string,
): Promise<{ setId: string; preferences: PreferenceSet }[]> {
  const found = await findPreferenceSets(database.db, [recipientId]);
  const stored = new Map(found.map(({ setId, document }) => [setId, document]));
  const tenantIds = [...stored.keys()].filter((id) => id !== "default");
  const tenants = await findTenantDefaults(database.db, tenantIds);
  return ["default", ...tenantIds].map((setId) => {
    const isTenant = setId !== "default";
    const { layers } = compilePreferences(
      {
        recipient: stored.get("default"),
        recipientTenant: isTenant ? stored.get(setId) : null,
        tenant: tenants.get(setId),
        environment,
      },
      isTenant,
    );
    return { setId, preferences: mergePreferenceSets(layers).set };
  });
}
