import { mkdtempSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { stateOf } from "../../src/cli/file-state.ts";
import { type ProjectWatcher, watchProject } from "../../src/cli/watch-project.ts";
import { manualClock } from "../support/manual-clock.ts";

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((cleanup) => cleanup()));

const read = (...files: string[]) => new Map(files.map((file) => [file, stateOf(file)]));

/** A folder, a watcher over it, and the changes it reports, one at a time. */
function watching(during: (watcher: ProjectWatcher) => Promise<void> | void = () => {}, clock: Clock = systemClock) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "knock-watch-")));
  const workflows = join(root, "workflows");
  mkdirSync(workflows);
  writeFileSync(join(root, "config.ts"), "1");
  const seen: string[][] = [];
  let arrived = Promise.withResolvers<void>();
  const watcher = watchProject({
    clock,
    async onChange(changed) {
      seen.push(changed.map((file) => file.slice(root.length + 1)));
      arrived.resolve();
      await during(watcher);
    },
  });
  cleanups.push(() => (watcher.close(), rmSync(root, { recursive: true })));
  const next = async () => {
    while (seen.length === 0) {
      arrived = Promise.withResolvers();
      await arrived.promise;
    }
    return seen.shift()!;
  };
  return { root, workflows, watcher, next, seen };
}

test("a burst of saves is one change, a new folder is seen, an atomic save is a change", async () => {
  const { root, workflows, watcher, next } = watching();
  watcher.track({ files: read(join(root, "config.ts")), folders: [workflows] });
  for (const text of ["22", "333", "4444"]) writeFileSync(join(root, "config.ts"), text);
  writeFileSync(join(workflows, "a.ts"), "a");
  expect((await next()).toSorted()).toEqual(["config.ts", "workflows/a.ts"]);
  mkdirSync(join(workflows, "deep"));
  writeFileSync(join(workflows, "deep", "b.ts"), "b");
  expect(await next()).toEqual(["workflows/deep/b.ts"]);
  writeFileSync(join(root, "config.ts.tmp"), "55555");
  renameSync(join(root, "config.ts.tmp"), join(root, "config.ts"));
  expect(await next()).toEqual(["config.ts"]);
  rmSync(join(workflows, "a.ts"));
  expect(await next()).toEqual(["workflows/a.ts"]);
});

test("a file that does not exist yet is seen when it appears, in a folder that does not exist either", async () => {
  const { root, watcher, next } = watching();
  const wanted = join(root, "templates", "mail.ts");
  watcher.track({ files: read(wanted), folders: [] });
  mkdirSync(join(root, "templates"));
  // As after a failed reload: what is watched is stated again and now includes the folder.
  watcher.track({ files: read(wanted), folders: [] });
  writeFileSync(wanted, "x");
  expect(await next()).toEqual(["templates/mail.ts"]);
});

test("a save during a reload is not lost, and reloads never overlap", async () => {
  let running = 0;
  let most = 0;
  let release = () => {};
  const first = new Promise<void>((resolve) => (release = resolve));
  const { root, watcher, next } = watching(async () => {
    most = Math.max(most, ++running);
    await first;
    running--;
  });
  watcher.track({ files: read(join(root, "config.ts")), folders: [] });
  writeFileSync(join(root, "config.ts"), "first");
  await next();
  writeFileSync(join(root, "config.ts"), "second save");
  release();
  expect(await next()).toEqual(["config.ts"]);
  expect(most).toBe(1);
});

test("files beside the watched ones do not matter", async () => {
  const { root, watcher, next } = watching();
  watcher.track({ files: read(join(root, "config.ts")), folders: [] });
  writeFileSync(join(root, "notes.txt"), "x");
  writeFileSync(join(root, "config.ts"), "22");
  expect(await next()).toEqual(["config.ts"]);
});

test("a save between reading a file and watching it is not lost", async () => {
  const { root, workflows, watcher, next } = watching();
  const files = read(join(root, "config.ts"));
  writeFileSync(join(root, "config.ts"), "22");
  watcher.track({ files, folders: [workflows] });
  expect(await next()).toEqual(["config.ts"]);
});

test("a file that nobody reads is told when it changes, and not again and again", async () => {
  const { root, workflows, watcher, next, seen } = watching((again) =>
    again.track({ files: read(join(root, "config.ts")), folders: [workflows] }),
  );
  watcher.track({ files: read(join(root, "config.ts")), folders: [workflows] });
  writeFileSync(join(workflows, "a.test.ts"), "x");
  expect(await next()).toEqual(["workflows/a.test.ts"]);
  writeFileSync(join(root, "config.ts"), "22");
  expect(await next()).toEqual(["config.ts"]);
  expect(seen).toEqual([]);
});

test("a file that a save has emptied and not yet filled is no change of its own", async () => {
  const clock = manualClock("2026-01-05T09:00:00Z");
  const { root, watcher, seen, next } = watching(() => {}, clock);
  const file = join(root, "config.ts");
  watcher.track({ files: read(file), folders: [] });
  writeFileSync(file, "");
  await clock.advance(20);
  await clock.advance(20);
  writeFileSync(file, "22");
  await clock.advance(20);
  expect(await next()).toEqual(["config.ts"]);
  expect(seen).toEqual([]);
  writeFileSync(file, "");
  for (let round = 0; round < 12; round++) await clock.advance(20);
  expect(await next()).toEqual(["config.ts"]);
});
