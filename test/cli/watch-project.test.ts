import { mkdtempSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { type ProjectWatcher, watchProject } from "../../src/cli/watch-project.ts";

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((cleanup) => cleanup()));

/** A folder, a watcher over it, and the changes it reports, one at a time. */
function watching(during: (watcher: ProjectWatcher) => Promise<void> | void = () => {}) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "knock-watch-")));
  const workflows = join(root, "workflows");
  mkdirSync(workflows);
  writeFileSync(join(root, "config.ts"), "1");
  const seen: string[][] = [];
  let arrived = Promise.withResolvers<void>();
  const watcher = watchProject({
    clock: systemClock,
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
  watcher.track({ files: [join(root, "config.ts")], folders: [workflows] });
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
  watcher.track({ files: [wanted], folders: [] });
  mkdirSync(join(root, "templates"));
  // As after a failed reload: what is watched is stated again and now includes the folder.
  watcher.track({ files: [wanted], folders: [] });
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
  watcher.track({ files: [join(root, "config.ts")], folders: [] });
  writeFileSync(join(root, "config.ts"), "first");
  await next();
  writeFileSync(join(root, "config.ts"), "second save");
  release();
  expect(await next()).toEqual(["config.ts"]);
  expect(most).toBe(1);
});

test("files beside the watched ones do not matter", async () => {
  const { root, watcher, next } = watching();
  watcher.track({ files: [join(root, "config.ts")], folders: [] });
  writeFileSync(join(root, "notes.txt"), "x");
  writeFileSync(join(root, "config.ts"), "22");
  expect(await next()).toEqual(["config.ts"]);
});
