// What a settings page shows of a person's preferences. Everything is plain data.
import type { KnockError } from "../../base/errors.ts";
import type { FeedConnection, FeedResult } from "../feed/types.ts";
import type { Message } from "../types.ts";

/** One switch of a settings page. */
export interface PreferenceSwitch {
  channelType: Message["channelType"];
  /** Its position: on where nothing is set. */
  enabled: boolean;
  /** Whether messages come this way, everything taken together: a workflow on, its category off. */
  effective: boolean;
  /** A condition decides from message to message. */
  conditional: boolean;
  /** Whether the person can change it: not what is required, nor what others have decided. */
  changeable: boolean;
}

/** One row of a settings page: a workflow or a category. */
export interface PreferenceRow {
  /** Key of the workflow, or name of the category. */
  key: string;
  name: string;
  description: string | null;
  /** Nobody can opt out. */
  required: boolean;
  switches: readonly PreferenceSwitch[];
}

/** The rows of a settings page. */
export interface PreferenceGrid {
  workflows: readonly PreferenceRow[];
  categories: readonly PreferenceRow[];
}

/** A switch that is turned. */
export interface PreferenceChange {
  section: "workflows" | "categories";
  /** Of the row. */
  key: string;
  channelType: PreferenceSwitch["channelType"];
  enabled: boolean;
}

/** All that a settings page shows at one moment; see `FeedStatus` for the meaning of `status`. */
export interface PreferencesState {
  status: "loading" | "ready" | "offline" | "failed";
  /** With changes that are still on their way; `null` before it is known. */
  grid: PreferenceGrid | null;
  saving: boolean;
  error: KnockError | null;
}

/** What `createPreferences` takes. */
export interface PreferencesOptions extends FeedConnection {
  /** For messages that belong to this tenant. */
  tenant?: string | undefined;
}

/** A person's preferences as a store. */
export interface PreferencesStore {
  /** What is shown now: the same object until something changes. */
  getSnapshot(): PreferencesState;
  /** Calls back after each change. The first subscriber makes the store read. */
  subscribe(listener: () => void): () => void;
  /** Turns a switch. What is shown changes at once, and changes back when the server refuses. */
  set(change: PreferenceChange): Promise<FeedResult>;
  /** Reads everything again. */
  refresh(): Promise<FeedResult>;
}
