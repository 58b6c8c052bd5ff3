// Watching a project's files. The system's events only say that something happened: their names vary,
// an atomic save looks like a removal, a burst of them is one change. So each burst leads to one look at
// the files themselves, and only what differs counts.
import { type FSWatcher, existsSync, readdirSync, statSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../base/clock.ts";

/** What is watched: a list of files (existing or not) and folders with all that is in them. */
export interface Watched {
  files: readonly string[];
  folders: readonly string[];
}

/** A watcher of project files. */
export interface ProjectWatcher {
  /** Replaces what is watched. A change between the last look and this call is seen as well. */
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

type Snapshot = Map<string, string>;

/** What tells two states of a file apart, without reading it. */
function stateOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}:${stat.size}:${stat.ino}` : "absent";
}

const inFolder = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

const look = ({ files, folders }: Watched): Snapshot =>
  new Map([...files, ...folders.flatMap(inFolder)].map((file) => [file, stateOf(file)]));

const differences = (before: Snapshot, after: Snapshot): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => (before.get(file) ?? "absent") !== (after.get(file) ?? "absent"),
  );

/** The nearest folder that exists, to learn when a missing one appears. */
function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}

/** Begins to watch; nothing is watched before the first `track`. */
export function watchProject({ clock, debounce = 15, onChange }: WatchOptions): ProjectWatcher {
  let watched: Watched = { files: [], folders: [] };
  let snapshot: Snapshot | null = null;
  let cancelTimer: (() => void) | null = null;
  let busy = false;
  let closed = false;
  const watchers = new Map<string, FSWatcher>();

  async function settle(): Promise<void> {
    cancelTimer = null;
    if (busy || closed) return;
    const now = look(watched);
    const changed = differences(snapshot ?? now, now);
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
      const added: Snapshot = look(next);
      // Files known before keep their last state, so that a change since then is still a change.
      snapshot = new Map([...added].map(([file, state]) => [file, snapshot?.get(file) ?? state]));
      watched = next;
      const folders = new Map(next.folders.filter((folder) => existsSync(folder)).map((folder) => [folder, true]));
      for (const folder of [...next.files.map(dirname), ...next.folders].map(existing)) {
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
