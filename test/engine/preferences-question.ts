// One question about preferences, of which each test changes what it is about.
import { evaluatePreferences, type PreferenceLayers, type PreferenceQuestion } from "../../src/engine/preferences.ts";

/** The instant of every question. */
export const now = new Date("2026-03-01T12:00:00.000Z");
export const email = { key: "ses", type: "email" } as const;
export const inApp = { key: "feed", type: "inApp" } as const;

/** What differs from the usual question. */
export interface Asked {
  hasTenant?: boolean;
  workflow?: Partial<PreferenceQuestion["workflow"]>;
  channel?: PreferenceQuestion["channel"];
  scope?: unknown;
}

/** The decision about e-mail of workflow "new-comment" in the categories "comments" and "social". */
export function ask(
  layers: PreferenceLayers,
  { hasTenant = false, workflow, channel = email, scope = {} }: Asked = {},
) {
  const about = {
    key: "new-comment",
    categories: ["comments", "social"],
    required: false,
    commercial: false,
    ...workflow,
  };
  return evaluatePreferences({ layers, hasTenant, workflow: about, channel, scope, now });
}

/** Whether it is allowed. */
export const allowed = (layers: PreferenceLayers, asked?: Asked) => ask(layers, asked).allowed;
