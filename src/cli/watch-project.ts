// Watching a project's files. The system's events only say that something happened: their names vary,
// an atomic save looks like a removal, a burst of them is one change. So each burst leads to one look at
// the files themselves, and only what differs counts.
import { type FSWatcher, existsSync, readdirSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { ABSENT, isEmptyState, stateOf } from "./file-state.ts";

/** What is watched: files, and folders with all that is in them. */
export interface Watched {
  /** The files (existing or not) with the state in which they were read. */
  files: ReadonlyMap<string, string>;
  folders: readonly string[];
}

/** A watcher of project files. */
export interface ProjectWatcher {
  /** Replaces what is watched. A change since the files were read is a change, even if it came before this call. */
  track(watched: Watched): void;
  close(): void;
}

export interface WatchOptions {
  clock: Clock;
  /** How long to wait for the rest of a burst, in milliseconds. Default 15. */
  debounce?: number;
  /** Called with the changed paths, never twice at once. */
  onChange(changed: string[]): Promise<void>;
}

/** How often an empty file is given more time. */
const MOST_ROUNDS = 10;

type Snapshot = Map<string, string>;

const inFolder = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

const look = ({ files, folders }: Watched): Snapshot =>
  new Map([...files.keys(), ...folders.flatMap(inFolder)].map((file) => [file, stateOf(file)]));

const differences = (before: Snapshot, after: Snapshot): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => (before.get(file) ?? ABSENT) !== (after.get(file) ?? ABSENT),
  );

/** The nearest folder that exists, to learn when a missing one appears. */
function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}

/**
 * quiet → (event) → settling → (burst over, something differs) → reloading → quiet. An event while
 * settling prolongs it; one while reloading leads to another look afterwards.
 */
class Watcher implements ProjectWatcher {
  readonly #options: Required<WatchOptions>;
  readonly #watchers = new Map<string, FSWatcher>();
  #watched: Watched = { files: new Map(), folders: [] };
  #snapshot: Snapshot | null = null;
  #cancelTimer: (() => void) | null = null;
  #reloading = false;
  #rounds = 0;
  #closed = false;

  constructor(options: Required<WatchOptions>) {
    this.#options = options;
  }

  track(next: Watched): void {
    const now = look(next);
    const before = this.#snapshot;
    // A file that nobody read, such as a test beside the workflows, is compared with the last look.
    const known = (file: string, state: string) =>
      next.files.get(file) ?? (before ? (before.get(file) ?? ABSENT) : state);
    this.#snapshot = new Map([...now].map(([file, state]) => [file, known(file, state)]));
    this.#watched = next;
    this.#listenTo(next);
    this.#noticed();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #listenTo({ files, folders }: Watched): void {
    const wanted = new Map(folders.filter((folder) => existsSync(folder)).map((folder) => [folder, true]));
    for (const folder of [...[...files.keys()].map(dirname), ...folders].map(existing)) {
      if (!wanted.has(folder)) wanted.set(folder, false);
    }
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const [folder, recursive] of wanted) if (!this.#watchers.has(folder)) this.#listen(folder, recursive);
  }

  #listen(folder: string, recursive: boolean): void {
    const watcher = watch(folder, { recursive }, () => this.#noticed());
    watcher.on("error", () => {
      // The folder went away; another look finds out what that means.
      this.#watchers.delete(folder);
      watcher.close();
      this.#noticed();
    });
    this.#watchers.set(folder, watcher);
  }

  #noticed(): void {
    this.#cancelTimer?.();
    const { clock, debounce } = this.#options;
    if (!this.#closed) this.#cancelTimer = clock.after(debounce, () => void this.#settle());
  }

  async #settle(): Promise<void> {
    this.#cancelTimer = null;
    if (this.#reloading || this.#closed) return;
    const now = look(this.#watched);
    const changed = differences(this.#snapshot ?? now, now);
    // A save empties the file before it writes: reading it now would report a mistake that nobody made.
    const unfinished = changed.some((file) => isEmptyState(now.get(file) ?? ABSENT));
    if (unfinished && this.#rounds++ < MOST_ROUNDS) return this.#noticed();
    this.#rounds = 0;
    this.#snapshot = now;
    if (changed.length === 0) return;
    this.#reloading = true;
    try {
      await this.#options.onChange(changed);
    } finally {
      this.#reloading = false;
    }
    this.#noticed();
  }
}

/** Begins to watch; nothing is watched before the first `track`. */
export const watchProject = ({ debounce = 15, ...options }: WatchOptions): ProjectWatcher =>
  new Watcher({ debounce, ...options });
