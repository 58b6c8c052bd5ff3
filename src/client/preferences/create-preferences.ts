// A person's preferences as a store: what the server told, with the switches over it that are being turned.
import { KnockError } from "../../base/errors.ts";
import { headingOf } from "../../base/names.ts";
import { refusalIn, type RefusedAnswer } from "../feed/refusal.ts";
import { createRequests } from "../feed/requests.ts";
import { mayPass, unreachable } from "../post.ts";
import type { FeedResult } from "../feed/types.ts";
import { READ, SET } from "./documents.ts";
import type {
  PreferenceChange,
  PreferenceGrid,
  PreferenceRow,
  PreferencesOptions,
  PreferencesState,
  PreferencesStore,
  PreferenceSwitch,
} from "./types.ts";

/** The grid as the server answers it: categories have no texts of their own. */
interface ServerGrid {
  workflows: PreferenceRow[];
  categories: { name: string; switches: PreferenceSwitch[] }[];
}

type SetAnswer = RefusedAnswer & { preferences?: ServerGrid };

const gridOf = ({ workflows, categories }: ServerGrid): PreferenceGrid => ({
  workflows,
  categories: categories.map(({ name, switches }) => ({
    key: name,
    name: headingOf(name),
    description: null,
    required: switches.length > 0 && switches.every(({ changeable, enabled }) => !changeable && enabled),
    switches,
  })),
});

const turned = (row: PreferenceRow, { channelType, enabled }: PreferenceChange): PreferenceRow => ({
  ...row,
  switches: row.switches.map((one) =>
    one.channelType === channelType ? { ...one, enabled, effective: enabled, conditional: false } : one,
  ),
});

const withChange = (grid: PreferenceGrid, change: PreferenceChange): PreferenceGrid => ({
  ...grid,
  [change.section]: grid[change.section].map((row) => (row.key === change.key ? turned(row, change) : row)),
});

/** `IN_APP` is `inApp` in a preference set. */
const inSet = (channelType: PreferenceSwitch["channelType"]) =>
  channelType === "IN_APP" ? "inApp" : channelType.toLowerCase();

/** The whole row: a set may hold one `false` for all of it, which a single switch would not undo. */
function rowInput(grid: PreferenceGrid, { section, key }: PreferenceChange): object {
  const row = grid[section].find((one) => one.key === key);
  const switches = (row?.switches ?? []).filter(({ changeable, conditional }) => changeable && !conditional);
  const channelTypes = Object.fromEntries(switches.map((one) => [inSet(one.channelType), one.enabled]));
  return { [section]: { [key]: { channelTypes } } };
}

const DONE: FeedResult = { ok: true };

class Preferences implements PreferencesStore {
  #state: PreferencesState = { status: "loading", grid: null, saving: false, error: null };
  #known: PreferenceGrid | null = null;
  #pending: readonly PreferenceChange[] = [];
  /** Rows are sent one after the other: each says what the whole row is by then. */
  #queue: Promise<unknown> = Promise.resolve();
  #asked = false;
  readonly #listeners = new Set<() => void>();
  readonly #requests;
  readonly #options: PreferencesOptions;

  constructor(options: PreferencesOptions) {
    this.#options = options;
    this.#requests = createRequests(options);
  }

  readonly getSnapshot = (): PreferencesState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    const own = () => listener();
    this.#listeners.add(own);
    if (!this.#asked) void this.refresh();
    return () => void this.#listeners.delete(own);
  };

  readonly refresh = async (): Promise<FeedResult> => {
    this.#asked = true;
    const { tenant } = this.#options;
    const answer = await this.#try(() =>
      this.#requests.send<{ viewer: { preferences: ServerGrid } }>(READ, { tenant }),
    );
    if (answer instanceof KnockError) {
      // The next subscriber asks again.
      this.#asked = false;
      this.#show({ status: mayPass(answer) ? "offline" : "failed", error: answer });
      return { ok: false, error: answer };
    }
    this.#known = gridOf(answer.viewer.preferences);
    this.#show({ status: "ready", error: null });
    return DONE;
  };

  readonly set = (change: PreferenceChange): Promise<FeedResult> => {
    this.#pending = [...this.#pending, change];
    this.#show({});
    const result = this.#queue.then(() => this.#send(change));
    this.#queue = result;
    return result;
  };

  async #send(change: PreferenceChange): Promise<FeedResult> {
    const { tenant } = this.#options;
    const answer = await this.#try(async () => {
      const preferences = this.#known ? rowInput(withChange(this.#known, change), change) : {};
      const input = { tenant, mode: "MERGE", preferences };
      const sent = await this.#requests.send<{ answer: SetAnswer }>(SET, { input });
      return sent.answer.preferences ?? refusalIn(sent.answer, "The preference set");
    });
    this.#pending = this.#pending.filter((other) => other !== change);
    if (answer instanceof KnockError) {
      this.#show({ error: answer });
      return { ok: false, error: answer };
    }
    this.#known = gridOf(answer);
    this.#show({ status: "ready", error: null });
    return DONE;
  }

  async #try<Answer>(action: () => Promise<Answer>): Promise<Answer | KnockError> {
    try {
      return await action();
    } catch (error) {
      return KnockError.is(error) ? error : unreachable(this.#options.url, "the answer cannot be read", error);
    }
  }

  #show(change: Partial<PreferencesState>): void {
    const grid = this.#known && this.#pending.reduce(withChange, this.#known);
    this.#state = { ...this.#state, ...change, grid, saving: this.#pending.length > 0 };
    for (const listener of this.#listeners) listener();
  }
}

/**
 * Makes a store of what the person whom the token names wants to receive. Nothing is sent before somebody subscribes.
 *
 * @example
 * const preferences = createPreferences({ url: "https://knock.example.com", token });
 * await preferences.set({ section: "categories", key: "comments", channelType: "EMAIL", enabled: false });
 */
export const createPreferences = (options: PreferencesOptions): PreferencesStore => new Preferences(options);
