// Switches that a person turned on a settings page, as a change of preferences.
import type { ChannelTypeName, PreferenceSet } from "../../definition/preference-set.ts";
import type { PreferenceGrid, PreferenceSwitch } from "../directory/preference-grid.ts";
import { setPreferences } from "../directory/preferences.ts";
import { type Directory, inOneTransaction, type Outcome } from "../directory/directory.ts";
import type { PreferenceSetKey } from "../../store/preference-sets.ts";

/** Where a row of switches stands. */
export interface Row {
  section: "workflows" | "categories" | "channelTypes";
  /** The workflow or category; empty for everything. */
  key: string;
  switches: readonly PreferenceSwitch[];
}

/** A switch that was turned. */
export interface Turn {
  section: Row["section"];
  key: string;
  channelType: ChannelTypeName;
  enabled: boolean;
}

/** All rows of a grid. */
export const rowsOf = ({ workflows, categories, channelTypes }: PreferenceGrid): Row[] => [
  { section: "channelTypes", key: "", switches: channelTypes },
  ...categories.map(({ name, switches }): Row => ({ section: "categories", key: name, switches })),
  ...workflows.map(({ key, switches }): Row => ({ section: "workflows", key, switches })),
];

function entryOf({ section, key, switches }: Row, turns: readonly Turn[], { preferences }: PreferenceGrid) {
  const entries = section === "channelTypes" ? undefined : preferences[section];
  // One switch for a whole row becomes one for each channel type, or turning one would turn the others.
  const whole = entries !== undefined && Object.hasOwn(entries, key) && typeof entries[key] === "boolean";
  return Object.fromEntries(
    switches.flatMap(({ channelType, enabled, changeable, conditional }) => {
      const turn = turns.find((one) => one.channelType === channelType);
      if (turn) return changeable ? [[channelType, turn.enabled]] : [];
      return whole && !conditional ? [[channelType, enabled]] : [];
    }),
  );
}

/** The change that turns switches of a grid; those that cannot be turned, or are not there, stay. */
export function changeOf(grid: PreferenceGrid, turns: readonly Turn[]): PreferenceSet {
  const change: { [Section in Row["section"]]?: object } = {};
  for (const row of rowsOf(grid)) {
    const turned = turns.filter(({ section, key }) => section === row.section && key === row.key);
    if (turned.length === 0) continue;
    const channelTypes = entryOf(row, turned, grid);
    if (Object.keys(channelTypes).length === 0) continue;
    if (row.section === "channelTypes") change.channelTypes = channelTypes;
    else change[row.section] = { ...change[row.section], [row.key]: { channelTypes } };
  }
  return change as PreferenceSet;
}

/** What a person sends off on the page of preferences. */
export interface TurnedSwitches {
  /** The person's set that the switches are of. */
  of: PreferenceSetKey & { userId: string };
  turns: readonly Turn[];
  /** Whether commercial messages may come; `null` when that was not turned. */
  commercial: boolean | null;
}

/** Stores what was turned, all or nothing. Errors: `INVALID_INPUT` for a set that becomes too large. */
export async function turnSwitches(
  directory: Directory,
  grid: PreferenceGrid,
  { of, turns, commercial }: TurnedSwitches,
): Promise<Outcome> {
  const { userId } = of;
  return inOneTransaction(directory, {}, async (tx): Promise<Outcome> => {
    const preferences = changeOf(grid, turns);
    if (Object.keys(preferences).length > 0) {
      const outcome = await setPreferences(directory, { of, mode: "MERGE", preferences }, { tx });
      if (!outcome.ok) return outcome;
    }
    if (commercial === null || !grid.commercial?.changeable) return { ok: true };
    const change = { of: { userId }, mode: "MERGE" as const, preferences: { commercialSubscribed: commercial } };
    return setPreferences(directory, change, { tx });
  });
}
