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

/** Begins to watch; nothing is watched before the first `track`. */
export function watchProject({ clock, debounce = 15, onChange }: WatchOptions): ProjectWatcher {
  let watched: Watched = { files: new Map(), folders: [] };
  let snapshot: Snapshot | null = null;
  let cancelTimer: (() => void) | null = null;
  let busy = false;
  let rounds = 0;
  let closed = false;
  const watchers = new Map<string, FSWatcher>();

  async function settle(): Promise<void> {
    cancelTimer = null;
    if (busy || closed) return;
    const now = look(watched);
    const changed = differences(snapshot ?? now, now);
    // A save empties the file before it writes: reading it now would report a mistake that nobody made.
    if (changed.some((file) => isEmptyState(now.get(file) ?? ABSENT)) && rounds++ < MOST_ROUNDS) return noticed();
    rounds = 0;
    snapshot = now;
    if (changed.length === 0) return;
    busy = true;
    try {
      await onChange(changed);
    } finally {
      busy = false;
    }
    // What changed meanwhile had its events ignored.
    noticed();
  }

  function noticed(): void {
    cancelTimer?.();
    if (!closed) cancelTimer = clock.after(debounce, () => void settle());
  }

  function listen(folder: string, recursive: boolean): void {
    if (watchers.has(folder)) return;
    const watcher = watch(folder, { recursive }, noticed);
    watcher.on("error", () => {
      // The folder went away; another look finds out what that means.
      watchers.delete(folder);
      watcher.close();
      noticed();
    });
    watchers.set(folder, watcher);
  }

  return {
    track(next) {
      const now = look(next);
      const before = snapshot;
      // A file that nobody read, such as a test beside the workflows, is compared with the last look.
      const known = (file: string, state: string) => next.files.get(file) ?? (before ? (before.get(file) ?? ABSENT) : state);
      snapshot = new Map([...now].map(([file, state]) => [file, known(file, state)]));
      watched = next;
      const folders = new Map(next.folders.filter((folder) => existsSync(folder)).map((folder) => [folder, true]));
      for (const folder of [...[...next.files.keys()].map(dirname), ...next.folders].map(existing)) {
        if (!folders.has(folder)) folders.set(folder, false);
      }
      for (const [folder, watcher] of watchers) {
        if (folders.has(folder)) continue;
        watcher.close();
        watchers.delete(folder);
      }
      for (const [folder, recursive] of folders) listen(folder, recursive);
      noticed();
    },
    close() {
      closed = true;
      cancelTimer?.();
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}
